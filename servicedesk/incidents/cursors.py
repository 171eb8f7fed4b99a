"""Lists page by page: a cursor says what the last row was sorted by, and which row it was."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from servicedesk import times

Order = tuple[sa.ColumnElement[Any], bool]  # what a list is sorted by, and whether downwards


def ordered(order: Order, id: Any, back: bool = False) -> tuple[sa.ColumnElement[Any], ...]:
    """Give what to order by, to the last doubt; `back`: from the end to the beginning."""
    column, down = order
    return tuple(end.desc() if down != back else end.asc() for end in (column, id))


def read_page(
    session: Session, query: sa.Select[Any], order: Order, id: Any, after: str | None, size: int
) -> tuple[Sequence[Any], str | None]:
    """Read what a query selects in an order, from a cursor on; give it and the next cursor.

    What comes in between shifts nothing: no row is shown twice, and none is left out.
    """
    column, down = order
    place = sa.tuple_(column, id)
    if (cursor := _read(after, column)) is not None:
        query = query.where(place < cursor if down else place > cursor)
    query = query.add_columns(column, id).order_by(*ordered(order, id)).limit(size + 1)
    rows = session.execute(query).all()
    following = _write(*rows[size - 1][-2:]) if len(rows) > size else None
    return [row[0] for row in rows[:size]], following


def at(column: sa.ColumnElement[Any], value: Any, id: int) -> Any:
    """Give a place in an order, to be compared with."""
    return sa.tuple_(sa.literal(value, column.type), sa.literal(id))


def _write(value: Any, id: int) -> str:
    said = value.isoformat() if isinstance(value, datetime) else value
    return base64.urlsafe_b64encode(json.dumps([said, id]).encode()).decode().rstrip("=")


def _read(text: str | None, column: sa.ColumnElement[Any]) -> Any:
    """Read a cursor; one that makes no sense counts as none."""
    if not text:
        return None
    try:
        value, id = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        read = _integer if isinstance(column.type, sa.Integer) else times.parse
        return at(column, read(value), _integer(id))
    except (ValueError, TypeError, RecursionError):
        return None


def _integer(value: object) -> int:
    """Take a number that the database can take; raises ValueError."""
    if not isinstance(value, int) or not 0 <= value < 2**31:
        raise ValueError(value)
    return value
