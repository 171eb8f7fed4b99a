"""Major incidents: proposed, confirmed, told of on a rhythm, stood down and reviewed."""
