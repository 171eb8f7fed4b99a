"""Hand-offs along the tiers and to partner companies."""
