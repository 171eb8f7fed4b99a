"""The register of people: lists of them read in, and what an administrator does there."""
