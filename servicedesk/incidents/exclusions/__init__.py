"""C11: time that shall not count, asked for by one and decided by another."""
