"""The desk with the cast at it, and what goes out of it as mail."""

from __future__ import annotations

import pytest

from tests.cast import Desk, cast_in_postgres, cast_in_sqlite, database_url, desk
from tests.mail.mailbox import Mailroom

__all__ = ["cast_in_postgres", "cast_in_sqlite", "database_url", "desk"]


@pytest.fixture
def mailroom(desk: Desk) -> Mailroom:
    """What is queued at the desk, and what it reads like."""
    return Mailroom(desk)
