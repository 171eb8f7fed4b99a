"""How turns and changes are said on pages."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from flask_babel import format_date
from flask_babel import gettext as _

from servicedesk import formats
from servicedesk.oncall.models import SWAP
from servicedesk.oncall.queries import Why
from servicedesk.setup.rota import CLOSED


def why(one: Why) -> str:
    """Say why the lead is asked; nothing where it is by the rota."""
    words: dict[Why, str] = {
        Why.DUTY: "",
        Why.HOURS: _("lead, in working hours"),
        Why.NOBODY: _("lead, as nobody has the duty"),
        Why.NO_ROTA: _("lead, as there is no rota"),
    }
    return words[one]


def covers(value: str) -> str:
    """Say what a rota covers."""
    if value == CLOSED:
        return _("only while the group is closed; in its hours its lead is asked")
    return _("at all times")


def kind(value: str) -> str:
    """Name how a change came about."""
    return _("Swapped") if value == SWAP else _("Taken over")


def weekday(n: int, width: str = "EEE") -> str:
    """Name a day of the week, Monday 0."""
    return str(format_date(date(2024, 1, 1 + n), width, rebase=False))


def day(value: date, first: bool = False) -> str:
    """Write a day in a calendar: its month where that begins."""
    if first or value.day == 1:
        return formats.far(value).split("(")[0]
    return str(value.day)


def whole_day(value: date) -> str:
    """Write a day in full."""
    return str(format_date(value, "full", rebase=False))


def clock(at: datetime, zone: str) -> str:
    """Write the time of an instant in a zone."""
    return f"{at.astimezone(ZoneInfo(zone)):%H:%M}"


def span(start: datetime, end: datetime, zone: str | None = None) -> str:
    """Write from when until when."""
    return f"{formats.moment(start, zone)} – {formats.moment(end, zone)}"
