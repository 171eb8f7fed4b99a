"""Versions, the last working moment and targets in working days, rule by rule."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from servicedesk.sla.calendar import Calendar, NoWorkingTime, due
from tests.sla.calendars import ALWAYS, HOUR, OFFICE, at, calendar, hours_on, version

# Which version decides (C7)


def test_each_version_decides_about_its_own_time() -> None:
    """C7: hours that change at noon change at noon."""
    cal = Calendar(
        [version(OFFICE), version({"mon": ["06:00-15:00"]}, since=at("2026-06-08T12:00"))]
    )
    assert cal.windows(at("2026-06-08T00:00"), at("2026-06-09T00:00")) == [
        (at("2026-06-08T09:00"), at("2026-06-08T15:00"))
    ]


def test_a_closing_day_announced_ahead_moves_the_date() -> None:
    """C7: published on Friday, for Monday."""
    published = at("2026-06-05T12:00")
    cal = Calendar([version(OFFICE), version(OFFICE, off=["2026-06-08"], since=published)])
    assert due(cal, at("2026-06-05T17:00"), 2 * HOUR) == at("2026-06-09T10:00")
    assert due(cal.known_at(at("2026-06-05T11:59")), at("2026-06-05T17:00"), 2 * HOUR) == at(
        "2026-06-08T10:00"
    )


def test_nothing_published_later_changes_time_that_has_passed() -> None:
    """C7: Monday is over when it is declared a day off."""
    published = at("2026-06-09T00:00")
    cal = Calendar([version(OFFICE), version(OFFICE, off=["2026-06-08"], since=published)])
    assert hours_on(cal, "2026-06-08") == 9


def test_the_first_version_holds_from_the_beginning_of_time() -> None:
    """C7: whatever its date says."""
    cal = Calendar([version(OFFICE, since=at("2026-06-08T12:00"))])
    assert hours_on(cal, "2026-06-01") == 9


def test_a_window_is_cut_where_its_version_ends() -> None:
    """C7: a night shift that the new version does not know ends with the old one."""
    night = version({"mon-sun": ["22:00-06:00"]})
    cal = Calendar([night, version(OFFICE, since=at("2026-06-09T02:00"))])
    assert cal.counted(at("2026-06-08T22:00"), at("2026-06-09T09:00")) == 4 * HOUR


def test_versions_may_be_in_different_zones() -> None:
    """C7: 09-18 in Tokyo up to the move, then 09-18 in Berlin."""
    move = at("2026-06-08T12:00")
    cal = Calendar([version(OFFICE), version(OFFICE, "Europe/Berlin", since=move)])
    assert cal.zone == "Europe/Berlin"
    assert cal.windows(at("2026-06-08T00:00"), at("2026-06-09T08:00")) == [
        (at("2026-06-08T09:00"), move),
        (at("2026-06-08T16:00"), at("2026-06-09T01:00")),
    ]


def test_versions_are_put_in_order() -> None:
    second = version(OFFICE, since=at("2026-06-08T12:00"))
    third = version(OFFICE, since=at("2026-07-08T12:00"))
    assert Calendar([third, version(OFFICE), second]).versions[1:] == (second, third)


def test_what_was_known_is_asked_for_once() -> None:
    cal = Calendar([version(OFFICE), version(ALWAYS, since=at("2026-06-08T12:00"))])
    before = at("2026-06-08T11:59:59")
    assert cal.known_at(before) is cal.known_at(before)
    assert cal.known_at(at("2026-06-08T12:00")) is cal
    assert cal.known_at(datetime(1, 1, 2, tzinfo=UTC)).versions == cal.versions[:1]


# The last working moment (D1)


@pytest.mark.parametrize(
    ("wish", "moment"),
    [
        ("2026-06-08T12:00", "2026-06-08T12:00"),
        ("2026-06-08T18:00", "2026-06-08T18:00"),
        ("2026-06-08T23:59:59", "2026-06-08T18:00"),
        ("2026-06-07T23:59:59", "2026-06-05T18:00"),
        ("2026-06-08T08:59:59", "2026-06-05T18:00"),
        ("2026-06-08T09:00", "2026-06-08T09:00"),
    ],
)
def test_the_last_working_moment_is_at_or_before_the_wish(wish: str, moment: str) -> None:
    """D1: closing time is one, and so is the wish itself during working hours."""
    assert calendar().last_working_moment(at(wish)) == at(moment)


def test_there_may_be_no_last_working_moment() -> None:
    """D1: none in the five years before."""
    cal = calendar({}, special={"2026-06-08": ["09:00-12:00"]})
    assert cal.last_working_moment(at("2026-06-08T08:00")) is None
    assert cal.last_working_moment(at("2031-06-01T08:00")) == at("2026-06-08T12:00")
    assert cal.last_working_moment(at("2031-06-20T08:00")) is None
    assert cal.last_working_moment(datetime(9999, 12, 31, tzinfo=UTC)) is None


def test_an_opening_at_the_turn_of_a_year_is_a_working_moment() -> None:
    """D1: whatever the calendar was asked before."""
    cal = calendar({"mon-sun": ["00:00-01:00"]}, "UTC")
    cal.counted(at("2026-06-08T09:00", "UTC"), at("2026-06-09T09:00", "UTC"))
    new_year = at("2028-01-01T00:00", "UTC")
    assert cal.last_working_moment(new_year) == new_year


def test_the_last_working_moment_may_be_years_ago() -> None:
    """D1: found by a calendar that has not been asked anything before."""
    cal = calendar({}, special={"2026-06-08": ["09:00-12:00"]})
    assert cal.last_working_moment(at("2031-06-01T08:00")) == at("2026-06-08T12:00")


# Targets in working days (C1)


@pytest.mark.parametrize(
    ("start", "days", "end"),
    [
        ("2026-06-08T10:00", 1, "2026-06-09T18:00"),
        ("2026-06-08T03:00", 1, "2026-06-09T18:00"),
        ("2026-06-08T23:00", 1, "2026-06-09T18:00"),
        ("2026-06-05T17:00", 1, "2026-06-08T18:00"),
        ("2026-06-06T12:00", 2, "2026-06-09T18:00"),
        ("2026-06-08T10:00", 5, "2026-06-15T18:00"),
    ],
)
def test_a_target_in_working_days_ends_with_a_working_day(start: str, days: int, end: str) -> None:
    """C1: to the end of working hours of the n-th working day after the day of the start."""
    cal = calendar()
    seconds = cal.working_days(at(start), days)
    assert seconds == cal.counted(at(start), at(end))
    assert due(cal, at(start), seconds) == at(end)


def test_a_day_off_is_no_working_day_and_a_special_one_is() -> None:
    """C1: Tuesday is off, Saturday is worked."""
    cal = calendar(off=["2026-06-09"], special={"2026-06-13": ["10:00-12:00"]})
    assert cal.working_days(at("2026-06-08T09:00"), 1) == 18 * HOUR
    assert cal.working_days(at("2026-06-12T09:00"), 1) == 11 * HOUR


def test_a_start_in_a_night_shift_belongs_to_the_evening_before() -> None:
    """C1: Tuesday 03:00 is still Monday's shift, so the next one is Tuesday's."""
    cal = calendar({"mon-fri": ["22:00-06:00"]})
    assert cal.working_days(at("2026-06-09T03:00"), 1) == 11 * HOUR
    assert cal.working_days(at("2026-06-09T06:00"), 1) == 16 * HOUR


def test_where_two_shifts_meet_a_start_belongs_to_the_later_one() -> None:
    """C1: Tuesday 05:00 lies in Monday's night and in Tuesday's early shift."""
    cal = calendar({"mon-tue": ["22:00-06:00", "04:00-08:00"]})
    assert cal.working_days(at("2026-06-02T05:00"), 1) == cal.counted(
        at("2026-06-02T05:00"), at("2026-06-09T06:00")
    )


def test_a_date_that_never_existed_is_no_working_day() -> None:
    """C1: after Thursday the 29th comes Monday the 2nd."""
    cal = calendar({"mon-fri": ["09:00-17:00"]}, "Pacific/Apia")
    assert cal.working_days(at("2011-12-29T16:00", "Pacific/Apia"), 1) == 9 * HOUR


def test_a_working_day_ends_with_the_window_that_ends_last() -> None:
    """C1: not with the one that starts last."""
    cal = calendar({"mon": ["08:00-18:00", "09:00-12:00"]})
    assert cal.working_days(at("2026-06-07T12:00"), 1) == 10 * HOUR


def test_a_night_at_the_turn_of_a_year_is_counted_to_its_end() -> None:
    """C1: the 105th Friday after New Year 2026 is New Year's Eve 2027."""
    cal = calendar({"fri": ["22:00-06:00"]}, "UTC")
    assert cal.working_days(at("2026-01-01T12:00", "UTC"), 105) == 105 * 8 * HOUR


def test_no_working_days_are_no_time() -> None:
    assert calendar().working_days(at("2026-06-08T09:00"), 0) == 0


def test_a_day_whose_hours_ended_before_a_longer_one_leaves_no_time() -> None:
    """C1: Monday's 48 hours outlast Tuesday's single one."""
    cal = calendar({"mon": ["00:00-48:00"], "tue": ["08:00-09:00"]})
    assert cal.working_days(at("2026-06-09T20:00"), 1) == 0


def test_a_calendar_without_working_days_is_an_error() -> None:
    """C3: a clear error, never a loop."""
    with pytest.raises(NoWorkingTime):
        calendar({}).working_days(at("2026-06-08T09:00"), 1)
