"""C15: why an instant does not count, by the calendar version that is in force at it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

from servicedesk.sla.calendar import Calendar, Version
from servicedesk.sla.hours import DAY_MINUTES, Window
from servicedesk.sla.zones import zone_info

DAY = timedelta(days=1)


class Reason(StrEnum):
    """Why time lies outside working hours."""

    NIGHT = "night"  # before the first or after the last hours of a working day
    BREAK = "break"  # between its hours
    WEEKEND = "weekend"  # a day of the week without hours
    HOLIDAY = "holiday"  # a public one
    DAY_OFF = "day-off"  # of the company


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch that counts as a whole (no reason), or does not for one reason."""

    start: datetime
    end: datetime
    reason: Reason | None = None


def pieces(calendar: Calendar, start: datetime, end: datetime) -> Iterator[Piece]:
    """C2, C15: divide [start, end) into what counts and what does not, in order, in UTC."""
    at, end = start.astimezone(UTC), end.astimezone(UTC)
    for opens, closes in calendar.windows(at, end):
        yield from _closed(calendar, at, opens)
        yield Piece(opens, closes)
        at = closes
    yield from _closed(calendar, at, end)


def version_at(calendar: Calendar, at: datetime) -> Version:
    """C7: give the version in force at an instant."""
    return calendar.known_at(at).versions[-1]


def number_at(calendar: Calendar, at: datetime) -> int:
    """C7: give the number of the version in force at an instant, the first is 1."""
    return len(calendar.known_at(at).versions)


def changes(calendar: Calendar, start: datetime, end: datetime) -> list[datetime]:
    """C7: give the instants within (start, end) at which another version came into force."""
    sinces = (version.valid_from for version in calendar.versions[1:])
    return sorted({since.astimezone(UTC) for since in sinces if since and start < since < end})


def reason(version: Version, at: datetime) -> Reason:
    """Say why an instant is no working time."""
    local = at.astimezone(zone_info(version.zone))
    day = local.date()
    if not version.windows_on(day):
        return _day_without_hours(version, day)
    minute = local.hour * 60 + local.minute
    hours = _hours(version, day)
    after = any(closes <= minute for _, closes in hours)
    before = any(minute < opens for opens, _ in hours)
    return Reason.BREAK if after and before else Reason.NIGHT


def _day_without_hours(version: Version, day: date) -> Reason:
    if day in version.special:
        return Reason.DAY_OFF
    if day in version.holidays:
        return Reason.HOLIDAY
    return Reason.DAY_OFF if day in version.days_off else Reason.WEEKEND


def _hours(version: Version, day: date) -> list[Window]:
    """C2: give a date's hours, with what of the day before runs on into it."""
    eve = version.windows_on(day - DAY)
    late = [(opens - DAY_MINUTES, ends - DAY_MINUTES) for opens, ends in eve if ends > DAY_MINUTES]
    return [*late, *version.windows_on(day)]


def _closed(calendar: Calendar, start: datetime, end: datetime) -> Iterator[Piece]:
    """Divide time that does not count by its reasons; neighbours of one reason are one."""
    if start >= end:
        return
    begun, why = start, reason(version_at(calendar, start), start)
    for at in _borders(calendar, start, end):
        following = reason(version_at(calendar, at), at)
        if following != why:
            yield Piece(begun, at, why)
            begun, why = at, following
    yield Piece(begun, end, why)


def _borders(calendar: Calendar, start: datetime, end: datetime) -> list[datetime]:
    """Give the midnights and the changes of version within (start, end)."""
    found = set(changes(calendar, start, end))
    at = start
    while at < end:
        at = _midnight(version_at(calendar, at), at)
        found.add(at)
    return sorted(at for at in found if start < at < end)


def _midnight(version: Version, at: datetime) -> datetime:
    """Give the next beginning of a date in the version's zone."""
    local = at.astimezone(zone_info(version.zone))
    midnight = datetime.combine(local.date() + DAY, time(), local.tzinfo).astimezone(UTC)
    return midnight if midnight > at else at + timedelta(hours=1)
