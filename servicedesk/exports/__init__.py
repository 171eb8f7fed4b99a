"""Lists as files for spreadsheets: what the reader sees in them, and nothing that could run."""
