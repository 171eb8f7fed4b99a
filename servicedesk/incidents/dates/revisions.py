"""D3: how wish and promise came to be: each with who, when, why, and what was answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask_babel import gettext as _

from servicedesk import formats
from servicedesk.event import Event
from servicedesk.incidents.dates.promises import ACCEPTED, answer_to
from servicedesk.incidents.models import Comment, DateChange


@dataclass(frozen=True)
class Revision:
    """A wish or promise as it was made, and the requester's answer to it."""

    kind: str  # requested, promised
    text: str
    note: str
    answer: str = ""
    why: str = ""  # it was declined, to who may read that


@dataclass(frozen=True)
class Revisions:
    """Tells an incident's dates in the reader's language."""

    zone: str
    names: Mapping[int, str]
    events: Sequence[Event]
    comments: Sequence[Comment]  # those that the reader may read

    def tell(self, dates: Sequence[DateChange]) -> list[Revision]:
        """Tell them in order, where there is more to say than the present ones."""
        more = any(change.reason or change.answer for change in dates)
        return [self._tell(change) for change in dates] if len(dates) > 1 or more else []

    def _tell(self, change: DateChange) -> Revision:
        text = formats.day(change.day, self.zone) if change.day else formats.moment(change.due)
        who = self.names.get(change.by_id or 0) or str(_("The desk"))
        parts = (date_state(change.state), f"{who}, {formats.moment(change.at)}", change.reason)
        note = " · ".join(part for part in parts if part)
        event = answer_to(self.events, change.n)
        if event is None:
            return Revision(change.kind, text or str(_("no date")), note)
        return Revision(change.kind, text, note, self._answer(event), self._why(event))

    def _answer(self, event: Event) -> str:
        who = self.names.get(event.actor or 0) or str(_("The requester"))
        said = {"who": who, "at": formats.moment(event.at)}
        if event.kind in ACCEPTED:
            return str(_("accepted by %(who)s, %(at)s", **said))
        return str(_("declined by %(who)s, %(at)s", **said))

    def _why(self, event: Event) -> str:
        wrote = event.data.get("comment")
        return next((comment.body for comment in self.comments if comment.id == wrote), "")


def date_state(state: str) -> str:
    """Name how a wish or promise stands."""
    names: dict[str, str] = {
        "proposed": _("to be confirmed"),
        "current": _("current"),
        "superseded": _("earlier"),
        "declined": _("declined"),
        "withdrawn": _("withdrawn"),
    }
    return names[state]


def answered(events: Sequence[Event], n: int) -> str:
    """Say how and when the requester answered a date; nothing where they did not."""
    event = answer_to(events, n)
    if event is None:
        return ""
    at = formats.moment(event.at)
    if event.kind in ACCEPTED:
        return str(_("accepted by the requester %(at)s", at=at))
    return str(_("declined by the requester %(at)s", at=at))


def answer_note(change: DateChange | None, *, agreed: bool) -> str:
    """Say in a word how the requester answered a promise that is not the date asked for."""
    if change is None:
        return ""
    if change.answer:
        return str(_("accepted") if change.answer == "accepted" else _("declined"))
    return "" if agreed else str(_("not answered yet"))
