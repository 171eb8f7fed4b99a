"""Mail: who is told what, how it is written, and how it goes out."""
