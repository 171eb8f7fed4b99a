"""When a message may go: pure rules, against a reference that looks at every minute."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from servicedesk.mail import calm
from servicedesk.mail.calm import (
    HOUR,
    LIMIT,
    QUIET,
    Held,
    QuietHours,
    Told,
    hold,
    is_alone,
    is_free,
    is_urgent,
    quiet_until,
    room_at,
    settling,
)
from servicedesk.mail.letters import LETTERS

NIGHT = QuietHours(20 * 60, 7 * 60)
NIGHTS_AND_WEEKENDS = QuietHours(20 * 60, 7 * 60, weekends=True)
MINUTE = timedelta(minutes=1)
NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
LATER = NOW + timedelta(hours=8)


def is_weekend(day: date) -> bool:
    return day.weekday() > 4


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


# Quiet hours


def is_quiet(
    hours: QuietHours, zone: ZoneInfo, is_off: Callable[[date], bool], at: datetime
) -> bool:
    """The reference: what the clock on the wall says."""
    local = at.astimezone(zone)
    minute = local.hour * 60 + local.minute
    if hours.start < hours.end:
        night = hours.start <= minute < hours.end
    else:
        night = minute >= hours.start or minute < hours.end
    return night or (hours.weekends and is_off(local.date()))


def reference(
    hours: QuietHours, zone: str, is_off: Callable[[date], bool], now: datetime
) -> datetime | None:
    at, place = now.replace(second=0), ZoneInfo(zone)
    while is_quiet(hours, place, is_off, at):
        at += MINUTE
    return at if at > now else None


# around the changes of the clocks in Stockholm, and an ordinary week
STARTS = [utc("2026-03-27T12:00"), utc("2026-10-23T12:00"), utc("2026-11-24T12:00")]


@given(
    start=st.integers(0, 1439),
    end=st.integers(0, 1439),
    weekends=st.booleans(),
    zone=st.sampled_from(["Europe/Stockholm", "Asia/Tokyo", "America/St_Johns"]),
    since=st.sampled_from(STARTS),
    seconds=st.integers(0, 4 * 86400),
    off=st.sets(st.integers(0, 6), max_size=3),
)
def test_quiet_hours_end_where_the_clock_on_the_wall_says_so(
    start: int, end: int, weekends: bool, zone: str, since: datetime, seconds: int, off: set[int]
) -> None:
    """C2, E5: whatever daylight saving does; on days off all day."""
    if start == end:
        return
    hours, now = QuietHours(start, end, weekends), since + timedelta(seconds=seconds)

    def is_off(day: date) -> bool:
        return day.weekday() in off

    assert quiet_until(hours, zone, is_off, now) == reference(hours, zone, is_off, now)


@pytest.mark.parametrize(
    ("zone", "now", "end"),
    [
        ("Asia/Tokyo", "2026-11-26T11:00", "2026-11-26T22:00"),  # from 20:00 to 07:00
        ("Asia/Tokyo", "2026-11-26T10:59", None),
        ("Asia/Tokyo", "2026-11-26T22:00", None),  # half-open
        ("Europe/Stockholm", "2026-03-28T21:00", "2026-03-29T05:00"),  # an hour less to sleep
        ("Europe/Stockholm", "2026-10-24T21:00", "2026-10-25T06:00"),  # an hour more
        ("Europe/Stockholm", "2026-11-26T21:00", "2026-11-27T06:00"),
    ],
)
def test_nights_end_at_the_same_time_of_the_day(zone: str, now: str, end: str | None) -> None:
    expected = utc(end) if end else None
    assert quiet_until(NIGHT, zone, is_weekend, utc(now)) == expected


def test_an_end_that_daylight_saving_leaves_out_is_where_the_clock_jumps() -> None:
    hours = QuietHours(20 * 60, 2 * 60 + 30)
    assert quiet_until(hours, "Europe/Stockholm", is_weekend, utc("2026-03-28T23:00")) == utc(
        "2026-03-29T01:00"
    )


def test_a_weekend_is_quiet_from_friday_evening_to_monday_morning() -> None:
    friday = utc("2026-11-27T11:30")  # 20:30 in Tokyo
    assert quiet_until(NIGHTS_AND_WEEKENDS, "Asia/Tokyo", is_weekend, friday) == utc(
        "2026-11-29T22:00"
    )
    assert quiet_until(NIGHT, "Asia/Tokyo", is_weekend, friday) == utc("2026-11-27T22:00")


def test_a_desk_that_never_opens_does_not_silence_anybody_for_ever() -> None:
    found = quiet_until(NIGHTS_AND_WEEKENDS, "UTC", lambda _day: True, utc("2026-11-26T21:00"))
    assert found == utc("2026-11-27T07:00")
    assert quiet_until(NIGHTS_AND_WEEKENDS, "UTC", lambda _day: True, NOW) is None


@pytest.mark.parametrize(
    "said",
    [None, False, {}, {"from": "20:00"}, {"from": "x", "to": "07:00"}, {"from": 1, "to": 2},
     {"from": "07:00", "to": "07:00"}],
)  # fmt: skip
def test_what_can_not_be_read_is_no_quiet(said: object) -> None:
    assert calm.read_quiet(said) is None


# What may wait


@pytest.mark.parametrize(
    ("told", "urgent"),
    [
        (Told("rule", "P1"), True),
        (Told("rule", "P2"), True),
        (Told("rule", "P3"), False),
        (Told("reply", "P1"), False),
        (Told("rule", "P5", on_call=True), True),
        (Told("reply", "P5", is_major=True), True),
        (Told("rule", "P4", (LATER - MINUTE,)), True),
        (Told("rule", "P4", (LATER,)), True),
        (Told("rule", "P4", (LATER + MINUTE, NOW - MINUTE, NOW)), False),
        (Told("reset"), True),
        (Told("swap_asked"), True),
        (Told("received"), True),
        (Told("return_asked"), True),
        (Told("digest"), True),
        (Told("bundle"), False),
        (Told("bundle", urgent=True), True),
    ],
)
def test_what_is_urgent_comes_whatever_the_hour(told: Told, urgent: bool) -> None:
    """E5: one definition, for quiet hours and for limits."""
    assert is_urgent(told, NOW, LATER) is urgent
    assert hold(told, NOW, LATER, None) == (None if urgent else Held(LATER, QUIET))


@pytest.mark.parametrize(
    ("told", "free"),
    [
        (Told("reset"), True),
        (Told("invitation"), True),
        (Told("solved"), True),
        (Told("question"), True),
        (Told("approval_asked"), True),
        (Told("promised", has_link=True), True),
        (Told("something_new", has_link=True), True),
        (Told("handed_off", to_partner=True), True),
        (Told("rule", "P3"), False),
        (Told("reply"), False),
        (Told("bundle"), False),
    ],
)
def test_what_lets_in_or_has_to_be_decided_is_never_counted_out(told: Told, free: bool) -> None:
    assert is_free(told) is free
    assert hold(told, NOW, None, LATER) == (None if free else Held(LATER, LIMIT))


def test_what_is_answered_by_mail_stands_alone() -> None:
    """H7: the address for an answer is that of one hand-off."""
    assert is_alone(Told("nudged", to_partner=True))
    assert not is_alone(Told("nudged"))
    assert settling(Told("nudged", to_partner=True), 60) == 0


@pytest.mark.parametrize(
    ("told", "seconds", "waits"),
    [
        (Told("rule", "P3"), 60, 60),
        (Told("rule", "P1"), 60, 20),
        (Told("rule", "P1"), 5, 5),
        (Told("rule", "P3"), 0, 0),
        (Told("handoff_asked", "P4"), 60, 60),
        (Told("reply", "P1"), 60, 0),
        (Told("reset"), 60, 0),
    ],
)
def test_storms_settle_and_what_is_urgent_settles_less(
    told: Told, seconds: int, waits: int
) -> None:
    assert settling(told, seconds) == waits


Instants = st.integers(0, 7200).map(lambda seconds: NOW + timedelta(seconds=seconds))
Messages = st.builds(
    Told,
    st.sampled_from(sorted(LETTERS)),
    st.sampled_from(["", "P1", "P2", "P3", "P5"]),
    st.lists(Instants, max_size=3).map(tuple),
    st.booleans(),
    st.booleans(),
    st.booleans(),
    st.booleans(),
    st.booleans(),
)
Ahead = st.none() | st.integers(1, 86400).map(lambda seconds: NOW + timedelta(seconds=seconds))


@given(Messages, Ahead, Ahead)
def test_nothing_is_kept_back_but_until_a_known_instant_ahead(
    told: Told, quiet: datetime | None, room: datetime | None
) -> None:
    """E5: never before now, never for ever; what is urgent not at all."""
    held = hold(told, NOW, quiet, room)
    if held is None:
        free = is_free(told) or (room and is_urgent(told, NOW, room))
        assert not quiet or is_urgent(told, NOW, quiet)
        assert not room or free
    else:
        assert held in (Held(quiet or NOW, QUIET), Held(room or NOW, LIMIT))
        assert held.until > NOW
        assert not is_urgent(told, NOW, held.until)


# So many an hour


@given(st.lists(st.integers(0, 5 * 3600), max_size=80), st.integers(1, 6))
def test_so_many_an_hour_and_no_more(seconds: list[int], most: int) -> None:
    """E5: whoever waits for room gets it, and nobody gets more in any hour."""
    sent: list[datetime] = []
    for each in sorted(seconds):
        at = NOW + timedelta(seconds=each)
        at = max([at, *sent[-1:]])  # those who came before go first
        room = room_at(sent, most, at)
        assert room is None or at < room <= at + HOUR
        sent.append(room or at)
    for n, at in enumerate(sent):
        assert sum(at - HOUR < other <= at for other in sent[: n + 1]) <= most


@pytest.mark.parametrize(
    ("said", "desk", "expected"),
    [({}, 20, 20), ({"most": 5}, 20, 5), ({"most": 50}, 20, 20), ({"most": "x"}, 20, 20)],
)
def test_people_may_want_fewer_but_not_more(
    said: dict[str, object], desk: int, expected: int
) -> None:
    assert calm.most(said, desk) == expected
