"""C15: the pages that explain a clock, made of what `why/` works out."""
