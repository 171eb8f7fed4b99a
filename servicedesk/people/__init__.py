"""People, groups, partner companies and services: who may do what."""
