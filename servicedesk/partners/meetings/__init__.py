"""Regular meetings with a partner company (定例会): the sheet and what comes of it."""
