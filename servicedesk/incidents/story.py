"""The story of one incident: what its events add up to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from servicedesk.event import Event
from servicedesk.incidents import episodes, lifecycle
from servicedesk.incidents.episodes import DateEntry, Fired, HandOff, Hold, Holding

__all__ = ["REQUESTER", "DateEntry", "Fired", "HandOff", "Hold", "Holding", "Story", "tell"]

REQUESTER = "requester"
APPROVAL, ASKED, GRANTED, REFUSED = "approval", "asked", "granted", "refused"
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)  # before anything was logged


@dataclass
class Story:
    """What is so after the events so far; `apply` takes the next one."""

    seq: int = 0
    state: str = ""
    type: str = "incident"
    channel: str = "portal"
    confidential: bool = False
    requester: int = 0
    logged_by: int | None = None
    service: int = 0
    agreement: int = 0
    impact: int = 2
    urgency: int = 2
    priority: str = "P3"
    desk_group: str = ""
    given_to: str = ""  # the party it was given to last; holds unless the requester does
    kept_by: str = ""  # who holds on to the end what a history hands off as it resolves it
    assignee: int | None = None
    resolution_code: str | None = None
    duplicate_of: int | None = None
    logged_at: datetime = BEGINNING
    changed_at: datetime = BEGINNING
    first_response_at: datetime | None = None
    resolved_at: datetime | None = None
    closed_at: datetime | None = None
    cancelled_at: datetime | None = None
    ended_by_history: bool = False  # imported: no closing by time
    reopened_at: list[datetime] = field(default_factory=list)
    continued: int = 0  # under new numbers, once it was closed
    parent: int | None = None  # what it goes on with
    approval: str | None = None  # asked, granted, refused; None: not asked (any more)
    approver: int | None = None  # asked last
    asking: int = 0  # sequence number of the event with which approval was asked
    decided_at: datetime | None = None  # granted or refused
    decided_by: int | None = None
    held_from: str = lifecycle.NEW  # the state before it was put on hold
    ended: list[tuple[datetime, datetime]] = field(default_factory=list)  # before each reopening
    returns: int = 0
    lowered: int = 0  # C9
    tiers: set[int] = field(default_factory=set)  # of all parties it was given to; 0: a partner
    given: set[str] = field(default_factory=set)
    holdings: list[Holding] = field(default_factory=list)
    handoffs: list[HandOff] = field(default_factory=list)
    holds: list[Hold] = field(default_factory=list)
    dates: list[DateEntry] = field(default_factory=list)
    assigned_at: datetime = BEGINNING  # when the assignee last changed
    touched: int = 0  # the last line by which somebody of the desk or a partner took care of it
    touched_at: datetime = BEGINNING
    fired: dict[Fired, tuple[datetime, datetime | None]] = field(default_factory=dict)

    @property
    def is_open(self) -> bool:
        """Say whether the incident is not yet resolved, closed or cancelled."""
        return self.state in lifecycle.OPEN

    @property
    def hold(self) -> Hold | None:
        """Give the hold that lasts, if the incident is on hold."""
        return self.holds[-1] if self.state == lifecycle.ON_HOLD else None

    @property
    def holder(self) -> str | None:
        """H1: say who holds the incident, if it is open."""
        if not self.is_open:
            return None
        if self.hold and self.hold.reason == REQUESTER:
            return REQUESTER
        return self.kept_by or self.given_to

    @property
    def handoff(self) -> HandOff | None:
        """Give the hand-off that waits for its answer, if there is one."""
        return self.handoffs[-1] if self.handoffs and self.handoffs[-1].is_open else None

    @property
    def reopened(self) -> int:
        """Count how often it was reopened."""
        return len(self.reopened_at)

    def current(self, kind: str) -> DateEntry | None:
        """Give the wish or promise that counts now."""
        found = (d for d in reversed(self.dates) if d.kind == kind and d.state == "current")
        newest = next(found, None)
        return newest if newest and newest.due else None

    def first_wish(self) -> DateEntry | None:
        """D4: give the first wish, the headline."""
        wishes = (d for d in self.dates if d.kind == "requested" and d.due)
        return next((d for d in wishes if d.state in ("current", "superseded")), None)

    def holder_at(self, instant: datetime) -> str | None:
        """H1: say who held it at an instant."""
        for holding in self.holdings:
            if holding.start <= instant and (holding.end is None or instant < holding.end):
                return holding.holder
        return None

    def apply(self, event: Event) -> None:
        """Take the next event; kinds that change nothing here are let pass."""
        self.seq, self.changed_at = event.seq, event.at
        handler = _HANDLERS.get(event.kind)
        if handler:
            handler(self, event, event.data)
        if self._touches(event):
            self.touched, self.touched_at = event.seq, event.at
        self._hold_on(event.at)

    def _touches(self, event: Event) -> bool:
        """E1: what the requester writes, or the desk does by itself, is no touch by the desk."""
        if event.kind == "steps.passed":
            return False
        if event.kind.startswith(("incident.logged", "handoff.")) or event.data.get("imported"):
            return True
        return event.actor is not None and event.actor != self.requester

    def _hold_on(self, at: datetime) -> None:
        """H1: end the last holding where the holder changed, and begin the next."""
        last = self.holdings[-1] if self.holdings else None
        lasting = last.holder if last and last.end is None else None
        if lasting == self.holder:
            return
        if last and last.end is None:
            last.end = at
        if self.holder:
            self.holdings.append(Holding(self.holder, at))


def tell(events: Iterable[Event]) -> Story:
    """Add events up to a story."""
    story = Story()
    for event in events:
        story.apply(event)
    return story


Data = Mapping[str, Any]
_HANDLERS: dict[str, Callable[[Story, Event, Data], None]] = {}


def _on(kind: str) -> Callable[[Callable[[Story, Event, Data], None]], None]:
    def keep(handler: Callable[[Story, Event, Data], None]) -> None:
        _HANDLERS[kind] = handler

    return keep


def instant(text: str | None) -> datetime | None:
    """Read an instant as the journal holds it."""
    return datetime.fromisoformat(text) if text else None


@_on("incident.logged")
def _logged(story: Story, event: Event, data: Data) -> None:
    story.state, story.logged_at = lifecycle.NEW, event.at
    story.type, story.channel = data["type"], data["channel"]
    story.confidential = data.get("confidential", False)
    story.requester, story.logged_by = data["requester"], data.get("logged_by")
    story.service, story.agreement = data["service"], data["agreement"]
    story.impact, story.urgency = data["impact"], data["urgency"]
    story.priority = data["priority"]
    story.desk_group = data["desk_group"]
    _give(story, data["given_to"], data["tier"])
    story.parent = data.get("parent")
    if data.get("response"):  # C13: logging a call while talking to the requester
        story.first_response_at = event.at


def _give(story: Story, ref: str, tier: int) -> None:
    story.given_to = ref
    story.given.add(ref)
    story.tiers.add(tier)


def _end_hold(story: Story, at: datetime) -> None:
    if story.hold:
        story.hold.end = at


@_on("incident.started")
def _started(story: Story, event: Event, data: Data) -> None:
    _end_hold(story, event.at)
    story.state = lifecycle.IN_PROGRESS


@_on("incident.requeued")
def _requeued(story: Story, event: Event, data: Data) -> None:
    _end_hold(story, event.at)
    story.state = lifecycle.NEW


@_on("incident.held")
def _held(story: Story, event: Event, data: Data) -> None:
    _end_hold(story, event.at)
    if story.state != lifecycle.ON_HOLD:
        story.held_from = story.state
    story.state = lifecycle.ON_HOLD
    imported = bool(data.get("imported"))
    until = None if imported else instant(data.get("until"))
    story.holds.append(Hold(data["reason"], event.at, until=until, imported=imported))


@_on("incident.resolved")
def _resolved(story: Story, event: Event, data: Data) -> None:
    _finish(story, event.at, data)
    story.state = lifecycle.RESOLVED
    story.resolution_code = data.get("code") or story.resolution_code


@_on("incident.closed")
def _closed(story: Story, event: Event, data: Data) -> None:
    _finish(story, event.at, data)
    story.state = lifecycle.CLOSED
    story.closed_at = event.at


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
    if handoff := story.handoff:
        _end_handoff(handoff, at, outcome)
        if handoff.to_partner and not data.get("imported"):  # a history says itself who has it
            story.given_to = handoff.sender


def _end_handoff(handoff: HandOff, at: datetime, outcome: str = "resolved_there") -> None:
    """H2: a group has resolved it there; a partner does not, what it had is recalled."""
    handoff.state = "recalled" if handoff.to_partner else outcome
    handoff.ended_at = at


@_on("incident.cancelled")
def _cancelled(story: Story, event: Event, data: Data) -> None:
    if story.is_open:
        _end_all(story, event.at, data, "recalled")
        story.cancelled_at = event.at
    story.state = lifecycle.CANCELLED
    story.duplicate_of = data.get("duplicate_of")


@_on("incident.reopened")
def _reopened(story: Story, event: Event, data: Data) -> None:
    if story.resolved_at:  # only a history goes on with what was cancelled
        story.reopened_at.append(event.at)
    story.ended.append((story.cancelled_at or story.resolved_at or event.at, event.at))
    story.state = lifecycle.IN_PROGRESS
    story.resolved_at = story.closed_at = story.cancelled_at = None


@_on("incident.assigned")
def _assigned(story: Story, event: Event, data: Data) -> None:
    story.assignee, story.assigned_at = data.get("assignee"), event.at


@_on("incident.prioritised")
def _prioritised(story: Story, event: Event, data: Data) -> None:
    story.impact, story.urgency = data["impact"], data["urgency"]
    story.priority = data["priority"]
    story.lowered += bool(data.get("lowered"))


@_on("incident.reclassified")
def _reclassified(story: Story, event: Event, data: Data) -> None:
    story.service, story.agreement = data["service"], data["agreement"]
    story.type = data.get("type", story.type)
    story.confidential = data.get("confidential", story.confidential)


@_on("incident.requester_changed")
def _requester_changed(story: Story, event: Event, data: Data) -> None:
    story.requester = data["requester"]


@_on("incident.continued")
def _continued(story: Story, event: Event, data: Data) -> None:
    story.continued += 1


@_on("approval.asked")
def _approval_asked(story: Story, event: Event, data: Data) -> None:
    story.approval, story.approver, story.asking = ASKED, data["approver"], event.seq
    story.decided_at = story.decided_by = None


@_on("approval.withdrawn")
def _approval_withdrawn(story: Story, event: Event, data: Data) -> None:
    story.approval = None


def _decided(outcome: str) -> Callable[[Story, Event, Data], None]:
    def handler(story: Story, event: Event, data: Data) -> None:
        story.approval, story.decided_at, story.decided_by = outcome, event.at, event.actor

    return handler


for _outcome in (GRANTED, REFUSED):
    _on(f"approval.{_outcome}")(_decided(_outcome))


def _reminded(story: Story, event: Event, data: Data) -> None:
    """Note when whoever is waited for was reminded: later than due where the desk stood still."""
    if story.hold:
        story.hold.reminded.append(instant(data.get("sent")) or event.at)


for _kind in ("requester.reminded", "approver.reminded"):
    _on(_kind)(_reminded)


@_on("comment.added")
def _commented(story: Story, event: Event, data: Data) -> None:
    if data.get("response"):
        story.first_response_at = story.first_response_at or event.at


@_on("handoff.sent")
def _sent(story: Story, event: Event, data: Data) -> None:
    if story.handoff:
        story.handoff.state, story.handoff.ended_at = "passed_on", event.at
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
        event.actor,
        instant(data.get("answer_by")),
    )
    story.handoffs.append(handoff)
    if data.get("resolving"):
        story.kept_by = story.kept_by or story.given_to
    _give(story, receiver, data["tier"])
    if data.get("accepted"):  # a history knows no acceptance of its own
        handoff.state, handoff.accepted_at = "accepted", event.at
    if data.get("resolving") or not story.is_open:  # in a history: a hand-off, but no holding
        _end_handoff(handoff, event.at)


@_on("handoff.accepted")
def _accepted(story: Story, event: Event, data: Data) -> None:
    handoff = story.handoffs[data["n"] - 1]
    handoff.state, handoff.accepted_at = "accepted", event.at


def _returned(state: str) -> Callable[[Story, Event, Data], None]:
    """H4: the sender gets it back."""

    def handler(story: Story, event: Event, data: Data) -> None:
        handoff = story.handoffs[data["n"] - 1]
        handoff.state, handoff.ended_at = state, event.at
        story.given_to = handoff.sender

    return handler


for _kind in ("answered", "sent_back", "recalled"):
    _on(f"handoff.{_kind}")(_returned(_kind))


@_on("step.fired")
def _step_fired(story: Story, event: Event, data: Data) -> None:
    due = instant(data["due"]) or event.at
    story.fired[data["policy"], data["step"], data["cycle"]] = due, event.at


@_on("steps.passed")
def _steps_passed(story: Story, event: Event, data: Data) -> None:
    for policy, step, cycle, due in data["steps"]:
        story.fired[policy, step, cycle] = instant(due) or event.at, None


@_on("wish.set")
def _wished(story: Story, event: Event, data: Data) -> None:
    _date(story, event, data, "requested")


@_on("promise.set")
def _promised(story: Story, event: Event, data: Data) -> None:
    _date(story, event, data, "promised")


def _date(story: Story, event: Event, data: Data, kind: str) -> None:
    proposed = bool(data.get("proposed"))
    if not proposed:
        episodes.supersede(story.dates, kind)
    day = date.fromisoformat(data["day"]) if data.get("day") else None
    made = DateEntry(event.seq, kind, day, instant(data.get("due")), event.at, event.actor)
    made.state = "proposed" if proposed else "current"
    story.dates.append(made)


@_on("wish.confirmed")
def _wish_confirmed(story: Story, event: Event, data: Data) -> None:
    confirmed = episodes.entry(story.dates, data["n"])
    episodes.supersede(story.dates, "requested")
    confirmed.state = "current"


@_on("wish.declined")
def _wish_declined(story: Story, event: Event, data: Data) -> None:
    episodes.entry(story.dates, data["n"]).state = "declined"


@_on("promise.accepted")
def _promise_accepted(story: Story, event: Event, data: Data) -> None:
    episodes.entry(story.dates, data["n"]).answer = "accepted"


@_on("promise.declined")
def _promise_declined(story: Story, event: Event, data: Data) -> None:
    episodes.entry(story.dates, data["n"]).answer = "declined"
