"""Keeping the desk's data: backup, restore, moving to another database."""
