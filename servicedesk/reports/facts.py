"""What figures are made of: one incident as its journal tells it, as plain data."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from servicedesk.incidents import lifecycle
from servicedesk.incidents.clocks import CUSTOMER, ClockState, Clockwork, date_clock
from servicedesk.incidents.story import DateEntry, Story
from servicedesk.setup.directory import Directory
from servicedesk.sla.agreement import parse_target

OPEN, RESOLVED, CANCELLED = "open", "resolved", "cancelled"
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
class ClockFact:
    """F3: a clock that is decided, when, and who held the incident then."""

    kind: str
    party: str | None  # whose clock; None: the customer's
    handoff: int | None
    met: bool
    at: datetime
    holder: str


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


def derive(work: Clockwork, about: About, at: datetime) -> Fact:
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
        first_wish=_date(story, story.first_wish()),
        wish=_date(story, story.current("requested")),
        promise=_date(story, story.current("promised")),
        revised=_revised(story),
        rush=_rush(story, setup),
        given=frozenset(story.given),
        tiers=frozenset(story.tiers),
        returns=story.returns,
        reopened=story.reopened,
        handoffs=tuple(_handoffs(story, setup)),
        held=tuple(Held(h.holder, h.start, h.end) for h in story.holdings if h.start != h.end),
        clocks=tuple(_clocks(story, states)),
        untargeted=_untargeted(states),
        elapsed=_elapsed(spells) if resolved else None,
        worked=_worked(story, setup, spells) if resolved else None,
    )


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


def _date(story: Story, entry: DateEntry | None) -> DateFact | None:
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
    """D6: say whether the first wish is shorter than the service's standard lead time."""
    wish, lead_time = story.first_wish(), setup.services[story.service].more.get("lead_time")
    if wish is None or wish.due is None or lead_time is None:
        return False
    calendar = setup.calendar_of(story.desk_group, story.logged_at)
    needed = parse_target(lead_time).seconds(calendar, wish.at, wish.at)
    return calendar.counted(wish.at, wish.due) < needed


def _handoffs(story: Story, setup: Directory) -> Iterator[HandOffFact]:
    for h in story.handoffs:
        tiers = setup.party(h.sender).tier, setup.party(h.receiver).tier
        yield HandOffFact(
            h.n, h.sender, h.receiver, tiers, h.direction, h.sent_at, h.accepted_at, h.ended_at,
            h.state,
        )  # fmt: skip


def _clocks(story: Story, states: list[ClockState]) -> Iterator[ClockFact]:
    """F3: give the clocks with a verdict: breached at its breach, met at its last stop."""
    for state in states:
        at = state.breached_at if state.state == "breached" else state.stopped_at
        if at is None or state.state not in ("breached", "met"):
            continue
        met = state.state == "met"
        holder = state.party or _holder(story, at, met)
        yield ClockFact(state.kind, state.party, state.handoff, met, at, holder)


def _holder(story: Story, at: datetime, met: bool) -> str:
    """Say who held it when a clock stopped, or when it ran over."""
    held = [h for h in story.holdings if h.start != h.end]
    before = [h.holder for h in held if h.start < at or (h.start == at and not met)]
    return before[-1] if before else story.given_to


def _untargeted(states: list[ClockState]) -> tuple[str, ...]:
    targeted = {s.kind for s in states if s.party is None and s.target is not None}
    return tuple(kind for kind in CUSTOMER if kind not in targeted)
