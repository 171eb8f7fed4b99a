"""Targets, agreements and single clocks, rule by rule, as tables."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from servicedesk.sla.agreement import Agreement, Target, parse_target, read_terms
from servicedesk.sla.calendar import Calendar, Version, due, parse_hours
from servicedesk.sla.clock import Clock, DateClock, Phase, net
from servicedesk.times import end_of_day
from tests.sla.calendars import OFFICE, at, calendar, version

HOUR = 3600
THU, FRI, MON = "2026-11-26", "2026-11-27", "2026-11-30"
T10, T11, T12, T13, T14 = (f"{THU}T{hour}:00" for hour in range(10, 15))
T18, F09, F10, F18 = f"{THU}T18:00", f"{FRI}T09:00", f"{FRI}T10:00", f"{FRI}T18:00"
M09, M10, M11, M12, M13 = (f"{MON}T{hour:02}:00" for hour in range(9, 14))
RUN, PAUSE, STOP, CANCEL = Phase.RUN, Phase.PAUSE, Phase.STOP, Phase.CANCEL


def clock(hours: float | None, start: str = f"{THU}T09:00") -> Clock:
    """A clock in a Tokyo office, 09:00-18:00, that has started."""
    made = Clock(at(start).astimezone(UTC), calendar())
    made.retarget(None if hours is None else int(hours * HOUR), made.started_at)
    return made


def then(it: Clock, *moves: tuple[str, Phase]) -> Clock:
    """Let it run, pause and stop."""
    for when, phase in moves:
        it.move(phase, at(when).astimezone(UTC))
    return it


# C1: what a target is


@pytest.mark.parametrize(
    ("said", "target"),
    [(240, Target(minutes=240)), (1, Target(minutes=1)), ("2d", Target(days=2))],
)
def test_a_target_is_minutes_or_working_days(said: object, target: Target) -> None:
    """C1: working time in minutes, or working days."""
    assert parse_target(said) == target


@pytest.mark.parametrize(
    "said", [0, -5, True, None, 1.5, "240", "0d", "d", "2 d", "1d 30", "1.5d", "2h", "²d", [1]]
)
def test_minutes_and_days_are_never_mixed_silently(said: object) -> None:
    """C1: what is neither, or both, is refused."""
    with pytest.raises(ValueError, match="neither minutes"):
        parse_target(said)


def test_days_become_seconds_by_what_is_known_when_they_are_turned() -> None:
    """C1, C7: at the start and at each re-targeting, by the versions that there are then."""
    friday_off = version(OFFICE, off=[FRI], since=at(T12))
    cal = Calendar([version(OFFICE), friday_off])
    start = at(f"{THU}T09:00")
    assert Target(days=1).seconds(cal, start, at(f"{THU}T11:59")) == 18 * HOUR
    assert Target(days=1).seconds(cal, start, at(T12)) == 18 * HOUR  # Thursday, Monday
    assert cal.reach(start, 18 * HOUR) == at(f"{MON}T18:00")
    assert cal.known_at(at(f"{THU}T11:59")).reach(start, 18 * HOUR) == at(F18)


def test_days_without_working_time_ahead_are_no_target() -> None:
    """C3: never a loop."""
    assert Target(days=1).seconds_if_any(calendar({}), at(THU), at(THU)) is None
    assert Target(minutes=5).seconds_if_any(calendar({}), at(THU), at(THU)) == 300


# C3, C5, C10: a clock on its way

Moves = list[tuple[str, Phase]]
NOW = M12
WAYS: list[tuple[str, float, Moves, str, str | None, str | None]] = [
    # hours of target, moves, state, due, breach as of Monday noon
    ("it runs", 30, [], "running", "2026-12-01T12:00", None),
    ("used up at closing time", 18, [(F18, STOP)], "met", F18, None),
    ("stopped at the next opening", 18, [(M09, STOP)], "met", F18, None),
    ("a second later", 18, [(f"{MON}T09:00:01", STOP)], "breached", F18, F18),
    ("late, still running", 9, [], "breached", T18, T18),
    ("late, then paused", 9, [(F10, PAUSE)], "breached", T18, T18),
    ("late, then stopped", 1, [(T11, STOP)], "breached", T10, T10),
    ("late, then cancelled", 1, [(T11, CANCEL)], "breached", T10, T10),
    ("cancelled in time", 3, [(T11, CANCEL)], "cancelled", T12, None),
    ("paused in time", 3, [(T11, PAUSE)], "paused", None, None),
    ("used up when it pauses", 3, [(T12, PAUSE)], "paused", None, None),
    (
        "a pause at the target, then on",
        3,
        [(T12, PAUSE), (F10, RUN)],
        "breached",
        T12,
        T12,
    ),
    (
        "what is left when it goes on",
        4,
        [(T11, PAUSE), (M11, RUN)],
        "running",
        M13,
        None,
    ),
    (
        "a pause outside working hours",
        20,
        [(T18, PAUSE), (F09, RUN)],
        "breached",
        M11,
        M11,
    ),
    (
        "stopped, and on again",
        4,
        [(T11, STOP), (M10, RUN)],
        "running",
        M12,
        None,
    ),
]


@pytest.mark.parametrize(
    ("hours", "moves", "state", "due_at", "breach"),
    [way[1:] for way in WAYS],
    ids=[way[0] for way in WAYS],
)
def test_a_clock_on_its_way(
    hours: float, moves: Moves, state: str, due_at: str | None, breach: str | None
) -> None:
    """C3, C4, C5, C10: due, verdict, and the instant that a breach carries."""
    it = then(clock(hours), *moves)
    now = at(NOW).astimezone(UTC)
    assert it.state(now) == state
    assert it.due() == (at(due_at) if due_at else None)
    assert it.breach_by(now) == (at(breach) if breach else None)


@pytest.mark.parametrize(
    ("first", "second", "when", "breach"),
    [
        (30, 3, T13, T13),  # four counted: late at once
        (30, 4, T13, T13),  # used up just then: late from the next second
        (30, 9, f"{THU}T20:00", T18),  # used up at closing time, late on Friday
        (30, 9, f"{FRI}T08:59", T18),
        (30, 9, f"{FRI}T09:01", f"{FRI}T09:01"),  # a minute too much: late at once
        (30, 5, T13, T14),
        (3, 30, T13, T12),  # late before: it stays
    ],
)
def test_another_target_and_the_instant_of_the_breach(
    first: float, second: float, when: str, breach: str
) -> None:
    """C10: when the target was reached, or the re-targeting if that made it late at once."""
    it = clock(first)
    it.retarget(int(second * HOUR), at(when).astimezone(UTC))
    now = at(f"{FRI}T12:00").astimezone(UTC)
    assert it.breach_by(now) == at(breach)
    assert it.outlook().breaches_at == at(breach)
    it.settle(now)
    assert it.breached_at == at(breach)


def test_without_a_target_it_counts_without_a_verdict() -> None:
    """C9: until there is one again, from the original start."""
    it = then(clock(None), (T11, STOP))
    assert (it.state(at(NOW)), it.counted, it.due()) == ("cancelled", 2 * HOUR, None)
    it = clock(None)
    it.retarget(HOUR, at(T11).astimezone(UTC))
    assert (it.breached_at, it.counted) == (at(T11), 2 * HOUR)


def test_clocks_with_pauses_are_due_as_the_calculator_says() -> None:
    """C4: one by one or overlapping, pauses count once."""
    pauses = [("10:00", "12:00"), ("11:00", "13:00"), ("17:00", "20:00")]
    spans = [(at(f"{THU}T{a}"), at(f"{THU}T{b}")) for a, b in pauses]
    it = then(clock(6), (T10, PAUSE), (T13, RUN), (f"{THU}T17:00", PAUSE))
    it = then(it, (f"{THU}T20:00", RUN))
    assert it.due() == due(calendar(), at(f"{THU}T09:00"), 6 * HOUR, spans) == at(F10)


# C8: versions of an agreement


def terms(number: int, since: str | None) -> Any:
    """A version that can be told by its target."""
    said = {"calendar": "office", "targets": {"response": 10 * number}}
    return read_terms(said, at(since) if since else None, number)


@pytest.mark.parametrize(
    ("when", "number"),
    [("1999-01-01", 1), (f"{THU}T09:59:59", 1), (T10, 2), ("2030-01-01", 3)],
)
def test_the_version_in_force_at_an_instant(when: str, number: int) -> None:
    """C7, C8: the first from the beginning of time, each other one from its instant on."""
    versions = terms(1, f"{THU}T08:00"), terms(2, T10), terms(3, FRI)
    assert Agreement(1, "standard", versions).at(at(when)).number == number


@pytest.mark.parametrize(
    ("has", "applied", "goes"), [(1, None, 1), (1, 2, 2), (2, 1, 2), (1, 9, 1)]
)
def test_a_version_that_was_applied_counts_if_it_is_later(
    has: int, applied: int | None, goes: int
) -> None:
    """C8: nothing goes back to an earlier version."""
    one = Agreement(1, "standard", (terms(1, None), terms(2, FRI)))
    assert one.later(one.versions[has - 1], applied).number == goes


# C11: without what is excluded


@pytest.mark.parametrize(
    ("spans", "counted", "state"),
    [
        ([], 11, "breached"),
        ([("10:00", "12:00")], 9, "met"),
        ([("10:00", "10:59:59")], 11 - 3599 / HOUR, "breached"),  # a second too much is left
        ([("10:00", "11:00")], 10, "met"),
        ([("10:00", "12:00"), ("11:00", "13:00")], 8, "met"),  # overlapping: once
        ([("18:00", "23:00")], 11, "breached"),  # outside working hours
        ([("00:00", "09:30")], 10.5, "breached"),  # from before the start
        ([("00:00", "23:59")], 2, "met"),
    ],
)
def test_a_clock_net_of_what_is_excluded(
    spans: list[tuple[str, str]], counted: float, state: str
) -> None:
    """C11: only an exclusion lifts a breach, by as much as would have counted in it."""
    it = then(clock(10), (f"{FRI}T11:00", STOP))
    twin = net(it, [(at(f"{THU}T{a}"), at(f"{THU}T{b}")) for a, b in spans])
    assert (twin.counted, twin.state(at(NOW))) == (int(counted * HOUR), state)
    assert (it.counted, it.state(at(NOW))) == (11 * HOUR, "breached")
    assert twin.stopped_at == it.stopped_at


# Dates


@pytest.mark.parametrize(
    ("day", "resolved", "state"),
    [
        (True, f"{THU}T23:59:59", "met"),
        (True, f"{FRI}T00:00", "breached"),
        (False, f"{FRI}T00:00", "met"),
        (False, f"{FRI}T00:00:01", "breached"),
    ],
)
def test_a_day_ends_before_midnight_and_an_instant_at_itself(
    day: bool, resolved: str, state: str
) -> None:
    """D1: resolved before the next local midnight; at or before the instant."""
    it = DateClock(at(FRI), day, at(THU), at(resolved))
    assert it.state(at(NOW)) == state
    assert it.breach_by(at(NOW)) == (at(FRI) if state == "breached" else None)


SKIPPED = [
    ("America/New_York", date(2027, 3, 14), "2027-03-15T04:00+00:00"),  # a day of 23 hours
    ("America/New_York", date(2026, 11, 1), "2026-11-02T05:00+00:00"),  # of 25
    ("Africa/Cairo", date(2026, 4, 23), "2026-04-23T22:00+00:00"),  # midnight is 01:00
    ("Pacific/Apia", date(2011, 12, 29), "2011-12-30T10:00+00:00"),  # the 30th never was
    ("Pacific/Apia", date(2011, 12, 30), "2011-12-30T10:00+00:00"),
]


@pytest.mark.parametrize(("zone", "day", "end"), SKIPPED)
def test_the_next_local_midnight_where_the_clocks_jump(zone: str, day: date, end: str) -> None:
    """D1: judged at 24:00 local, whatever the clocks do there."""
    assert end_of_day(day, zone) == datetime.fromisoformat(end)


def test_a_week_has_seven_days() -> None:
    """C2: Monday first."""
    with pytest.raises(ValueError, match="seven days"):
        Version("UTC", parse_hours(OFFICE)[:6])
