"""How periods, days, instants and durations are written, in the language of the moment."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from flask_babel import get_locale, pgettext
from flask_babel import gettext as _

from servicedesk.reports.facts import DateFact
from servicedesk.reports.periods import Period, read_period

NOTHING = "–"  # F5
MINUTE, HOUR, DAY = 60, 3600, 86400
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip


def japanese() -> bool:
    """Say whether the report is in Japanese."""
    locale = get_locale()
    return locale is not None and locale.language == "ja"


# Periods


def period(said: Period) -> str:
    """Name a period: `October 2026`, `Fiscal year 2026 Q2`, `April – September 2026`."""
    if said.is_year:
        return _year(said)
    if said.quarter is not None:
        return _("%(year)s Q%(n)s", year=_year(said), n=said.quarter)
    return spelled(said)


def _year(said: Period) -> str:
    if said.fiscal_from > 1:
        return _("Fiscal year %(year)s", year=said.fiscal_year)
    return f"{said.fiscal_year}年" if japanese() else str(said.fiscal_year)


def offered(said: Period) -> str:
    """Name a period among others: `Fiscal year 2026 Q2 · July – September 2026`."""
    name, long = period(said), spelled(said)
    return name if name == long else f"{name} · {long}"


def kind(key: str) -> str:
    """Name periods of a kind."""
    names = {"month": pgettext("periods", "Months"), "quarter": _("Quarters"), "year": _("Years")}
    return names[key]


def spelled(said: Period) -> str:
    """Write a period by its months: `October 2026`, `April – September 2026`."""
    first, last = said.first, said.last_day
    if (first.year, first.month) == (last.year, last.month):
        return _month(first)
    if japanese():
        return f"{_month(first)}～{_month(last)}"
    year = f" {first.year}" if first.year != last.year else ""
    return f"{MONTHS[first.month - 1]}{year} – {_month(last)}"


def months(name: str) -> str:
    """Write a period by its name, as its months."""
    return spelled(read_period(name, "UTC"))


def _month(day: date) -> str:
    if japanese():
        return f"{day.year}年{day.month}月"
    return f"{MONTHS[day.month - 1]} {day.year}"


def short_month(name: str) -> str:
    """Write the month `2026-10` as short as a chart needs it: `Oct`, with the year in January."""
    year, month = int(name[:4]), int(name[5:])
    if japanese():
        return f"{year % 100:02}年1月" if month == 1 else f"{month}月"
    return f"{MONTHS[month - 1][:3]} {year}" if month == 1 else MONTHS[month - 1][:3]


def versus(said: Period) -> str:
    """Name what a period is compared with: the months before it."""
    if said.is_year:
        return _("vs last year")
    if said.quarter is not None:
        return _("vs last quarter")
    return _("vs last month") if len(said.months) == 1 else _("vs the months before")


def versus_year() -> str:
    """Name what else it is compared with: the same months of the year before."""
    return _("vs a year ago")


# Days and times


def day(said: date, year: int | None = None) -> str:
    """Write a day: `27 Nov 2026`, `2026/11/27`; without its year where that goes without saying."""
    if japanese():
        written = f"{said.month}/{said.day}"
        return written if said.year == year else f"{said.year}/{written}"
    written = f"{said.day} {MONTHS[said.month - 1][:3]}"
    return written if said.year == year else f"{written} {said.year}"


def instant(said: datetime | None, zone: str, year: int | None = None) -> str:
    """Write an instant in a zone: `27 Nov 2026, 14:05`."""
    if said is None:
        return NOTHING
    local = said.astimezone(ZoneInfo(zone))
    comma = " " if japanese() else ", "
    return f"{day(local.date(), year)}{comma}{local:%H:%M}"


def due(said: DateFact | None, zone: str, year: int | None = None) -> str:
    """Write a wish: a day as a day."""
    if said is None:
        return NOTHING
    return day(said.day, year) if said.day else instant(said.due, zone, year)


def duration(seconds: int | None, *, working: bool = False) -> str:
    """Write a time, rounded up: `36 min`, `3 h 40 min`, `31.5 h`; plain time also `5.2 d`."""
    if seconds is None:
        return NOTHING
    minutes = -(-seconds // MINUTE)
    if minutes < 60:
        return _("%(n)s min", n=minutes)
    if minutes < 600 and not minutes % 60:
        return _("%(n)s h", n=minutes // 60)
    if minutes < 600:
        return _("%(h)s h %(m)s min", h=minutes // 60, m=minutes % 60)
    if working or seconds <= 2 * DAY:
        return _("%(n)s h", n=number(-(-seconds * 10 // HOUR), decimals=True))
    return _("%(n)s d", n=number(-(-seconds * 10 // DAY), decimals=True))


def exactly(seconds: int) -> str:
    """Write a time to the second, so that it can be added up: `31:04:59`."""
    return f"{seconds // HOUR:,}:{seconds % HOUR // MINUTE:02}:{seconds % MINUTE:02}"


def number(value: int, *, decimals: bool = False) -> str:
    """Write a count, or tenths with their decimal: `1,234`, `12.3`."""
    if decimals:
        return f"{value // 10:,}.{value % 10}"
    return f"{value:,}".replace("-", "−")
