"""C15: clocks that count working time, stretch by stretch."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import pairwise

from servicedesk.event import Event
from servicedesk.incidents.clocks import CUSTOMER, ClockState, Name, Net
from servicedesk.incidents.story import Exclusion
from servicedesk.incidents.why.parts import Doing, Kind, Section, Step, Stretch, Verdict, What, Why
from servicedesk.incidents.why.retrace import Trace, Turn, retrace
from servicedesk.setup.directory import Directory
from servicedesk.sla import why as calendars
from servicedesk.sla.calendar import Calendar, Pause, union
from servicedesk.sla.clock import Phase

DOING = {
    Phase.RUN: Doing.RUNS,
    Phase.PAUSE: Doing.PAUSED,
    Phase.STOP: Doing.STOPPED,
    Phase.CANCEL: Doing.STOPPED,
}


def explain_clock(
    events: Iterable[Event], directory: Directory, name: Name, now: datetime, *, aside: bool = True
) -> Why | None:
    """C15: explain a clock of working time as of an instant."""
    trace = retrace(events, directory, name, aside=aside)
    clock = trace.clock
    if clock is None or not trace.work.entries[name].targeted:
        return None
    now = max(now, clock.since)
    state = next(state for state in trace.work.states(now) if state.name == name)
    end = (clock.stopped_at or now).astimezone(UTC)
    spans = list(trace.work.story.excluded(name[0], name[1]))
    cuts = Cuts(state.breached_at, union(spans, clock.started_at), name)
    turns = list(_with_versions(trace.turns, end))
    return Why(
        state,
        turns[0].at,
        end,
        tuple(_sections(turns, end, cuts)),
        _verdict(trace, state, None),
        _verdict(trace, state, state.net) if state.net else None,
        tuple(one for one in trace.work.story.exclusions if _concerns(one, name)),
    )


def _concerns(one: Exclusion, name: Name) -> bool:
    return one.state == "approved" and (name[1] or name[0]) in one.clocks


def _with_versions(turns: Sequence[Turn], end: datetime) -> Iterator[Turn]:
    """C7: put in where another version of the calendar comes into force while it counts."""
    for turn, until in zip(turns, [*(each.at for each in turns[1:]), end], strict=True):
        yield turn
        if turn.phase == Phase.RUN:
            for at in calendars.changes(turn.calendar, turn.at, until):
                number = calendars.number_at(turn.calendar, at)
                step = Step(at, What.CALENDAR, ("C7",), number=number)
                yield replace(turn, at=at, steps=(step,))


@dataclass(frozen=True)
class Cuts:
    """Where stretches end besides: at the breach, and around what is excluded."""

    breach: datetime | None
    excluded: Sequence[Pause]
    name: Name

    def at(self) -> list[datetime]:
        """Give all of these instants in order."""
        ends = [edge for span in self.excluded for edge in span]
        found = {*ends, *([self.breach] if self.breach else ())}
        return sorted(edge.astimezone(UTC) for edge in found)

    def is_excluded(self, at: datetime) -> bool:
        """C11: say whether an instant lies in what is excluded."""
        return any(begin <= at < end for begin, end in self.excluded)

    def is_over(self, at: datetime) -> bool:
        """C10: say whether an instant lies after the breach."""
        return self.breach is not None and at >= self.breach


def _sections(turns: Sequence[Turn], end: datetime, cuts: Cuts) -> Iterator[Section]:
    """Give the sections in order; what happens at the same instant begins one together."""
    counted = net_counted = 0
    for group, until in _groups(turns, end):
        last = group[-1]
        stretches = []
        before = counted
        for stretch in _stretches(last, until, cuts):
            counted += stretch.seconds * (stretch.kind == Kind.COUNTED)
            net_counted += stretch.seconds * (stretch.net_kind == Kind.COUNTED)
            stretches.append(replace(stretch, counted=counted, net_counted=net_counted))
        yield Section(
            last.at,
            until,
            DOING[last.phase],
            tuple(step for turn in group for step in turn.steps),
            tuple(stretches),
            before,
            last.target,
            last.calendar_key,
            calendars.number_at(last.calendar, last.at),
        )


def _groups(turns: Sequence[Turn], end: datetime) -> Iterator[tuple[list[Turn], datetime]]:
    groups: list[list[Turn]] = []
    for turn in turns:
        if groups and groups[-1][0].at == turn.at:
            groups[-1].append(turn)
        else:
            groups.append([turn])
    untils = [*(group[0].at for group in groups[1:]), end]
    yield from zip(groups, untils, strict=True)


def _stretches(turn: Turn, until: datetime, cuts: Cuts) -> Iterator[Stretch]:
    if turn.at >= until:
        return
    if turn.phase == Phase.RUN:
        yield from _running(turn.calendar, turn.at, until, cuts)
    elif turn.phase == Phase.PAUSE:
        yield Stretch(turn.at, until, Kind.PAUSED, Kind.PAUSED, "C4")
    else:
        rule = "C4" if cuts.name[0] == "holding" else "C12"
        yield Stretch(turn.at, until, Kind.STOPPED, Kind.STOPPED, rule)


def _running(calendar: Calendar, start: datetime, end: datetime, cuts: Cuts) -> Iterator[Stretch]:
    edges = cuts.at()
    for piece in calendars.pieces(calendar, start, end):
        if piece.reason:
            kind = Kind.OUTSIDE
            yield Stretch(piece.start, piece.end, kind, kind, "C2", piece.reason)
            continue
        within = [edge for edge in edges if piece.start < edge < piece.end]
        for begin, until in pairwise([piece.start, *within, piece.end]):
            yield _counted(begin, until, cuts)


def _counted(start: datetime, end: datetime, cuts: Cuts) -> Stretch:
    excluded = cuts.is_excluded(start)
    kind = Kind.EXCLUDED if excluded else Kind.COUNTED
    rule = "C11" if excluded else "C2" if cuts.name[0] in CUSTOMER else "C4"
    return Stretch(start, end, Kind.COUNTED, kind, rule, over=cuts.is_over(start))


# The verdict


def _verdict(trace: Trace, state: ClockState, twin: Net | None) -> Verdict:
    """C10: give the verdict as the clock has it; of its net twin where that is given."""
    breached_at = twin.breached_at if twin else state.breached_at
    found = Verdict(
        twin.state if twin else state.state,
        (),
        (state.counted or 0) - (twin.excluded if twin else 0),
        state.target,
        twin.due_at if twin else state.due_at,
        breached_at,
        at_once=_is_new_target(trace.turns, breached_at),
    )
    then = _target_then(trace.turns, found)
    return replace(found, rules=tuple(_rules(found, twin)), target_then=then)


def _is_new_target(turns: Sequence[Turn], breached_at: datetime | None) -> bool:
    """C9, C10: say whether it is late since a re-targeting.

    What was used up at the very instant of one was used up of the new target: before it, the old
    one was not exceeded.
    """
    steps = [step for turn in turns if turn.at == breached_at for step in turn.steps]
    return any(step.what in (What.RETARGETED, What.APPLIED) for step in steps)


def _target_from(turns: Sequence[Turn], at: datetime) -> int | None:
    return [turn.target for turn in turns if turn.at <= at][-1]


def _target_then(turns: Sequence[Turn], verdict: Verdict) -> int | None:
    """Give the target by which it was late: a new one, or the one in force before."""
    at = verdict.breached_at
    if at is None:
        return None
    before = [turn.target for turn in turns if turn.at < at]
    return _target_from(turns, at) if verdict.at_once or not before else before[-1]


def _rules(verdict: Verdict, twin: Net | None) -> Iterator[str]:
    yield "C10"
    if verdict.state == "breached":
        yield "C9" if verdict.at_once else "C3"
    if verdict.state == "paused":
        yield "C5"
    if verdict.state == "running":
        yield "C3"
    if twin or verdict.stays:
        yield "C11"
