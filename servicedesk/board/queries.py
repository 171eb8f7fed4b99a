"""What the board, a group's page and the morning page show of now, with few queries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from servicedesk.board.tally import ahead
from servicedesk.incidents import attention, queries
from servicedesk.incidents.models import HandOff, Incident, ReturnProposal
from servicedesk.incidents.queries import IS_OPEN, Filter, Reader
from servicedesk.incidents.visibility import visible
from servicedesk.people.models import Group, Person, group_member
from servicedesk.reports.waiting import ACCEPT, ANSWER, ASSIGN, HOLD, WORK, Waits
from servicedesk.setup.directory import REQUESTER, Party

Condition = sa.ColumnElement[bool]
AT_ONCE = 50


# Who holds what now


@dataclass(frozen=True, slots=True)
class Held:
    """What somebody has now."""

    count: int = 0
    overdue: int = 0
    soon: int = 0
    long: int = 0
    urgent: int = 0
    doubtful: int = 0
    stagnant: int = 0
    back: int = 0  # H5: given to a party again
    twice: int = 0
    ahead: int = 0  # F2: wishes of the running month
    since: datetime | None = None  # the longest

    def __add__(self, other: Held) -> Held:
        return Held(
            self.count + other.count,
            self.overdue + other.overdue,
            self.soon + other.soon,
            self.long + other.long,
            self.urgent + other.urgent,
            self.doubtful + other.doubtful,
            self.stagnant + other.stagnant,
            self.back + other.back,
            self.twice + other.twice,
            self.ahead + other.ahead,
            min((since for since in (self.since, other.since) if since), default=None),
        )


def held(session: Session, reader: Reader) -> dict[str, Held]:
    """Count what is open by who holds it; confidential ones count too (§9)."""
    return _counted(session, reader, Incident.holder, sa.true())


def _counted(
    session: Session, reader: Reader, key: sa.SQLColumnExpression[str | None], within: Condition
) -> dict[str, Held]:
    marks = (
        attention.overdue,
        attention.due_soon,
        attention.long_running,
        attention.urgent,
        attention.doubtful,
        attention.stagnant,
        attention.came_back,
        attention.came_back_twice,
    )
    query = sa.select(
        key,
        sa.func.count(),
        *(sa.func.count().filter(mark(reader)) for mark in marks),
        sa.func.count().filter(ahead(reader.setup, reader.now)),
        sa.func.min(Incident.held_since),
    )
    rows = session.execute(query.where(IS_OPEN, within).group_by(key))
    return {row[0] or "": Held(*row[1:]) for row in rows}


# Lines of incidents


@dataclass(frozen=True)
class Line:
    """An incident in a list: whether its texts may be shown, and what is so about it."""

    incident: Incident
    seen: bool
    waits: Waits
    marks: Sequence[str] = ()


def count(session: Session, reader: Reader, views: Iterable[str], only: str = "") -> dict[str, int]:
    """Count some views in one query, as far as they are narrowed; confidential ones too."""
    names = list(views)
    columns = [sa.func.count().filter(queries.view(name, reader)) for name in names]
    query = sa.select(*columns).select_from(Incident).where(IS_OPEN)
    query = query.where(Filter(only=only).condition(reader))
    return dict(zip(names, session.execute(query).one(), strict=True))


def lines(
    session: Session,
    reader: Reader,
    view: str,
    *,
    only: str = "",
    most: int,
    order: Sequence[sa.ColumnElement[object]] = (),
    marks: Mapping[str, Condition] | None = None,
) -> list[Line]:
    """List the first of a view, with marks for what else is so: two queries."""
    named = marks or {}
    condition = sa.and_(queries.view(view, reader), Filter(only=only).condition(reader))
    columns = [mark.label(name) for name, mark in named.items()]
    query = sa.select(Incident, visible(reader.person).label("seen"), *columns).where(condition)
    query = query.options(joinedload(Incident.requester), joinedload(Incident.assignee))
    query = query.order_by(*(order or (Incident.next_due,)), Incident.id).limit(most)
    return _lines(session, session.execute(query).all(), list(named))


def _lines(session: Session, rows: Sequence[Any], names: Sequence[str]) -> list[Line]:
    open_ones = _open_handoffs(session, [row[0].id for row in rows])
    return [
        Line(
            row[0],
            bool(row[1]),
            waits(row[0], open_ones.get(row[0].id)),
            [name for name, said in zip(names, row[2:], strict=True) if said],
        )
        for row in rows
    ]


@dataclass(frozen=True)
class Part:
    """What a view holds: how many, and the first of them."""

    count: int
    lines: Sequence[Line]


def parts(
    session: Session, reader: Reader, views: Sequence[str], *, only: str, most: int
) -> dict[str, Part]:
    """List the first of several views, which may share incidents: three queries in all."""
    marks = [queries.view(name, reader).label(f"in_{n}") for n, name in enumerate(views)]
    query = sa.select(Incident.id, *marks).where(IS_OPEN, Filter(only=only).condition(reader))
    rows = session.execute(query.order_by(Incident.next_due, Incident.id)).all()
    found = {name: [row[0] for row in rows if row[n]] for n, name in enumerate(views, 1)}
    wanted = {id for ids in found.values() for id in ids[:most]}
    lines = {line.incident.id: line for line in _of(session, reader, wanted)}
    return {n: Part(len(ids), [lines[id] for id in ids[:most]]) for n, ids in found.items()}


def _of(session: Session, reader: Reader, ids: Iterable[int]) -> list[Line]:
    query = sa.select(Incident, visible(reader.person).label("seen"))
    query = query.where(Incident.id.in_(list(ids)))
    people = joinedload(Incident.requester), joinedload(Incident.assignee)
    return _lines(session, session.execute(query.options(*people)).all(), [])


def _open_handoffs(session: Session, ids: Sequence[int]) -> dict[int, HandOff]:
    query = sa.select(HandOff).where(HandOff.incident_id.in_(ids), HandOff.ended_at.is_(None))
    return {handoff.incident_id: handoff for handoff in session.scalars(query)}


def waits(incident: Incident, handoff: HandOff | None) -> Waits:
    """Say what an open incident waits for, as a report says it from the journal.

    But for a hold its beginning is not in the rows: `since` is when the holder got it.
    """
    since = incident.held_since or incident.logged_at
    if reason := incident.hold_reason:
        who = REQUESTER if reason == REQUESTER else incident.given_to
        return Waits(HOLD, who, since, incident.hold_until, reason)
    if handoff and handoff.accepted_at is None:
        return Waits(ACCEPT, handoff.receiver, handoff.sent_at, handoff.answer_by)
    if handoff and handoff.accepted_at:
        return Waits(ANSWER, handoff.receiver, handoff.accepted_at, handoff.answer_by)
    return Waits(WORK if incident.assignee_id else ASSIGN, incident.given_to, since)


# A group


@dataclass(frozen=True)
class Load:
    """What somebody in a group works on."""

    person: Person
    is_member: bool
    held: Held


def loads(session: Session, reader: Reader, group: Party) -> list[Load]:
    """List who works on what the group was given: its members first, by name."""
    mine = Incident.given_to == group.ref
    by_id = _counted(session, reader, sa.cast(Incident.assignee_id, sa.String), mine)
    members = sa.select(group_member.c.person_id).where(group_member.c.group_id == group.id)
    query = sa.select(Person, Person.id.in_(members)).where(
        sa.or_(
            Person.id.in_(members.where(Person.active)),
            Person.id.in_([int(id) for id in by_id if id]),
        )
    )
    rows = session.execute(query.order_by(Person.name)).all()
    found = [Load(person, inside, by_id.get(str(person.id), Held())) for person, inside in rows]
    return sorted(found, key=lambda load: not load.is_member)


def proposals(session: Session, group: Party) -> dict[int, int]:
    """H5: give the returns that a group's lead has to decide on, by the incident's number."""
    query = sa.select(Incident.number, ReturnProposal.n).join(
        ReturnProposal, ReturnProposal.incident_id == Incident.id
    )
    query = query.where(ReturnProposal.state == "asked", ReturnProposal.sender == group.ref)
    return {row.number: row.n for row in session.execute(query)}


def lead(session: Session, group: Party) -> Person | None:
    """Give who leads a group."""
    query = sa.select(Person).join(Group, Group.lead_id == Person.id)
    return session.scalar(query.where(Group.id == group.id))
