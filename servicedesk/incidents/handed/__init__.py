"""Who had an incident when, for how long, in whose hours: the history of its hand-offs."""
