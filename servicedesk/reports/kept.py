"""A fact as it is kept: told from the journal once, to be judged at any instant later."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from datetime import datetime
from functools import cache

from servicedesk.event import Event
from servicedesk.incidents.clocks import ClockState, Clockwork
from servicedesk.incidents.story import Story
from servicedesk.reports import extent, packing
from servicedesk.reports.facts import About, Fact, derive
from servicedesk.reports.waiting import Waits, waits
from servicedesk.setup.directory import Directory
from servicedesk.sla.zones import DAY, epoch

LIVE = 99  # the reach of what has no end yet
# Where things stand in what is written.
ABOUT = [[field.name for field in fields(Fact)].index(field.name) for field in fields(About)]
WAITED = 2


@dataclass(frozen=True, slots=True)
class Kept:
    """A fact in which every clock that ran has run over, and from when on each of them has."""

    fact: Fact
    ahead: tuple[datetime | None, ...]  # for each clock; None: it is decided whenever one looks
    waited: tuple[tuple[datetime, Waits | None], ...]  # for what, from each instant on

    def judged(self, at: datetime, until: datetime | None) -> Fact:
        """Give the fact as of an instant; `until` is that which lists look at."""
        fact = self.fact
        clocks = fact.clocks
        if any(self.ahead):
            paired = zip(clocks, self.ahead, strict=True)
            clocks = tuple(clock for clock, since in paired if since is None or since <= at)
        waited = self._waits(until)
        if waited is None and len(clocks) == len(fact.clocks):
            return fact
        return replace(fact, clocks=clocks, waits=waited)

    def _waits(self, until: datetime | None) -> Waits | None:
        """Say for what it waited just before an instant, or in the end."""
        found = [waited for since, waited in self.waited if until is None or since < until]
        return found[-1] if found else waits(Story())

    @property
    def span(self) -> tuple[int, int | None]:
        """Give from when to when it can matter, in seconds since 1970; it may have no end yet."""
        first, last = extent.span(self.fact)
        return epoch(first), None if last is None else epoch(last)


def reach(first: int, last: int | None) -> int:
    """Sort spans by length: each shorter than 2 ** reach days, so that an index finds them."""
    return LIVE if last is None else ((last - first) // DAY).bit_length()


def tell(events: Iterable[Event], setup: Directory) -> Kept | None:
    """Tell a history; None for what can only be judged with it: clocks that run, net (C11)."""
    work = Clockwork(setup)
    waited: list[tuple[datetime, Waits | None]] = []
    latest: datetime | None = None
    for event in events:
        work.apply(event)
        latest = max(latest or event.at, event.at)
        if not waited or waited[-1][1] != waits(work.story):
            waited.append((latest, waits(work.story)))
    return _kept(work, tuple(waited))


def _kept(work: Clockwork, waited: tuple[tuple[datetime, Waits | None], ...]) -> Kept | None:
    now = work.story.changed_at
    states = work.states(now)
    if any(state.net and state.running for state in states):
        return None
    far = max([now, *filter(None, (_since(work, state) for state in states))])
    fact = derive(work, About(0), far)
    decided = [s for s in work.states(far) if s.state in ("breached", "met") and _at(s)]
    return Kept(fact, tuple(_since(work, state) for state in decided), waited)


def _since(work: Clockwork, state: ClockState) -> datetime | None:
    """Say from when on a clock that runs has run over."""
    entry = work.entries.get(state.name)
    noticed = entry is not None and entry.clock.breached_at is not None
    return None if noticed or not state.running else state.late_from


def _at(state: ClockState) -> datetime | None:
    return state.breached_at if state.state == "breached" else state.stopped_at


@cache
def _reader() -> packing.Reader:
    return packing.dataclass_reader(Kept)


def write(kept: Kept, origin: int) -> str:
    """Write it as JSON, with instants as seconds from the origin, itself in seconds since 1970."""
    return json.dumps(packing.pack(kept, origin), separators=(",", ":"))


def read(text: str, origin: int, about: About, until: datetime | None) -> Kept:
    """Read it back for a look at an instant, with what the journal does not hold."""
    said = json.loads(text)
    ends = math.inf if until is None else epoch(until) - origin
    said[WAITED] = [each for each in said[WAITED] if each[0] < ends][-1:]
    for place, value in zip(ABOUT, (about.number, about.category, about.department), strict=True):
        said[0][place] = value
    kept: Kept = _reader()(said, origin)
    return kept
