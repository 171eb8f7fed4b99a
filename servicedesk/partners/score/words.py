"""How a partner's score is named and written, in the language of the moment."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import ngettext, pgettext

from servicedesk.partners.score.measures import NUDGES, OF_REQUESTS, QUESTIONS, REFUSALS, REQUESTS
from servicedesk.partners.score.spans import Days
from servicedesk.reports import words as reports
from servicedesk.reports.cases import Case
from servicedesk.reports.figures import Figure
from servicedesk.reports.periods import Period
from servicedesk.sla.agreement import Target


def period(said: Period) -> str:
    """Write a period: its months, or its days."""
    if isinstance(said, Days):
        return f"{reports.day(said.first)} – {reports.day(said.last_day)}"
    return reports.period(said)


def versus(said: Period) -> str:
    """Name what a period is compared with."""
    if isinstance(said, Days):
        return _("vs as many days before")
    return reports.versus(said)


def group(key: str) -> str:
    """Name a group of figures."""
    return {
        "contract": _("Against the contract"),
        "handoffs": _("Hand-offs"),
        "time": _("Time"),
        "requests": _("Work requests"),
    }[key]


def unit(figure: Figure) -> str:
    """Name a figure's unit."""
    names = {
        REFUSALS: _("refusals"),
        QUESTIONS: _("questions"),
        NUDGES: _("nudges"),
        REQUESTS: _("work requests"),
    }
    return names.get(figure.unit) or reports.unit(figure)


def name(figure: Figure) -> str:
    """Name a figure on the page of one company."""
    names = {
        "partner.acceptance": _("Accepted in time"),
        "partner.answer": _("Answered in time"),
        "partner.holding": _("Held within target"),
    }
    return names.get(figure.id) or _(figure.name)


def clock(kind: str) -> str:
    """Name what a contract has a target for."""
    names: dict[str, str] = {
        "acceptance": _("Accept"),
        "answer": _("Answer"),
        "holding": pgettext("clock", "Holding"),
    }
    return names[kind]


def target(said: Target | None) -> str:
    """Write a target of a contract: `30 min`, `4 h`, `2 working days`; none: `–`."""
    if said is None:
        return reports.NOTHING
    if said.days:
        return ngettext("%(num)s working day", "%(num)s working days", said.days)
    hours, rest = divmod(said.minutes or 0, 60)
    if not hours:
        return _("%(n)d min", n=rest)
    return _("%(h)d h %(m)02d", h=hours, m=rest) if rest else _("%(n)d h", n=hours)


def which(figure: Figure, case: Case) -> str:
    """Say which hand-off or work request of its incident a case is about."""
    if case.handoff is None:
        return ""
    if figure.id in OF_REQUESTS:
        return _("work request %(n)s", n=case.handoff)
    return _("hand-off %(n)s", n=case.handoff)


def state(key: str) -> str:
    """Name where a hand-off or a work request stands."""
    return {
        "sent": _("to accept"),
        "accepted": _("in work"),
        "asked": _("question asked"),
        "answered": _("answered"),
        "sent_back": _("sent back"),
        "recalled": _("recalled"),
        "passed_on": _("passed on"),
        "resolved_there": _("resolved"),
        "done": _("done"),
        "withdrawn": _("withdrawn"),
    }[key]
