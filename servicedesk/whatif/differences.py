"""What differs between the two ways to judge an incident, clock by clock."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

from servicedesk.event import Event
from servicedesk.incidents.clocks import ClockState, Name
from servicedesk.reports.cases import Frame
from servicedesk.reports.facts import About, ClockFact, Fact, derive, follow
from servicedesk.reports.figures import BY_ID, Figure
from servicedesk.setup.directory import Directory
from servicedesk.sla.agreement import KINDS

MET, BREACHED = "met", "breached"
WORSE, BETTER, MOVED, NEW, GONE, SAME = "worse", "better", "moved", "new", "gone", "same"
TURNS = (WORSE, BETTER, MOVED, NEW, GONE)  # changes of a verdict

_WHOSE = {"": "sla", "group": "ola", "partner": "partner"}


@dataclass(frozen=True, slots=True)
class Side:
    """A clock, judged one way."""

    state: str
    priority: str
    target: int | None  # working seconds, as `counted`
    due: datetime | None
    counted: int | None
    breached_at: datetime | None
    counts: bool  # F3: decided in the period
    net: str  # C11: its state without what is excluded


@dataclass(frozen=True, slots=True)
class Difference:
    """A clock that counts in the period, and is not the same both ways."""

    number: int
    service: int
    kind: str
    party: str | None
    handoff: int | None
    before: Side | None  # None: there is no such clock, for want of a target
    after: Side | None

    @property
    def change(self) -> str:
        """Say how the verdict turned; `same`: only due, target or counted time differ.

        A breach more is worse, a breach less better. `moved`: breached either way, but in another
        period. `new` and `gone`: met, and without a target the other way.
        """
        before, after = self.before, self.after
        was, now = _breached(before), _breached(after)
        if was != now:
            return WORSE if now else BETTER
        if was and before and after and before.counts != after.counts:
            return MOVED
        if _met(before) != _met(after):
            return NEW if _met(after) else GONE
        return SAME


def _breached(side: Side | None) -> bool:
    return side is not None and side.state == BREACHED


def _met(side: Side | None) -> bool:
    return side is not None and side.state == MET


@dataclass(frozen=True)
class Way:
    """An incident, judged one way."""

    fact: Fact
    clocks: Mapping[Name, ClockState]
    parties: frozenset[str]  # that it was given to

    @cached_property
    def decided(self) -> Mapping[Name, Fact]:
        """Give the incident as if each of its decided clocks were its only one."""
        return {
            (clock.kind, clock.party, clock.handoff): replace(self.fact, clocks=(clock,))
            for clock in self.fact.clocks
        }

    @cached_property
    def net(self) -> Fact:
        """C11: give the incident as its clocks stand without what is excluded."""
        if not any(state.net for state in self.clocks.values()):
            return self.fact
        found = (self._net(clock) for clock in self.fact.clocks)
        return replace(self.fact, clocks=tuple(clock for clock in found if clock))

    def _net(self, clock: ClockFact) -> ClockFact | None:
        state = self.clocks.get((clock.kind, clock.party, clock.handoff))
        if state is None or state.net is None:
            return clock
        late = state.net_state == BREACHED
        at = state.net_breached_at if late else state.stopped_at
        if at is None or not (late or state.net_state == MET):
            return None
        return replace(clock, met=not late, at=at)

    def side(self, name: Name, frame: Frame) -> Side | None:
        """Give one of its clocks."""
        found = self.clocks.get(name)
        if found is None:
            return None
        return Side(
            found.state, found.priority, found.target, found.due_at, found.counted,
            found.breached_at, self._counts(name, frame), found.net_state,
        )  # fmt: skip

    def _counts(self, name: Name, frame: Frame) -> bool:
        """F3: say whether a clock counts in the period, by the figure's own definition."""
        alone = self.decided.get(name)
        return alone is not None and any(True for _ in figure_of(name).cases(alone, frame))


def figure_of(name: Name) -> Figure:
    """Give the figure in which a clock counts."""
    kind, party, _handoff = name
    return BY_ID[f"{_WHOSE[(party or '').partition(':')[0]]}.{kind}"]


def judge(events: list[Event], setup: Directory, about: About, at: datetime) -> Way:
    """Judge an incident by a set-up, as of an instant."""
    work, _waits = follow(events, setup)
    states = {state.name: state for state in work.states(at) if state.kind in KINDS}
    return Way(derive(work, about, at), states, frozenset(work.story.given))


def differences(before: Way, after: Way, frame: Frame) -> Iterator[Difference]:
    """C6: list the clocks that count in the period either way and are not the same."""
    for name in {**before.clocks, **after.clocks}:
        if before.clocks.get(name) == after.clocks.get(name):
            continue
        one, other = before.side(name, frame), after.side(name, frame)
        counts = any(side and side.counts for side in (one, other))
        if counts and one != other:
            yield Difference(before.fact.number, before.fact.service, *name, one, other)
