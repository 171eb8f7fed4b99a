"""Partner companies: their scores, meetings, contracts and people."""
