"""The administrator's pages of support groups and partner companies."""
