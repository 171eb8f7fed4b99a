"""How dates, times left and durations are written for the reader."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import g
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_login import current_user

from servicedesk import times

MINUTE, HOUR = 60, 3600
WORKING_DAY = 8 * HOUR  # what one day of work is taken for in "2 d left"


def reader_zone() -> str:
    """The reader's zone, else the desk's."""
    from servicedesk.people.queries import desk_zone

    if current_user and current_user.is_authenticated and current_user.zone:
        return str(current_user.zone)
    return desk_zone()


def now() -> datetime:
    """The instant of this request."""
    instant: datetime = g.get("now") or times.now()
    return instant


def japanese() -> bool:
    """Say whether the page is in Japanese."""
    locale = get_locale()
    return locale is not None and locale.language == "ja"


WEEKDAYS_JA = "月火水木金土日"
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = (
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
)  # fmt: skip


def day(value: date | None, zone: str | None = None) -> str:
    """Write a day as near as it is: `Today`, `Fri 27`, `1 Dec`, `18 Nov 2025`."""
    if value is None:
        return ""
    today = times.local_day(now(), zone or reader_zone())
    ahead = (value - today).days
    if ahead == 0:
        return _("Today")
    if abs(ahead) <= 6:
        return near(value)
    return far(value, today)


def near(value: date) -> str:
    """Write a day of this week: `Fri 27`."""
    if japanese():
        return f"{value.day}日({WEEKDAYS_JA[value.weekday()]})"
    return f"{WEEKDAYS[value.weekday()]} {value.day}"


def far(value: date, today: date | None = None) -> str:
    """Write a day with its month: `1 Dec`, and its year where it is not this one."""
    today = today or value
    if japanese():
        year = f"{value.year}/" if value.year != today.year else ""
        return f"{year}{value.month}/{value.day}({WEEKDAYS_JA[value.weekday()]})"
    year = f" {value.year}" if value.year != today.year else ""
    return f"{value.day} {MONTHS[value.month - 1]}{year}"


def moment(value: datetime | None, zone: str | None = None) -> str:
    """Write an instant in the reader's zone: `Today 14:41`, `Fri 27, 12:00`, `1 Dec, 09:30`."""
    if value is None:
        return ""
    local = value.astimezone(ZoneInfo(zone or reader_zone()))
    today = local.date() == times.local_day(now(), zone or reader_zone())
    comma = " " if today or japanese() else ", "
    return f"{day(local.date(), zone)}{comma}{local:%H:%M}"


def exact(value: datetime | None) -> str:
    """Write an instant in full, for a hover: `2026-11-26 14:05 JST`."""
    if value is None:
        return ""
    return f"{value.astimezone(ZoneInfo(reader_zone())):%Y-%m-%d %H:%M %Z}"


def left(seconds: int | None, day_seconds: int = WORKING_DAY) -> str:
    """Write working time: under 10 h `3 h 40`, to two working days `15 h`, then whole days."""
    if seconds is None:
        return ""
    seconds = abs(seconds)
    if seconds < HOUR:
        return _("%(n)d min", n=seconds // MINUTE)
    if seconds < 10 * HOUR:
        hours, rest = divmod(seconds, HOUR)
        return _("%(h)d h %(m)02d", h=hours, m=rest // MINUTE)
    if seconds < 2 * day_seconds or seconds < 16 * HOUR:
        return _("%(n)d h", n=seconds // HOUR)
    return _("%(n)d d", n=seconds // day_seconds)


def lasting(seconds: int | None) -> str:
    """Write plain elapsed time: `36 min`, `3 h 15`, `15 h`, `4 d`."""
    return left(seconds, 24 * HOUR)


FILTERS: dict[str, Any] = {
    "moment": moment,
    "day": day,
    "exact": exact,
    "left": left,
    "lasting": lasting,
    "iso": times.iso,
}
