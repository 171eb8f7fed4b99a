"""C15: the wish and the promise: fixed instants, judged at the last resolution (D1 to D6)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import pairwise

from servicedesk.event import Event
from servicedesk.incidents.clocks import ClockState, Clockwork, date_clock
from servicedesk.incidents.story import DateEntry, Story
from servicedesk.incidents.why.parts import Doing, Kind, Section, Step, Stretch, Verdict, What, Why
from servicedesk.setup.directory import Directory

# What an event does to a wish or promise, and by which rules.
DATES = {
    "wish.confirmed": ("requested", What.CONFIRMED, ("D3",)),
    "wish.declined": ("requested", What.DECLINED, ("D3",)),
    "promise.accepted": ("promised", What.ACCEPTED, ("D3",)),
    "promise.declined": ("promised", What.DECLINED, ("D3",)),
}
SETS = {"wish.set": "requested", "promise.set": "promised"}


@dataclass(frozen=True, slots=True)
class Turn:
    """How a date stood from an instant on."""

    at: datetime
    steps: tuple[Step, ...]
    date: DateEntry | None  # that counts
    ended: bool  # the incident is resolved, closed or cancelled


@dataclass
class Trace:
    """A wish or promise with all that happened to it."""

    work: Clockwork
    kind: str
    turns: list[Turn] = field(default_factory=list)

    def follow(self, events: Iterable[Event]) -> None:
        """Follow events to the end."""
        for event in events:
            was_open = self.work.story.is_open
            self.work.apply(event)
            steps = tuple(self._steps(event, was_open))
            if steps:
                story, at = self.work.story, event.at.astimezone(UTC)
                date = story.current(self.kind)
                date = replace(date) if date else None  # as it is now: it changes later
                self.turns.append(Turn(at, steps, date, not story.is_open))

    def _steps(self, event: Event, was_open: bool) -> Iterator[Step]:
        story, at = self.work.story, event.at.astimezone(UTC)
        if not self.turns:
            yield Step(at, What.STARTED, (), event)
        if SETS.get(event.kind) == self.kind:
            yield self._set(event, story.dates[-1])
        elif event.kind in DATES and DATES[event.kind][0] == self.kind:
            _kind, what, rules = DATES[event.kind]
            yield Step(at, what, rules, event, date=_entry(story, event))
        if was_open and not story.is_open:
            what = What.ENDED if story.cancelled_at else What.STOPPED
            yield Step(at, what, ("C11",), event)
        elif not was_open and story.is_open and self.turns:
            yield Step(at, What.REOPENED, ("C11",), event)

    def _set(self, event: Event, date: DateEntry) -> Step:
        """D1, D3: a date is made, noted to be confirmed, or taken back."""
        at = event.at.astimezone(UTC)
        if date.due is None:
            return Step(at, What.UNDATED, ("D5",), event)
        if date.state == "proposed":
            return Step(at, What.PROPOSED, ("D3",), event, date=date)
        revised = any(turn.date for turn in self.turns)
        return Step(at, What.DATED, ("D3", "D1") if revised else ("D1",), event, date=date)


def _entry(story: Story, event: Event) -> DateEntry | None:
    return next((date for date in story.dates if date.n == event.data.get("n")), None)


def explain_date(
    events: Iterable[Event], directory: Directory, kind: str, now: datetime
) -> Why | None:
    """D1, D3: explain a wish or promise as of an instant; None where there is none."""
    trace = Trace(Clockwork(directory), kind)
    trace.follow(events)
    story = trace.work.story
    now = max(now, story.changed_at)
    state = next((s for s in trace.work.states(now) if s.kind == kind), None)
    current = story.current(kind)
    if state is None or current is None:
        return None
    end = (state.stopped_at or now).astimezone(UTC)
    return Why(
        state,
        trace.turns[0].at,
        end,
        tuple(_sections([turn for turn in trace.turns if turn.at <= end], end)),
        _verdict(state, current, end, _outcome(story)),
        after=tuple(step for turn in trace.turns if turn.at > end for step in turn.steps),
        first=_first(trace.work, current, end, now) if kind == "requested" else None,
    )


def _sections(turns: Sequence[Turn], end: datetime) -> Iterator[Section]:
    groups: list[list[Turn]] = []
    for turn in turns:
        if groups and groups[-1][0].at == turn.at:
            groups[-1].append(turn)
        else:
            groups.append([turn])
    untils = [*(group[0].at for group in groups[1:]), end]
    for group, until in zip(groups, untils, strict=True):
        last = group[-1]
        doing = Doing.STOPPED if last.ended else Doing.RUNS
        steps = tuple(step for turn in group for step in turn.steps)
        yield Section(last.at, until, doing, steps, tuple(_stretches(last, until)), date=last.date)


def _stretches(turn: Turn, until: datetime) -> Iterator[Stretch]:
    if turn.at >= until:
        return
    if turn.ended:
        yield Stretch(turn.at, until, Kind.STOPPED, Kind.STOPPED, "C11")
    elif turn.date is None or turn.date.due is None:
        yield Stretch(turn.at, until, Kind.UNDATED, Kind.UNDATED, "D5")
    else:
        yield from _dated(turn.at, turn.date.due.astimezone(UTC), until)


def _dated(start: datetime, due: datetime, until: datetime) -> Iterator[Stretch]:
    """D1, D2: up to the date, and past it; nothing moves it."""
    within = [due] if start < due < until else []
    for begin, end in pairwise([start, *within, until]):
        late = begin >= due
        kind, rule = (Kind.LATE, "D1") if late else (Kind.AHEAD, "D2")
        yield Stretch(begin, end, kind, kind, rule, over=late)


def _outcome(story: Story) -> str:
    if story.cancelled_at:
        return "cancelled"
    return "resolved" if story.resolved_at else ""


def _verdict(state: ClockState, date: DateEntry, end: datetime, outcome: str) -> Verdict:
    """D1, C11: judged at the last resolution against the date that counts."""
    return Verdict(
        state.state,
        ("D1", "C11"),
        due_at=state.due_at,
        breached_at=state.breached_at,
        date=date,
        judged_at=end,
        outcome=outcome,
    )


def _first(work: Clockwork, current: DateEntry, end: datetime, now: datetime) -> Verdict | None:
    """D4: the headline is judged against the first wish."""
    first = work.story.first_wish()
    if first is None or (first.day, first.due) == (current.day, current.due):
        return None
    clock = date_clock(work.story, first)
    return Verdict(
        clock.state(now),
        ("D4", "D1"),
        due_at=clock.due,
        breached_at=clock.breach_by(now),
        date=first,
        judged_at=end,
        outcome=_outcome(work.story),
    )
