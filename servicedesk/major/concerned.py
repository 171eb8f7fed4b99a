"""Who is concerned by a major incident: whoever reported it, or what belongs to it, or watches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from servicedesk.incidents.models import OPEN, Incident, watcher
from servicedesk.journal import EventRow
from servicedesk.people.models import Person

ME_TOO = "incident.linked"


def incidents(major: int) -> sa.ColumnElement[bool]:
    """Give the condition on Incident: the major one (its id), or what is open and belongs to it."""
    return sa.or_(Incident.id == major, _still(major))


def _still(major: int) -> sa.ColumnElement[bool]:
    """Whoever's own incident has ended waits for no news."""
    return sa.and_(Incident.major_id == major, Incident.state.in_(OPEN))


def people(major: Incident) -> sa.Select[int]:
    """Select the ids of those concerned, each once.

    §9: of a confidential one only who reported or watches it itself.
    """
    which = Incident.id == major.id if major.confidential else incidents(major.id)
    return _of(which)


def people_of_linked(major: Incident) -> sa.Select[int]:
    """Select those who are told by nothing else when the major incident itself ends."""
    if major.confidential:
        return sa.select(Person.id).where(sa.false())
    told = _of(Incident.id == major.id)
    return _of(_still(major.id)).where(Person.id.not_in(told))


def _of(which: sa.ColumnElement[bool]) -> sa.Select[int]:
    requesters = sa.select(Incident.requester_id).where(which)
    watchers = sa.select(watcher.c.person_id).join(Incident, Incident.id == watcher.c.incident_id)
    both = sa.union(requesters, watchers.where(which))
    return sa.select(Person.id).where(Person.active.is_(True), Person.id.in_(both))


def is_concerned(session: Session, person: Person, major: Incident) -> bool:
    """Step: say whether somebody is (still) told of a major incident."""
    return session.scalar(people(major).where(Person.id == person.id)) is not None


def own_number(session: Session, person: Person, major: int) -> int | None:
    """Step: give the incident by which somebody is concerned, the newest of their own first."""
    watched = sa.select(watcher.c.incident_id).where(watcher.c.person_id == person.id)
    own = sa.or_(Incident.requester_id == person.id, Incident.id.in_(watched))
    mine = (Incident.requester_id == person.id).desc()
    query = sa.select(Incident.number).where(incidents(major), own)
    return session.scalar(query.order_by(mine, Incident.id.desc()).limit(1))


@dataclass(frozen=True, slots=True)
class Extent:
    """How many are concerned: figures alone, so that whoever sees the major one may know them."""

    people: int
    linked: int
    open: int  # of those linked
    me_too: int  # of those linked, by who was concerned
    departments: list[tuple[str, int]]  # with people, the most first

    @property
    def others(self) -> int:
        """Count the people of departments that are not listed."""
        return max(self.people - sum(count for _name, count in self.departments), 0)


DEPARTMENTS = 8


def extent(session: Session, major: Incident) -> Extent:
    """Step: count who is, or was, concerned, with three queries whatever the number."""
    said_so = sa.exists().where(
        EventRow.incident_id == Incident.id,
        EventRow.kind == ME_TOO,
        EventRow.actor_id == Incident.requester_id,
    )
    columns: tuple[Any, ...] = (
        sa.func.count(),
        sa.func.count().filter(Incident.state.in_(OPEN)),
        sa.func.count().filter(said_so.correlate(Incident)),
    )
    linked, still, too = session.execute(
        sa.select(*columns).select_from(Incident).where(Incident.major_id == major.id)
    ).one()
    everybody = sa.func.count(sa.distinct(Incident.requester_id))
    which = sa.or_(Incident.id == major.id, Incident.major_id == major.id)
    named = sa.func.coalesce(Incident.department, "").label("named")
    rows = sa.select(named, everybody).where(which).group_by(named)
    rows = rows.order_by(everybody.desc(), named).limit(DEPARTMENTS)
    total = session.scalar(sa.select(everybody).where(which)) or 0
    departments = [(name, count) for name, count in session.execute(rows)]
    return Extent(total, linked, still, too, departments)
