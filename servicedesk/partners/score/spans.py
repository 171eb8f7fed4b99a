"""What a score is about: a month, a quarter, a fiscal year, or days from one to another."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from servicedesk.reports.periods import Period, read_period

FISCAL = 4  # the month in which a fiscal year begins
LONGEST = 1100  # days
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Days(Period):
    """Days in a zone that are no whole months: `2026-10-05..2026-11-25`."""

    @property
    def name(self) -> str:
        """Write it as addresses have it."""
        return f"{self.first.isoformat()}..{self.last_day.isoformat()}"

    @property
    def before(self) -> Period:
        """Give as many days before it: what it is compared with."""
        return Days(self.first - (self.after - self.first), self.first, self.zone)


def days(first: date, last: date, zone: str) -> Period:
    """Give the days from one to another, both included: whole months as such."""
    after = last + DAY
    if first.day == after.day == 1:
        return Period(first, after, zone)
    return Days(first, after, zone)


def read(said: str, zone: str) -> Period:
    """Read `2026-10`, `2026-04..2026-09` or `2026-10-05..2026-11-25`; raises ValueError."""
    first, dots, last = said.partition("..")
    if not dots or len(first) == len("2026-10"):
        return read_period(said, zone)
    one, other = date.fromisoformat(first), date.fromisoformat(last)
    if not date(1970, 1, 1) <= one <= other <= date(2199, 12, 31):
        raise ValueError(f"“{said}” ends before it begins")
    if (other - one).days > LONGEST:
        raise ValueError(f"“{said}” is longer than {LONGEST} days")
    return days(one, other, zone)


@dataclass(frozen=True)
class Offered:
    """Periods of one kind that can be chosen, the latest first."""

    kind: str  # month, quarter, year
    periods: list[Period]


def offered(today: date, zone: str, first: date) -> list[Offered]:
    """Offer months, quarters and fiscal years up to today, as far back as there is anything."""
    month = today.replace(day=1)
    quarter = month.replace(month=(month.month - 1) // 3 * 3 + 1)
    year = month.replace(year=month.year - (month.month < FISCAL), month=FISCAL)
    begins = (("month", month, 1, 13), ("quarter", quarter, 3, 5), ("year", year, 12, 3))
    return [
        Offered(kind, [p for p in _back(start, months, count, zone) if p.after > first])
        for kind, start, months, count in begins
    ]


def _back(start: date, months: int, count: int, zone: str) -> list[Period]:
    after = start
    for _month in range(months):
        after = (after + 31 * DAY).replace(day=1)
    return [Period(start, after, zone).moved(-months * n) for n in range(count)]
