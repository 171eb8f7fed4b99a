"""How a partner company did: a period held against its contract."""
