"""The desk with the cast at it, to which mails come."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.bridge.letterbox import Letterbox
from tests.cast import Desk, cast_in_postgres, cast_in_sqlite, database_url, desk
from tests.support.clock import Clock

__all__ = ["cast_in_postgres", "cast_in_sqlite", "database_url", "desk"]


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> dict[str, Any]:
    """A desk that takes mail in, and whose own server vouches for senders."""
    return {
        "DATABASE_URL": database_url,
        "DESK_VAR": str(tmp_path / "var"),
        "SECRET_KEY": "for tests",
        "TESTING": True,
        "DESK_URL": "https://desk.kita.example",
        "MAIL_INBOX": "desk@kita.example",
        "MAIL_VOUCHER": "mx.kita.example",
    }


@pytest.fixture
def letterbox(desk: Desk, clock: Clock) -> Letterbox:
    """Writes to the desk by mail, and reads what it mails."""
    return Letterbox(desk, clock)
