"""What a score is about: whole months, or days from one to another."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from servicedesk.reports.periods import Period, read_period

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


def days(first: date, last: date, zone: str, fiscal_from: int = 0) -> Period:
    """Give the days from one to another, both included: whole months as such."""
    after = last + DAY
    if first.day == after.day == 1:
        return Period(first, after, zone, fiscal_from)
    return Days(first, after, zone)


def read(said: str, zone: str, fiscal_from: int = 0) -> Period:
    """Read `2026-10`, `2026-04..2026-09` or `2026-10-05..2026-11-25`; raises ValueError."""
    first, dots, last = said.partition("..")
    if not dots or len(first) == len("2026-10"):
        return read_period(said, zone, fiscal_from)
    one, other = date.fromisoformat(first), date.fromisoformat(last)
    if not date(1970, 1, 1) <= one <= other <= date(2199, 12, 31):
        raise ValueError(f"“{said}” ends before it begins")
    if (other - one).days > LONGEST:
        raise ValueError(f"“{said}” is longer than {LONGEST} days")
    return days(one, other, zone, fiscal_from)
