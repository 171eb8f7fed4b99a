"""Who is on duty when: weeks that take turns, hand-overs, versions, changes on top."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from servicedesk.oncall.month import lay_out
from servicedesk.oncall.rota import Change, Turn, on_duty, stretches, turns
from servicedesk.setup.rota import CLOSED, Pattern, Week

ABE, KATO, SATO = 1, 2, 3
MONDAY = date(2026, 11, 2)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def whole(*people: int) -> tuple[Week, ...]:
    return tuple((person,) * 7 for person in people)


def pattern(*weeks: Week, start: date = MONDAY, at: int = 540, zone: str = "UTC") -> Pattern:
    return Pattern(start, at, zone, weeks)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def people(found: list[Turn]) -> list[int | None]:
    return [turn.person for turn in found]


# Weeks


def test_weeks_take_turns_and_begin_again() -> None:
    rota = [pattern(*whole(ABE, KATO, SATO))]
    mondays = [utc("2026-11-02 09:00") + timedelta(weeks=n) for n in range(5)]
    assert [on_duty(rota, [], at) for at in mondays] == [ABE, KATO, SATO, ABE, KATO]


def test_a_week_can_be_parted_by_day() -> None:
    rota = [pattern((ABE,) * 5 + (KATO,) * 2)]
    assert on_duty(rota, [], utc("2026-11-06 23:00")) == ABE
    assert on_duty(rota, [], utc("2026-11-07 08:59")) == ABE
    assert on_duty(rota, [], utc("2026-11-07 09:00")) == KATO
    assert on_duty(rota, [], utc("2026-11-09 08:59")) == KATO


def test_a_duty_lasts_from_its_hand_over_to_the_next_days() -> None:
    found = turns(
        [pattern(*whole(ABE, KATO))], [], utc("2026-11-02 09:00"), utc("2026-11-16 09:00")
    )
    assert [(turn.start, turn.end) for turn in found] == [
        (utc("2026-11-02 09:00"), utc("2026-11-09 09:00")),
        (utc("2026-11-09 09:00"), utc("2026-11-16 09:00")),
    ]


def test_before_its_first_hand_over_nobody_is_on_duty() -> None:
    rota = [pattern(*whole(ABE))]
    assert on_duty(rota, [], utc("2026-11-02 08:59")) is None
    assert people(stretches(rota, [], utc("2026-11-02 08:00"), utc("2026-11-02 10:00"))) == [
        None,
        ABE,
    ]
    assert on_duty([], [], utc("2026-11-02 10:00")) is None


def test_the_week_of_the_first_day_is_the_first_one() -> None:
    rota = [pattern(*whole(ABE, KATO), start=date(2026, 11, 5))]
    assert on_duty(rota, [], utc("2026-11-05 09:00")) == ABE
    assert on_duty(rota, [], utc("2026-11-09 09:00")) == KATO


def test_a_leap_day_is_a_day_as_any_other() -> None:
    rota = [pattern((ABE, KATO) * 3 + (SATO,), start=date(2028, 2, 28))]
    assert on_duty(rota, [], utc("2028-02-29 12:00")) == KATO
    found = turns(rota, [], utc("2028-02-28 09:00"), utc("2028-03-02 09:00"))
    assert [(turn.person, turn.end - turn.start) for turn in found] == [
        (ABE, DAY),
        (KATO, DAY),
        (ABE, DAY),
    ]


# Daylight saving


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("Europe/Stockholm", date(2026, 3, 28), 23),
        ("Europe/Stockholm", date(2026, 10, 24), 25),
        ("America/New_York", date(2026, 3, 7), 23),
        ("America/New_York", date(2026, 10, 31), 25),
        ("Asia/Tokyo", date(2026, 3, 28), 24),
    ],
)
def test_a_duty_across_daylight_saving_is_as_long_as_that_day(
    zone: str, day: date, hours: int
) -> None:
    rota = [pattern((ABE, KATO) * 3 + (SATO,), start=date(2026, 1, 5), zone=zone)]
    start = rota[0].handover(day)
    turn = turns(rota, [], start, start + 3 * DAY)[0]
    assert (turn.start, turn.end - turn.start) == (start, hours * HOUR)
    assert turn.end.astimezone(ZoneInfo(zone)).hour == 9


def test_a_hand_over_that_the_clock_leaves_out_is_as_much_later() -> None:
    rota = pattern(*whole(ABE), start=date(2026, 3, 2), at=150, zone="Europe/Stockholm")
    assert rota.handover(date(2026, 3, 29)) == utc("2026-03-29 01:30")  # 03:30 there
    assert rota.day_of(utc("2026-03-29 01:29")) == date(2026, 3, 28)
    assert rota.day_of(utc("2026-03-29 01:30")) == date(2026, 3, 29)


def test_of_a_time_that_comes_twice_the_first_is_the_hand_over() -> None:
    rota = pattern(*whole(ABE), start=date(2026, 10, 5), at=150, zone="Europe/Stockholm")
    assert rota.handover(date(2026, 10, 25)) == utc("2026-10-25 00:30")


# Versions


def test_a_version_that_was_planned_begins_with_its_day() -> None:
    """Until its hand-over whoever has the day before goes on, though the old one was earlier."""
    later = pattern(*whole(SATO), start=date(2026, 11, 9), at=1020)
    rota = [pattern(*whole(ABE, KATO)), later]
    found = turns(rota, [], utc("2026-11-02 09:00"), utc("2026-11-10 09:00"))
    assert [(turn.person, turn.end) for turn in found] == [
        (ABE, utc("2026-11-09 17:00")),
        (SATO, utc("2026-11-10 09:00")),
    ]


def test_a_version_that_was_published_late_holds_from_then_on_and_changes_nothing_before() -> None:
    """C7: what has passed stays as it was."""
    now = utc("2026-11-11 15:00")
    late = Pattern(MONDAY, 540, "UTC", whole(SATO), since=now)
    rota = [pattern(*whole(ABE, KATO)), late]
    assert on_duty(rota, [], now - timedelta(seconds=1)) == KATO
    assert on_duty(rota, [], now) == SATO


def test_a_rota_that_has_ended_names_nobody_and_nothing_changes_that() -> None:
    ended = Pattern(MONDAY, 540, "UTC", (), since=utc("2026-11-11 15:00"))
    rota = [pattern(*whole(ABE)), ended]
    change = Change(1, utc("2026-11-11 00:00"), utc("2026-11-13 00:00"), KATO)
    assert on_duty(rota, [change], utc("2026-11-11 14:59")) == KATO
    assert on_duty(rota, [change], utc("2026-11-11 15:00")) is None
    assert people(turns(rota, [change], utc("2026-11-11 16:00"), utc("2026-11-20 16:00"))) == []


# Changes


def test_a_change_wins_over_the_rota_and_a_later_one_over_an_earlier() -> None:
    rota = [pattern(*whole(ABE))]
    first = Change(1, utc("2026-11-03 12:00"), utc("2026-11-04 12:00"), KATO)
    second = Change(2, utc("2026-11-03 18:00"), utc("2026-11-03 20:00"), SATO)
    found = turns(rota, [second, first], utc("2026-11-03 09:00"), utc("2026-11-05 09:00"))
    assert [(turn.person, turn.start.hour, turn.change) for turn in found] == [
        (ABE, 9, None),
        (KATO, 12, 1),
        (SATO, 18, 2),
        (KATO, 20, 1),
        (ABE, 12, None),
    ]
    assert on_duty(rota, [second, first], utc("2026-11-03 19:00")) == SATO


def test_a_change_fills_what_nobody_has() -> None:
    rota = [pattern((ABE,) * 5 + (None, None))]
    change = Change(1, utc("2026-11-07 09:00"), utc("2026-11-08 09:00"), KATO)
    found = stretches(rota, [change], utc("2026-11-06 09:00"), utc("2026-11-09 09:00"))
    assert people(found) == [ABE, KATO, None]


# The calendar


def test_a_day_of_the_calendar_is_a_days_duty() -> None:
    rota = [pattern((ABE, KATO) * 3 + (SATO,))]
    start, end = utc("2026-11-01 00:00"), utc("2026-11-12 00:00")
    change = Change(1, utc("2026-11-03 18:00"), utc("2026-11-04 01:00"), SATO)
    found, before = (stretches(rota, some, start, end) for some in ([change], []))
    [week] = lay_out(rota, found, MONDAY, 1, utc("2026-11-04 08:00"), before)
    assert [[part.turn.person for part in day.parts] for day in week[:3]] == [
        [ABE],
        [KATO, SATO, KATO],
        [ABE],
    ]
    assert [day.is_today for day in week].index(True) == 1  # its duty lasts until 9
    assert [day.is_other for day in week] == [False, True] + [False] * 5
    assert [day.is_passed for day in week] == [True] + [False] * 6


# Always


ZONES = ("Europe/Stockholm", "America/New_York", "Asia/Tokyo", "Australia/Lord_Howe", "UTC")
somebody = st.sampled_from((ABE, KATO, SATO))
minutes = st.integers(0, 1439)
instants = st.datetimes(datetime(2025, 12, 1), datetime(2028, 4, 1)).map(  # noqa: DTZ001
    lambda at: at.replace(microsecond=0, tzinfo=UTC)
)
moments = st.integers(0, 60 * 24 * 3600).map(lambda n: timedelta(seconds=n))


@st.composite
def rotas(draw: st.DrawFn) -> list[Pattern]:
    """Make versions that follow each other, planned or published late, all days of them full."""
    found: list[Pattern] = []
    zone = draw(st.sampled_from(ZONES))
    day = draw(st.dates(date(2025, 1, 1), date(2025, 6, 1)))
    for _n in range(draw(st.integers(1, 4))):
        week = st.tuples(*[somebody] * 7)
        weeks = tuple(draw(st.lists(week, min_size=1, max_size=3)))
        one = Pattern(day, draw(minutes), zone, weeks, draw(st.sampled_from(("always", CLOSED))))
        is_late = draw(st.booleans())
        if found and is_late:
            late = one.handover(day) + draw(moments)
            one = Pattern(day, one.at, zone, weeks, one.covers, since=late)
        found.append(one)
        day = one.begins.date() + draw(st.integers(2, 400)) * DAY
    return found


@dataclass(frozen=True)
class Case:
    rota: list[Pattern]
    changes: list[Change]
    start: datetime
    end: datetime


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Make a rota and a time in which changes lie upon each other."""
    start = draw(instants)
    end = start + timedelta(minutes=draw(st.integers(1, 60 * 24 * 40)))
    found = []
    for id in range(draw(st.integers(0, 5))):
        begins = start + timedelta(minutes=draw(st.integers(-60 * 24 * 5, 60 * 24 * 20)))
        length = timedelta(minutes=draw(st.integers(1, 60 * 24 * 20)))
        found.append(Change(id, begins, begins + length, draw(somebody)))
    return Case(draw(rotas()), draw(st.permutations(found)), start, end)


always = settings(max_examples=60, deadline=None)


@always
@given(cases())
def test_turns_of_a_full_rota_have_no_gap_and_no_overlap(it: Case) -> None:
    found = turns(it.rota, it.changes, it.start, it.end)
    assert found[0].start == it.start
    assert found[-1].end == it.end
    assert all(one.end == two.start for one, two in pairwise(found))
    assert all(turn.start < turn.end for turn in found)


@always
@given(cases(), st.data())
def test_on_duty_is_whoever_has_the_turn_that_holds_then(it: Case, data: st.DataObject) -> None:
    found = turns(it.rota, it.changes, it.start, it.end)
    turn = data.draw(st.sampled_from(found))
    last = int((turn.end - turn.start).total_seconds()) - 1
    for second in (0, last, data.draw(st.integers(0, last))):
        at = turn.start + timedelta(seconds=second)
        assert on_duty(it.rota, it.changes, at) == turn.person


@always
@given(rotas(), instants)
def test_who_has_a_day_has_it_from_hand_over_to_hand_over(
    rota: list[Pattern], at: datetime
) -> None:
    """Read naively: of all days whose hand-over has come the last, by the clock on the wall."""
    in_force = [one for one in rota if one.begins <= at][-1:]
    after = [one for one in rota if one.begins > at and one.since is None][:1]
    if not in_force or (after and after[0] is not rota[rota.index(in_force[0]) + 1]):
        return
    one = in_force[0]
    local = at.astimezone(ZoneInfo(one.zone)).date()
    begun = [local + n * DAY for n in range(-3, 3) if one.handover(local + n * DAY) <= at]
    day = min([begun[-1], *(each.start - DAY for each in after)])
    first = one.start - timedelta(days=one.start.weekday())
    week = one.weeks[((day - first).days // 7) % len(one.weeks)]
    assert on_duty(rota, [], at) == week[day.weekday()]
