"""The months that a report is about."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

LONGEST = 36  # months
_SAID = re.compile(r"(\d{4})-(\d{2})(?:\.\.(\d{4})-(\d{2}))?", re.ASCII)


@dataclass(frozen=True)
class Period:
    """Whole months in a zone: half-open as instants, both days included as days."""

    first: date  # first day of its first month
    after: date  # first day of the month that follows
    zone: str

    @property
    def name(self) -> str:
        """Write it as `2026-10` or `2026-04..2026-09`."""
        last = _months_later(self.after, -1)
        return _month(self.first) if last == self.first else f"{_month(self.first)}..{_month(last)}"

    @cached_property
    def start(self) -> datetime:
        """Give the instant at which it begins."""
        return _midnight(self.first, self.zone)

    @cached_property
    def end(self) -> datetime:
        """Give the first instant that no longer belongs to it."""
        return _midnight(self.after, self.zone)

    @property
    def last_day(self) -> date:
        """Give its last day."""
        return self.after - timedelta(days=1)

    @property
    def months(self) -> list[Period]:
        """List its months, the earliest first."""
        return [self._month(n) for n in range(_count(self.first, self.after))]

    @property
    def before(self) -> Period:
        """Give as many months before it: what it is compared with."""
        return self.moved(-len(self.months))

    def moved(self, months: int) -> Period:
        """Give as many months, so many later or (below 0) earlier."""
        first, after = (_months_later(day, months) for day in (self.first, self.after))
        return Period(first, after, self.zone)

    def _month(self, n: int) -> Period:
        return Period(_months_later(self.first, n), _months_later(self.first, n + 1), self.zone)

    def months_to_here(self, count: int) -> list[Period]:
        """List so many months up to its last, the earliest first."""
        first = _months_later(self.after, -count)
        return Period(first, self.after, self.zone).months

    def holds(self, instant: datetime | None) -> bool:
        """Say whether an instant lies in it."""
        return instant is not None and self.start <= instant < self.end

    def holds_day(self, day: date) -> bool:
        """Say whether a day lies in it."""
        return self.first <= day < self.after

    def settled_at(self, desk_zone: str) -> datetime:
        """F6: give the instant from which nothing in it is ahead, nor a day in the desk's zone."""
        return max(self.end, _midnight(self.after, desk_zone))


def read_period(said: str, zone: str) -> Period:
    """Read `2026-10` or `2026-04..2026-09`; raises ValueError."""
    found = _SAID.fullmatch(said)
    if not found:
        raise ValueError(f"“{said}” is not a month, such as 2026-10, or 2026-04..2026-09")
    first, last = _first(said, found[1], found[2]), _first(said, found[3], found[4])
    last = last or first
    if not first or not last or last < first:
        raise ValueError(f"“{said}” ends before it begins")
    if _count(first, last) >= LONGEST:
        raise ValueError(f"“{said}” is longer than {LONGEST} months")
    return Period(first, _months_later(last, 1), zone)


def month_of(instant: datetime, zone: str) -> Period:
    """Give the month that an instant lies in."""
    first = instant.astimezone(ZoneInfo(zone)).date().replace(day=1)
    return Period(first, _months_later(first, 1), zone)


def _first(said: str, year: str | None, month: str | None) -> date | None:
    if year is None or month is None:
        return None
    if not (1970 <= int(year) <= 2199 and 1 <= int(month) <= 12):
        raise ValueError(f"“{said}”: there is no month {year}-{month}")
    return date(int(year), int(month), 1)


def _months_later(first: date, count: int) -> date:
    months = first.year * 12 + first.month - 1 + count
    return date(months // 12, months % 12 + 1, 1)


def _count(first: date, after: date) -> int:
    return (after.year - first.year) * 12 + after.month - first.month


def _month(first: date) -> str:
    return f"{first.year:04}-{first.month:02}"


def _midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)
