"""Whether what is promised to the customer can be kept by those who are to keep it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from servicedesk.setup.allowances import Leg, allowance, legs
from servicedesk.setup.directory import Directory, Party, Service
from servicedesk.sla.agreement import Agreement, Target
from servicedesk.sla.calendar import Calendar, NoWorkingTime

CLOCKS = ("response", "resolution")
PRIORITIES = ("P1", "P2", "P3", "P4", "P5")
HOUR = timedelta(hours=1)
WEEKS = 4
OPENING = "opening"  # kind of a leg: until the first working second of a party


class Verdict(StrEnum):
    """Whether a path fits inside a customer's target."""

    ALWAYS = "always"
    PARTLY = "partly"  # from some starts
    NEVER = "never"
    UNKNOWN = "unknown"  # somebody on the path does not say how long it may take
    NO_TARGET = "no_target"
    NO_TIME = "no_time"  # somebody's calendar has no working time

    @property
    def is_bad(self) -> bool:
        """Say whether something does not fit."""
        return self in (Verdict.PARTLY, Verdict.NEVER, Verdict.NO_TIME)


@dataclass(frozen=True, slots=True)
class Due:
    """What the customer is promised for a start."""

    at: datetime
    calendar: Calendar

    def spare(self, end: datetime) -> int:
        """C10: give the working seconds between an end and the due; below 0: late."""
        if end <= self.at:
            return self.calendar.counted(end, self.at)
        return -self.calendar.counted(self.at, end)


@dataclass(frozen=True, slots=True)
class Walk:
    """One way through a path, everybody taking all that they are allowed."""

    start: datetime
    due: datetime
    spare: int  # working seconds of the agreement's calendar; below 0: late
    legs: tuple[Leg, ...]
    kept: int  # so many of the first legs end in time, by parties that say how long they take

    @property
    def end(self) -> datetime:
        """Give the instant at which the last one has used up what it is allowed."""
        return self.legs[-1].end


@dataclass(frozen=True, slots=True)
class Fit:
    """How a service's path fits inside one target of its agreement, for one priority."""

    service: Service
    priority: str
    clock: str  # one of CLOCKS
    verdict: Verdict
    starts: int = 0
    late: int = 0  # of the starts
    kept: int = 0  # so many of the first parties fit from all starts
    worst: Walk | None = None  # the latest, or else the one with the least to spare
    silent: tuple[str, ...] = ()  # parties without any target
    vague: tuple[str, ...] = ()  # parties that say only when they accept
    closed: str = ""  # the party without working time; empty: the agreement's own calendar


def starts(now: datetime) -> list[datetime]:
    """Give the sampled starts: each full hour of the next four weeks, day and night."""
    first = now.replace(minute=0, second=0, microsecond=0) + HOUR
    return [first + n * HOUR for n in range(WEEKS * 7 * 24)]


def feasibility(
    setup: Directory,
    now: datetime,
    services: Iterable[Service] | None = None,
    sample: Sequence[datetime] | None = None,
) -> list[Fit]:
    """Walk services' paths from each of the starts and compare with what the customer is promised.

    All services in use, and the usual starts, unless others are given. Holds are left out: where
    an agreement names their reason, the customer's clock rests as well.
    """
    chosen = setup.services_by_key.values() if services is None else services
    walker = _Walker(setup, starts(now) if sample is None else sample)
    return [
        walker.fit(service, priority, clock)
        for service in chosen
        for priority in PRIORITIES
        for clock in CLOCKS
    ]


class _Closed(Exception):
    """A party, or with no ref the agreement, has no working time."""

    def __init__(self, ref: str = "") -> None:
        self.ref = ref


class _Walker:
    """Walks paths and remembers each leg: services share paths, or begin with the same party."""

    def __init__(self, setup: Directory, starts: Sequence[datetime]) -> None:
        self.setup = setup
        self.starts = starts
        self._fits: dict[tuple[tuple[str, ...], int, str, str], Fit] = {}
        self._legs: dict[tuple[str, str, datetime], Leg] = {}
        self._firsts: dict[tuple[str, Target | None, datetime], Leg] = {}
        self._dues: dict[tuple[str, Target | None, datetime], Due] = {}

    def fit(self, service: Service, priority: str, clock: str) -> Fit:
        """Judge one target of one service; once for all with the same path and agreement."""
        key = service.path, service.agreement.id, priority, clock
        if key not in self._fits:
            self._fits[key] = self._fit(service, priority, clock)
        return replace(self._fits[key], service=service)

    def _fit(self, service: Service, priority: str, clock: str) -> Fit:
        at = service.agreement.at
        promised = [start for start in self.starts if at(start).target(clock, priority)]
        if not promised:
            return Fit(service, priority, clock, Verdict.NO_TARGET)
        try:
            walks = [self._walk(service, priority, clock, start) for start in promised]
        except _Closed as closed:
            return Fit(service, priority, clock, Verdict.NO_TIME, closed=closed.ref)
        late = sum(walk.spare < 0 for walk in walks)
        silent, vague = self._unsaid(service, priority) if clock == "resolution" else ((), ())
        return Fit(
            service,
            priority,
            clock,
            _verdict(late, len(walks), bool(silent or vague)),
            len(walks),
            late,
            min(walk.kept for walk in walks),
            min(walks, key=lambda walk: (walk.spare, walk.due - walk.end)),
            silent,
            vague,
        )

    def _unsaid(self, service: Service, priority: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Give the parties that say nothing, and those that say only when they accept."""
        kinds = {ref: self._kind(self.setup.party(ref), priority) for ref in service.path}
        silent = tuple(ref for ref, kind in kinds.items() if kind is None)
        return silent, tuple(ref for ref, kind in kinds.items() if kind == "acceptance")

    def _kind(self, party: Party, priority: str) -> str | None:
        allowed = allowance(self.setup, party, priority, self.starts[0])
        return allowed.kind if allowed else None

    def _walk(self, service: Service, priority: str, clock: str, start: datetime) -> Walk:
        due = self._due(service.agreement, priority, clock, start)
        if clock == "response":
            way: tuple[Leg, ...] = (self._first(service, priority, start),)
        else:
            way = self._way(service, priority, start)
        spare = due.spare(way[-1].end)
        return Walk(start, due.at, spare, way, _kept(way, due) if spare < 0 else len(way))

    def _way(self, service: Service, priority: str, start: datetime) -> tuple[Leg, ...]:
        way = []
        for ref in service.path:
            way.append(leg := self._leg(ref, priority, start))
            start = leg.end
        return tuple(way)

    def _leg(self, ref: str, priority: str, start: datetime) -> Leg:
        key = ref, priority, start
        if key not in self._legs:
            try:
                (self._legs[key],) = legs(self.setup, [ref], priority, start)
            except NoWorkingTime:
                raise _Closed(ref) from None
        return self._legs[key]

    def _first(self, service: Service, priority: str, start: datetime) -> Leg:
        """C13: let the first party accept, or else begin to work: nobody replies before."""
        ref = service.path[0]
        terms = self.setup.party(ref).agreement.at(start)
        key = ref, terms.target("acceptance", priority), start
        if key not in self._firsts:
            self._firsts[key] = _acceptance(*key, self.setup.calendars[terms.calendar])
        return self._firsts[key]

    def _due(self, agreement: Agreement, priority: str, clock: str, start: datetime) -> Due:
        terms = agreement.at(start)
        key = terms.calendar, terms.target(clock, priority), start
        if key not in self._dues:
            self._dues[key] = _promised(self.setup.calendars[terms.calendar], *key[1:])
        return self._dues[key]


def _promised(calendar: Calendar, target: Target | None, start: datetime) -> Due:
    seconds = target.seconds_if_any(calendar, start, start) if target else None
    try:
        if seconds is None:
            raise _Closed
        return Due(calendar.reach(start, seconds), calendar)
    except NoWorkingTime:
        raise _Closed from None


def _acceptance(ref: str, target: Target | None, start: datetime, calendar: Calendar) -> Leg:
    try:
        seconds = target.seconds(calendar, start, start) if target else 1
        end = calendar.reach(start, seconds)
    except NoWorkingTime:
        raise _Closed(ref) from None
    return Leg(ref, "acceptance" if target else OPENING, seconds, start, end)


def _kept(way: Sequence[Leg], due: Due) -> int:
    for count, leg in enumerate(way):
        is_vague = leg.kind in (None, "acceptance")
        if is_vague or (leg.end > due.at and due.spare(leg.end) < 0):
            return count
    return len(way)


def _verdict(late: int, count: int, is_unsaid: bool) -> Verdict:
    """What is late by what is said already stays so, whatever the others would say."""
    if late:
        return Verdict.NEVER if late == count else Verdict.PARTLY
    return Verdict.UNKNOWN if is_unsaid else Verdict.ALWAYS
