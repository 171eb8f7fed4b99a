"""What figures are made of: one incident as its journal tells it, as plain data."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from servicedesk.event import Event
from servicedesk.incidents import lifecycle
from servicedesk.incidents.clocks import CUSTOMER, ClockState, Clockwork, date_clock
from servicedesk.incidents.lead_time import is_short
from servicedesk.incidents.story import DateEntry, Story
from servicedesk.reports.waiting import Waits, waits
from servicedesk.setup.directory import Directory
from servicedesk.sla.calendar import Calendar
from servicedesk.sla.clock import Clock, Phase

OPEN, RESOLVED, CANCELLED = "open", "resolved", "cancelled"
NO_ANSWER = "no_answer"  # how it was resolved
Spell = tuple[datetime, datetime | None]


@dataclass(frozen=True, slots=True)
class About:
    """What the journal does not hold of an incident."""

    number: int
    category: str | None = None
    department: str | None = None


@dataclass(frozen=True, slots=True)
class DateFact:
    """A wish or promise, with who answers for it (F2)."""

    day: date | None
    due: datetime
    late_from: datetime
    party: str


@dataclass(frozen=True, slots=True)
class NetFact:
    """C11: how a clock stands without what is excluded; without an instant it is not decided."""

    met: bool
    at: datetime | None
    holder: str
    excluded: int  # working seconds


@dataclass(frozen=True, slots=True)
class ClockFact:
    """F3: a clock that is decided, when, and who held the incident then."""

    kind: str
    party: str | None  # whose clock; None: the customer's
    handoff: int | None
    met: bool
    at: datetime
    holder: str
    spent: tuple[tuple[str, int], ...] = ()  # of a breached one of the customer's: see `_spent`
    met_before: tuple[datetime, ...] = ()  # F3: stops at which it was met, before a reopening
    net: NetFact | None = None  # where something is excluded

    @property
    def lifted(self) -> bool:
        """C11: say whether an exclusion has lifted its breach."""
        return self.net is not None and (self.net.at is None or self.net.met) and not self.met


@dataclass(frozen=True, slots=True)
class ExclusionFact:
    """C11: an approved exclusion; people stand by their roles alone."""

    n: int
    start: datetime
    end: datetime
    clocks: tuple[str, ...]
    decided_at: datetime
    asked_as: str = ""
    decided_as: str = ""

    def concerns(self, clock: ClockFact) -> bool:
        """Say whether it takes time out of a clock."""
        return (clock.party or clock.kind) in self.clocks

    def is_of(self, party: str | None) -> bool:
        """Say whether a report of a party, or of all, shows a clock that it is about."""
        return party is None or any(":" not in each or each == party for each in self.clocks)


@dataclass(frozen=True, slots=True)
class HandOffFact:
    """A hand-off between two parties and their tiers; 0: a partner."""

    n: int
    sender: str
    receiver: str
    tiers: tuple[int, int]
    direction: str
    sent_at: datetime
    accepted_at: datetime | None
    ended_at: datetime | None
    state: str


@dataclass(frozen=True, slots=True)
class MajorFact:
    """A major incident: how long it went on, and its updates; whom it concerned is counted."""

    confirmed_at: datetime
    over_at: datetime | None  # also where the incident ended; None: it goes on
    updates: tuple[datetime, ...]
    missed: tuple[datetime, ...]
    reviewed_at: datetime | None = None
    linked: int = 0  # incidents that belong to it
    persons: int = 0  # who reported it or what belongs to it, each once


@dataclass(frozen=True, slots=True)
class Held:
    """H1: a stretch of time in which one party held the incident."""

    holder: str
    start: datetime
    end: datetime | None


@dataclass(frozen=True, slots=True)
class Fact:
    """One incident; instants are those that the cut-off knows."""

    number: int
    type: str
    channel: str
    confidential: bool
    service: int
    category: str | None
    department: str | None
    priority: str
    desk_group: str
    state: str
    logged_at: datetime
    resolved_at: datetime | None  # the last resolution
    cancelled_at: datetime | None
    spells: tuple[Spell, ...]  # when it was open
    first_wish: DateFact | None
    wish: DateFact | None
    promise: DateFact | None
    revised: bool  # the wish
    rush: bool  # D6
    given: frozenset[str]
    tiers: frozenset[int]
    returns: int
    reopened: int
    handoffs: tuple[HandOffFact, ...]
    held: tuple[Held, ...]
    clocks: tuple[ClockFact, ...]
    untargeted: tuple[str, ...]  # of the customer's clocks those without a target
    elapsed: int | None = None  # seconds to the last resolution
    worked: int | None = None  # the same in working time
    reopenings: tuple[datetime, ...] = ()
    code: str | None = None  # of its last resolution
    lowered: int = 0  # C9
    waits: Waits | None = None  # for what, at the instant that lists look at
    exclusions: tuple[ExclusionFact, ...] = ()  # the approved ones
    majors: tuple[MajorFact, ...] = ()  # the confirmed ones
    part_of: int | None = None  # id of the major incident that it belongs to, until `gathered`
    requester: int = 0  # likewise; no report carries it

    @property
    def ended_at(self) -> datetime | None:
        """Give when it was last resolved or cancelled."""
        return self.spells[-1][1]

    def open_at(self, instant: datetime) -> bool:
        """Say whether it was open just before an instant."""
        return any(a < instant and (b is None or b >= instant) for a, b in self.spells)

    def holder_before(self, instant: datetime) -> str | None:
        """Say who held it just before an instant, or last before."""
        held = [h.holder for h in self.held if h.start < instant]
        return held[-1] if held else None


def follow(
    events: Iterable[Event], setup: Directory, until: datetime | None = None
) -> tuple[Clockwork, Waits | None]:
    """Follow a history; say also what it waited for just before an instant, or in the end."""
    work = Clockwork(setup)
    then: Waits | None = None
    ahead = until is not None
    for event in events:
        if ahead and until is not None and event.at >= until:
            then, ahead = waits(work.story), False
        work.apply(event)
    return work, waits(work.story) if ahead or until is None else then


def derive(work: Clockwork, about: About, at: datetime, then: Waits | None = None) -> Fact:
    """Derive an incident's fact from its journal; clocks that run are judged at an instant."""
    story, setup = work.story, work.directory
    spells = tuple(_spells(story))
    resolved = story.state in (lifecycle.RESOLVED, lifecycle.CLOSED)
    states = work.states(at)
    return Fact(
        number=about.number,
        type=story.type,
        channel=story.channel,
        confidential=story.confidential,
        service=story.service,
        category=about.category,
        department=about.department,
        priority=story.priority,
        desk_group=story.desk_group,
        state=OPEN if story.is_open else RESOLVED if resolved else CANCELLED,
        logged_at=story.logged_at,
        resolved_at=story.resolved_at if resolved else None,
        cancelled_at=None if story.is_open or resolved else spells[-1][1],
        spells=spells,
        first_wish=date_fact(story, story.first_wish()),
        wish=date_fact(story, story.current("requested")),
        promise=date_fact(story, story.current("promised")),
        revised=_revised(story),
        rush=_rush(story, setup),
        given=frozenset(story.given),
        tiers=frozenset(story.tiers),
        returns=story.returns,
        reopened=story.reopened + story.continued,
        handoffs=tuple(_handoffs(story, setup)),
        held=tuple(Held(h.holder, h.start, h.end) for h in story.holdings if h.start != h.end),
        clocks=tuple(_clocks(work, states, at)),
        untargeted=_untargeted(states),
        elapsed=_elapsed(spells) if resolved else None,
        worked=_worked(story, setup, spells) if resolved else None,
        reopenings=tuple(story.reopened_at),
        code=story.resolution_code if resolved else None,
        lowered=story.lowered,
        waits=then,
        exclusions=tuple(_exclusions(story)),
        majors=tuple(_majors(story)),
        part_of=story.part_of,
        requester=story.requester if story.part_of or story.majors else 0,
    )


def gathered(found: Mapping[int, Fact]) -> Iterator[Fact]:
    """Count what belongs to each major incident, and whom it concerns; facts are by ids.

    The last one of an incident has what belongs to it. Requesters are left out then.
    """
    belong: dict[int, list[int]] = defaultdict(list)
    for fact in found.values():
        if fact.part_of:
            belong[fact.part_of].append(fact.requester)
    for id, fact in found.items():
        majors = fact.majors
        if majors:
            persons = len({fact.requester, *belong[id]})
            last = replace(majors[-1], linked=len(belong[id]), persons=persons)
            majors = (*majors[:-1], last)
        has_part = fact.part_of or fact.requester
        yield replace(fact, majors=majors, part_of=None, requester=0) if has_part else fact


def _spells(story: Story) -> Iterator[Spell]:
    """Give the stretches in which it was open, from one reopening to the next end."""
    start = story.logged_at
    for end, again in story.ended:
        yield start, end
        start = again
    yield start, None if story.is_open else story.cancelled_at or story.resolved_at or start


def _elapsed(spells: tuple[Spell, ...]) -> int:
    """F4: add up the time from logged to resolved, without that before a reopening."""
    return sum(int((end - start).total_seconds()) for start, end in spells if end)


def _worked(story: Story, setup: Directory, spells: tuple[Spell, ...]) -> int:
    calendar = setup.calendar_of(story.desk_group, story.logged_at)
    return sum(calendar.counted(start, end) for start, end in spells if end)


def date_fact(story: Story, entry: DateEntry | None) -> DateFact | None:
    """D1, F2: give a wish or promise with the first instant too late, and who answers for it."""
    if entry is None or entry.due is None:
        return None
    late_from = date_clock(story, entry).late_from
    return DateFact(entry.day, entry.due, late_from, _answerable(story, late_from))


def _answerable(story: Story, until: datetime) -> str:
    """F2: say who held it just before an instant, or last; unaccepted it was the sender's."""
    held = [h for h in story.holdings if h.start != h.end]
    if not held:
        return story.given_to
    holder = next((h.holder for h in reversed(held) if h.start < until), held[0].holder)
    for handoff in story.handoffs:
        unaccepted = handoff.state == "sent_back" and not handoff.accepted_at
        if unaccepted and handoff.ended_at and handoff.sent_at < until <= handoff.ended_at:
            return handoff.sender if holder == handoff.receiver else holder
    return holder


def _revised(story: Story) -> bool:
    counted = ("current", "superseded")
    return sum(d.kind == "requested" and d.state in counted for d in story.dates) > 1


def _rush(story: Story, setup: Directory) -> bool:
    """D6: say whether the first wish is a rush; of old ones, by the usual time of today."""
    wish = story.first_wish()
    if wish is None or wish.due is None:
        return False
    return bool(is_short(story, setup, wish.at, wish.due) if wish.rush is None else wish.rush)


def _handoffs(story: Story, setup: Directory) -> Iterator[HandOffFact]:
    for h in story.handoffs:
        tiers = setup.party(h.sender).tier, setup.party(h.receiver).tier
        yield HandOffFact(
            h.n, h.sender, h.receiver, tiers, h.direction, h.sent_at, h.accepted_at, h.ended_at,
            h.state,
        )  # fmt: skip


def _clocks(work: Clockwork, states: list[ClockState], now: datetime) -> Iterator[ClockFact]:
    """F3: give the clocks with a verdict: breached at its breach, met at its last stop."""
    story = work.story
    for state in states:
        at = state.breached_at if state.state == "breached" else state.stopped_at
        if at is None or state.state not in ("breached", "met"):
            continue
        met = state.state == "met"
        holder = state.party or _holder(story, at, met)
        net = _net(story, state)
        fact = ClockFact(state.kind, state.party, state.handoff, met, at, holder, net=net)
        if not met and state.party is None and state.kind in CUSTOMER:
            spent = _spent(story, work.entries[state.name].clock, at, now)
            fact = replace(fact, spent=spent, met_before=_met_before(story, state.kind, at))
        yield fact


def _net(story: Story, state: ClockState) -> NetFact | None:
    """C11, F3: judge a clock without what is excluded: at its net breach, or its last stop."""
    if state.net is None:
        return None
    met = state.net.state == "met"
    at = state.stopped_at if met else state.net.breached_at
    holder = state.party or (_holder(story, at, met) if at else story.given_to)
    return NetFact(met, at, holder, state.net.excluded)


def _exclusions(story: Story) -> Iterator[ExclusionFact]:
    for one in story.exclusions:
        if one.state == "approved" and one.decided_at:
            yield ExclusionFact(
                one.n, one.start, one.end, one.clocks, one.decided_at, one.asked_as, one.decided_as
            )


def _majors(story: Story) -> Iterator[MajorFact]:
    ended = None if story.is_open else story.resolved_at or story.cancelled_at
    for one in story.majors:
        if one.state in ("confirmed", "over") and one.decided_at:
            over = min(filter(None, (one.over_at, ended)), default=None)
            told = tuple(one.updates), tuple(one.missed)
            yield MajorFact(one.decided_at, over, *told, one.reviewed_at)


def _spent(
    story: Story, clock: Clock, breached: datetime, now: datetime
) -> tuple[tuple[str, int], ...]:
    """Say in whose hands the time was that a clock had counted when it ran over.

    Working seconds by holder; they add up exactly to what it had counted.
    """
    seconds: dict[str, int] = {}
    for start, end, calendar in _runs(clock, now):
        for held in story.holdings:
            since, to = max(start, held.start), min(end, held.end or end, breached)
            if since < to and (gained := calendar.counted(since, to)):
                seconds[held.holder] = seconds.get(held.holder, 0) + gained
    return tuple(sorted(seconds.items()))


def _runs(clock: Clock, now: datetime) -> Iterator[tuple[datetime, datetime, Calendar]]:
    """Give the stretches in which a clock ran."""
    for stretch in clock.stretches:
        yield stretch.start, stretch.end, stretch.calendar
    if clock.phase == Phase.RUN and now > clock.since:
        yield clock.since, now, clock.calendar


def _met_before(story: Story, kind: str, breached: datetime) -> tuple[datetime, ...]:
    """F3: give the resolutions that had met the target until a reopening let it run over."""
    if kind != "resolution":
        return ()
    return tuple(end for end, again in story.ended if again <= breached)


def _holder(story: Story, at: datetime, met: bool) -> str:
    """Say who held it when a clock stopped, or when it ran over."""
    held = [h for h in story.holdings if h.start != h.end]
    before = [h.holder for h in held if h.start < at or (h.start == at and not met)]
    return before[-1] if before else story.given_to


def _untargeted(states: list[ClockState]) -> tuple[str, ...]:
    targeted = {s.kind for s in states if s.party is None and s.target is not None}
    return tuple(kind for kind in CUSTOMER if kind not in targeted)
