"""What is so after each event of an incident, read from the rules and not from the story's code."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import pairwise
from typing import Any

from servicedesk.event import Event


@dataclass(frozen=True)
class Passed:
    """H2: a hand-off, and what became of it."""

    back_to: str  # who has it again; past a partner, which can't act on it
    receiver: str
    sent_at: datetime
    accepted: bool = False
    ended: str | None = None
    asking: bool = False  # H2: the sender holds meanwhile
    wanted: bool = True  # false: a history says in one line that it was sent and resolved


@dataclass(frozen=True)
class Situation:
    """What is so from one event until the next."""

    at: datetime
    logged_at: datetime
    priority: str
    agreement: int
    given_to: str
    ended: str | None = None  # resolved, cancelled; None: open
    hold: str | None = None
    first_response: bool = False
    stays_with: str | None = None
    handoffs: tuple[Passed, ...] = ()
    applied: Mapping[int, int] = field(default_factory=dict)

    @property
    def holder(self) -> str | None:
        """H1: exactly one party while it is open: the requester during the hold *requester*."""
        if self.ended:
            return None
        if self.hold == "requester":
            return "requester"
        last = self.handoffs[-1] if self.handoffs else None
        if last and not last.ended and last.asking:
            return last.back_to
        return self.stays_with or self.given_to


def situations(events: Sequence[Event]) -> list[Situation]:
    """Tell what was so after each event."""
    told: list[Situation] = []
    for event in events:
        if event.kind == "incident.logged":
            told.append(_logged(event))
        else:
            told.append(_after(replace(told[-1], at=event.at), event))
    return told


def _logged(event: Event) -> Situation:
    data = event.data
    return Situation(
        at=event.at,
        logged_at=event.at,
        priority=data["priority"],
        agreement=data["agreement"],
        given_to=data["given_to"],
        first_response=bool(data.get("response")),  # C13: a call
    )


def _after(so: Situation, event: Event) -> Situation:
    kind, data = event.kind, event.data
    if kind.startswith("handoff."):
        return _handed(so, kind.partition(".")[2], event)
    if kind in ("incident.resolved", "incident.closed", "incident.cancelled"):
        return so if so.ended else _ended(so, data, kind.partition(".")[2])
    if kind == "comment.added" and not data.get("response"):
        return so
    said = _SAID.get(kind)
    return replace(so, **said(so, data)) if said else so


_SAID: dict[str, Callable[[Situation, Mapping[str, Any]], dict[str, Any]]] = {
    "incident.started": lambda so, data: {"hold": None},
    "incident.requeued": lambda so, data: {"hold": None},
    "incident.held": lambda so, data: {"hold": data["reason"]},
    "incident.reopened": lambda so, data: {"ended": None, "hold": None},
    "incident.prioritised": lambda so, data: {"priority": data["priority"]},
    "incident.reclassified": lambda so, data: {"agreement": data["agreement"]},
    "comment.added": lambda so, data: {"first_response": True},
    "agreement.applied": lambda so, data: {
        "applied": {**so.applied, data["agreement"]: data["version"]}
    },
}


def _ended(so: Situation, data: Mapping[str, Any], how: str) -> Situation:
    """H2: a partner does not resolve; what is cancelled is taken back from anybody."""
    ended = "cancelled" if how == "cancelled" else "resolved"
    so = replace(so, ended=ended, hold=None, stays_with=None)
    so = replace(so, first_response=so.first_response or ended == "resolved")  # C13
    last = so.handoffs[-1] if so.handoffs else None
    if last is None or last.ended:
        return so
    partner = last.receiver.startswith("partner:")
    so = _end(so, "recalled" if partner or how == "cancelled" else "resolved there")
    if partner and not data.get("imported"):
        so = replace(so, given_to=last.back_to)
    return so


def _end(so: Situation, how: str) -> Situation:
    return replace(so, handoffs=(*so.handoffs[:-1], replace(so.handoffs[-1], ended=how)))


def _handed(so: Situation, what: str, event: Event) -> Situation:
    data = event.data
    if what in _CHANGED:
        passed = replace(so.handoffs[-1], **_CHANGED[what])
        so = replace(so, handoffs=(*so.handoffs[:-1], passed))
        return replace(so, given_to=passed.receiver) if what == "answer_refused" else so
    if what in ("nudged", "ticket_noted"):
        return so
    if what != "sent":
        return replace(_end(so, what), given_to=so.handoffs[-1].back_to)
    back = so.given_to
    if so.handoffs and not so.handoffs[-1].ended:
        past = so.handoffs[-1]
        back = past.back_to if past.receiver.startswith("partner:") else back
        so = _end(so, "passed on")
    passed = Passed(back, data["to"], event.at, bool(data.get("accepted")))
    if data.get("resolving") or so.ended:
        passed = replace(passed, ended="at once", wanted=False)
    if data.get("resolving"):
        so = replace(so, stays_with=so.stays_with or so.given_to)
    return replace(so, given_to=data["to"], handoffs=(*so.handoffs, passed))


_CHANGED: dict[str, dict[str, Any]] = {
    "accepted": {"accepted": True},
    "asked": {"asking": True},
    "replied": {"asking": False},
    "answer_refused": {"ended": None, "asking": False},
}


def spans(told: Sequence[Situation], now: datetime) -> list[tuple[Situation, datetime]]:
    """Each situation with the instant up to which it lasts."""
    return [*((one, two.at) for one, two in pairwise(told)), (told[-1], now)]


def holdings(told: Sequence[Situation], now: datetime) -> list[tuple[str, datetime, datetime]]:
    """H1: who holds it from when to when; those of no length are left out."""
    found: list[tuple[str, datetime, datetime]] = []
    before = None
    for so, until in spans(told, now):
        if so.holder and before == so.holder:
            found[-1] = so.holder, found[-1][1], until
        elif so.holder:
            found.append((so.holder, so.at, until))
        before = so.holder
    return [(holder, start, end) for holder, start, end in found if start < end]
