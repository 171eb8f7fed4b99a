"""Brings the people of the desk in line with a list: all of it or nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from servicedesk.db import db, transaction
from servicedesk.errors import Refused
from servicedesk.people import links
from servicedesk.people.models import Person, new_token
from servicedesk.people.register import roster
from servicedesk.people.register.planning import Plan, Row, There, plan
from servicedesk.people.register.words import BadList
from servicedesk.people.sources import sources_of

_ADMIN = "admin"
_COLUMNS = (
    "id", "key", "active", "listed", "imported", "barred", "sources",
    "name", "mail", "phone", "roles", "language", "zone", "department", "manager_id", "deputy_id",
)  # fmt: skip
_TEXTS = ("name", "mail", "phone", "roles", "language", "zone", "department")
# Who loads a set-up holds the desk's one row; so does whoever imports people.
_desk = sa.table("desk", sa.column("id"))


class DisablesMany(Refused):
    """The list leaves out so many that it may have been cut short."""


def preview(data: bytes, name: str) -> Plan:
    """Say what a list would change; raises BadList."""
    return _planned(db.session(), data, name)


def import_people(
    data: bytes, name: str, *, now: datetime, disable_many: bool = False, actor: str | None = None
) -> Plan:
    """Add, change and disable people by a list; raises BadList and Refused.

    Somebody who came by an earlier list and is not in this one is disabled; more than half of them
    only with `disable_many`. The actor, a key, can't take away their own way in.
    """
    with transaction() as session:
        session.execute(sa.select(_desk).with_for_update())
        found = _planned(session, data, name)
        _refuse_many(found, disable_many)
        _refuse_oneself(found, actor)
        _write(session, found)
        _disable(session, found.leavers, now)
    return found


def _planned(session: Session, data: bytes, name: str) -> Plan:
    found = plan(roster.read(data), _there(session))
    if found.problems:
        raise BadList(found.problems, name)
    return found


def _there(session: Session) -> dict[str, There]:
    """Read everybody whom the desk knows."""
    rows = session.execute(sa.select(*(getattr(Person, column) for column in _COLUMNS))).all()
    keys = {row.id: row.key for row in rows}
    return {row.key: _one(row, keys) for row in rows}


def _one(row: Any, keys: Mapping[int, str]) -> There:
    values = {name: getattr(row, name) for name in _TEXTS}
    values |= {"manager": keys.get(row.manager_id), "deputy": keys.get(row.deputy_id)}
    return There(
        row.id, row.key, values, sources_of(row), row.active, row.listed, row.imported, row.barred
    )


def _refuse_many(plan: Plan, disable_many: bool) -> None:
    if plan.disables_many and not disable_many:
        raise DisablesMany(
            _(
                "The list would disable %(n)d of the %(all)d people who came by earlier ones:"
                " it may not be whole.",
                n=len(plan.disabled),
                all=plan.earlier,
            )
        )


def _refuse_oneself(plan: Plan, actor: str | None) -> None:
    """Keep who imports from losing their own way to this page."""
    if actor is None:
        return
    if actor in plan.disabled or _ADMIN not in plan.roles.get(actor, [_ADMIN]):
        raise Refused(_("The list would take the administration away from yourself."))


def _write(session: Session, plan: Plan) -> None:
    """Write everybody of a plan, with as many statements whether they are ten or thousands."""
    new = [row for row in plan.rows if row.id is None]
    if new:
        session.execute(sa.insert(Person), [_values(row) for row in new])
    ids = {key: id for id, key in session.execute(sa.select(Person.id, Person.key))}
    above = [row for row in plan.rows if row.id or row.values["manager"] or row.values["deputy"]]
    if above:
        session.execute(sa.update(Person), [_linked(row, ids) for row in above])


def _values(row: Row) -> dict[str, Any]:
    """Give the columns of one person, but who is above them."""
    said = {name: row.values[name] for name in _TEXTS}
    flags = {"active": row.active, "listed": row.listed, "imported": row.imported}
    return {"key": row.key, **said, **flags, "sources": dict(row.sources)}


def _linked(row: Row, ids: Mapping[str, int]) -> dict[str, Any]:
    manager, deputy = row.values["manager"], row.values["deputy"]
    said = {"manager_id": manager and ids[manager], "deputy_id": deputy and ids[deputy]}
    return {"id": ids[row.key], **_values(row), **said}


def _disable(session: Session, ids: Sequence[int], now: datetime) -> None:
    """Let people who have left in no more: sessions and links end, nothing is deleted."""
    if not ids:
        return
    fresh = [{"id": id, "active": False, "session_token": new_token()} for id in ids]
    session.execute(sa.update(Person), fresh)
    links.revoke_all(session, ids, now)
