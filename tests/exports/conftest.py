"""The desk with the cast at it."""

from __future__ import annotations

from tests.cast import cast_in_postgres, cast_in_sqlite, database_url, desk

__all__ = ["cast_in_postgres", "cast_in_sqlite", "database_url", "desk"]
