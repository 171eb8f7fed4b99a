"""Mail comes in: how it is fetched and read, and what becomes of it."""
