"""What the explanation of a clock is made of: codes and figures, no words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from servicedesk.event import Event
from servicedesk.incidents.clocks import ClockState
from servicedesk.incidents.episodes import DateEntry, Exclusion
from servicedesk.sla.agreement import Target
from servicedesk.sla.why import Reason


class Kind(StrEnum):
    """What a stretch of time is to a clock."""

    COUNTED = "counted"
    OUTSIDE = "outside"  # outside working hours
    PAUSED = "paused"
    STOPPED = "stopped"
    EXCLUDED = "excluded"
    AHEAD = "ahead"  # a date lies ahead
    LATE = "late"  # a date has passed
    UNDATED = "undated"  # there is no date


class Doing(StrEnum):
    """What a clock does in a section."""

    RUNS = "runs"
    PAUSED = "paused"
    STOPPED = "stopped"


class What(StrEnum):
    """What an event, or a calendar's version, did to a clock."""

    STARTED = "started"
    RETARGETED = "retargeted"
    APPLIED = "applied"  # C8: a later version of the agreement
    PAUSED = "paused"
    RESUMED = "resumed"
    STOPPED = "stopped"
    REOPENED = "reopened"
    RETURNED = "returned"  # to a party that had held it before
    ENDED = "ended"  # without a verdict
    RAN_ON = "ran-on"  # nothing, and that may surprise
    CALENDAR = "calendar"  # C7: another version came into force
    MOVED = "moved"  # C7: another version was published, and moved what is due
    DATED = "dated"  # a wish or promise was made
    PROPOSED = "proposed"  # by the desk, on the requester's word
    CONFIRMED = "confirmed"
    DECLINED = "declined"
    ACCEPTED = "accepted"
    UNDATED = "undated"  # taken back


@dataclass(frozen=True, slots=True)
class Basis:
    """C8, C9: what a target was taken from."""

    agreement: str  # its key
    version: int
    calendar: str
    priority: str
    target: Target | None
    seconds: int | None  # C1: what it came to


@dataclass(frozen=True, slots=True)
class Step:
    """Something that happened to a clock, by which rules, and the event behind it."""

    at: datetime
    what: What
    rules: tuple[str, ...]
    event: Event | None = None
    basis: Basis | None = None
    hold: str | None = None  # the reason of the hold that pauses it, or does not
    party: str | None = None  # that holds it then
    date: DateEntry | None = None
    number: int | None = None  # of the calendar's version


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of time that is all of one kind; `counted` is the sum up to its end."""

    start: datetime
    end: datetime
    kind: Kind
    net_kind: Kind  # C11: without what is excluded
    rule: str
    reason: Reason | None = None  # why it is outside working hours
    over: bool = False  # the target was used up before
    counted: int = 0
    net_counted: int = 0

    @property
    def seconds(self) -> int:
        """Give its plain length."""
        return int((self.end - self.start).total_seconds())


@dataclass(frozen=True, slots=True)
class Section:
    """The time from one step to the next; its steps all happened at its beginning."""

    start: datetime
    end: datetime
    doing: Doing
    steps: tuple[Step, ...]
    stretches: tuple[Stretch, ...]
    before: int = 0  # counted up to its beginning
    target: int | None = None
    calendar: str | None = None
    version: int | None = None  # of the calendar, in force at its beginning
    date: DateEntry | None = None  # that counts in it

    @property
    def seconds(self) -> int:
        """Give its plain length."""
        return int((self.end - self.start).total_seconds())


@dataclass(frozen=True, slots=True)
class Verdict:
    """C10: how a clock ends, with what it is computed from."""

    state: str
    rules: tuple[str, ...]
    counted: int | None = None
    target: int | None = None
    due_at: datetime | None = None
    breached_at: datetime | None = None
    target_then: int | None = None  # that was in force at the breach
    at_once: bool = False  # late by its new target alone (C9)
    date: DateEntry | None = None
    judged_at: datetime | None = None  # of a date: the last resolution, else now
    outcome: str = ""  # of a date: resolved or cancelled, unless it is still open

    @property
    def stays(self) -> bool:
        """C11: say whether a breach stays that its present target would not make."""
        if self.state != "breached" or self.counted is None:
            return False
        return self.target is None or self.counted <= self.target


@dataclass(frozen=True, slots=True)
class Why:
    """C15: the explanation of one clock."""

    state: ClockState
    start: datetime
    end: datetime
    sections: tuple[Section, ...]
    verdict: Verdict
    net: Verdict | None = None  # C11: where an exclusion was approved
    exclusions: tuple[Exclusion, ...] = ()
    first: Verdict | None = None  # D4: against the first wish, where it is another
    after: tuple[Step, ...] = ()  # what came after the last stop, in a history

    @property
    def elapsed(self) -> int:
        """Give the plain seconds from the start to the last stop, or to now."""
        return int((self.end - self.start).total_seconds())

    @property
    def stretches(self) -> list[Stretch]:
        """Give all stretches in order: from the start to the end, without gap or overlap."""
        return [stretch for section in self.sections for stretch in section.stretches]

    @property
    def sums(self) -> Mapping[Kind, int]:
        """Give the seconds of each kind: together they are the time elapsed."""
        return sums(self.stretches)

    @property
    def net_sums(self) -> Mapping[Kind, int]:
        """C11: give the same without what is excluded."""
        return sums(self.stretches, net=True)

    @property
    def rules(self) -> list[str]:
        """Name the rules that it is by, each once."""
        cited = [rule for section in self.sections for step in section.steps for rule in step.rules]
        cited += [stretch.rule for stretch in self.stretches]
        for verdict in (self.verdict, self.net, self.first):
            cited += verdict.rules if verdict else ()
        if self.exclusions:
            cited.append("C11")
        return sorted(dict.fromkeys(cited), key=_order)


def sums(stretches: Sequence[Stretch], *, net: bool = False) -> Mapping[Kind, int]:
    """Add the seconds of stretches up by kind; kinds that do not occur are left out."""
    found: dict[Kind, int] = {}
    for stretch in stretches:
        kind = stretch.net_kind if net else stretch.kind
        found[kind] = found.get(kind, 0) + stretch.seconds
    return found


def _order(rule: str) -> tuple[str, int]:
    return rule[0], int(rule[1:])
