"""A year of a calendar as twelve months of weeks."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from servicedesk.administration.calendars.said import Kind, Said, Windows

FIRST_YEAR, LAST_YEAR = 1990, 2059


@dataclass(frozen=True)
class Day:
    """One day as it is shown."""

    date: date
    kind: Kind
    windows: Windows
    is_holiday: bool = False
    is_changed: bool = False  # in the draft
    is_passed: bool = False
    is_today: bool = False

    @property
    def is_noted(self) -> bool:
        """Say whether it is named below its month."""
        return self.is_holiday or self.is_changed or self.kind in (Kind.DAY_OFF, Kind.SPECIAL)


@dataclass(frozen=True)
class Month:
    """A month by its weeks, Monday first; None is a day of another month."""

    first: date
    weeks: tuple[tuple[Day | None, ...], ...]

    @property
    def days(self) -> list[Day]:
        """Give its days in order."""
        return [day for week in self.weeks for day in week if day]

    @property
    def noted(self) -> list[Day]:
        """Give the days that are not as any other."""
        return [day for day in self.days if day.is_noted]


def year(
    number: int,
    said_on: Callable[[date], Said],
    today: date,
    changed: Collection[date] = (),
) -> list[Month]:
    """Lay out a year, each day by the version that counts for it (C7)."""

    def laid_out(at: date) -> Day:
        return day(at, said_on(at), today, changed)

    return [_month(date(number, month, 1), laid_out) for month in range(1, 13)]


def day(at: date, said: Said, today: date, changed: Collection[date] = ()) -> Day:
    """Show one day by a version."""
    return Day(
        at,
        said.kind(at),
        said.windows(at),
        is_holiday=at in said.holidays,
        is_changed=at in changed,
        is_passed=at < today,
        is_today=at == today,
    )


def _month(first: date, laid_out: Callable[[date], Day]) -> Month:
    days: list[Day | None] = [None] * first.weekday()
    days += map(laid_out, _dates(first))
    days += [None] * (-len(days) % 7)
    weeks = (tuple(days[at : at + 7]) for at in range(0, len(days), 7))
    return Month(first, tuple(weeks))


def _dates(first: date) -> Iterator[date]:
    at = first
    while at.month == first.month:
        yield at
        at += timedelta(days=1)
