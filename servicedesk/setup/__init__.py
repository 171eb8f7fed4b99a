"""The desk's set-up: DESK.yaml in and out, and its snapshot in memory."""
