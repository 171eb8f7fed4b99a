"""The administrator's page with the reasons for which something is handed off."""
