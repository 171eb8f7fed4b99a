"""What a list is narrowed to by its dates and sorted by, in the reader's words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from flask_babel import gettext as _
from flask_babel import pgettext

from servicedesk import formats
from servicedesk.incidents import dated
from servicedesk.incidents.queries import Filter
from servicedesk.incidents.spans import Span

Words = list[tuple[str, str]]  # (what an address says, what it is called)


@dataclass(frozen=True)
class DateFilter:
    """One of the three dates, as the form of a list asks about it."""

    date: str  # requested, promised, target
    name: str
    choices: Words
    when: str
    days: Span


@dataclass(frozen=True)
class Narrowed:
    """One thing that a list is narrowed to by a date, and what an address leaves out without it."""

    date: str
    text: str
    without: dict[str, str]


def filters(asked: Filter, dates: tuple[str, ...] = dated.DATES) -> list[DateFilter]:
    """Give what can be asked about each date, and what is."""
    return [
        DateFilter(one, date_name(one), when_names(one), getattr(asked, one), asked.days(one))
        for one in dates
    ]


def narrowed(asked: Filter, today: date) -> list[Narrowed]:
    """Say what a list is narrowed to by dates, one by one."""
    found = []
    for one in dated.DATES:
        days, when = asked.days(one), getattr(asked, one)
        if when:
            found.append(_narrowed(one, dict(when_names(one))[when], {one: ""}))
        if not days.is_open:
            without = {f"{one}_from": "", f"{one}_to": ""}
            found.append(_narrowed(one, days_text(days, today), without))
    return found


def _narrowed(kind: str, words: str, without: dict[str, str]) -> Narrowed:
    said = {"date": date_name(kind), "when": words}
    return Narrowed(kind, str(_("%(date)s: %(when)s", **said)), without)


def days_text(days: Span, today: date) -> str:
    """Write days from one to another: `20 Nov – 27 Nov`, `from 20 Nov`, `to 27 Nov`."""
    first = formats.far(days.first, today) if days.first else ""
    last = formats.far(days.last, today) if days.last else ""
    if first and last:
        return first if days.first == days.last else f"{first} – {last}"
    if first:
        return str(_("from %(day)s on", day=first))
    return str(_("up to %(day)s", day=last))


def date_name(date: str) -> str:
    """Name one of the three dates."""
    names: dict[str, str] = {
        "requested": _("Requested"),
        "promised": _("Promised"),
        "target": _("Next target"),
    }
    return names[date]


def when_names(date: str) -> Words:
    """Name what a list can be narrowed to by a date."""
    none = {"requested": _("No date"), "promised": _("Not promised"), "target": _("No target")}
    names: dict[str, str] = {
        "overdue": _("Overdue"),
        "today": _("Today"),
        "week": pgettext("days", "This week"),
        "7d": pgettext("days", "Next 7 days"),
        "none": none[date],
        dated.PAUSED: _("Paused"),
    }
    return [(when, names[when]) for when in dated.choices(date)]


def sort_names() -> dict[str, str]:
    """Name what a list can be sorted by."""
    return {
        "next": _("Next date"),
        "requested": _("Requested"),
        "promised": _("Promised"),
        "target": _("Next target"),
        "since": _("Held since"),
        "logged": _("Logged"),
        "changed": _("Last changed"),
        "newest": _("Number"),
    }


def sort_choices(sort: str, names: dict[str, str]) -> Words:
    """Offer what to sort by; the one chosen keeps its direction."""
    chosen = sort.removeprefix("-")
    return [(sort if name == chosen else name, words) for name, words in names.items()]


def is_downwards(sort: str) -> bool:
    """Say whether an order goes from the last to the first."""
    return sort.startswith("-") != (sort.removeprefix("-") == "newest")
