"""The clocks against a reference that looks at one minute after another (§5)."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from servicedesk.event import Event
from servicedesk.incidents.clocks import ClockState, Clockwork, Name, follow
from servicedesk.incidents.happenings import tell
from servicedesk.setup.directory import Directory
from servicedesk.sla.calendar import Calendar
from tests.incidents import reference
from tests.incidents.imagined import Imagined, Played, play, played, some
from tests.incidents.reference import Verdict
from tests.incidents.situations import holdings, situations, spans
from tests.incidents.world import TooFar
from tests.sla.naive import SECOND
from tests.support.torture import enough

walked = settings(max_examples=enough(10, 1500))
algebra = settings(max_examples=enough(15, 1500))


def said(state: ClockState) -> dict[str, Any]:
    """What the engine says of a clock."""
    names = ("state", "target", "counted", "started_at", "stopped_at", "breached_at")
    return {name: getattr(state, name) for name in names}


def found(verdict: Verdict) -> dict[str, Any]:
    """What the reference finds."""
    names = ("state", "target", "counted", "started_at", "stopped_at", "breached_at")
    return {name: getattr(verdict, name) for name in names}


def counting(states: dict[Name, ClockState]) -> dict[Name, ClockState]:
    """The clocks that count time, without the dates."""
    return {name: state for name, state in states.items() if state.counted is not None}


def walks(one: Played) -> dict[Name, reference.Walk]:
    """What the reference finds; nothing where it would have to look too far ahead."""
    try:
        return reference.clocks(one.events, one.world, one.now)
    except TooFar:
        return {}


@walked
@given(played())
def test_every_clock_is_what_a_look_at_every_minute_finds(one: Played) -> None:
    """C1 to C14: what counted, target, verdict, breach and stop, acts in any order."""
    expected = walks(one)
    engine = {name: said(state) for name, state in counting(one.states()).items()}
    verdicts = {name: found(clock.verdict(one.now, far=False)) for name, clock in expected.items()}
    assert not expected or engine == verdicts


@walked
@given(played())
def test_a_deadline_is_the_first_minute_by_which_a_look_ahead_has_counted_enough(
    one: Played,
) -> None:
    """C3, C5: none while it rests; C7: by all versions; what has stopped, by those known."""
    states, dues = one.states(), {}
    for name, clock in walks(one).items():
        with suppress(TooFar):
            dues[name] = clock.due(one.now)
    assert {name: states[name].due_at for name in dues} == dues


@walked
@given(played())
def test_the_dates_are_judged_as_by_hand(one: Played) -> None:
    """D1, D3, C11: the current wish and promise, at the last resolution."""
    expected = reference.dates(one.events, one.world, one.now)
    dates = {state.kind: state for state in one.states().values() if state.counted is None}
    assert {kind: said(state) for kind, state in dates.items()} == {
        kind: found(verdict) for kind, verdict in expected.items()
    }
    assert all(dates[kind].due_at == verdict.due_at for kind, verdict in expected.items())


@walked
@given(played())
def test_without_what_is_excluded_a_clock_is_what_a_look_at_the_other_minutes_finds(
    one: Played,
) -> None:
    """C11: what is approved not to count, and it alone, makes the difference."""
    states = one.states()
    for name, gross in walks(one).items():
        clock = reference.net(name, one.events, one.world, one.now)
        assert clock is not None
        state = states[name]
        assert state.net_breached_at == clock.breached_at, name
        assert _verdict(state.net_state) == _verdict(clock.state()), name
        assert (state.net.excluded if state.net else 0) == gross.seconds - clock.seconds


def _verdict(state: str) -> str:
    return "open" if state in ("running", "paused") else state


@algebra
@given(played())
def test_holdings_are_those_of_a_plain_reading_and_leave_no_second_out(one: Played) -> None:
    """H1: they partition the time in which the incident was open."""
    told = situations(one.events)
    expected = holdings(told, one.now)
    story = tell(one.events)
    kept = [(h.holder, h.start, h.end or one.now) for h in story.holdings]
    assert [holding for holding in kept if holding[1] < holding[2]] == expected
    opened = sum((end - so.at for so, end in spans(told, one.now) if not so.ended), TIME)
    assert sum((end - start for _holder, start, end in expected), TIME) == opened


TIME = timedelta()
NEUTRAL = ("incident.described", "file.attached", "incident.assigned", "requester.reminded")


def within(one: Played, part: int) -> datetime:
    """The instant at which so many thousandths of the time have passed."""
    since = one.events[0].at
    return (since + (one.now - since) * part // 1000).replace(microsecond=0)


@st.composite
def interrupted(draw: st.DrawFn) -> tuple[Played, list[Event]]:
    """An incident, and the same with more events in between that concern no clock."""
    one = draw(played())
    more = [
        Event(0, draw(st.sampled_from(NEUTRAL)), within(one, part), 3)
        for part in draw(st.lists(st.integers(0, 1000), max_size=6))
    ]
    return one, sorted([*one.events, *more], key=lambda event: event.at)


def clocks_of(events: list[Event], setup: Directory, now: datetime) -> dict[Name, ClockState]:
    """Clocks as they are after these events."""
    return bare(follow(events, setup), now)


def bare(work: Clockwork, now: datetime) -> dict[Name, ClockState]:
    """Clocks without their stretches, which may be cut anywhere."""
    return {state.name: replace(state, stretches=()) for state in work.states(now)}


@algebra
@given(interrupted())
def test_what_concerns_no_clock_changes_none(both: tuple[Played, list[Event]]) -> None:
    """C6: however often a clock is looked at, it counts the same."""
    one, events = both
    assert clocks_of(events, one.setup, one.now) == clocks_of(one.events, one.setup, one.now)


@algebra
@given(played(), st.booleans())
def test_at_one_instant_dates_and_comments_may_come_before_the_rest_or_after(
    one: Played, first: bool
) -> None:
    """C6: the order of what concerns other clocks does not matter."""

    def place(event: Event) -> tuple[datetime, bool]:
        other = event.kind.startswith(("wish.", "promise.", "comment.", "exclusion."))
        return event.at, other != first

    logged, *rest = one.events
    events = [logged, *sorted(rest, key=place)]
    assert clocks_of(events, one.setup, one.now) == clocks_of(one.events, one.setup, one.now)


def fresh(setup: Directory) -> Directory:
    """The same set-up with calendars that have not been asked anything yet."""
    calendars = {key: Calendar(one.versions) for key, one in setup.calendars.items()}
    return replace(setup, calendars=calendars)


@st.composite
def two_incidents(draw: st.DrawFn) -> tuple[Played, Played, list[bool]]:
    """Two incidents of one desk, and in which order their events are taken."""
    desk = Imagined(draw)
    one, two = play(desk, *some(draw)), play(desk, *some(draw))
    turns = [True] * len(one.events) + [False] * len(two.events)
    return one, two, draw(st.permutations(turns))


@algebra
@given(two_incidents())
def test_incidents_do_not_disturb_each_other(case: tuple[Played, Played, list[bool]]) -> None:
    """C6: events of different incidents may come in any order."""
    one, two, turns = case
    setup = fresh(one.setup)
    works = {True: Clockwork(setup), False: Clockwork(setup)}
    events = {True: iter(one.events), False: iter(two.events)}
    for turn in turns:
        works[turn].apply(next(events[turn]))
    for it, work in ((one, works[True]), (two, works[False])):
        assert bare(work, it.now) == clocks_of(it.events, fresh(it.setup), it.now)


def counted_at(one: Played, at: datetime) -> dict[Name, int]:
    """What each clock had counted by an instant, from what had happened by then."""
    events = [event for event in one.events if event.at <= at]
    states = follow(events, one.setup).states(at)
    return {state.name: state.counted for state in states if state.counted is not None}


@walked
@given(played(), st.lists(st.integers(0, 1000), min_size=3, max_size=3))
def test_counting_is_additive(one: Played, parts: list[int]) -> None:
    """C6: between any two instants counts what a look at the minutes between them finds."""
    a, b, c = (within(one, part) for part in sorted(parts))
    by_a, by_b, by_c = (counted_at(one, at) for at in (a, b, c))
    for name, clock in walks(one).items():
        if name in by_a:
            assert by_b[name] - by_a[name] == between(clock, a, b)
            assert by_c[name] - by_a[name] == between(clock, a, b) + between(clock, b, c)


def between(clock: reference.Walk, start: datetime, end: datetime) -> int:
    """Seconds of a clock that lie in [start, end)."""
    clipped = ((max(begin, start), min(until, end)) for begin, until in clock.counted)
    return sum(int((until - begin).total_seconds()) for begin, until in clipped if begin < until)


@algebra
@given(played())
def test_due_and_elapsed_are_each_others_inverse(one: Played) -> None:
    """C3, C10: at its due a clock has counted its target and is in time; then it is late."""
    for name, state in counting(one.states()).items():
        due, late = state.due_at, state.late_from
        if state.state != "running" or due is None or late is None or due <= one.now:
            continue
        at_due, before = one.states(due)[name], one.states(due - SECOND)[name]
        assert (at_due.counted, before.counted) == (state.target, (state.target or 0) - 1)
        assert (at_due.state, one.states(late - SECOND)[name].state) == ("running", "running")
        assert one.states(late)[name].breached_at == due
