"""How a report's figures, dates and names are written, in the language of the moment."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from flask_babel import gettext as _
from flask_babel import ngettext, pgettext

from servicedesk.reports import rounding
from servicedesk.reports.cases import Result
from servicedesk.reports.facts import ClockFact
from servicedesk.reports.figures import (
    EXCLUSIONS,
    HANDOFFS,
    INCIDENTS,
    MAJORS,
    SECONDS,
    SHARE,
    UPDATES,
    Figure,
)
from servicedesk.reports.scopes import NoScope, Scope, read_scope
from servicedesk.reports.spoken import (
    MONTHS,
    NOTHING,
    day,
    due,
    duration,
    exactly,
    instant,
    japanese,
    kind,
    months,
    number,
    offered,
    period,
    short_month,
    spelled,
    versus,
    versus_year,
)
from servicedesk.reports.tables import BANDS, OTHERS, PARTNERS
from servicedesk.reports.waiting import ACCEPT, ANSWER, ASSIGN, HOLD, WORK, Waits
from servicedesk.setup.directory import REQUESTER, Directory

__all__ = [
    "MONTHS", "NOTHING", "day", "due", "duration", "exactly", "instant", "japanese", "kind",
    "months", "number", "offered", "period", "short_month", "spelled", "versus", "versus_year",
]  # fmt: skip


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
        MAJORS: _("major incidents"),
        UPDATES: _("updates"),
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
    """Name a table's row of one party, or of those that are not told apart."""
    return others(rows) if key == OTHERS else party(key, setup)


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


def scope_of(said: str, setup: Directory) -> str:
    """Name what a sealed report is about, also what has left the set-up since."""
    try:
        return scope(read_scope(said, setup), setup)
    except NoScope:
        return said.partition(":")[2]


def action_state(key: str) -> str:
    """Name what became of an action."""
    return {
        "open": pgettext("action", "Open"),
        "done": pgettext("action", "Done"),
        "dropped": pgettext("action", "Dropped"),
    }[key]


def event(kind: str) -> str:
    """Name what was recorded, without who did it; of a newer version its own name."""
    said = {
        "incident.logged": lambda: _("logged"),
        "incident.resolved": lambda: _("resolved"),
        "incident.reopened": lambda: _("reopened"),
        "incident.continued": lambda: _("continued under a new number"),
        "incident.cancelled": lambda: _("cancelled"),
        "incident.closed": lambda: _("closed"),
        "incident.prioritised": lambda: _("another priority"),
        "incident.reclassified": lambda: _("another service"),
        "incident.held": lambda: _("on hold"),
        "incident.started": lambda: _("in progress"),
        "wish.set": lambda: _("another date wished for"),
        "wish.confirmed": lambda: _("a date confirmed"),
        "promise.set": lambda: _("a date promised"),
        "exclusion.asked": lambda: _("an exclusion asked for"),
        "exclusion.approved": lambda: _("an exclusion approved"),
        "exclusion.refused": lambda: _("an exclusion refused"),
        "exclusion.withdrawn": lambda: _("an exclusion withdrawn"),
        "handoff.sent": lambda: _("handed off"),
        "handoff.accepted": lambda: _("a hand-off accepted"),
        "handoff.answered": lambda: _("a hand-off answered"),
        "handoff.sent_back": lambda: _("a hand-off sent back"),
        "handoff.recalled": lambda: _("a hand-off recalled"),
    }
    return said[kind]() if kind in said else kind.replace(".", " ").replace("_", " ")
