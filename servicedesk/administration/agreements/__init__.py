"""The administrator's pages of agreements: customers' (SLA), groups' (OLA), partners' (UC)."""
