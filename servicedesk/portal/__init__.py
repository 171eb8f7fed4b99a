"""What employees see: their home, reporting, and the story of their own incidents."""
