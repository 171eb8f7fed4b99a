"""Narrowing lists by each of the three dates, and sorting by them: in SQL."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from servicedesk import times
from servicedesk.incidents import spans
from servicedesk.incidents.models import NO_DATE, Incident
from servicedesk.incidents.spans import Span
from servicedesk.sla.models import ClockRow

if TYPE_CHECKING:
    from servicedesk.incidents.queries import Reader

Condition = sa.ColumnElement[bool]
DATES = ("requested", "promised", "target")
WHEN = ("overdue", *spans.NAMED, "none")
PAUSED = "paused"  # of a target alone: C5: it has no due instant meanwhile
LONG_AGO = datetime(1900, 1, 1, tzinfo=UTC)  # before any date that there is

_INSTANT = Incident.__table__.c.next_due.type
_NEVER, _LONG_AGO = (sa.literal(at, _INSTANT) for at in (NO_DATE, LONG_AGO))
_DAYS: Mapping[str, Any] = {
    "requested": Incident.requested_day,
    "promised": Incident.promised_day,
}
_DUES: Mapping[str, Any] = {
    "requested": Incident.requested_due,
    "promised": Incident.promised_due,
    "target": Incident.target_due,
}


# What a list is narrowed to


def choices(date: str) -> tuple[str, ...]:
    """Give what a list can be narrowed to by a date, besides days from one to another."""
    return (*WHEN, PAUSED) if date == "target" else WHEN


def conditions(date: str, when: str, days: Span, reader: Reader) -> Iterator[Condition]:
    """Give what an address asks of a date; what nobody can ask for counts as nothing."""
    if when in choices(date):
        yield _is(date, when, reader)
    if not days.is_open:
        yield _falls_on(date, days, reader.setup.zone)


def _is(date: str, when: str, reader: Reader) -> Condition:
    if when in spans.NAMED:
        return _falls_on(date, spans.named(when, reader.today), reader.setup.zone)
    if when == "overdue":
        return _target_missed(reader.now) if date == "target" else _missed(date, reader.now)
    if when == PAUSED:
        return sa.and_(Incident.target_kind.is_not(None), Incident.target_due.is_(None))
    given: Any = Incident.target_kind if date == "target" else _DUES[date]
    none: Condition = given.is_(None)
    return none


def _falls_on(date: str, days: Span, zone: str) -> Condition:
    """D1: take a day by itself, an instant by the day of the desk's zone that it lies in."""
    instant = sa.and_(*bounds(_DUES[date], days, zone))
    if date not in _DAYS:
        return instant
    day = _DAYS[date]
    on = [day >= days.first] if days.first else []
    on += [day <= days.last] if days.last else []
    return sa.or_(sa.and_(*on), sa.and_(day.is_(None), instant))


def bounds(due: Any, days: Span, zone: str) -> Iterator[Condition]:
    """Take the instants that lie in days of a zone."""
    if days.first:
        yield due >= times.midnight(days.first, zone)
    if days.last:
        yield due < times.end_of_day(days.last, zone)


def _missed(date: str, now: datetime) -> Condition:
    """D1: take what is, or ended, late: a day from its midnight on, an instant after it."""
    due, day = _DUES[date], _DAYS[date]
    so_far = sa.literal(now, _INSTANT)
    judged = sa.func.coalesce(Incident.resolved_at, Incident.cancelled_at, so_far)
    return sa.or_(due < judged, sa.and_(day.is_not(None), due == judged))


def _target_missed(now: datetime) -> Condition:
    """C10: take what has exceeded its next target: not yet what reached it at closing time."""
    clock = sa.exists().where(
        ClockRow.incident_id == Incident.id,
        ClockRow.kind == Incident.target_kind,
        ClockRow.party.is_not_distinct_from(Incident.target_party),
        ClockRow.running,
        ClockRow.late_from <= now,
    )
    paused = sa.and_(Incident.target_due.is_(None), Incident.target_left < 0)
    return sa.or_(paused, sa.and_(Incident.target_due <= now, clock.correlate(Incident)))


# What a list is sorted by


def upwards(column: Any) -> sa.ColumnElement[Any]:
    """Sort by a date, the earliest first; what has none comes last."""
    return sa.func.coalesce(column, _NEVER)


def downwards(column: Any) -> sa.ColumnElement[Any]:
    """Sort by a date, the latest first; what has none comes last here, too."""
    return sa.func.coalesce(sa.func.nullif(column, _NEVER, type_=_INSTANT), _LONG_AGO)
