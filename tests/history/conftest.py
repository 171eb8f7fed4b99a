"""The desk with the cast at it, and a history to be imported."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cast import Desk, cast_in_postgres, cast_in_sqlite, database_url, desk
from tests.history.histories import History

__all__ = ["cast_in_postgres", "cast_in_sqlite", "database_url", "desk"]


@pytest.fixture
def history(desk: Desk, tmp_path: Path) -> History:
    """A history for the cast's desk, without a row yet."""
    return History(desk, tmp_path / "history.csv")
