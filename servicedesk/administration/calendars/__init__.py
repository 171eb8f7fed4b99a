"""Calendars as twelve months to click, drafted, previewed and published."""
