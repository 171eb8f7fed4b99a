"""The rules' own board: what fired today, what is next due, and the figures at its head."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from servicedesk.incidents.cursors import Order, read_page
from servicedesk.incidents.models import Firing, NextStep
from servicedesk.outbox import FAILED, Notification
from servicedesk.people.models import Person
from servicedesk.pulse import Pulse
from servicedesk.rulebook.about import About, abouts, names
from servicedesk.rulebook.messages import HELD
from servicedesk.times import local_day, midnight

SIZE = 50  # rows of a page
LATE = timedelta(minutes=5)  # the scheduler comes by several times a minute
WORK = ("sweep", "mail")  # without them nothing fires, and nothing is sent

Rule = tuple[str, str]  # policy and step


@dataclass(frozen=True)
class Taken:
    """Who took responsibility, and when; nobody: by a link of somebody who is gone."""

    at: datetime
    by: str


@dataclass(frozen=True)
class Fired:
    """A round of a step that was done."""

    at: datetime
    about: About | None
    policy: str
    step: str
    round: int
    told: Sequence[str]  # names
    taken: Taken | None


@dataclass(frozen=True)
class Due:
    """What comes next for an incident, by a rule or without one."""

    at: datetime
    about: About | None
    policy: str | None
    what: str | None
    failures: int
    not_before: datetime | None


@dataclass(frozen=True)
class Count:
    """How often a step fired, for how many incidents, and how often somebody took it on."""

    policy: str
    step: str
    fired: int
    incidents: int
    taken: int


@dataclass(frozen=True)
class Sign:
    """When a piece of the desk's own work was last done."""

    name: str
    at: datetime | None
    is_late: bool


@dataclass(frozen=True)
class Overview:
    """The figures at the head of the board."""

    counts: Sequence[Count]
    overdue: int  # incidents for which something is due and not done yet
    failing: int  # of them, that failed
    held: int  # messages that wait for others, for the morning, or for room
    unsent: int
    given_up: int
    signs: Sequence[Sign]

    @property
    def fired(self) -> int:
        """Say how often rules fired today."""
        return sum(count.fired for count in self.counts)


def overview(session: Session, zone: str, now: datetime) -> Overview:
    """Read the figures: a fixed number of queries."""
    failing = sa.func.coalesce(sa.func.sum(sa.case((NextStep.failures > 0, 1), else_=0)), 0)
    steps = sa.select(sa.func.count(), failing).where(NextStep.at <= now - LATE)
    messages = sa.select(sa.func.count(), sa.func.count(Notification.failed_at))
    overdue, failed = session.execute(steps).one()
    unsent, given_up = session.execute(messages.where(*FAILED)).one()
    held = session.scalar(sa.select(sa.func.count()).select_from(Notification).where(*HELD)) or 0
    there = {row.name: row.at for row in session.scalars(sa.select(Pulse))}
    signs = [
        Sign(name, there.get(name), name not in there or now - there[name] > LATE) for name in WORK
    ]
    counts = _counts(session, zone, now)
    return Overview(counts, overdue, int(failed), held, unsent, given_up, signs)


def _today(zone: str, now: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    day = local_day(now, zone)
    start, end = midnight(day, zone), midnight(day + timedelta(days=1), zone)
    return Firing.fired_at >= start, Firing.fired_at < end


def of_today(zone: str, now: datetime, rule: Rule | None) -> tuple[sa.ColumnElement[bool], ...]:
    """Take what fired today, by one rule or all."""
    by = (Firing.policy == rule[0], Firing.step == rule[1]) if rule else ()
    return *_today(zone, now), *by


def _counts(session: Session, zone: str, now: datetime) -> list[Count]:
    query = sa.select(
        Firing.policy,
        Firing.step,
        sa.func.count(),
        sa.func.count(sa.distinct(Firing.incident_id)),
        sa.func.count(Firing.acknowledged_at),
    )
    query = query.where(*_today(zone, now)).group_by(Firing.policy, Firing.step)
    rows = session.execute(query.order_by(sa.func.count().desc(), Firing.policy, Firing.step))
    return [Count(*row) for row in rows]


# What fired


def fired(
    session: Session, person: Person, zone: str, now: datetime, rule: Rule | None, after: str | None
) -> tuple[list[Fired], str | None]:
    """List what fired today, the last first; by one rule or all; with the next cursor."""
    query = sa.select(Firing).where(*of_today(zone, now, rule))
    order: Order = (Firing.__table__.c.fired_at, True)
    rows, following = read_page(session, query, order, Firing.id, after, SIZE)
    ids = {row.incident_id for row in rows}
    known, taken = abouts(session, person, ids), _taken(session, ids)
    told = {id for row in rows for id in row.told or ()}
    named = names(session, told | {row.acknowledged_by_id for row in taken.values()})
    return [_fired(row, known, taken, named) for row in rows], following


def _taken(session: Session, incidents: Collection[int]) -> dict[tuple[int, str, str, str], Firing]:
    """Read who took responsibility: it stands with the first round of a cycle."""
    query = sa.select(Firing).where(
        Firing.incident_id.in_(incidents), Firing.acknowledged_at.is_not(None)
    )
    rows = session.scalars(query) if incidents else ()
    return {(row.incident_id, row.policy, row.step, row.cycle): row for row in rows}


def _fired(
    row: Firing,
    known: Mapping[int, About],
    taken: Mapping[tuple[int, str, str, str], Firing],
    named: Mapping[int, str],
) -> Fired:
    cycle, _sign, n = row.cycle.partition("#")
    first = taken.get((row.incident_id, row.policy, row.step, cycle))
    return Fired(
        at=row.fired_at or row.due_at,
        about=known.get(row.incident_id),
        policy=row.policy,
        step=row.step,
        round=int(n) if n.isdecimal() else 1,
        told=[named[id] for id in row.told or () if id in named],
        taken=_responsible(first, named) if first else None,
    )


def _responsible(row: Firing, names: Mapping[int, str]) -> Taken | None:
    if row.acknowledged_at is None:
        return None
    return Taken(row.acknowledged_at, names.get(row.acknowledged_by_id or 0, ""))


# What comes next


def coming(session: Session, person: Person, after: str | None) -> tuple[list[Due], str | None]:
    """List what is next due, one line for each incident, the earliest first."""
    order: Order = (NextStep.__table__.c.at, False)
    rows, following = read_page(
        session, sa.select(NextStep), order, NextStep.incident_id, after, SIZE
    )
    known = abouts(session, person, {row.incident_id for row in rows})
    found = [
        Due(
            row.at,
            known.get(row.incident_id),
            row.policy,
            row.what,
            row.failures,
            row.not_before if row.failures else None,
        )
        for row in rows
    ]
    return found, following
