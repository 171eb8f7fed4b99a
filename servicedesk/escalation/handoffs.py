"""H1 to H4: what people do with a hand-off, each checking the rules and adding events."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask_babel import gettext as _

from servicedesk.errors import BadInput, Refused
from servicedesk.escalation import path
from servicedesk.incidents import lifecycle
from servicedesk.incidents.acts import Act, assign
from servicedesk.incidents.story import HandOff, Story
from servicedesk.setup.directory import Party
from servicedesk.sla.calendar import Calendar, NoWorkingTime
from servicedesk.times import iso, local_day


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
    by: int | None = None,
) -> HandOff:
    """H2: hand the incident to a group or partner; the note is given as digest.

    A history says of a hand-off whether it came with the resolution: then nobody holds by it.
    `by` is who wanted it, where that is not who lets it go now (H5).
    """
    check(act, to, note, answer_by)
    story = act.story
    if story.handoff and story.handoff.question:  # who is asked has it, and takes it back
        recall(act, story.handoff.n)
        if to.ref == story.given_to:
            return story.handoffs[-1]
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
        by=by,
        back=_past_partner(story),
    )
    if story.assignee and not act.imported:
        assign(act, None)
    return story.handoffs[-1]


def _past_partner(story: Story) -> str | None:
    """H2: name to whom it returns instead of a partner, which can't act on it."""
    before = story.handoff
    return before.returns_to if before and before.to_partner else None


def check(act: Act, to: Party, note: str | None, answer_by: datetime | None = None) -> None:
    """Refuse a hand-off that is not possible as things stand."""
    act.check("hand_off")
    if to.ref == act.story.given_to:
        raise Refused(_("%(name)s has this incident already.", name=to.name))
    if act.imported:
        return
    check_receiver(act, to)
    if not note:
        raise BadInput(_("Say in a sentence what you tried and what you need."))
    if answer_by and answer_by <= act.now:
        raise BadInput(_("The date of the answer must lie ahead."))


def check_receiver(act: Act, to: Party) -> None:
    """Refuse a group or partner that takes nothing more, today at least."""
    if not to.active:
        raise Refused(_("%(name)s takes no hand-offs any more.", name=to.name))
    if not to.takes(local_day(act.now, act.directory.zone)):
        raise Refused(_("The contract with %(name)s does not hold today.", name=to.name))


def accept(act: Act, n: int) -> None:
    """H2: the receiver accepts."""
    if _open(act, n).accepted_at:
        raise Refused(_("This hand-off is accepted already."))
    act.record("handoff.accepted", n=n)


def ask(act: Act, n: int, text: str | None) -> None:
    """H2: the receiver asks (text as digest); the sender holds it until the question is answered.

    It lands with whoever sent it.
    """
    handoff = _open(act, n)
    if handoff.question:
        raise Refused(_("A question waits for its answer already."))
    if not text:
        raise BadInput(_("Please write the question."))
    act.record("handoff.asked", n=n, text=text)
    assign(act, _sender(act, handoff))


def reply(act: Act, n: int, text: str | None) -> None:
    """H2: the sender answers the question (text as digest); the receiver holds it again."""
    handoff = _open(act, n)
    question = handoff.question
    if question is None:
        raise Refused(_("No question waits for an answer."))
    if not text:
        raise BadInput(_("Please write the answer."))
    act.record("handoff.replied", n=n, text=text)
    assign(act, None if handoff.to_partner else question.asked_by)


def answer(act: Act, n: int, text: str | None) -> None:
    """H4: the receiver answers (text as digest); the sender has the incident again."""
    handoff = _open(act, n)
    if not text:
        raise BadInput(_("Please write the answer."))
    if not handoff.accepted_at:
        act.record("handoff.accepted", n=n)
    _give_back(act, handoff, "handoff.answered", text)


def refuse_answer(act: Act, n: int, text: str | None) -> None:
    """H2: the sender does not take the answer (why: as digest); the same hand-off goes on."""
    if not can_refuse(act, n):
        raise Refused(_("Only the last answer can be refused, while the incident is open."))
    if not text:
        raise BadInput(_("Please say what is missing in the answer."))
    act.record("handoff.answer_refused", n=n, text=text)
    assign(act, None)


def can_refuse(act: Act, n: int) -> bool:
    """H2: say whether a hand-off's answer is the last word, on what is still open."""
    last = act.story.handoffs[-1] if act.story.handoffs else None
    answered = last is not None and last.n == n and last.state == "answered"
    return answered and act.story.state in lifecycle.OPEN


def send_back(act: Act, n: int, reason: str | None) -> None:
    """H4: the receiver sends it back, with a reason (as digest)."""
    handoff = _open(act, n)
    if not reason:
        raise BadInput(_("Please say why you send it back."))
    _give_back(act, handoff, "handoff.sent_back", reason)


def recall(act: Act, n: int, reason: str | None = None) -> None:
    """H4: the sender takes back what is not yet answered."""
    _give_back(act, _open(act, n), "handoff.recalled", reason)


def nudge(act: Act, n: int) -> None:
    """Press for an answer (催促): once in a working day of the receiver's."""
    handoff = _open(act, n)
    if handoff.question:
        raise Refused(_("The receiver waits for an answer of the desk."))
    again = next_nudge(handoff, act.directory.calendar_of(handoff.receiver, act.now))
    if again is None or again > act.now:
        raise Refused(_("The receiver was pressed today already: again on its next working day."))
    act.record("handoff.nudged", n=n)


def next_nudge(handoff: HandOff, calendar: Calendar) -> datetime | None:
    """Give from when on a receiver can be pressed: when its next working day after the last begins.

    None where it has no working time any more.
    """
    if not handoff.nudges:
        return handoff.sent_at
    try:
        return calendar.next_day(handoff.nudges[-1])
    except NoWorkingTime:
        return None


def _give_back(act: Act, handoff: HandOff, kind: str, text: str | None) -> None:
    """End the hand-off; who sent it has it on the desk again."""
    said: dict[str, Any] = {"n": handoff.n, "text": text}
    act.record(kind, **said)
    assign(act, _sender(act, handoff))


def _sender(act: Act, handoff: HandOff) -> int | None:
    """Give who sent it, if it returns to their group."""
    return handoff.sent_by if handoff.returns_to.startswith("group:") else None


def _open(act: Act, n: int) -> HandOff:
    handoff = act.story.handoff
    if handoff is None or handoff.n != n:
        raise Refused(_("This hand-off has ended already."))
    return handoff
