"""The cast's desk, and reports that take no time."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from servicedesk.db import transaction
from servicedesk.outbox import Notification
from servicedesk.reports.schedules import running
from tests.cast import Desk
from tests.reports.conftest import (
    _empty_shelf,
    cast_in_postgres,
    cast_in_sqlite,
    database_url,
    desk,
    rendered,
)
from tests.reports.schedules.room import Room

__all__ = ["_empty_shelf", "cast_in_postgres", "cast_in_sqlite", "database_url", "desk", "rendered"]


@pytest.fixture
def room(desk: Desk, rendered: list[str]) -> Room:
    """A desk with an incident, before there is any schedule."""
    desk.log(when="2026-11-25 09:00")
    with desk.session(), transaction() as session:
        session.execute(sa.delete(Notification))
    return Room(desk)


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reports are there: what is looked at is when they come, and to whom."""
    monkeypatch.setattr(running, "_reports", lambda _id, _now: {})
