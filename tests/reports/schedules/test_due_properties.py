"""F9: when a report is due, against a reference that looks at one half hour after another."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from servicedesk.reports.periods import Period
from servicedesk.reports.schedules.due import Due, Plan, due, dues, last_ended
from servicedesk.sla.calendar import Calendar, Version
from tests.sla.naive import DAY, MINUTE, days_of, instants
from tests.support.torture import enough

HALF = 30 * MINUTE
# Clocks jump by an hour or half of one, at midnight too, and between two years of one month.
ZONES = (
    "Asia/Tokyo", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Santiago",
    "Africa/Casablanca", "UTC",
)  # fmt: skip
OFFICE = (*[((540, 1080),)] * 5, (), ())
LENGTHS = {"month": 1, "quarter": 3, "year": 12}


@st.composite
def versions(draw: st.DrawFn, zone: str, month: date) -> Version:
    window = st.tuples(st.integers(0, 47), st.integers(1, 60)).map(
        lambda it: (it[0] * 30, min(it[0] + it[1], 96) * 30)
    )
    day = st.integers(-3, 75).map(lambda n: month + n * DAY)
    run = st.tuples(day, st.integers(1, 45))
    off = {first + n * DAY for first, days in draw(st.lists(run, max_size=3)) for n in range(days)}
    hours = st.lists(window, max_size=1).map(tuple)
    weekly = draw(st.one_of(st.just(OFFICE), st.tuples(*[hours] * 7)))
    special = draw(st.dictionaries(day, hours, max_size=2))
    return Version(zone, weekly, frozenset(off), special)


def naive_day(said: Sequence[Version], month: date, n: int) -> date | None:
    """Count the dates of a month on which any half hour is worked; None: none for a while."""
    after = _after(month)
    worked = sorted(_worked(said, month, after))
    if worked:
        return worked[n - 1] if 0 < n <= len(worked) else worked[-1]
    return min(_worked(said, after, after + 70 * DAY), default=None)


def _worked(said: Sequence[Version], first: date, after: date) -> set[date]:
    start, end = (datetime.combine(day, time(), UTC) for day in (first - 2 * DAY, after + 4 * DAY))
    found = {day for at in instants(start, end, HALF) for day in days_of(said, at)}
    return {day for day in found if first <= day < after}


def naive_at(day: date, at: time, zone: str) -> datetime:
    """Walk the minutes of a day until the wall clock shows it, or would have."""
    wanted = datetime.combine(day, at)
    last = wanted - 3 * DAY
    begin = datetime.combine(day, time(), UTC) - 16 * 60 * MINUTE
    for instant in instants(begin, begin + 3 * DAY):
        wall = instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
        if wall == wanted:
            return instant
        if wall > wanted > last:  # it is left out: as if the clock had not jumped
            return instant - MINUTE + (wanted - last)
        last = wall
    raise AssertionError


def _after(month: date, count: int = 1) -> date:
    for _n in range(count):
        month = (month + 31 * DAY).replace(day=1)
    return month


def _before(month: date, count: int = 1) -> date:
    for _n in range(count):
        month = (month - DAY).replace(day=1)
    return month


@st.composite
def cases(draw: st.DrawFn) -> tuple[Plan, list[Version], date]:
    month = date(draw(st.sampled_from((2026, 2027))), draw(st.integers(1, 12)), 1)
    zone = draw(st.sampled_from(ZONES))
    said = [draw(versions(zone, month))]
    if draw(st.booleans()):
        since = datetime.combine(month, time(), UTC) + draw(st.integers(-480, 2400)) * HALF
        later = draw(versions(draw(st.sampled_from((zone, *ZONES))), month))
        said.append(Version(later.zone, later.weekly, later.days_off, later.special, since))
    at = draw(st.builds(time, st.integers(0, 23), st.sampled_from((0, 30))))
    own = draw(st.sampled_from((zone, *ZONES)))
    every = draw(st.sampled_from(tuple(LENGTHS)))
    return Plan(every, draw(st.integers(0, 23)), at, own, draw(st.integers(1, 12))), said, month


@settings(max_examples=enough(12, 200))
@given(cases())
def test_it_is_due_on_that_working_day_at_that_hour(
    case: tuple[Plan, list[Version], date],
) -> None:
    """F9: holidays, months with fewer working days or none, jumps of clocks and changes of zone."""
    plan, said, month = case
    period = Period(_before(month, LENGTHS[plan.every]), month, plan.zone, plan.first_month)
    found = due(plan, Calendar(said), period)
    day = naive_day(said, month, plan.day)
    if day is None:
        assert found is None or found.at > naive_at(_after(month, 3), time(), plan.zone)
    else:
        assert found == Due(period, naive_at(day, plan.at, plan.zone))


@settings(max_examples=enough(40, 600))
@given(cases(), st.lists(st.integers(-480, 24 * 400), min_size=3, max_size=3).map(sorted))
def test_whatever_runs_when_each_period_comes_once(
    case: tuple[Plan, list[Version], date], hours: list[int]
) -> None:
    """F9: all that became due between two looks, and nothing else, however often is looked."""
    plan, said, month = case
    calendar = Calendar(said)
    first, between, last = (
        datetime.combine(month, time(), UTC) + timedelta(hours=n) for n in hours
    )
    ends = [_after(_before(month, 4), n) for n in range(26)]
    begins = [end for end in ends if (end.month - plan.first_month) % LENGTHS[plan.every] == 0]
    periods = [
        Period(_before(end, LENGTHS[plan.every]), end, plan.zone, plan.first_month)
        for end in begins
    ]
    all_of_them = [found for period in periods if (found := due(plan, calendar, period))]
    assume(all(one.at < one.period.end + 85 * DAY for one in all_of_them))  # closed for no longer
    wanted = [one for one in all_of_them if first < one.at <= last]
    assert list(dues(plan, calendar, first, last)) == wanted
    halves = [*dues(plan, calendar, first, between), *dues(plan, calendar, between, last)]
    assert halves == wanted
    ended = [period for period in periods if period.end <= last]
    assert not ended or last_ended(plan, last) == ended[-1]
