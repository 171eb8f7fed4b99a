"""The desk with the cast at it."""

from __future__ import annotations

from tests.cast import desk

__all__ = ["desk"]
