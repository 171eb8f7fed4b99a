"""How incidents come in and are found again: calls, templates, what a service asks, search."""
