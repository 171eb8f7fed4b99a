"""The SQL that a piece of code sends."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

from servicedesk.db import db
from tests.cast import Desk


@contextmanager
def counted(desk: Desk) -> Iterator[list[str]]:
    """Give a list that each statement is added to until the block ends."""
    found: list[str] = []

    def note(*said: Any) -> None:
        found.append(said[2])

    with desk.app.app_context():
        engine = db.engine
    sa.event.listen(engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        sa.event.remove(engine, "before_cursor_execute", note)
