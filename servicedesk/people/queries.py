"""Who is signed in, and what the desk says of itself."""

from __future__ import annotations

from typing import NamedTuple

import sqlalchemy as sa
from flask import g
from sqlalchemy.exc import OperationalError, ProgrammingError
from sqlalchemy.orm import joinedload

from servicedesk.db import db
from servicedesk.people.models import Person

# The desk's one row belongs to the set-up, which stands above people.
_desk = sa.table("desk", sa.column("name"), sa.column("zone"), sa.column("language"))


class Basics(NamedTuple):
    """What every page needs to know of the desk; these values before it is set up."""

    name: str = "Service desk"
    zone: str = "UTC"
    language: str = "en"


def signed_in(token: str) -> Person | None:
    """Give the active person whose session this is."""
    query = (
        sa.select(Person)
        .where(Person.session_token == token, Person.active.is_(True))
        .options(joinedload(Person.leads))
    )
    return db.session.scalars(query).unique().one_or_none()


def desk_name() -> str:
    """Give the desk's name."""
    return _basics().name


def desk_zone() -> str:
    """Give the desk's time zone."""
    return _basics().zone


def desk_language() -> str:
    """Give the desk's language."""
    return _basics().language


def _basics() -> Basics:
    """Read the desk's row once for each request."""
    kept: Basics | None = g.get("desk_basics")
    if kept is None:
        found = _read()
        if found is None:
            return Basics()  # not kept: `flask desk load` may be about to write it
        kept = g.desk_basics = found
    return kept


def _read() -> Basics | None:
    try:
        row = db.session.execute(sa.select(*_desk.c)).first()
    except (OperationalError, ProgrammingError):
        db.session.rollback()  # no schema yet
        return None
    return Basics(*row) if row else None
