"""The board, a group's page and the morning page: who holds what, and what needs attention."""
