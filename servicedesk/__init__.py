"""An open, self-hosted, ITIL-style internal service desk."""
