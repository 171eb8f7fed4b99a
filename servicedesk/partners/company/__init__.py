"""A partner company's own people, looked after by its own admin."""
