"""D1, D6: the days that somebody chooses among, as a calendar has them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from servicedesk.sla.calendar import Calendar, Version

WEEK = 7


class Kind(StrEnum):
    """What a day is."""

    WORKING = "working"
    REST = "rest"  # a day of the week without hours
    HOLIDAY = "holiday"
    DAY_OFF = "day-off"
    SPECIAL = "special"  # worked, by exception


@dataclass(frozen=True, slots=True)
class Day:
    """One day: what it is, until when it is worked, and what a wish for it would mean."""

    date: date
    kind: Kind
    name: str  # of a public holiday, where it is known
    last: datetime | None  # its last working moment; None: closed
    planned: datetime | None  # D1: the last working moment at or before its end
    is_past: bool
    is_today: bool
    is_short: bool  # D6: shorter than the standard lead time

    @property
    def is_closed(self) -> bool:
        """Say whether nothing is worked on it."""
        return self.last is None


@dataclass(frozen=True)
class Choice:
    """By what somebody chooses: a calendar, days in a zone, and how long it usually takes."""

    calendar: Calendar
    zone: str
    now: datetime
    lead: int | None = None  # D6: standard lead time in working seconds
    holidays: Mapping[date, str] = field(default_factory=dict)  # public ones, with their names

    @property
    def today(self) -> date:
        """Give the day on which somebody chooses."""
        return self.now.astimezone(ZoneInfo(self.zone)).date()

    def weeks(self, count: int) -> list[list[Day]]:
        """Give so many weeks from Monday to Sunday, beginning with this one."""
        monday = self.today - timedelta(days=self.today.weekday())
        days = list(self._days(monday, count * WEEK))
        return [days[at : at + WEEK] for at in range(0, len(days), WEEK)]

    def _days(self, first: date, count: int) -> Iterator[Day]:
        for ahead in range(count):
            yield self.day(first + timedelta(days=ahead))

    def day(self, day: date) -> Day:
        """Say what a day is, and what a wish for it would mean."""
        start, end = midnight(day, self.zone), midnight(day + timedelta(days=1), self.zone)
        planned = planned_for(self.calendar, end, is_day=True)
        last = planned if planned and planned > start else None
        is_past = day < self.today
        return Day(
            date=day,
            kind=self._kind(day, is_open=last is not None),
            name=self.holidays.get(day, ""),
            last=last,
            planned=planned,
            is_past=is_past,
            is_today=day == self.today,
            is_short=not is_past and self.is_short(end),
        )

    def _kind(self, day: date, *, is_open: bool) -> Kind:
        until = midnight(day + timedelta(days=1), self.zone)
        kind = self._said(_in_force(self.calendar, until), day)
        if is_open:  # also by a night that began on the day before
            return kind if kind == Kind.SPECIAL else Kind.WORKING
        return Kind.REST if kind == Kind.WORKING else kind

    def _said(self, version: Version, day: date) -> Kind:
        if day in version.special:
            return Kind.SPECIAL if version.special[day] else Kind.DAY_OFF
        if day in version.days_off:
            return Kind.HOLIDAY if day in self.holidays else Kind.DAY_OFF
        return Kind.WORKING if version.weekly[day.weekday()] else Kind.REST

    def is_short(self, due: datetime) -> bool:
        """D6: say whether a wish leaves less working time than the standard lead time."""
        return self.lead is not None and self.calendar.counted(self.now, due) < self.lead


def planned_for(calendar: Calendar, due: datetime, *, is_day: bool) -> datetime | None:
    """D1: give the last working moment at or before a date; a day ends before its midnight.

    None if nothing was worked in the five years before.
    """
    return calendar.last_working_moment(due - timedelta(seconds=1) if is_day else due)


def midnight(day: date, zone: str) -> datetime:
    """Give the instant at which a local day begins."""
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)


def _in_force(calendar: Calendar, until: datetime) -> Version:
    """C7: give the version that decides about the end of a day."""
    first, *later = calendar.versions
    return next((v for v in reversed(later) if v.valid_from and v.valid_from < until), first)
