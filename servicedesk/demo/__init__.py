"""A made-up company with three months of history, for trying the desk out."""
