"""The months that a report is about."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from typing import Any, Protocol
from zoneinfo import ZoneInfo

LONGEST = 36  # months
YEAR, QUARTER = 12, 3  # months
APRIL = 4
_SAID = re.compile(r"(\d{4})-(\d{2})(?:\.\.(\d{4})-(\d{2}))?", re.ASCII)
_NAMED = re.compile(r"(?:FY(\d{4})|(\d{4})(?=-Q))(?:-Q([1-4]))?", re.ASCII)


@dataclass(frozen=True)
class Period:
    """Whole months in a zone: half-open as instants, both days included as days."""

    first: date  # first day of its first month
    after: date  # first day of the month that follows
    zone: str
    fiscal_from: int = 0  # the month with which the desk's years begin; 0: not said

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
        return self._of(_months_later(self.first, months), _months_later(self.after, months))

    @property
    def year_before(self) -> Period | None:
        """Give the same months of the year before; None where those are the ones before it."""
        return self.moved(-YEAR) if _count(self.first, self.after) < YEAR else None

    @property
    def fiscal_year(self) -> int:
        """Give the year that it begins in: the calendar year in which that begins."""
        return self.first.year - (self.first.month < self._begin)

    @property
    def _begin(self) -> int:
        return self.fiscal_from or APRIL

    @property
    def is_year(self) -> bool:
        """Say whether it is a year of the desk, as far as is known when these begin."""
        return self._has(YEAR) and self.first.month == self.fiscal_from

    @property
    def quarter(self) -> int | None:
        """Give which quarter of its year it is; None where it is none."""
        months = (self.first.month - self._begin) % YEAR
        whole = self.fiscal_from and self._has(QUARTER) and not months % QUARTER
        return months // QUARTER + 1 if whole else None

    def _has(self, months: int) -> bool:
        """Say whether it is so many whole months."""
        whole = self.first.day == self.after.day == 1
        return whole and _count(self.first, self.after) == months

    @property
    def own_year(self) -> Period:
        """Give the desk's year that it begins in."""
        first = date(self.fiscal_year, self._begin, 1)
        return self._of(first, _months_later(first, YEAR))

    @property
    def own_quarter(self) -> Period:
        """Give the quarter of the desk's year that it begins in."""
        year = self.own_year
        first = _months_later(year.first, _count(year.first, self.first) // QUARTER * QUARTER)
        return self._of(first, _months_later(first, QUARTER))

    def _of(self, first: date, after: date) -> Period:
        return Period(first, after, self.zone, self.fiscal_from)

    def _month(self, n: int) -> Period:
        return self._of(_months_later(self.first, n), _months_later(self.first, n + 1))

    def months_to_here(self, count: int) -> list[Period]:
        """List so many months up to its last, the earliest first."""
        first = _months_later(self.after, -count)
        return self._of(first, self.after).months

    def holds(self, instant: datetime | None) -> bool:
        """Say whether an instant lies in it."""
        return instant is not None and self.start <= instant < self.end

    def holds_day(self, day: date) -> bool:
        """Say whether a day lies in it."""
        return self.first <= day < self.after

    def settled_at(self, desk_zone: str) -> datetime:
        """F6: give the instant from which nothing in it is ahead, nor a day in the desk's zone."""
        return max(self.end, _midnight(self.after, desk_zone))


class SetUp(Protocol):
    """What a desk is set up with."""

    @property
    def more(self) -> Mapping[str, Any]: ...


def fiscal_from(setup: SetUp) -> int:
    """Give the month with which a desk's years begin."""
    return int(setup.more.get("fiscal_year_from", APRIL))


def read_period(said: str, zone: str, fiscal_from: int = 0) -> Period:
    """Read `2026-10`, `2026-04..2026-09`, `2026-Q3`, `FY2026` or `FY2026-Q2`; raises ValueError."""
    if named := _NAMED.fullmatch(said):
        return _named(said, named, zone, fiscal_from)
    found = _SAID.fullmatch(said)
    if not found:
        raise ValueError(f"“{said}” is not a month, such as 2026-10, or 2026-04..2026-09")
    first, last = _first(said, found[1], found[2]), _first(said, found[3], found[4])
    last = last or first
    if not first or not last or last < first:
        raise ValueError(f"“{said}” ends before it begins")
    if _count(first, last) >= LONGEST:
        raise ValueError(f"“{said}” is longer than {LONGEST} months")
    return Period(first, _months_later(last, 1), zone, fiscal_from)


def _named(said: str, found: re.Match[str], zone: str, fiscal_from: int) -> Period:
    """Read a quarter of the calendar's year, or a year of the desk's or a quarter of it."""
    month = f"{(fiscal_from or APRIL) if found[1] else 1:02}"
    first = _first(said, found[1] or found[2], month) or date.min
    begin = _months_later(first, QUARTER * (int(found[3] or 1) - 1))
    after = _months_later(begin, QUARTER if found[3] else YEAR)
    return Period(begin, after, zone, fiscal_from)


@dataclass(frozen=True)
class Offered:
    """Periods of one kind that can be chosen, the latest first."""

    kind: str  # month, quarter, year
    periods: list[Period]


def offered(current: Period, begin: date, counts: tuple[int, int, int]) -> list[Offered]:
    """Offer months, quarters and years up to a month's, so many, as far back as there is any."""
    kinds = (
        ("month", current, 1),
        ("quarter", current.own_quarter, QUARTER),
        ("year", current.own_year, YEAR),
    )
    return [
        Offered(kind, [p for p in (last.moved(-step * n) for n in range(count)) if p.after > begin])
        for (kind, last, step), count in zip(kinds, counts, strict=True)
    ]


def month_of(instant: datetime, zone: str, fiscal_from: int = 0) -> Period:
    """Give the month that an instant lies in."""
    first = instant.astimezone(ZoneInfo(zone)).date().replace(day=1)
    return Period(first, _months_later(first, 1), zone, fiscal_from)


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
