"""What hand-offs, returns and work requests change in the story of an incident."""

from __future__ import annotations

from datetime import datetime

from servicedesk.event import Event
from servicedesk.incidents.episodes import HandOff, Question, Return, WorkRequest
from servicedesk.incidents.handlers import Data, Handler, instant, on
from servicedesk.incidents.story import Story


def give(story: Story, ref: str, tier: int) -> None:
    """H1: let a party have the incident."""
    story.given_to = ref
    story.given.add(ref)
    story.tiers.add(tier)


def withdraw_proposal(story: Story, at: datetime) -> None:
    """H5: what goes elsewhere, or ends, leaves nothing to decide."""
    if proposal := story.proposal:
        proposal.state, proposal.decided_at = "withdrawn", at


def withdraw_requests(story: Story, at: datetime) -> None:
    """H6: nobody works for what is closed or cancelled."""
    for request in story.requests:
        if request.is_open:
            request.state, request.ended_at = "withdrawn", at


def end_handoff(handoff: HandOff, at: datetime, outcome: str = "resolved_there") -> None:
    """H2: a group has resolved it there; a partner does not, what it had is recalled."""
    handoff.state = "recalled" if handoff.to_partner else outcome
    handoff.ended_at = at


@on("handoff.sent")
def _sent(story: Story, event: Event, data: Data) -> None:
    if story.handoff:
        story.handoff.state, story.handoff.ended_at = "passed_on", event.at
    withdraw_proposal(story, event.at)
    receiver = data["to"]
    is_return = receiver in story.given  # H5
    story.returns += is_return
    handoff = HandOff(
        len(story.handoffs) + 1,
        story.given_to,
        receiver,
        data["direction"],
        is_return,
        event.at,
        data.get("by", event.actor),
        instant(data.get("answer_by")),
        returns_to=data.get("back", story.given_to),
    )
    story.handoffs.append(handoff)
    if data.get("resolving"):
        story.kept_by = story.kept_by or story.given_to
    give(story, receiver, data["tier"])
    if data.get("accepted"):  # a history knows no acceptance of its own
        handoff.state, handoff.accepted_at = "accepted", event.at
    if data.get("resolving") or not story.is_open:  # in a history: a hand-off, but no holding
        end_handoff(handoff, event.at)


@on("handoff.accepted")
def _accepted(story: Story, event: Event, data: Data) -> None:
    handoff = story.handoffs[data["n"] - 1]
    handoff.state, handoff.accepted_at = "accepted", event.at


def _returned(state: str) -> Handler:
    """H4: the sender gets it back."""

    def handler(story: Story, event: Event, data: Data) -> None:
        handoff = story.handoffs[data["n"] - 1]
        if question := handoff.question:
            question.dropped = True  # should the answer be refused, nobody waits for a reply
        handoff.state, handoff.ended_at = state, event.at
        story.given_to = handoff.returns_to

    return handler


for _kind in ("answered", "sent_back", "recalled"):
    on(f"handoff.{_kind}")(_returned(_kind))


@on("handoff.asked")
def _asked(story: Story, event: Event, data: Data) -> None:
    story.handoffs[data["n"] - 1].questions.append(Question(event.seq, event.at, event.actor))


@on("handoff.replied")
def _replied(story: Story, event: Event, data: Data) -> None:
    if question := story.handoffs[data["n"] - 1].question:
        question.replied_at = event.at


@on("handoff.answer_refused")
def _answer_refused(story: Story, event: Event, data: Data) -> None:
    """H2: the same hand-off goes on, and so do its clocks."""
    handoff = story.handoffs[data["n"] - 1]
    handoff.state, handoff.ended_at = "accepted", None
    handoff.refusals += 1
    story.given_to = handoff.receiver


@on("handoff.nudged")
def _nudged(story: Story, event: Event, data: Data) -> None:
    story.handoffs[data["n"] - 1].nudges.append(event.at)


@on("return.asked")
def _return_asked(story: Story, event: Event, data: Data) -> None:
    asked = Return(event.seq, story.given_to, data["to"], event.at, event.actor)
    asked.answer_by, asked.share = instant(data.get("answer_by")), bool(data.get("share"))
    story.proposals.append(asked)


def _return(state: str) -> Handler:
    def handler(story: Story, event: Event, data: Data) -> None:
        if proposal := story.proposal:
            proposal.state, proposal.decided_by, proposal.decided_at = state, event.actor, event.at

    return handler


for _state in ("allowed", "refused", "withdrawn", "lapsed"):
    on(f"return.{_state}")(_return(_state))


@on("work.requested")
def _work_requested(story: Story, event: Event, data: Data) -> None:
    n = len(story.requests) + 1
    request = WorkRequest(n, data["from"], data["to"], event.at, event.actor)
    request.due, request.must_finish = instant(data.get("due")), bool(data.get("must_finish"))
    story.requests.append(request)


@on("work.accepted")
def _work_accepted(story: Story, event: Event, data: Data) -> None:
    request = story.requests[data["n"] - 1]
    request.state, request.accepted_at = "accepted", event.at


def _work_ended(state: str) -> Handler:
    def handler(story: Story, event: Event, data: Data) -> None:
        request = story.requests[data["n"] - 1]
        request.state, request.ended_at = state, event.at

    return handler


for _state in ("done", "sent_back", "withdrawn"):
    on(f"work.{_state}")(_work_ended(_state))
