"""How dates are written in a mail: in full, as nobody knows when it is read."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from servicedesk.formats import MONTHS, WEEKDAYS, WEEKDAYS_JA, japanese


def day(value: date) -> str:
    """Write a day: `Thu 26 Nov 2026`, `2026年11月26日(木)`."""
    if japanese():
        return f"{value.year}年{value.month}月{value.day}日({WEEKDAYS_JA[value.weekday()]})"
    return f"{WEEKDAYS[value.weekday()]} {value.day} {MONTHS[value.month - 1]} {value.year}"


def moment(value: datetime, zone: str) -> str:
    """Write an instant in a zone: `Thu 26 Nov 2026, 14:05 JST`."""
    local = value.astimezone(ZoneInfo(zone))
    comma = " " if japanese() else ", "
    return f"{day(local.date())}{comma}{local:%H:%M %Z}"
