"""Applies the people of a set-up: what it says of them counts, the rest is left to others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from servicedesk.people.models import Person
from servicedesk.people.sources import SET_UP, USUAL_ROLES, released, settle, sources_of
from servicedesk.setup import schema
from servicedesk.setup.changes import Changes
from servicedesk.setup.references import default_roles

_AT_ONCE = 1000  # keys asked for in one query
_TEXTS = ("name", "mail", "phone", "language", "zone", "department")
_ABOVE = ("manager", "deputy")

Values = dict[str, Any]


def apply(session: Session, setup: schema.SetUp, changes: Changes) -> dict[str, int]:
    """Make, change and retire the people; gives the ids of all by key.

    Who is in no set-up is left alone, and who came with a list of people too goes on by that.
    """
    rows = _listed(session, setup.people)
    roles = default_roles(setup)
    above: dict[str, Values] = {}
    for key, person in setup.people.items():
        said = _said(person, roles[key])
        if key in rows:
            above[key] = _bring_in(rows[key], said, changes)
        else:
            rows[key], above[key] = _make(key, said)
            session.add(rows[key])
            changes.new("person", key)
    for key, row in rows.items():
        if key not in setup.people:
            _leave_out(row, changes)
    session.flush()
    _link(rows, above, changes)
    session.flush()
    return {key: row.id for key, row in rows.items()}


def _listed(session: Session, wanted: Iterable[str]) -> dict[str, Person]:
    """Read those who are or were in the set-up, and those who come into it now."""
    listed = session.scalars(sa.select(Person).where(Person.listed).order_by(Person.id))
    rows = {person.key: person for person in listed}
    others = [key for key in wanted if key not in rows]
    for start in range(0, len(others), _AT_ONCE):
        met = sa.select(Person).where(Person.key.in_(others[start : start + _AT_ONCE]))
        rows |= {person.key: person for person in session.scalars(met)}
    return rows


def _said(person: schema.Person, belonging: list[str]) -> Values:
    """Give what the set-up says of somebody; None: nothing."""
    roles = belonging if person.roles is None else person.roles
    by_itself = person.roles is None and belonging == USUAL_ROLES
    said = {name: getattr(person, name) for name in (*_TEXTS, *_ABOVE)}
    return said | {"roles": None if by_itself else roles}


def _make(key: str, said: Values) -> tuple[Person, Values]:
    values, sources = settle({}, SET_UP, said, {})
    above = _taken(values, _ABOVE)
    usual = {"name": key, "roles": USUAL_ROLES}
    return Person(key=key, listed=True, sources=sources, **usual | values), above


def _bring_in(row: Person, said: Values, changes: Changes) -> Values:
    """Change somebody who is known; gives who is above them, by key."""
    if not row.listed:
        changes.new("person", row.key)
    elif not row.active and not row.barred:
        changes.back("person", row.key)
    usual = {"name": row.key, "roles": USUAL_ROLES}
    values, sources = settle(sources_of(row), SET_UP, said, usual)
    above = _taken(values, _ABOVE)
    if not row.roles and "roles" not in sources:
        values["roles"] = USUAL_ROLES  # made by a history
    _assign(row, values, changes)
    row.listed, row.active, row.sources = True, not row.barred, sources
    return above


def _taken(values: Values, names: Iterable[str]) -> Values:
    return {name: values.pop(name) for name in names if name in values}


def _assign(row: Person, values: Mapping[str, Any], changes: Changes) -> None:
    changed = [name for name, value in values.items() if getattr(row, name) != value]
    for name in changed:
        setattr(row, name, values[name])
    if changed:
        changes.changed("person", row.key, *(name.removesuffix("_id") for name in changed))


def _leave_out(row: Person, changes: Changes) -> None:
    """Retire somebody; who came with a list of people stays as what the list says."""
    if row.imported:
        before = sources_of(row)
        if before.get("roles") == SET_UP and row.roles != ["partner"]:
            row.roles = USUAL_ROLES  # until the list is read again
        row.listed, row.sources = False, released(before, SET_UP)
        changes.gone("person", row.key)
    elif row.barred:
        row.listed = False
    elif row.active:
        row.active = False
        changes.gone("person", row.key)


def _link(rows: Mapping[str, Person], above: Mapping[str, Values], changes: Changes) -> None:
    """Set managers and deputies, now that everybody has an id."""
    for key, said in above.items():
        ids = {f"{name}_id": other and rows[other].id for name, other in said.items()}
        _assign(rows[key], ids, changes)
