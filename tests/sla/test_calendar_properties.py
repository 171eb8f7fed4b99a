"""Working time against a reference that looks at one minute after another."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from servicedesk.sla.calendar import Calendar, Pause, Version, Window, counted_outside, due
from tests.sla import naive
from tests.sla.naive import DAY, MINUTE, SECOND
from tests.support.torture import enough

# Zones around the days on which their clocks, or their calendar, jump.
PIVOTS = [
    ("Europe/Berlin", date(2026, 3, 29)),
    ("Europe/Berlin", date(2026, 10, 25)),
    ("America/New_York", date(2027, 3, 14)),
    ("America/New_York", date(2026, 11, 1)),
    ("Australia/Lord_Howe", date(2026, 10, 4)),
    ("Australia/Lord_Howe", date(2026, 4, 5)),
    ("Pacific/Apia", date(2011, 12, 30)),
    ("Asia/Tokyo", date(2026, 12, 31)),
    ("Africa/Casablanca", date(2026, 2, 15)),
    ("Africa/Casablanca", date(2026, 3, 22)),
]


@st.composite
def windows(draw: st.DrawFn) -> Window:
    start = draw(st.integers(0, 1439))
    return start, min(start + draw(st.integers(0, 1800)), 2880)


def versions(zones: st.SearchStrategy[str], day: date) -> st.SearchStrategy[Version]:
    hours = st.lists(windows(), max_size=2).map(tuple)
    days = st.integers(-5, 5).map(lambda distance: day + distance * DAY)
    return st.builds(
        Version,
        zone=zones,
        weekly=st.tuples(*[hours] * 7),
        days_off=st.frozensets(days, max_size=3),
        special=st.dictionaries(days, hours, max_size=2),
    )


class Case:
    """A calendar with up to three versions, and instants near the day on which clocks jump."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.draw = draw
        zone, day = draw(st.sampled_from(PIVOTS))
        self.noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
        zones = st.sampled_from([zone, zone, zone, "Asia/Tokyo"])
        first = draw(versions(st.just(zone), day))
        later = draw(st.lists(versions(zones, day), max_size=2))
        changes = sorted(self.instant() for _ in later)
        self.versions = [
            first,
            *(
                Version(v.zone, v.weekly, v.days_off, v.special, since)
                for v, since in zip(later, changes, strict=True)
            ),
        ]
        self.calendar = Calendar(self.versions)

    def instant(self, days: int = 3, unit: timedelta = MINUTE) -> datetime:
        most = days * DAY // unit
        return self.noon + self.draw(st.integers(-most, most)) * unit

    def interval(self, days: int = 3, unit: timedelta = MINUTE) -> Pause:
        start, end = sorted([self.instant(days, unit), self.instant(days, unit)])
        return start, end

    def pauses(self) -> list[Pause]:
        return [self.interval() for _ in range(self.draw(st.integers(0, 4)))]

    def fresh(self) -> Calendar:
        return Calendar(self.versions)


cases = st.composite(Case)()
reference = settings(max_examples=enough(40, 400), deadline=None)
algebra = settings(max_examples=enough(50, 400), deadline=None)


@reference
@given(cases)
def test_counted_is_what_a_look_at_every_minute_finds(case: Case) -> None:
    """C2, C7: whether an instant counts, and how many do."""
    start, end = case.interval()
    assert case.calendar.counted(start, end) == naive.counted(case.versions, start, end)
    assert case.calendar.is_open(start) == naive.is_open(case.versions, start)


@reference
@given(cases)
def test_counted_is_what_a_look_at_every_second_finds(case: Case) -> None:
    """C2: near the jump, to the second."""
    start = case.instant(1, SECOND)
    end = start + case.draw(st.integers(0, 4000)) * SECOND
    assert case.calendar.counted(start, end) == naive.counted(
        case.versions, start, end, step=SECOND
    )


@reference
@given(cases)
def test_due_is_the_earliest_instant_that_a_look_at_every_minute_finds(case: Case) -> None:
    """C3, C4: paused or not."""
    start, pauses = case.instant(), case.pauses()
    seconds = case.draw(st.integers(0, 40 * 60)) * 60
    expected = naive.reach(case.versions, start, seconds, pauses)
    assume(expected is not None)
    assert due(case.calendar, start, seconds, pauses) == expected


@reference
@given(cases)
def test_counted_outside_pauses_is_what_a_look_at_every_minute_finds(case: Case) -> None:
    """C4: pauses may overlap, and reach out of the interval."""
    (start, end), pauses = case.interval(), case.pauses()
    expected = naive.counted(case.versions, start, end, pauses)
    assert counted_outside(case.calendar, start, end, pauses) == expected


@reference
@given(cases)
def test_the_last_working_moment_is_what_a_look_back_finds(case: Case) -> None:
    """D1: at or before an instant, closing time included."""
    at = case.instant()
    expected = naive.last_working_moment(case.versions, at)
    assume(expected is not None)
    assert case.calendar.last_working_moment(at) == expected


@settings(reference, max_examples=enough(20, 100))
@given(cases)
def test_working_days_end_where_a_look_at_every_minute_ends_them(case: Case) -> None:
    """C1: by the zone, the dates and the versions in force."""
    start, days = case.instant(), case.draw(st.integers(1, 3))
    expected = naive.working_days(case.versions, start, days)
    assume(expected is not None)
    assert case.calendar.working_days(start, days) == expected


@algebra
@given(cases)
def test_parts_add_up(case: Case) -> None:
    a, b, c = sorted(case.instant(800, SECOND) for _ in range(3))
    counted = case.calendar.counted
    assert counted(a, b) + counted(b, c) == counted(a, c)


@algebra
@given(cases)
def test_more_time_never_counts_less_and_never_more_than_passes(case: Case) -> None:
    (a, b), more = case.interval(800, SECOND), case.draw(st.integers(0, 10**6))
    counted = case.calendar.counted
    assert 0 <= counted(a, b + more * SECOND) - counted(a, b) <= more


@algebra
@given(cases)
def test_what_is_reached_is_counted_and_a_second_before_it_is_not(case: Case) -> None:
    """C3: the earliest instant, so counting and reaching are each other's inverse."""
    start, seconds = case.instant(800, SECOND), case.draw(st.integers(1, 10**6))
    assume(any(b > a for hours in case.versions[-1].weekly for a, b in hours))
    reached = case.calendar.reach(start, seconds)
    assert case.calendar.counted(start, reached) == seconds
    assert case.calendar.counted(start, reached - SECOND) == seconds - 1


@algebra
@given(cases)
def test_what_was_counted_is_reached_by_then(case: Case) -> None:
    """C3: reaching never passes the end of what was counted."""
    start, end = case.interval(800, SECOND)
    reached = case.calendar.reach(start, case.calendar.counted(start, end))
    assert start <= reached <= end
    assert case.calendar.counted(reached, end) == 0


@algebra
@given(cases)
def test_a_larger_target_is_due_later(case: Case) -> None:
    assume(any(b > a for hours in case.versions[-1].weekly for a, b in hours))
    start, pauses, seconds = case.instant(), case.pauses(), case.draw(st.integers(1, 10**6))
    first = due(case.calendar, start, seconds, pauses)
    assert due(case.calendar, start, seconds + 1, pauses) > first
    assert counted_outside(case.calendar, start, first, pauses) == seconds


@algebra
@given(cases)
def test_windows_are_apart_in_order_and_sum_to_what_is_counted(case: Case) -> None:
    """C2: merged, and cut to the interval."""
    start, end = case.interval(400, SECOND)
    found = case.calendar.windows(start, end)
    edges = [start - SECOND, *(edge for window in found for edge in window), end + SECOND]
    assert all(a < b for a, b in pairwise(edges))
    assert sum((b - a) // SECOND for a, b in found) == case.calendar.counted(start, end)


@algebra
@given(cases)
def test_answers_do_not_depend_on_what_was_asked_before(case: Case) -> None:
    for _ in range(2):
        start, end = case.interval(2000, SECOND)
        assert case.calendar.counted(start, end) == case.fresh().counted(start, end)
        assert case.calendar.is_open(end) == case.fresh().is_open(end)
        moments = case.calendar.last_working_moment(end), case.fresh().last_working_moment(end)
        assert moments[0] == moments[1]


@algebra
@given(cases)
def test_what_is_published_later_does_not_change_what_has_passed(case: Case) -> None:
    """C7: up to an instant, the versions known by then decide alone."""
    start, end = case.interval(10, SECOND)
    assert case.calendar.known_at(end).counted(start, end) == case.calendar.counted(start, end)
