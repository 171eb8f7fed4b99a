"""What the board and the morning page say, in the reader's language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import pgettext

from servicedesk import formats
from servicedesk.board.flow import Asked
from servicedesk.incidents.models import label
from servicedesk.people.models import Person
from servicedesk.reports import words as reports
from servicedesk.reports.waiting import Waits
from servicedesk.setup.directory import Directory, Party


def next_action(said: Waits) -> str:
    """Say what has to happen next, and by when if that was said."""
    text = reports.awaited(said)
    if said.until is None:
        return text
    return _("%(what)s by %(at)s", what=text, at=formats.moment(said.until))


def doubt(name: str) -> str:
    """Say why something will probably be missed."""
    return {
        "on_hold": _("on hold"),
        "sent": _("not accepted yet"),
        "unassigned": _("nobody works on it"),
        "past_target": _("past its next target"),
    }[name]


def tier(key: int) -> str:
    """Name a tier as short as a table's head needs it."""
    return _("Tier %(n)s", n=key) if key else _("Partners")


def flow_counts() -> list[tuple[str, str, dict[str, Any]]]:
    """Name what is counted of hand-offs, and say what narrows their list to it."""
    return [
        ("sent", _("Handed off"), {}),
        ("answered", _("Answered"), {"became": "answered"}),
        ("sent_back", _("Sent back"), {"became": "sent_back"}),
        ("again", _("To who had had it"), {"again": True}),
        ("out", _("Still out"), {"became": "out"}),
    ]


def directions() -> list[tuple[str, str]]:
    """Name the directions of hand-offs."""
    return [
        ("up", pgettext("direction", "up")),
        ("down", pgettext("direction", "down")),
        ("across", pgettext("direction", "across")),
        ("partner", pgettext("direction", "to a partner")),
        ("from-partner", pgettext("direction", "back from a partner")),
    ]


def became(state: str) -> str:
    """Say what became of a hand-off."""
    return {
        "out": _("still out"),
        "sent": _("not accepted yet"),
        "accepted": _("accepted"),
        "answered": _("answered"),
        "sent_back": _("sent back"),
        "recalled": _("recalled"),
        "passed_on": _("passed on"),
        "resolved_there": _("resolved there"),
    }[state]


def asked(said: Asked, setup: Directory) -> list[str]:
    """Say what a list of hand-offs is narrowed to."""
    sender, receiver = end(said.sender, setup), end(said.receiver, setup)
    sign = "⇄" if said.either else "→"
    parts = [
        f"{sender or '…'} {sign} {receiver or '…'}" if sender or receiver else "",
        dict(directions()).get(said.direction, ""),
        became(said.became) if said.became else "",
        _("to who had had it") if said.again else "",
        label(said.number) if said.number else "",
    ]
    return [part for part in parts if part]


def end(named: str, setup: Directory) -> str:
    """Name a tier, the partners or a party as an address does."""
    if named.startswith("tier:") and named[5:].isdigit():
        return tier(int(named[5:]))
    if named == "partners":
        return tier(0)
    party = setup.by_key.get(named) or setup.parties.get(named)
    return party.name if party else named


def receivers(to: str, parties: Sequence[Party]) -> str:
    """Name who work requests went to, with what follows set off."""
    if not to:
        return ""
    name = parties[0].name if len(parties) == 1 else tier(parties[0].tier) if parties else to
    return f"{name} · "


def requested(state: str) -> str:
    """H6: say how an open work request stands."""
    return {"sent": _("not accepted yet"), "accepted": _("accepted")}.get(state, state)


def change(difference: int) -> str:
    """Write a change with its sign."""
    sign = "+" if difference > 0 else "−" if difference < 0 else "±"
    return f"{sign}{abs(difference)}"


def full_day(said: date) -> str:
    """Write a day so that a sheet of paper can be told from yesterday's."""
    if formats.japanese():
        return f"{reports.day(said)}({formats.WEEKDAYS_JA[said.weekday()]})"
    return f"{formats.WEEKDAYS[said.weekday()]} {reports.day(said)}"


def direction(difference: int) -> str:
    """Say whether a change is for the worse: of all these, fewer are better."""
    return "worse" if difference > 0 else "better" if difference < 0 else "same"


def away(person: Person, today: date, zone: str) -> str:
    """Say until when somebody is away; nothing of who is there."""
    if not person.is_absent(today):
        return ""
    if person.absent_until is None:
        return _("away")
    return _("away until %(day)s", day=formats.day(person.absent_until, zone))


@dataclass(frozen=True)
class Section:
    """A section of the morning page: the view behind it, and its words."""

    view: str
    title: str
    note: str  # what belongs in it
    nothing: str  # said where it is empty
    tone: str = ""


def sections(days: int) -> list[Section]:
    """List the sections of the morning page; `days` is when a requester is first reminded."""
    return [
        Section(
            "today", _("Requested for today"), _("the requester's date is today"),
            _("Nothing is requested for today."),
        ),
        Section(
            "overdue", _("Overdue"), _("a date asked for, promised or targeted has passed"),
            _("Nothing is overdue."), "late",
        ),
        Section(
            "unaccepted", _("Not accepted in time"),
            _("handed off, and past the target for accepting, or without one for over an hour"),
            _("Nothing waits to be accepted for too long."),
        ),
        Section(
            "bounced", _("Came back lately"),
            _("sent back, or given again to who had had it, since the last working day"),
            _("Nothing came back."),
        ),
        Section(
            "waiting", _("Waiting too long"),
            _(
                "for its requester over %(n)s working days, or untouched for five",
                n=days,
            ),
            _("Nothing has waited too long."),
        ),
        Section(
            "fresh", _("Newly logged"), _("logged since the evening of the last working day"),
            _("Nothing new came in and is still open."),
        ),
    ]  # fmt: skip
