"""By what one version of a calendar differs from another."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date

from servicedesk.administration.calendars.draft import runs
from servicedesk.administration.calendars.said import Kind, Mark, Said, Windows


@dataclass(frozen=True)
class Value:
    """The time zone or the country is another one."""

    name: str  # zone, country
    before: str
    after: str


@dataclass(frozen=True)
class Hours:
    """Days of the week that have other hours."""

    weekdays: tuple[int, ...]
    before: Windows
    after: Windows


@dataclass(frozen=True)
class Days:
    """Days in a row of which something else is said: closed, open, or as usual again."""

    first: date
    last: date
    mark: Mark
    before: Kind  # what the first of them was


@dataclass(frozen=True)
class Holidays:
    """Dates of public holidays that are new, and that are none any more."""

    added: tuple[date, ...]
    removed: tuple[date, ...]


Difference = Value | Hours | Days | Holidays


def differences(before: Said, after: Said, since: date | None = None) -> list[Difference]:
    """List what is different; of single days only those from a day on."""
    return [
        *_values(before, after),
        *_hours(before, after),
        *_days(before, after, since or date.min),
        *_holidays(before, after, since or date.min),
    ]


def _values(before: Said, after: Said) -> Iterator[Value]:
    for name in ("zone", "country"):
        old, new = getattr(before, name), getattr(after, name)
        if old != new:
            yield Value(name, old, new)


def _hours(before: Said, after: Said) -> Iterator[Hours]:
    changed: dict[tuple[Windows, Windows], list[int]] = {}
    for day, change in enumerate(zip(before.week, after.week, strict=True)):
        if change[0] != change[1]:
            changed.setdefault(change, []).append(day)
    for (old, new), days in changed.items():
        yield Hours(tuple(days), old, new)


def _days(before: Said, after: Said, since: date) -> Iterator[Days]:
    said = {*before.closed, *before.open, *after.closed, *after.open}
    marks = {
        day: after.mark(day) for day in said if day >= since and before.mark(day) != after.mark(day)
    }
    for first, last, mark in runs(marks):
        yield Days(first, last, mark, before.kind(first))


def _holidays(before: Said, after: Said, since: date) -> Iterator[Holidays]:
    """Leave the dates of another country unsaid: they are all others."""
    if before.country == after.country and before.holidays != after.holidays:
        found = Holidays(
            added=_from(after.holidays - before.holidays, since),
            removed=_from(before.holidays - after.holidays, since),
        )
        if found.added or found.removed:
            yield found


def _from(days: Collection[date], since: date) -> tuple[date, ...]:
    return tuple(sorted(day for day in days if day >= since))
