"""Whatever happens to an incident: its clocks' explanations add up to the second."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from servicedesk.incidents.clocks import ClockState
from servicedesk.incidents.why import Kind, Why, explain, slug, slugs
from servicedesk.incidents.why.parts import Doing
from servicedesk.setup.directory import Directory
from servicedesk.sla import why as calendars
from servicedesk.sla.agreement import read_terms
from servicedesk.sla.calendar import Calendar, Version, parse_hours
from servicedesk.sla.why import Reason
from tests.cast import at
from tests.incidents.test_story_properties import STEPS, Step, play
from tests.incidents.told import GROUP, OFFICE, STANDARD, Told, directory

NEW_YORK = Version(  # ends daylight saving on 1 November, begins it on 14 March
    "America/New_York",
    parse_hours({"mon-fri": ["00:30-03:15", "09:00-17:00"], "sat": ["22:00-30:00"]}),
)
HALF_DAYS = replace(
    OFFICE,
    weekly=parse_hours({"mon-fri": ["09:00-12:30"]}),
    special={date(2026, 11, 28): ((600, 900),), date(2026, 12, 1): ()},
    holidays=frozenset({date(2026, 11, 23)}),
)
STARTS = st.lists(
    st.integers(0, 60 * 24 * 12).map(lambda n: at("00:00") + timedelta(minutes=n)), max_size=3
)


@st.composite
def setups(draw: st.DrawFn) -> Directory:
    """An office whose hours, zone and days off change on the way."""
    kinds = st.sampled_from([OFFICE, HALF_DAYS, NEW_YORK])
    first = draw(kinds)
    later = [replace(draw(kinds), valid_from=start) for start in sorted(draw(STARTS))]
    terms = {"standard": (read_terms(STANDARD, None),)}
    made = directory(first, *later, **terms)
    return replace(made, calendars={**made.calendars, "always": Calendar((NEW_YORK,))})


EXCLUSIONS = st.lists(
    st.tuples(
        st.integers(0, 40),
        st.integers(1, 30),
        st.sampled_from(["resolution", "response", "group:1", "group:2", "partner:1"]),
        st.sampled_from(["approved", "approved", "refused"]),
    ),
    max_size=4,
)
Wanted = list[tuple[int, int, str, str]]


def told(steps: list[Step], setup: Directory, wanted: Wanted) -> tuple[Told, datetime]:
    """Play a story, then leave some of its time out."""
    it, second = play(steps, setup)
    now, start = second.now, it.story.logged_at
    it.act.now = now
    for after, lasting, name, outcome in wanted:
        since = start + timedelta(minutes=37 * after)
        until = min(since + timedelta(minutes=53 * lasting), now)
        if since < until:
            said = {"start": since.isoformat(), "end": until.isoformat(), "clocks": [name]}
            n = it.act.record("exclusion.asked", **said).seq
            it.act.record(f"exclusion.{outcome}", n=n)
    return it, now


def explained(it: Told, now: datetime) -> list[tuple[ClockState, Why]]:
    found = []
    for state in it.act.work.states(now):
        why = explain(it.act.events, it.act.directory, state.name, now)
        assert why
        found.append((state, why))
    return found


WHOLE = given(STEPS, setups(), EXCLUSIONS)


@WHOLE
def test_stretches_are_contiguous_and_sum_to_the_time_elapsed(
    steps: list[Step], setup: Directory, wanted: Wanted
) -> None:
    """C15: each stretch in order, summing exactly to elapsed time, gross and net (C11)."""
    it, now = told(steps, setup, wanted)
    for state, why in explained(it, now):
        assert why.start == state.started_at
        assert why.end == (state.stopped_at or now)
        edges = [(s.start, s.end) for s in why.stretches]
        assert [why.start, *(end for _, end in edges)] == [*(start for start, _ in edges), why.end]
        assert all(stretch.seconds > 0 for stretch in why.stretches)
        assert sum(why.sums.values()) == sum(why.net_sums.values()) == why.elapsed
        assert [s.start for s in why.sections[1:]] == [s.end for s in why.sections[:-1]]


@WHOLE
def test_what_is_counted_is_what_the_clock_says(
    steps: list[Step], setup: Directory, wanted: Wanted
) -> None:
    """C6, C15: counted, verdict and breach are the clock's; C11: and so are the net ones."""
    it, now = told(steps, setup, wanted)
    for state, why in explained(it, now):
        assert why.state == state
        assert (why.verdict.state, why.verdict.breached_at) == (state.state, state.breached_at)
        if state.counted is None:
            continue
        assert why.sums.get(Kind.COUNTED, 0) == why.verdict.counted == state.counted
        assert (why.net is None) == (state.net is None)
        excluded = state.net.excluded if state.net else 0
        assert why.net_sums.get(Kind.EXCLUDED, 0) == excluded
        assert why.net_sums.get(Kind.COUNTED, 0) == state.counted - excluded
        if why.net and state.net:
            assert why.net.counted == state.counted - excluded
            assert (why.net.state, why.net.breached_at) == (state.net.state, state.net.breached_at)


@WHOLE
def test_running_totals_grow_by_what_is_counted(
    steps: list[Step], setup: Directory, wanted: Wanted
) -> None:
    """C15: the sum beside each stretch is that of all before it."""
    it, now = told(steps, setup, wanted)
    for _state, why in explained(it, now):
        counted = net = 0
        for stretch in why.stretches:
            counted += stretch.seconds * (stretch.kind == Kind.COUNTED)
            net += stretch.seconds * (stretch.net_kind == Kind.COUNTED)
            assert (stretch.counted, stretch.net_counted) == (counted, net)
        assert all(one.before <= two.before for one, two in pairwise(why.sections))


@WHOLE
def test_what_is_over_begins_at_the_breach(
    steps: list[Step], setup: Directory, wanted: Wanted
) -> None:
    """C10: what counts from the breach on is over the target, and nothing before it."""
    it, now = told(steps, setup, wanted)
    for state, why in explained(it, now):
        for stretch in why.stretches:
            if stretch.kind == Kind.COUNTED:
                late = state.breached_at is not None and stretch.start >= state.breached_at
                assert stretch.over == late


@WHOLE
def test_every_section_has_its_steps_and_every_step_its_event_and_rules(
    steps: list[Step], setup: Directory, wanted: Wanted
) -> None:
    """C15: with the rule and the event behind it; C7: a calendar's version has no event."""
    it, now = told(steps, setup, wanted)
    events = {event.seq: event for event in it.act.events}
    for state, why in explained(it, now):
        for section in why.sections:
            assert section.steps
            assert all(step.at == section.start for step in section.steps)
            for step in section.steps:
                assert step.event is None or step.event == events[step.event.seq]
                assert (step.event is None) == (step.what == "calendar")
                assert step.rules or state.target is None
        assert all(stretch.rule for stretch in why.stretches)
        doing = why.sections[-1].doing
        assert (doing == Doing.STOPPED) == (state.stopped_at is not None)


@WHOLE
def test_less_is_said_without_what_left_the_clock_running(
    steps: list[Step], setup: Directory, wanted: Wanted
) -> None:
    """C15: the same stretches of time, whoever reads about them."""
    it, now = told(steps, setup, wanted)
    for state, why in explained(it, now):
        less = explain(it.act.events, it.act.directory, state.name, now, aside=False)
        assert less
        assert (less.sums, less.net_sums, less.verdict) == (why.sums, why.net_sums, why.verdict)
        assert not any(s.what == "ran-on" for section in less.sections for s in section.steps)


@given(STEPS, setups())
def test_every_clock_has_a_name_of_its_own(steps: list[Step], setup: Directory) -> None:
    """C15: every clock has a page."""
    it, now = told(steps, setup, [])
    names = {state.name for state in it.act.work.states(now)}
    assert set(slugs(it.act.work).values()) == names
    assert len({slug(name, setup) for name in names}) == len(names)


@given(setups(), st.integers(0, 10**6), st.integers(0, 10**6))
def test_pieces_of_a_calendar_are_contiguous_and_count_what_it_counts(
    setup: Directory, after: int, lasting: int
) -> None:
    """C2: what is between two instants counts, or it does not for one reason."""
    calendar = setup.calendars["office"]
    start = at("2026-10-28 00:00").astimezone(UTC) + timedelta(seconds=after)
    end = start + timedelta(seconds=lasting)
    found = list(calendars.pieces(calendar, start, end))
    assert [start, *(p.end for p in found)] == [*(p.start for p in found), end] or not lasting
    worked = sum((p.end - p.start).total_seconds() for p in found if p.reason is None)
    assert worked == calendar.counted(start, end)
    for one, two in pairwise(found):
        assert one.reason != two.reason
    for piece in found:
        assert calendar.is_open(piece.start) == (piece.reason is None)
        assert isinstance(piece.reason, Reason | None)


def test_the_plain_set_up_is_as_elsewhere() -> None:
    """Its groups have targets, so that every kind of clock is explained here."""
    assert {*GROUP["targets"]} == {"acceptance", "answer", "holding"}
    kinds: set[Any] = {state.kind for state in Told().act.work.states(at("10:00"))}
    assert kinds == {"response", "resolution", "holding"}
