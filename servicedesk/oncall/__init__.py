"""On-call: who of a group is asked when nobody else is there."""
