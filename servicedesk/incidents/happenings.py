"""What each kind of event changes in the story of an incident."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from servicedesk.event import Event
from servicedesk.incidents import episodes, lifecycle
from servicedesk.incidents.episodes import (
    Acknowledgement,
    DateEntry,
    Exclusion,
    Firing,
    Hold,
    Holding,
)
from servicedesk.incidents.handlers import HANDLERS, Data, Handler, instant, on
from servicedesk.incidents.hands import end_handoff, give, withdraw_proposal, withdraw_requests
from servicedesk.incidents.majors import end_major, end_proposal
from servicedesk.incidents.story import ASKED, GRANTED, REFUSED, Story

UNTOUCHING = frozenset({"steps.passed", "agreement.applied"})  # nobody took care of it


def tell(events: Iterable[Event]) -> Story:
    """Add events up to a story."""
    story = Story()
    for event in events:
        happen(story, event)
    return story


def happen(story: Story, event: Event) -> None:
    """Take the next event into a story; kinds that change nothing here are let pass."""
    story.seq, story.changed_at = event.seq, event.at
    handler = HANDLERS.get(event.kind)
    if handler:
        handler(story, event, event.data)
    if _touches(story, event):
        story.touched, story.touched_at = event.seq, event.at
    _hold_on(story, event.at)


def _touches(story: Story, event: Event) -> bool:
    """E1: what the requester writes, or the desk does by itself, is no touch by the desk."""
    if event.kind in UNTOUCHING or event.kind.startswith("exclusion."):
        return False
    if event.kind.startswith(("incident.logged", "handoff.")) or event.data.get("imported"):
        return True
    return event.actor is not None and event.actor != story.requester


def _hold_on(story: Story, at: datetime) -> None:
    """H1: end the last holding where the holder changed, and begin the next."""
    last = story.holdings[-1] if story.holdings else None
    lasting = last.holder if last and last.end is None else None
    if lasting == story.holder:
        return
    if last and last.end is None:
        last.end = at
    if story.holder:
        story.holdings.append(Holding(story.holder, at))


@on("incident.logged")
def _logged(story: Story, event: Event, data: Data) -> None:
    story.state, story.logged_at = lifecycle.NEW, event.at
    story.type, story.channel = data["type"], data["channel"]
    story.confidential = data.get("confidential", False)
    story.requester, story.logged_by = data["requester"], data.get("logged_by")
    story.service, story.agreement = data["service"], data["agreement"]
    story.impact, story.urgency = data["impact"], data["urgency"]
    story.priority = data["priority"]
    story.desk_group = data["desk_group"]
    give(story, data["given_to"], data["tier"])
    story.parent = data.get("parent")
    if data.get("response"):  # C13: logging a call while talking to the requester
        story.first_response_at = event.at


def _end_hold(story: Story, at: datetime) -> None:
    if story.hold:
        story.hold.end = at


@on("incident.started")
def _started(story: Story, event: Event, data: Data) -> None:
    _end_hold(story, event.at)
    story.state = lifecycle.IN_PROGRESS


@on("incident.requeued")
def _requeued(story: Story, event: Event, data: Data) -> None:
    _end_hold(story, event.at)
    story.state = lifecycle.NEW


@on("incident.held")
def _held(story: Story, event: Event, data: Data) -> None:
    _end_hold(story, event.at)
    if story.state != lifecycle.ON_HOLD:
        story.held_from = story.state
    story.state = lifecycle.ON_HOLD
    imported = bool(data.get("imported"))
    until = None if imported else instant(data.get("until"))
    story.holds.append(Hold(data["reason"], event.at, until=until, imported=imported))


@on("incident.resolved")
def _resolved(story: Story, event: Event, data: Data) -> None:
    _finish(story, event.at, data)
    story.state = lifecycle.RESOLVED
    story.resolution_code = data.get("code") or story.resolution_code


@on("incident.closed")
def _closed(story: Story, event: Event, data: Data) -> None:
    _finish(story, event.at, data)
    story.state = lifecycle.CLOSED
    story.closed_at = event.at
    withdraw_requests(story, event.at)
    end_major(story, event.at)


def _finish(story: Story, at: datetime, data: Data) -> None:
    """End what an open incident still has open; nothing where it was not open (C12)."""
    if not story.is_open:
        return
    _end_all(story, at, data, "resolved_there")
    story.resolved_at = at
    story.first_response_at = story.first_response_at or at  # C13


def _end_all(story: Story, at: datetime, data: Data, outcome: str) -> None:
    """End the hold and the hand-off; who recalls it from a partner has it again."""
    _end_hold(story, at)
    story.ended_by_history = bool(data.get("imported"))
    if story.approval == ASKED:
        story.approval = None
    story.kept_by = ""
    withdraw_proposal(story, at)
    end_proposal(story, at)
    if handoff := story.handoff:
        end_handoff(handoff, at, outcome)
        if handoff.to_partner and not data.get("imported"):  # a history says itself who has it
            story.given_to = handoff.returns_to


@on("incident.cancelled")
def _cancelled(story: Story, event: Event, data: Data) -> None:
    if story.is_open:
        _end_all(story, event.at, data, "recalled")
        story.cancelled_at = event.at
    withdraw_requests(story, event.at)
    end_major(story, event.at)
    story.state = lifecycle.CANCELLED
    story.duplicate_of = data.get("duplicate_of")


@on("incident.reopened")
def _reopened(story: Story, event: Event, data: Data) -> None:
    if story.resolved_at:  # only a history goes on with what was cancelled
        story.reopened_at.append(event.at)
    story.ended.append((story.cancelled_at or story.resolved_at or event.at, event.at))
    story.state = lifecycle.IN_PROGRESS
    story.resolved_at = story.closed_at = story.cancelled_at = None


@on("incident.assigned")
def _assigned(story: Story, event: Event, data: Data) -> None:
    story.assignee, story.assigned_at = data.get("assignee"), event.at


@on("incident.prioritised")
def _prioritised(story: Story, event: Event, data: Data) -> None:
    story.impact, story.urgency = data["impact"], data["urgency"]
    story.priority = data["priority"]
    story.lowered += bool(data.get("lowered"))


@on("incident.reclassified")
def _reclassified(story: Story, event: Event, data: Data) -> None:
    story.service, story.agreement = data["service"], data["agreement"]
    story.type = data.get("type", story.type)
    story.confidential = data.get("confidential", story.confidential)


@on("incident.requester_changed")
def _requester_changed(story: Story, event: Event, data: Data) -> None:
    story.requester = data["requester"]


@on("incident.continued")
def _continued(story: Story, event: Event, data: Data) -> None:
    story.continued += 1


@on("approval.asked")
def _approval_asked(story: Story, event: Event, data: Data) -> None:
    story.approval, story.approver, story.asking = ASKED, data["approver"], event.seq
    story.decided_at = story.decided_by = None


@on("approval.withdrawn")
def _approval_withdrawn(story: Story, event: Event, data: Data) -> None:
    story.approval = None


def _decided(outcome: str) -> Handler:
    def handler(story: Story, event: Event, data: Data) -> None:
        story.approval, story.decided_at, story.decided_by = outcome, event.at, event.actor

    return handler


for _outcome in (GRANTED, REFUSED):
    on(f"approval.{_outcome}")(_decided(_outcome))


def _reminded(story: Story, event: Event, data: Data) -> None:
    """Note when whoever is waited for was reminded: later than due where the desk stood still."""
    if story.hold:
        story.hold.reminded.append(instant(data.get("sent")) or event.at)


for _kind in ("requester.reminded", "approver.reminded"):
    on(_kind)(_reminded)


@on("comment.added")
def _commented(story: Story, event: Event, data: Data) -> None:
    if data.get("response"):
        story.first_response_at = story.first_response_at or event.at


@on("step.fired")
def _step_fired(story: Story, event: Event, data: Data) -> None:
    due = instant(data["due"]) or event.at
    told = tuple(data.get("told") or ())
    story.fired[data["policy"], data["step"], data["cycle"]] = Firing(due, event.at, told)


@on("steps.passed")
def _steps_passed(story: Story, event: Event, data: Data) -> None:
    for policy, step, cycle, due in data["steps"]:
        story.fired[policy, step, cycle] = Firing(instant(due) or event.at)


@on("step.acknowledged")
def _step_acknowledged(story: Story, event: Event, data: Data) -> None:
    named = data["policy"], data["step"], data["cycle"]
    story.acknowledged[named] = Acknowledgement(event.at, event.actor)


@on("wish.set")
def _wished(story: Story, event: Event, data: Data) -> None:
    _date(story, event, data, "requested")


@on("promise.set")
def _promised(story: Story, event: Event, data: Data) -> None:
    _date(story, event, data, "promised")


def _date(story: Story, event: Event, data: Data, kind: str) -> None:
    proposed = bool(data.get("proposed"))
    if not proposed:
        episodes.supersede(story.dates, kind)
    day = date.fromisoformat(data["day"]) if data.get("day") else None
    made = DateEntry(event.seq, kind, day, instant(data.get("due")), event.at, event.actor)
    made.state, made.rush = "proposed" if proposed else "current", data.get("rush")
    story.dates.append(made)


@on("wish.confirmed")
def _wish_confirmed(story: Story, event: Event, data: Data) -> None:
    confirmed = episodes.entry(story.dates, data["n"])
    episodes.supersede(story.dates, "requested")
    confirmed.state, confirmed.confirmed_at = "current", event.at


@on("wish.declined")
def _wish_declined(story: Story, event: Event, data: Data) -> None:
    episodes.entry(story.dates, data["n"]).state = "declined"


@on("promise.accepted")
def _promise_accepted(story: Story, event: Event, data: Data) -> None:
    episodes.entry(story.dates, data["n"]).answer = "accepted"


@on("promise.declined")
def _promise_declined(story: Story, event: Event, data: Data) -> None:
    episodes.entry(story.dates, data["n"]).answer = "declined"


@on("agreement.applied")
def _agreement_applied(story: Story, event: Event, data: Data) -> None:
    story.applied[data["agreement"]] = data["version"]


@on("exclusion.asked")
def _exclusion_asked(story: Story, event: Event, data: Data) -> None:
    since, until = datetime.fromisoformat(data["start"]), datetime.fromisoformat(data["end"])
    clocks = tuple(data["clocks"])
    asked = Exclusion(event.seq, since, until, clocks, event.actor, event.at)
    asked.asked_as = data.get("role", "")
    story.exclusions.append(asked)


def _exclusion(state: str) -> Handler:
    def handler(story: Story, event: Event, data: Data) -> None:
        one = next(one for one in story.exclusions if one.n == data["n"])
        one.state, one.decided_by, one.decided_at = state, event.actor, event.at
        one.decided_as = data.get("role", "")

    return handler


for _state in ("approved", "refused", "withdrawn"):
    on(f"exclusion.{_state}")(_exclusion(_state))
