"""How a report's figures, dates and names are written, in the language of the moment."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from zoneinfo import ZoneInfo

from flask_babel import get_locale, ngettext, pgettext
from flask_babel import gettext as _

from servicedesk.reports import rounding
from servicedesk.reports.cases import Result
from servicedesk.reports.facts import ClockFact, DateFact
from servicedesk.reports.figures import (
    EXCLUSIONS,
    HANDOFFS,
    INCIDENTS,
    SECONDS,
    SHARE,
    Figure,
)
from servicedesk.reports.periods import Period, read_period
from servicedesk.reports.scopes import Scope
from servicedesk.reports.tables import BANDS, OTHERS, PARTNERS
from servicedesk.reports.waiting import ACCEPT, ANSWER, ASSIGN, HOLD, WORK, Waits
from servicedesk.setup.directory import REQUESTER, Directory

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


# Times


def period(said: Period) -> str:
    """Write a period: `October 2026`, `April – September 2026`."""
    first, last = said.first, said.last_day
    if (first.year, first.month) == (last.year, last.month):
        return _month(first)
    if japanese():
        return f"{_month(first)}～{_month(last)}"
    year = f" {first.year}" if first.year != last.year else ""
    return f"{MONTHS[first.month - 1]}{year} – {_month(last)}"


def months(name: str) -> str:
    """Write a period by its name."""
    return period(read_period(name, "UTC"))


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


def next_action(said: Waits | None, zone: str, year: int | None = None) -> str:
    """Say what has to happen next: `to accept it, since 26 Nov, 14:05`."""
    if said is None:
        return NOTHING
    text = awaited(said)
    since = _("since %(at)s", at=instant(said.since, zone, year))
    until = _("by %(at)s", at=instant(said.until, zone, year)) if said.until else ""
    return _(", ").join(filter(None, (text, since, until)))


def awaited(said: Waits) -> str:
    """Say what has to happen next: `to accept it`."""
    if said.action != HOLD:
        return _ACTIONS[said.action]()
    return _HOLDS.get(said.reason, _HOLDS["other"])()


_ACTIONS: Mapping[str, Callable[[], str]] = {
    ASSIGN: lambda: _("to assign it"),
    WORK: lambda: _("to solve it"),
    ACCEPT: lambda: _("to accept it"),
    ANSWER: lambda: _("to answer"),
}
_HOLDS: Mapping[str, Callable[[], str]] = {
    REQUESTER: lambda: _("to answer a question"),
    "approval": lambda: _("waiting for approval"),
    "change": lambda: _("waiting for a change"),
    "delivery": lambda: _("waiting for a delivery"),
    "other": lambda: _("on hold"),
}


# Figures


def number(value: int, *, decimals: bool = False) -> str:
    """Write a count, or tenths with their decimal: `1,234`, `12.3`."""
    if decimals:
        return f"{value // 10:,}.{value % 10}"
    return f"{value:,}".replace("-", "−")


def percent(tenths: int) -> str:
    """Write tenths of a per cent."""
    return _("%(n)s %%", n=rounding.decimal(tenths))


def portion(part: int, whole: int) -> str:
    """Write a part of a whole."""
    return percent(rounding.tenths(part, whole)) if whole else NOTHING


def share(figure: Figure, result: Result) -> str:
    """F5: write a share towards the worse."""
    if not result.denominator:
        return NOTHING
    return percent(rounding.tenths(result.numerator or 0, result.denominator, figure.better))


def parts(result: Result) -> str:
    """Write what a share is made of: `3 of 4`."""
    if not result.denominator:
        return NOTHING
    return _("%(n)s of %(all)s", n=number(result.numerator or 0), all=number(result.denominator))


def value(figure: Figure, result: Result) -> str:
    """F5: write a figure as it leads: a share of few cases by its count."""
    if figure.unit == SHARE:
        return parts(result) if rounding.few(result) else share(figure, result)
    if result.value is None:
        return NOTHING
    if figure.unit == SECONDS:
        return duration(result.value, working=figure.id.startswith("working"))
    return number(result.value)


def beside(figure: Figure, result: Result) -> str:
    """Write what stands beside it: the count of a share, or the share of few cases."""
    if figure.unit != SHARE or not result.denominator:
        return ""
    return share(figure, result) if rounding.few(result) else parts(result)


def goal(figure: Figure, wanted: float | None) -> str:
    """Write a goal."""
    if wanted is None:
        return NOTHING
    if figure.unit == SHARE:
        return _("%(n)s %%", n=f"{wanted * 100:g}")
    if figure.unit == SECONDS:
        return duration(int(wanted), working=figure.id.startswith("working"))
    return f"{wanted:g}"


def change(figure: Figure, difference: int | None) -> str:
    """Write a change with its sign: `+1.2 points`, `−12`, `+3 h 40 min`."""
    if difference is None:
        return NOTHING
    sign = "+" if difference > 0 else "−" if difference < 0 else "±"
    size = abs(difference)
    if figure.unit == SHARE:
        return sign + _("%(n)s points", n=rounding.decimal(size))
    if figure.unit == SECONDS:
        return sign + duration(size, working=figure.id.startswith("working"))
    return sign + number(size)


def versus(said: Period) -> str:
    """Name what a period is compared with."""
    return _("vs last month") if len(said.months) == 1 else _("vs the months before")


def direction(said: str) -> str:
    """Name whether a change is for the better."""
    return {"better": _("better"), "worse": _("worse"), "same": _("same")}.get(said, "")


SIGNS = {rounding.MET: "○", rounding.NEARLY: "△", rounding.MISSED: "×"}


def verdict(said: str | None) -> str:
    """Name how a goal was done."""
    names = {
        rounding.MET: _("met"),
        rounding.NEARLY: _("nearly"),
        rounding.MISSED: _("missed"),
    }
    return names[said] if said else _("no goal")


def unit(figure: Figure) -> str:
    """Name a figure's unit."""
    return {
        INCIDENTS: _("incidents and requests"),
        HANDOFFS: _("hand-offs"),
        EXCLUSIONS: _("exclusions"),
        SHARE: _("share"),
        SECONDS: _("time"),
    }[figure.unit]


def formula(figure: Figure) -> str:
    """Write how a figure is worked out."""
    return " ".join(_(sentence) for sentence in figure.formula)


# Exclusions


def net(figure: Figure, result: Result) -> str:
    """Write what a figure is net of exclusions."""
    return _("net %(value)s", value=value(figure, result))


def approved(count: int) -> str:
    """Say how many exclusions were approved in a period: none is said too."""
    if not count:
        return _("No exclusion was approved in the period.")
    return ngettext(
        "%(num)s exclusion was approved in the period.",
        "%(num)s exclusions were approved in the period.",
        count,
    )


def role(key: str) -> str:
    """Name as what somebody asked for an exclusion, or decided; never who."""
    return {
        "agent": _("agent"),
        "lead": pgettext("of a group", "lead"),
        "manager": _("manager"),
    }.get(key, NOTHING)


def clocks(keys: Iterable[str], setup: Directory) -> str:
    """Name the clocks that an exclusion is for: a party's are all of them."""
    names = {"response": _("First response"), "resolution": _("Resolution")}
    said = (
        _("%(party)s (all clocks)", party=party(key, setup)) if ":" in key else names.get(key, key)
        for key in keys
    )
    return _(", ").join(said)


def lifted(clock: ClockFact, setup: Directory) -> str:
    """Say how a clock stands gross and net: `Resolution: missed, net met`."""
    said = {"clock": clock_name(clock, setup), "gross": _met(clock.met)}
    verdict = clock.net or clock
    said["net"] = _met(verdict.met) if verdict.at else _("still open")
    return _("%(clock)s: %(gross)s, net %(net)s", **said)


def _met(met: bool) -> str:
    return verdict(rounding.MET if met else rounding.MISSED)


def clock_name(clock: ClockFact, setup: Directory) -> str:
    """Name a clock, with whose it is."""
    names = {
        "response": _("First response"),
        "resolution": _("Resolution"),
        "acceptance": _("accepting"),
        "answer": _("answering"),
        "holding": _("holding"),
    }
    name = names[clock.kind]
    if clock.party is None:
        return name
    return _("%(party)s, %(clock)s", party=party(clock.party, setup), clock=name)


def excluded(clock: ClockFact) -> str:
    """Write how much working time is taken out of a clock."""
    return duration(clock.net.excluded if clock.net else 0, working=True)


# Names


def type_(key: str) -> str:
    """Name incidents and service requests."""
    return {"incident": _("Incidents"), "request": _("Service requests")}.get(key, key)


def language(key: str) -> str:
    """Name a language in itself."""
    return {"en": "English", "ja": "日本語"}[key]


def pdf_in(key: str) -> str:
    """Name the PDF in a language."""
    return {"en": _("PDF in English"), "ja": _("PDF in Japanese")}[key]


def channel(key: str) -> str:
    """Name a channel."""
    return {
        "portal": _("Portal"),
        "phone": _("Phone"),
        "desk": _("At the desk"),
        "mail": _("Mail"),
        "api": _("API"),
        "import": _("Import"),
    }.get(key, key)


def group(key: str) -> str:
    """Name a group of figures in the summary."""
    return {
        "dates": _("Dates wished for and promised"),
        "service": _("Service levels"),
        "volume": _("Volume"),
        "tiers": _("Tiers and partner companies"),
        "time": _("Time to resolve"),
    }[key]


def dimension(key: str) -> str:
    """Name what is broken down by."""
    return {
        "service": _("By service"),
        "priority": _("By priority"),
        "channel": _("By channel"),
        "category": _("By category"),
        "department": _("By department"),
    }[key]


def tier(key: int | None) -> str:
    """Name a tier; partners and requesters stand beside them."""
    if key is None:
        return _("Requesters")
    return _("Partner companies") if key == PARTNERS else _("Tier %(n)s", n=key)


def band(index: int) -> str:
    """Name an age band."""
    if index == 0:
        return _("under %(n)s days", n=BANDS[0])
    if index == len(BANDS):
        return _("%(n)s days and more", n=BANDS[-1])
    return _("%(a)s to %(b)s days", a=BANDS[index - 1], b=BANDS[index] - 1)


def others(rows: int) -> str:
    """Name the row that sums up the rest."""
    return ngettext("%(num)s other", "%(num)s others", rows)


def party(ref: str | None, setup: Directory) -> str:
    """Name a holder."""
    if not ref:
        return NOTHING
    return _("Requester") if ref == REQUESTER else setup.party(ref).name


def named(key: str, setup: Directory, rows: int = 1) -> str:
    """Name a table's row: a party, a service, or whatever else was split by."""
    if key == OTHERS:
        return others(rows)
    if key == REQUESTER or ":" in key:
        return party(key, setup)
    return key or _("Not given")


def service(key: str, setup: Directory, rows: int = 1) -> str:
    """Name a service by its id."""
    return others(rows) if key == OTHERS else setup.services[int(key)].name


def scope(said: Scope, setup: Directory) -> str:
    """Name what a report is about."""
    if said.party:
        return setup.party(said.party).name
    if said.service is not None:
        return setup.services[said.service].name
    return said.key or _("The whole desk")
