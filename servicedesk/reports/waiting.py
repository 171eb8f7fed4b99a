"""What an open incident waits for: the next action, and whose it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from servicedesk.incidents.story import HandOff, Story
from servicedesk.setup.directory import REQUESTER

ASSIGN, WORK, ACCEPT, ANSWER, HOLD = "assign", "work", "accept", "answer", "hold"


@dataclass(frozen=True, slots=True)
class Waits:
    """What has to happen next, who is to do it, since when, and by when if that is said."""

    action: str
    who: str  # a party, or the requester
    since: datetime
    until: datetime | None = None
    reason: str = ""  # of a hold


def waits(story: Story) -> Waits | None:
    """Say what an incident waits for; None if it is not open."""
    if not story.is_open:
        return None
    if hold := story.hold:
        who = REQUESTER if hold.reason == REQUESTER else story.given_to
        return Waits(HOLD, who, hold.start, hold.until, hold.reason)
    if handoff := story.handoff:
        return _of_handoff(story, handoff)
    if story.assignee is None:
        return Waits(ASSIGN, story.given_to, _since(story))
    return Waits(WORK, story.given_to, _since(story))


def _of_handoff(story: Story, handoff: HandOff) -> Waits:
    if handoff.accepted_at is None:
        return Waits(ACCEPT, handoff.receiver, handoff.sent_at, handoff.answer_by)
    return Waits(ANSWER, handoff.receiver, handoff.accepted_at, handoff.answer_by)


def _since(story: Story) -> datetime:
    """Give when whoever holds it got it."""
    return story.holdings[-1].start if story.holdings else story.logged_at
