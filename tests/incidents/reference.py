"""An incident's clocks by looking at one minute after another: slow, and plain enough to believe.

Written from the text of the rules (docs/rules.md §5, decision 0004) and not from the engine:
nothing here counts, pauses or judges by the code in `servicedesk`. Only its plain data is read:
events, and what the versions of calendars and agreements say.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any

from servicedesk.event import Event
from servicedesk.sla.agreement import Target, Terms
from tests.incidents.situations import Passed, Situation, situations, spans
from tests.incidents.world import FAR, Interval, TooFar, World, ever_open, seconds_of, steps

Name = tuple[str, str | None, int | None]


@dataclass
class Verdict:
    """A clock as of an instant."""

    name: Name
    state: str
    target: int | None
    counted: int | None
    started_at: datetime
    due_at: datetime | None
    stopped_at: datetime | None
    breached_at: datetime | None


@dataclass
class Walk:
    """One clock on its way from event to event and from minute to minute."""

    world: World
    name: Name
    started_at: datetime
    excluded: Sequence[Interval] = ()
    cuts: Sequence[datetime] = ()
    phase: str = "run"
    stopped_at: datetime | None = None
    breached_at: datetime | None = None
    target: int | None = None
    targeted: bool = False
    terms: Terms | None = None
    priority: str = ""
    counted: list[Interval] = field(default_factory=list)  # every minute that counted

    @property
    def seconds(self) -> int:
        """What has counted so far."""
        return sum(seconds_of(start, end) for start, end in self.counted)

    def enter(self, so: Situation, phase: str) -> None:
        """Begin a situation: another target, perhaps another phase."""
        terms = self._terms(so)
        changed = self.terms is not terms or self.priority != so.priority
        if self.terms is None or (changed and phase in ("run", "rest")):
            self._retarget(terms, so)
        if phase != self.phase:
            self.phase = phase
            self.stopped_at = so.at if phase in ("stop", "cancel") else None

    def _terms(self, so: Situation) -> Terms:
        """C8, C9: as in force at logging, or when a party's clock started; unless applied later."""
        party = self.name[1]
        agreement = self.world.parties[party] if party else so.agreement
        since = self.started_at if party else so.logged_at
        terms = self.world.first_in_force(agreement, since)
        number = so.applied.get(agreement, 0)
        if number > terms.number:
            (terms,) = (one for one in self.world.agreements[agreement] if one.number == number)
        return terms

    def _retarget(self, terms: Terms, so: Situation) -> None:
        """C9: another target from the original start; C10: late at once is late from now."""
        self.terms, self.priority = terms, so.priority
        by_kind = terms.targets.get(so.priority) or terms.targets.get("*") or {}
        said = by_kind.get(self.name[0])
        self.target = self._working_seconds(said, terms.calendar, so.at) if said else None
        self.targeted = self.targeted or self.target is not None
        if self.breached_at is None and self.target is not None and self.seconds > self.target:
            self.breached_at = so.at

    def _working_seconds(self, said: Target, calendar: str, at: datetime) -> int | None:
        if said.minutes is not None:
            return said.minutes * 60
        return self.world.working_days(calendar, self.started_at, said.days or 0, at)

    def last(self, start: datetime, end: datetime) -> None:
        """Let time pass, one minute after another."""
        if self.phase != "run":
            return
        for begin, until in steps(start, end, self.cuts):
            if self._counts(begin):
                self.counted.append((begin, until))
        if self.breached_at is None and self.target is not None and self.seconds > self.target:
            self.breached_at = self._used_up()

    def _counts(self, at: datetime) -> bool:
        assert self.terms is not None
        if any(begin <= at < end for begin, end in self.excluded):
            return False
        return bool(self.world.days(self.terms.calendar, at))

    def _used_up(self) -> datetime | None:
        """C3: the earliest instant at which the counted time reached the target."""
        left = self.target or 0
        for begin, end in self.counted:
            if left <= seconds_of(begin, end):
                return begin + timedelta(seconds=left)
            left -= seconds_of(begin, end)
        return None

    def due(self, now: datetime) -> datetime | None:
        """C3, C5: the instant that uses up the target; none while it rests."""
        if self.target is None or (self.phase == "rest" and self.seconds <= self.target):
            return None
        return self._used_up() or self._ahead(now if self.phase == "run" else self.stopped_at)

    def _ahead(self, start: datetime | None) -> datetime | None:
        """Look at the minutes to come; if it has stopped, by what was known then (C7)."""
        assert start is not None
        assert self.terms is not None
        calendar, left = self.terms.calendar, (self.target or 0) - self.seconds
        known = None if self.phase == "run" else self.world.known(calendar, start)
        versions = self.world.calendars[calendar][:known]
        if not any(ever_open(version) for version in versions):
            return None
        for begin, end in steps(start, start + FAR, self.cuts):
            if self.phase == "run" and any(a <= begin < b for a, b in self.excluded):
                continue
            if self.world.days(calendar, begin, known):
                if left <= seconds_of(begin, end):
                    return begin + timedelta(seconds=left)
                left -= seconds_of(begin, end)
        raise TooFar

    def state(self) -> str:
        """C10: the verdict, or what it is doing."""
        if self.breached_at:
            return "breached"
        if self.phase == "stop":
            return "met" if self.target is not None else "cancelled"
        return {"run": "running", "rest": "paused", "cancel": "cancelled"}[self.phase]

    def verdict(self, now: datetime, *, far: bool = True) -> Verdict:
        """Say how it stands."""
        due = self.due(now) if far else None
        return Verdict(
            self.name,
            self.state(),
            self.target,
            self.seconds,
            self.started_at,
            due,
            self.stopped_at,
            self.breached_at,
        )


def phase(name: Name, so: Situation, before: str | None, terms: Terms) -> str | None:
    """C4, C12, C14, decision 0004: what a clock does in a situation; None: it is not there yet."""
    kind, party, n = name
    match kind:
        case "response":
            return _until_done(so, done=so.first_response)
        case "resolution":
            if so.ended is None and so.hold in terms.pauses:
                return "rest"
            return _until_done(so, done=so.ended == "resolved")
        case "holding":
            return _of_holder(so, party, before)
    if n is None or n > len(so.handoffs) or not so.handoffs[n - 1].wanted:
        return None
    return _of_handoff(kind, so, so.handoffs[n - 1])


def _until_done(so: Situation, *, done: bool) -> str:
    if done:
        return "stop"
    return "cancel" if so.ended == "cancelled" else "run"


def _of_holder(so: Situation, party: str | None, before: str | None) -> str | None:
    if so.holder == party:
        return "run"
    if before == "run":
        return "cancel" if so.ended == "cancelled" else "stop"
    return before


def _of_handoff(kind: str, so: Situation, passed: Passed) -> str:
    if kind == "acceptance" and passed.accepted:
        return "stop"
    if passed.ended is None:
        rests = kind == "answer" and so.holder != passed.receiver
        return "rest" if rests or passed.asking else "run"
    unwanted = ["recalled"] if kind == "acceptance" else ["recalled", "sent_back"]
    return "cancel" if passed.ended in unwanted else "stop"


def walk(
    name: Name,
    told: Sequence[Situation],
    world: World,
    now: datetime,
    excluded: Sequence[Interval] = (),
) -> Walk | None:
    """Let one clock go from event to event; None: it never started."""
    cuts = [*world.changes, *(at for interval in excluded for at in interval)]
    clock: Walk | None = None
    for (so, until), lasts in zip(spans(told, now), held(told, now), strict=True):
        before = clock.phase if clock else None
        draft = clock or Walk(world, name, so.at, excluded, cuts)
        next_phase = phase(name, so, before, draft._terms(so))
        if next_phase is None:
            continue
        if name[0] == "holding" and next_phase == "run" and not lasts:
            continue
        clock = draft
        clock.enter(so, next_phase)
        clock.last(so.at, until)
    return clock if clock and clock.targeted else None


def held(told: Sequence[Situation], now: datetime) -> list[bool]:
    """Decision 0004: whether each situation is part of a holding that lasted at least a second."""
    whole = spans(told, now)
    runs = [list(run) for _holder, run in groupby(whole, key=lambda span: span[0].holder)]
    return [run[0][0].at < run[-1][1] for run in runs for _span in run]


def names(told: Sequence[Situation]) -> list[Name]:
    """Every clock that there might be."""
    last = told[-1]
    parties = dict.fromkeys(so.holder for so in told if so.holder and so.holder != "requester")
    found: list[Name] = [("response", None, None), ("resolution", None, None)]
    found += [("holding", party, None) for party in parties]
    for n, passed in enumerate(last.handoffs, start=1):
        found += [(kind, passed.receiver, n) for kind in ("acceptance", "answer")]
    return found


def clocks(events: Sequence[Event], world: World, now: datetime) -> dict[Name, Walk]:
    """Every clock with a target, gross: with all that counted."""
    told = situations(events)
    walks = ((name, walk(name, told, world, now)) for name in names(told))
    return {name: clock for name, clock in walks if clock}


def net(name: Name, events: Sequence[Event], world: World, now: datetime) -> Walk | None:
    """C11: a clock without what is excluded from it."""
    excluded = exclusions(events, name[1] or name[0])
    return walk(name, situations(events), world, now, excluded)


def exclusions(events: Sequence[Event], what: str) -> list[Interval]:
    """C11: the intervals that are approved not to count, for a kind or a party."""
    asked = {
        e.seq: e.data for e in events if e.kind == "exclusion.asked" and what in e.data["clocks"]
    }
    approved = [e.data["n"] for e in events if e.kind == "exclusion.approved"]
    return [
        (datetime.fromisoformat(asked[n]["start"]), datetime.fromisoformat(asked[n]["end"]))
        for n in approved
        if n in asked
    ]


# The dates


def dates(events: Sequence[Event], world: World, now: datetime) -> dict[str, Verdict]:
    """D1, C11: the wish and the promise, judged at the last resolution against the current date."""
    told = situations(events)
    ended = _ended_at(told)
    found = {}
    for kind, event_kind in (("requested", "wish"), ("promised", "promise")):
        said = _current(events, event_kind)
        if said:
            found[kind] = _judged(kind, said, world, told[-1], ended, now)
    return found


def _ended_at(told: Sequence[Situation]) -> datetime | None:
    ended = None
    for so in told:
        ended = (ended or so.at) if so.ended else None
    return ended


def _current(events: Sequence[Event], kind: str) -> Mapping[str, Any] | None:
    """D3: the one said last; what the desk noted counts once it is confirmed."""
    said: Mapping[str, Any] | None = None
    by_number = {event.seq: event.data for event in events}
    for event in events:
        if event.kind == f"{kind}.set" and not event.data.get("proposed"):
            said = event.data
        if event.kind == f"{kind}.confirmed":
            said = by_number[event.data["n"]]
    return said if said and said.get("due") else None


def _judged(
    kind: str,
    said: Mapping[str, Any],
    world: World,
    so: Situation,
    ended: datetime | None,
    now: datetime,
) -> Verdict:
    at = ended or now
    if said.get("day"):
        due = world.end_of_day(date.fromisoformat(said["day"]))
        late = at >= due
    else:
        due = datetime.fromisoformat(said["due"])
        late = at > due
    state = {None: "running", "resolved": "met", "cancelled": "cancelled"}[so.ended]
    return Verdict(
        (kind, None, None),
        "breached" if late else state,
        None,
        None,
        so.logged_at,
        due,
        ended,
        due if late else None,
    )
