"""C11: whose clocks time can be excluded from, who gains by that, and what it would change."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from servicedesk.incidents.clocks import ClockState, Clockwork
from servicedesk.incidents.episodes import Exclusion
from servicedesk.incidents.story import Story
from servicedesk.sla.clock import Clock, net

DATES = ("requested", "promised")  # an exclusion never touches these
Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Wanted:
    """An interval that shall not count, for some clocks."""

    start: datetime
    end: datetime
    clocks: tuple[str, ...]  # a customer's clock by its kind, a party's all by its ref


@dataclass(frozen=True, slots=True)
class Tally:
    """What a clock has counted, in working seconds, and its verdict."""

    counted: int
    state: str


@dataclass(frozen=True, slots=True)
class Effect:
    """A clock as it stands gross, net without one exclusion, and net with it."""

    gross: ClockState
    without: Tally
    net: Tally

    @property
    def changes(self) -> bool:
        """Say whether the exclusion takes any time out of what is counted."""
        return self.net.counted != self.without.counted


def key(state: ClockState) -> str:
    """Give how an exclusion names a clock."""
    return state.party or state.kind


def choices(work: Clockwork, now: datetime) -> list[str]:
    """List the clocks that time can be excluded from: those that there are; never the dates."""
    states = (state for state in work.states(now) if state.kind not in DATES)
    return list(dict.fromkeys(key(state) for state in states))


def last_instant(story: Story, now: datetime) -> datetime:
    """Give up to when time of an incident can be excluded: its last end, else now."""
    return now if story.is_open else story.resolved_at or story.cancelled_at or now


def gaining(story: Story, wanted: Wanted | Exclusion) -> frozenset[str]:
    """C11: name the parties that gain: whose clocks they are; of the requester's clocks the
    desk group and all groups that held the incident in the interval.
    """
    parties = {clock for clock in wanted.clocks if ":" in clock}
    if parties != set(wanted.clocks):
        parties |= {story.desk_group, *_held(story, wanted.start, wanted.end)}
    return frozenset(parties)


def _held(story: Story, start: datetime, end: datetime) -> Iterator[str]:
    for holding in story.holdings:
        overlaps = holding.start < end and (holding.end is None or start < holding.end)
        if overlaps and holding.start != holding.end and ":" in holding.holder:
            yield holding.holder


def effects(work: Clockwork, one: Wanted | Exclusion, now: datetime) -> list[Effect]:
    """Work out what an exclusion changes, beside all others that are approved."""
    own = one.n if isinstance(one, Exclusion) else None
    others = [e for e in work.story.exclusions if e.state == "approved" and e.n != own]
    found = []
    for state in work.states(now):
        if state.kind not in DATES and key(state) in one.clocks:
            clock = work.entries[state.name].clock
            spans = list(_spans(others, key(state)))
            without = _tally(clock, spans, now)
            found.append(Effect(state, without, _tally(clock, [*spans, (one.start, one.end)], now)))
    return found


def _spans(exclusions: Iterable[Exclusion], clock: str) -> Iterator[Span]:
    return ((one.start, one.end) for one in exclusions if clock in one.clocks)


def _tally(clock: Clock, spans: Sequence[Span], now: datetime) -> Tally:
    twin = net(clock, spans) if spans else clock
    return Tally(twin.counted_by(now), twin.state(now))
