"""Who is asked in whose place: the deputy, while somebody is absent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from servicedesk.people.models import Person

DEPUTIES = 4  # how far it goes: the deputy, the deputy's deputy, …


def asked(session: Session, person_id: int, day: date) -> Person | None:
    """Step: give who is asked on a day (in the desk's zone): the person, or a deputy.

    Whoever is absent or has left is skipped for their deputy. If everybody in the chain is absent
    it is the first of them after all; None if nobody is left.
    """
    staying = [one for one in _chain(session, person_id) if one.active]
    present = (one for one in staying if not one.is_absent(day))
    return next(present, staying[0] if staying else None)


def stands_in_for(session: Session, person: Person, day: date) -> frozenset[int]:
    """Step: give the ids of those for whom a person is asked on a day, their own among them."""
    known = {person.id: person}
    nearest = [person.id]
    for _ in range(DEPUTIES):
        found = session.scalars(
            sa.select(Person).where(
                Person.deputy_id.in_(nearest), Person.id.not_in(list(known)), is_away(day)
            )
        )
        nearest = _added(known, found)
        if not nearest:
            break
    found_for = ((id, asked(session, id, day)) for id in known)
    return frozenset(id for id, one in found_for if one and one.id == person.id) | {person.id}


def is_away(day: date) -> sa.ColumnElement[bool]:
    """Write the condition that a person is absent on a day or has left."""
    begun = Person.absent_from <= day
    lasts = sa.or_(Person.absent_until.is_(None), Person.absent_until >= day)
    return sa.or_(Person.active.is_(False), sa.and_(begun, lasts))


def _chain(session: Session, person_id: int) -> Iterator[Person]:
    """Give a person and their deputies, each once."""
    id: int | None = person_id
    met: set[int] = set()
    while id is not None and id not in met and len(met) <= DEPUTIES:
        met.add(id)
        person = session.get(Person, id)
        if person is None:
            return
        yield person
        id = person.deputy_id


def _added(known: dict[int, Person], found: Iterable[Person]) -> list[int]:
    """Take people among the known, and give the ids of those that are new."""
    new = {one.id: one for one in found}
    known.update(new)
    return list(new)
