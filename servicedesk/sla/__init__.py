"""Working time, agreements and clocks."""
