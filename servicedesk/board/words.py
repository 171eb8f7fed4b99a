"""What the board and the morning page say, in the reader's language."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from flask_babel import gettext as _

from servicedesk import formats
from servicedesk.people.models import Person
from servicedesk.reports import words as reports
from servicedesk.reports.waiting import Waits


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
