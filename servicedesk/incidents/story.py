"""The story of one incident: what its events add up to (`happenings` adds them)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from servicedesk.incidents import lifecycle
from servicedesk.incidents.episodes import (
    Acknowledgement,
    DateEntry,
    Exclusion,
    Fired,
    Firing,
    HandOff,
    Hold,
    Holding,
    Major,
    Return,
    WorkRequest,
)

__all__ = [
    "REQUESTER", "Acknowledgement", "DateEntry", "Exclusion", "Fired", "Firing", "HandOff", "Hold",
    "Holding", "Major", "Return", "Story", "WorkRequest",
]  # fmt: skip

REQUESTER = "requester"
APPROVAL, ASKED, GRANTED, REFUSED = "approval", "asked", "granted", "refused"
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)  # before anything was logged


@dataclass
class Story:
    """What is so after the events so far."""

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
    proposals: list[Return] = field(default_factory=list)  # H5
    requests: list[WorkRequest] = field(default_factory=list)  # H6
    holds: list[Hold] = field(default_factory=list)
    dates: list[DateEntry] = field(default_factory=list)
    assigned_at: datetime = BEGINNING  # when the assignee last changed
    touched: int = 0  # the last line by which somebody of the desk or a partner took care of it
    touched_at: datetime = BEGINNING
    fired: dict[Fired, Firing] = field(default_factory=dict)
    acknowledged: dict[Fired, Acknowledgement] = field(default_factory=dict)
    applied: dict[int, int] = field(default_factory=dict)  # C8: version by agreement
    exclusions: list[Exclusion] = field(default_factory=list)
    majors: list[Major] = field(default_factory=list)
    part_of: int | None = None  # the major incident (its id) that it belongs to

    @property
    def holding_party(self) -> str:
        """H1, H2: give the party that holds it; while the requester is waited for, whose it is."""
        holder = self.holder
        return self.given_to if holder is None or holder == REQUESTER else holder

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
        if self.handoff and self.handoff.question:
            return self.handoff.returns_to  # H2: the sender has it while it is asked
        return self.kept_by or self.given_to

    @property
    def handoff(self) -> HandOff | None:
        """Give the hand-off that waits for its answer, if there is one."""
        return self.handoffs[-1] if self.handoffs and self.handoffs[-1].is_open else None

    @property
    def proposal(self) -> Return | None:
        """H5: give the return that waits for the lead's decision, if there is one."""
        last = self.proposals[-1] if self.proposals else None
        return last if last and last.state == "asked" else None

    @property
    def major(self) -> Major | None:
        """Give the major incident that is proposed or goes on, if there is one."""
        last = self.majors[-1] if self.majors else None
        return last if last and last.state in ("proposed", "confirmed") else None

    @property
    def unfinished(self) -> list[WorkRequest]:
        """H6: give the open work requests that must finish before it is resolved."""
        return [request for request in self.requests if request.must_finish and request.is_open]

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

    def excluded(self, kind: str, party: str | None) -> Iterator[tuple[datetime, datetime]]:
        """C11: give the intervals that are approved not to count for a clock."""
        for one in self.exclusions:
            if one.state == "approved" and (party or kind) in one.clocks:
                yield one.start, one.end
