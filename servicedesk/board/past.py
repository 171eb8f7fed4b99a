"""The board's numbers as they were at an earlier instant.

Nothing is photographed: the rows that follow from the journal say it. An incident was open if a
holding lasted (H1), which also holds for what was resolved and opened again. Its age counts from
logging. Its priority is that of the last line of its journal that set one by then. What nothing
happened to since was overdue as it is now. Anything else was if a wish or promise that counted by
then had passed, or a clock that ran for its holder had exceeded its target (C10); a resolution
clock that rested in a hold did not run (C4). A wish that the desk noted on the requester's word
counts from when it was noted, and a service's pauses are those of the service that it has now.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from servicedesk import times
from servicedesk.incidents.attention import LONG, URGENT
from servicedesk.incidents.models import DateChange, Holding, Incident
from servicedesk.incidents.queries import IS_OPEN
from servicedesk.journal import EventRow
from servicedesk.setup.directory import Directory
from servicedesk.sla.calendar import Calendar
from servicedesk.sla.models import ClockRow

Condition = sa.ColumnElement[bool]
# Written out, so that the index over just these lines is used.
PRIORITISED = sa.text("event.kind = 'incident.prioritised'")
RESOLUTION = "resolution"
HOLDS = ("incident.held", "incident.started", "incident.requeued", "incident.reopened")


@dataclass(frozen=True, slots=True)
class Numbers:
    """How many were open, long-running, most urgent and overdue."""

    open: int
    long: int
    urgent: int
    overdue: int


def week_before(now: datetime, zone: str) -> datetime:
    """Give the same time of day a week earlier."""
    return _at_time_of(now, times.local_day(now, zone) - timedelta(days=7), zone)


def month_before(now: datetime, zone: str) -> datetime:
    """Give the same day and time a month earlier, or the last day of that month."""
    today = times.local_day(now, zone)
    last = today.replace(day=1) - timedelta(days=1)
    return _at_time_of(now, last.replace(day=min(today.day, last.day)), zone)


def _at_time_of(now: datetime, day: date, zone: str) -> datetime:
    clock: time = now.astimezone(ZoneInfo(zone)).time()
    return times.utc(datetime.combine(day, clock, ZoneInfo(zone)))


def numbers(session: Session, setup: Directory, *instants: datetime) -> list[Numbers]:
    """Count what was open at instants: the same number of queries whatever there is.

    What is open is looked through twice, for however many instants.
    """
    still, moved = _still_open(session, instants), _moved(session, instants)
    return [
        _at(session, setup, at, counts, ids)
        for at, counts, ids in zip(instants, still, moved, strict=True)
    ]


Counts = tuple[int, ...]  # all, the long-running, the urgent and the late


def _at(
    session: Session, setup: Directory, at: datetime, still: Counts, moved: Sequence[int]
) -> Numbers:
    """Add to what is with its holder ever since what no longer is."""
    held = sa.select(Holding.incident_id).where(Holding.start <= at, Holding.end > at)
    gone = session.scalars(held).all()
    there = session.execute(sa.select(*_counts(at)).where(Incident.id.in_(_listed(gone)))).one()
    everything, long, urgent, late = (a + b for a, b in zip(still, there, strict=True))
    urgent += _were_urgent(session, at)
    late += _overdue(session, setup, at, [*moved, *gone])
    return Numbers(everything, long, urgent, late)


def _counts(at: datetime, within: Condition | None = None) -> list[sa.ColumnElement[int]]:
    """Count as far as they are as they were; `within` a part of what is looked through."""
    priority = sa.and_(Incident.priority == URGENT, Incident.id.not_in(_prioritised_since(at)))
    unchanged = sa.and_(Incident.changed_at <= at, Incident.late_from <= at)
    marks = (sa.true(), Incident.logged_at <= at - LONG, priority, unchanged)
    parts = [mark if within is None else sa.and_(within, mark) for mark in marks]
    return [sa.func.count().filter(part) for part in parts]


def _still_open(session: Session, instants: Sequence[datetime]) -> list[Counts]:
    columns = [c for at in instants for c in _counts(at, Incident.held_since <= at)]
    row = session.execute(sa.select(*columns).where(IS_OPEN)).one()
    return [tuple(row[n : n + 4]) for n in range(0, len(row), 4)]


def _moved(session: Session, instants: Sequence[datetime]) -> list[list[int]]:
    """Give what is with its holder ever since instants, but has changed since."""
    marks = [sa.and_(Incident.held_since <= at, Incident.changed_at > at) for at in instants]
    query = sa.select(Incident.id, *marks).where(IS_OPEN, sa.or_(*marks))
    rows = session.execute(query).all()
    return [[row[0] for row in rows if row[n]] for n in range(1, len(marks) + 1)]


def _lasted(at: datetime) -> Condition:
    return sa.and_(Holding.start <= at, sa.or_(Holding.end.is_(None), Holding.end > at))


def _listed(ids: Iterable[int]) -> sa.BindParameter[Any]:
    """Write ids into a statement: there may be more of them than it can have parameters."""
    return sa.bindparam("ids", list(ids), sa.Integer, expanding=True, literal_execute=True)


# Priority


def _prioritised_since(at: datetime) -> sa.Select[int]:
    return sa.select(EventRow.incident_id).where(PRIORITISED, EventRow.happened_at > at)


def _were_urgent(session: Session, at: datetime) -> int:
    """Count those that were urgent then, of those whose priority was changed since."""
    query = sa.select(EventRow.incident_id, EventRow.data).where(
        EventRow.incident_id.in_(
            sa.select(Holding.incident_id).where(
                Holding.incident_id.in_(_prioritised_since(at)), _lasted(at)
            )
        ),
        EventRow.kind.in_(("incident.logged", "incident.prioritised")),
        EventRow.happened_at <= at,
    )
    rows = session.execute(query.order_by(EventRow.incident_id, EventRow.seq))
    last = {incident: data["priority"] for incident, data in rows}
    return sum(priority == URGENT for priority in last.values())


# Dates and targets


def _overdue(session: Session, setup: Directory, at: datetime, ids: Sequence[int]) -> int:
    """Count what was overdue, of what has changed since."""
    late, resolutions = {*_late_dates(session, at, ids)}, set[int]()
    for incident, others in session.execute(_late_clocks(setup, at, ids)):
        (late if others else resolutions).add(incident)
    resolutions -= late
    return len(late) + len(resolutions.difference(_rested(session, setup, at, resolutions)))


def _late_dates(session: Session, at: datetime, ids: Sequence[int]) -> Iterator[int]:
    """Give what had missed a wish or a promise that counted then: the last of its kind by then."""
    by_day = sa.and_(DateChange.day.is_not(None), DateChange.due <= at)
    query = sa.select(
        DateChange.incident_id, DateChange.kind, sa.or_(by_day, DateChange.due < at)
    ).where(
        DateChange.incident_id.in_(_listed(ids)),
        DateChange.state.in_(("current", "superseded")),
        DateChange.at <= at,
    )
    rows = session.execute(query.order_by(DateChange.incident_id, DateChange.n))
    last = {(incident, kind): missed for incident, kind, missed in rows}
    return (incident for (incident, _kind), missed in last.items() if missed)


def _late_clocks(setup: Directory, at: datetime, ids: Sequence[int]) -> sa.Select[int, int]:
    """Select what had exceeded a target, and of how many clocks but the resolution's."""
    ran = sa.or_(ClockRow.stopped_at.is_(None), ClockRow.stopped_at > at)
    theirs = ClockRow.party == Holding.holder
    running = sa.or_(
        ClockRow.kind == RESOLUTION,
        sa.and_(ClockRow.kind == "response", ran),
        sa.and_(ClockRow.kind == "holding", theirs),
        sa.and_(ClockRow.kind.in_(("acceptance", "answer")), theirs, ran),
    )
    others = sa.func.count().filter(ClockRow.kind != RESOLUTION).label("others")
    query = sa.select(ClockRow.incident_id, others)
    query = query.join(Holding, Holding.incident_id == ClockRow.incident_id)
    query = query.where(ClockRow.incident_id.in_(_listed(ids)), _lasted(at))
    query = query.where(_exceeded(setup, at), running, ClockRow.started_at <= at)
    return query.group_by(ClockRow.incident_id)


def _exceeded(setup: Directory, at: datetime) -> Condition:
    """C10: a target reached at closing time is exceeded only when working time goes on."""
    closes = {key: _closed_since(calendar, at) for key, calendar in setup.calendars.items()}
    reached = (
        sa.and_(ClockRow.calendar == key, ClockRow.breached_at == close)
        for key, close in closes.items()
        if close
    )
    breached = sa.and_(ClockRow.breached_at < at, sa.not_(sa.or_(sa.false(), *reached)))
    return sa.or_(breached, sa.and_(ClockRow.breached_at.is_(None), ClockRow.late_from <= at))


def _closed_since(calendar: Calendar, at: datetime) -> datetime | None:
    """Give the close from which on nothing was worked up to an instant; None if it was."""
    before = at - timedelta(seconds=1)
    return None if calendar.counted(before, at) else calendar.last_working_moment(before)


def _rested(session: Session, setup: Directory, at: datetime, late: set[int]) -> Iterator[int]:
    """C4: give those of late resolutions whose clock rested then, by the hold that lasted."""
    newest = sa.func.row_number().over(
        partition_by=EventRow.incident_id, order_by=EventRow.seq.desc()
    )
    lines = sa.select(EventRow.incident_id, EventRow.kind, EventRow.data, newest.label("n")).where(
        EventRow.incident_id.in_(_listed(late)),
        EventRow.kind.in_(HOLDS),
        EventRow.happened_at <= at,
    )
    last = lines.subquery()
    query = sa.select(Incident.id, Incident.service_id, Incident.logged_at, last.c.data)
    query = query.join(last, last.c.incident_id == Incident.id)
    query = query.where(last.c.n == 1, last.c.kind == "incident.held")
    for incident, service, logged_at, data in session.execute(query):
        if data["reason"] in setup.services[service].agreement.at(logged_at).pauses:
            yield incident
