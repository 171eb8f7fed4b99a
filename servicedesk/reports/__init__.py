"""Service reports: figures, charts, PDF, seals."""
