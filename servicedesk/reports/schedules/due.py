"""F9: when a scheduled report is due: pure, by a calendar and a zone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from servicedesk.reports.periods import Period, month_of
from servicedesk.sla.calendar import Calendar

MONTHS = {"month": 1, "quarter": 3, "year": 12}
APRIL = 4
FURTHEST = 36  # months that are looked back at, and ahead


@dataclass(frozen=True, slots=True)
class Plan:
    """What a schedule says about time."""

    every: str
    day: int  # working day of the month after the period; 0: its last one
    at: time  # in the zone
    zone: str  # the desk's
    first_month: int = APRIL  # of the fiscal year

    @property
    def months(self) -> int:
        """Give how long its periods are."""
        return MONTHS[self.every]


@dataclass(frozen=True, slots=True)
class Due:
    """A period that is to be reported on, and from when on."""

    period: Period
    at: datetime


def dues(plan: Plan, calendar: Calendar, since: datetime, until: datetime) -> Iterator[Due]:
    """List what becomes due after one instant and up to another, the earliest period first.

    Nothing of what is due more than three years before the second.
    """
    last = _month(plan, until)
    first = max(_month(plan, since).moved(-3), last.moved(-FURTHEST), key=lambda it: it.first)
    while first.first <= last.first:
        if _begins_anew(plan, first.first):
            found = due(plan, calendar, period_before(plan, first.first))
            if found and since < found.at <= until:
                yield found
        first = first.moved(1)


def due(plan: Plan, calendar: Calendar, period: Period) -> Due | None:
    """Say when a period is due; None where nothing is worked for years after it."""
    day = working_day(calendar, period.after, plan.day)
    if day is None:
        return None
    # a wall clock that daylight saving leaves out is passed over, one that comes twice is the first
    at = datetime.combine(day, plan.at, ZoneInfo(plan.zone)).astimezone(UTC)
    return Due(period, max(at, period.end))


def next_due(plan: Plan, calendar: Calendar, now: datetime) -> Due | None:
    """Give what is due next after an instant; None if nothing is within three years."""
    until = _month(plan, now).moved(FURTHEST - 3).end
    return next(dues(plan, calendar, now, until), None)


def last_ended(plan: Plan, now: datetime) -> Period:
    """Give the period that ended last."""
    month = _month(plan, now)
    while not _begins_anew(plan, month.first):
        month = month.moved(-1)
    return period_before(plan, month.first)


def period_before(plan: Plan, after: date) -> Period:
    """Give the period that ends where a month begins."""
    edge = Period(after, after, plan.zone, plan.first_month)  # of no length: it can be moved
    return Period(edge.moved(-plan.months).first, after, plan.zone, plan.first_month)


def working_day(calendar: Calendar, month: date, n: int) -> date | None:
    """Give the n-th working day of a month, its last one for 0 or where there are not as many.

    A month without any gives the first working day after it.
    """
    for later in range(FURTHEST):
        after = (month + timedelta(days=31)).replace(day=1)
        if days := calendar.working_dates(month, after):
            place = 1 if later else n
            return days[place - 1] if 0 < place <= len(days) else days[-1]
        month = after
    return None


def _month(plan: Plan, instant: datetime) -> Period:
    return month_of(instant, plan.zone, plan.first_month)


def _begins_anew(plan: Plan, month: date) -> bool:
    return (month.month - plan.first_month) % plan.months == 0
