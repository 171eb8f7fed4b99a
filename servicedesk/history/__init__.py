"""History in, tables out: replay, export and check."""
