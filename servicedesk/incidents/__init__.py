"""One incident's life: its story, its clocks, its pages."""
