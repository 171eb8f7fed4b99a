"""Calendars and instants written briefly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from servicedesk.sla.calendar import Calendar, Version, parse_hours, parse_window

HOUR = 3600
OFFICE = {"mon-fri": ["09:00-18:00"]}
ALWAYS = {"mon-sun": ["00:00-24:00"]}


def at(text: str, zone: str = "Asia/Tokyo", fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold)


def version(
    hours: Mapping[str, Sequence[str]],
    zone: str = "Asia/Tokyo",
    *,
    off: Sequence[str] = (),
    special: Mapping[str, Sequence[str]] | None = None,
    since: datetime | None = None,
) -> Version:
    return Version(
        zone,
        parse_hours(hours),
        frozenset(map(date.fromisoformat, off)),
        {
            date.fromisoformat(day): tuple(map(parse_window, windows))
            for day, windows in (special or {}).items()
        },
        since,
    )


def calendar(
    hours: Mapping[str, Sequence[str]] = OFFICE,
    zone: str = "Asia/Tokyo",
    *,
    off: Sequence[str] = (),
    special: Mapping[str, Sequence[str]] | None = None,
) -> Calendar:
    return Calendar([version(hours, zone, off=off, special=special)])


def hours_on(cal: Calendar, day: str, zone: str = "Asia/Tokyo") -> float:
    """Working hours from one local midnight to the next."""
    start = at(day, zone)
    return cal.counted(start, start + timedelta(days=1)) / HOUR
