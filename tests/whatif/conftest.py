"""The desk with the cast at it, and nothing remembered from the test before."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from servicedesk.reports import shelf
from tests.cast import cast_in_postgres, cast_in_sqlite, database_url, desk

__all__ = ["cast_in_postgres", "cast_in_sqlite", "database_url", "desk"]


@pytest.fixture(autouse=True)
def _empty_shelf() -> Iterator[None]:
    """Databases come and go under the same address."""
    shelf.clear()
    yield
    shelf.clear()
