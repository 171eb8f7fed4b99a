"""Work requests (H6): work asked of a group or partner while the incident stays where it is."""
