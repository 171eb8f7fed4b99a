"""Where an incident stands, in plain words for its requester."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from flask_babel import gettext as _

from servicedesk import formats
from servicedesk.incidents.chips import Chips
from servicedesk.incidents.dates.promises import waits
from servicedesk.incidents.detail import holder
from servicedesk.incidents.models import DateChange, Incident
from servicedesk.setup.directory import Directory


def next_act(incident: Incident) -> str:
    """Choose the one obvious next action of the requester."""
    if incident.state == "resolved":
        return "confirm"
    return "answer" if incident.hold_reason == "requester" else "look"


def standing(incident: Incident) -> str:
    """Say where it stands in a sentence."""
    if incident.hold_reason == "requester":
        return str(_("We asked you something and wait for your answer."))
    if incident.approval == "asked":
        return str(_("It waits for approval; then the desk begins."))
    if incident.state in ("resolved", "closed") and incident.resolution_code == "no_answer":
        return str(_("We heard nothing more from you, so we took it as settled."))
    if incident.state == "cancelled" and incident.approval == "refused":
        return str(_("It was not approved."))
    sentences: dict[str, str] = {
        "new": _("We have it. Somebody will look at it soon."),
        "in_progress": _("Somebody is working on it."),
        "on_hold": _("It waits for something else; we keep an eye on it."),
        "resolved": incident.resolution_text or _("We think it is solved. Is it?"),
        "closed": incident.resolution_text or _("Solved and closed."),
        "cancelled": _("Cancelled."),
    }
    return sentences[incident.state]


def what_next(incident: Incident) -> str:
    """Say what the requester can do now."""
    sentences: dict[str, str] = {
        "answer": _("Write your answer below: the work then goes on at once."),
        "confirm": _("Please say whether it is solved. If not, the work goes on."),
        "look": _("Anything to add? Write it below; the desk sees it at once."),
    }
    if incident.state == "closed":
        return str(_("If it comes back, continue it: it gets a new number."))
    if incident.state == "cancelled":
        return str(_("If it comes back, report it anew and mention this number."))
    return sentences[next_act(incident)]


def is_later(incident: Incident, dates: Iterable[DateChange], now: datetime) -> bool:
    """Say whether the desk promises a later date than was asked for, and nobody agreed to that."""
    wish, promise = incident.requested_due, incident.promised_due
    if not incident.holder or not wish or not promise or promise <= wish or promise <= now:
        return False
    current = (d for d in dates if d.kind == "promised" and d.state == "current")
    return not any(d.answer == "accepted" for d in current)


def facts(
    incident: Incident, setup: Directory, now: datetime, dates: Iterable[DateChange] = ()
) -> list[dict[str, Any]]:
    """Give who has it, the date asked for, and the date promised or the end.

    A promise that is later than the wish warns, until it is agreed to.
    """
    chips, has = Chips(setup, now), holder(setup, incident)
    shown = [("flag", _("Requested"), chips.requested(incident))]
    if incident.promised_due or not incident.resolved_at:
        promised = chips.promised(incident)
        if promised.tone == "quiet" and is_later(incident, dates, now):
            promised = replace(promised, tone="soon")
        shown.append(("diamond", _("Promised"), promised))
    told: list[dict[str, Any]] = [
        {"glyph": glyph, "label": label, "value": chip.text, "tone": chip.tone}
        for glyph, label, chip in shown
    ]
    if has:
        name = _("you") if has.kind == "requester" else has.name
        tile = (has.kind, has.tier)
        told.insert(0, {"glyph": "user", "label": _("With"), "value": name, "tile": tile})
    if incident.resolved_at:
        at = formats.moment(incident.resolved_at)
        told.append({"glyph": "check", "label": _("Solved"), "value": at, "tone": "met"})
    return told


def steps(incident: Incident) -> list[dict[str, str]]:
    """Draw received → in progress → solved."""
    asking, approving = incident.hold_reason == "requester", incident.approval == "asked"
    at = {"new": 0, "in_progress": 1, "on_hold": 1}.get(incident.state, 2)
    middle = _("Waits for your answer") if asking else _("In progress")
    middle = _("Waits for approval") if approving else middle
    marks = ["done" if n < at else "now" if n == at else "todo" for n in range(3)]
    if asking:
        marks[1] = "ask"
    if at == 2:
        marks = ["done", "done", "done"]
    last = _("Cancelled") if incident.state == "cancelled" else _("Solved")
    labels = (_("Received"), middle, last)
    return [{"label": label, "step": mark} for label, mark in zip(labels, marks, strict=True)]


@dataclass(frozen=True)
class Question:
    """A date that waits for the requester's answer."""

    n: int
    kind: str  # requested, promised
    text: str
    reason: str | None


def questions(
    incident: Incident, dates: Sequence[DateChange], setup: Directory, now: datetime
) -> Iterator[Question]:
    """Give the dates that the requester is asked about."""
    for change in dates:
        if waits(incident, change, now):
            yield Question(change.n, change.kind, question(change, setup), change.reason)


def question(change: DateChange, setup: Directory) -> str:
    """Ask about a date that is offered, or was noted."""
    date = formats.day(change.day, setup.zone) if change.day else formats.moment(change.due)
    if change.kind == "promised":
        return str(_("We can promise %(date)s. Is that all right?", date=date))
    return str(_("We noted that you now need it by %(date)s. Is that right?", date=date))
