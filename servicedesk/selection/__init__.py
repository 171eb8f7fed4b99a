"""Many incidents chosen and acted on at once: what would happen, what was done, what was not."""
