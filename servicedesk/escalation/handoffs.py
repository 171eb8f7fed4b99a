"""H1 to H4: what people do with a hand-off, each checking the rules and adding events."""

from __future__ import annotations

from datetime import datetime

from flask_babel import gettext as _

from servicedesk.errors import BadInput, Refused
from servicedesk.escalation import path
from servicedesk.incidents.acts import Act, assign
from servicedesk.incidents.story import HandOff
from servicedesk.setup.directory import Party
from servicedesk.times import iso


def send(
    act: Act,
    to: Party,
    *,
    reason: str | None = None,
    note: str | None = None,
    answer_by: datetime | None = None,
    share: bool = False,
    accepted: bool = False,
    resolving: bool = False,
) -> HandOff:
    """H2: hand the incident to a group or partner; the note is given as digest.

    A history says of a hand-off whether it came with the resolution: then nobody holds by it.
    """
    act.check("hand_off")
    story = act.story
    if to.ref == story.given_to:
        raise Refused(_("%(name)s has this incident already.", name=to.name))
    if not act.imported:
        _check_receiver(act, to, note, answer_by)
    sender = act.directory.party(story.given_to)
    act.record(
        "handoff.sent",
        to=to.ref,
        tier=to.tier,
        direction=path.direction(sender.tier, to.tier),
        reason=reason,
        note=note,
        answer_by=iso(answer_by),
        share=share or None,
        accepted=accepted or None,
        resolving=resolving or None,
    )
    if story.assignee and not act.imported:
        assign(act, None)
    return story.handoffs[-1]


def _check_receiver(act: Act, to: Party, note: str | None, answer_by: datetime | None) -> None:
    if not to.active:
        raise Refused(_("%(name)s takes no hand-offs any more.", name=to.name))
    if not note:
        raise BadInput(_("Say in a sentence what you tried and what you need."))
    if answer_by and answer_by <= act.now:
        raise BadInput(_("The date of the answer must lie ahead."))


def accept(act: Act, n: int) -> None:
    """H2: the receiver accepts."""
    if _open(act, n).accepted_at:
        raise Refused(_("This hand-off is accepted already."))
    act.record("handoff.accepted", n=n)


def answer(act: Act, n: int, text: str | None) -> None:
    """H4: the receiver answers (text as digest); the sender has the incident again."""
    handoff = _open(act, n)
    if not text:
        raise BadInput(_("Please write the answer."))
    if not handoff.accepted_at:
        act.record("handoff.accepted", n=n)
    _give_back(act, handoff, "handoff.answered", text)


def send_back(act: Act, n: int, reason: str | None) -> None:
    """H4: the receiver sends it back, with a reason (as digest)."""
    handoff = _open(act, n)
    if not reason:
        raise BadInput(_("Please say why you send it back."))
    _give_back(act, handoff, "handoff.sent_back", reason)


def recall(act: Act, n: int, reason: str | None = None) -> None:
    """H4: the sender takes back what is not yet answered."""
    _give_back(act, _open(act, n), "handoff.recalled", reason)


def _give_back(act: Act, handoff: HandOff, kind: str, text: str | None) -> None:
    """End the hand-off; who sent it has it on the desk again."""
    act.record(kind, n=handoff.n, text=text)
    assign(act, handoff.sent_by if handoff.sender.startswith("group:") else None)


def _open(act: Act, n: int) -> HandOff:
    handoff = act.story.handoff
    if handoff is None or handoff.n != n:
        raise Refused(_("This hand-off has ended already."))
    return handoff
