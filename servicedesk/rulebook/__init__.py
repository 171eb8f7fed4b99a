"""The rule book: escalation policies read, changed, tried on the past and published."""
