"""What the picture of an incident's hand-offs is made of: plain values in the reader's words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from servicedesk.incidents.lifeline.parts import Lane, LifeLine, Span

Way = Literal["up", "down", "across", "partner", "back"]
SignKind = Literal["asked", "sent_back", "refused", "nudged"]
WAYS: tuple[Way, ...] = ("up", "down", "across", "partner", "back")
SIGNS: tuple[SignKind, ...] = ("asked", "sent_back", "refused", "nudged")


@dataclass(frozen=True, slots=True)
class Stay:
    """A holding: until now without an end; `inside` are the holder's working hours in it."""

    lane: str
    start: datetime
    end: datetime | None
    inside: Sequence[Span]
    sentence: str


@dataclass(frozen=True, slots=True)
class Passing:
    """The incident going from one lane to another: handed off, or given back."""

    at: datetime
    from_lane: str
    to_lane: str
    way: Way
    sentence: str


@dataclass(frozen=True, slots=True)
class Sign:
    """What happened to a hand-off without moving it, or why it came back."""

    at: datetime
    lane: str
    kind: SignKind
    sentence: str


@dataclass(frozen=True, slots=True)
class Errand:
    """H6: work asked of a party while the incident stayed where it was."""

    lane: str
    start: datetime
    end: datetime | None
    sentence: str


@dataclass(frozen=True, slots=True)
class Hands:
    """All that is drawn; `line` gives the range of time and how it is folded."""

    line: LifeLine
    lanes: Sequence[Lane]  # in the order of first holding
    stays: Sequence[Stay]
    passings: Sequence[Passing] = ()
    signs: Sequence[Sign] = ()
    errands: Sequence[Errand] = ()
