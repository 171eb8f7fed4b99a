"""Working time, rule by rule."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import pytest

from servicedesk.sla.calendar import Calendar, NoWorkingTime, Version, counted_outside, due
from tests.sla.calendars import ALWAYS, HOUR, OFFICE, at, calendar, hours_on, version

# Which instants count (C2)


def test_a_weekend_is_not_counted() -> None:
    """C2: Friday 17:00 to Monday 10:00 is two hours."""
    assert calendar().counted(at("2026-06-05T17:00"), at("2026-06-08T10:00")) == 2 * HOUR


def test_nothing_lies_between_an_instant_and_an_earlier_one() -> None:
    assert calendar().counted(at("2026-06-08T12:00"), at("2026-06-08T10:00")) == 0


def test_windows_are_half_open() -> None:
    """C3: opening time counts, closing time does not."""
    cal = calendar()
    assert cal.is_open(at("2026-06-08T09:00"))
    assert cal.is_open(at("2026-06-08T17:59:59"))
    assert not cal.is_open(at("2026-06-08T18:00"))
    assert not cal.is_open(at("2026-06-08T08:59:59"))


def test_overlapping_windows_count_once() -> None:
    """C2: 09-13 and 12-18 are nine hours."""
    assert hours_on(calendar({"mon": ["09:00-13:00", "12:00-18:00"]}), "2026-06-08") == 9


@pytest.mark.parametrize("hours", ["22:00-06:00", "22:00-30:00"])
def test_an_overnight_window_belongs_to_the_date_on_which_it_starts(hours: str) -> None:
    """C2: Friday's night runs into Saturday, Sunday's does not exist."""
    cal = calendar({"mon-fri": [hours]})
    assert cal.counted(at("2026-06-06T00:00"), at("2026-06-07T00:00")) == 6 * HOUR
    assert cal.counted(at("2026-06-08T00:00"), at("2026-06-08T22:00")) == 0


def test_a_holiday_takes_away_the_night_that_starts_on_it_and_no_other() -> None:
    """C2: the night before runs into the holiday."""
    cal = calendar({"mon-fri": ["22:00-06:00"]}, off=["2026-06-10"])
    assert cal.counted(at("2026-06-10T00:00"), at("2026-06-10T06:00")) == 6 * HOUR
    assert cal.counted(at("2026-06-10T22:00"), at("2026-06-11T06:00")) == 0


def test_a_window_of_no_length_counts_nothing() -> None:
    assert hours_on(calendar({"mon": ["09:00-09:00"], "tue": ["09:00-10:00"]}), "2026-06-08") == 0


def test_a_special_working_day_replaces_the_hours_of_its_day() -> None:
    cal = calendar(special={"2026-06-08": ["10:00-16:00"], "2026-06-09": []})
    assert hours_on(cal, "2026-06-08") == 6
    assert hours_on(cal, "2026-06-09") == 0


def test_a_special_working_day_wins_over_a_day_off_and_over_the_weekend() -> None:
    special = {"2026-11-23": ["10:00-16:00"], "2026-11-22": ["10:00-12:00"]}
    cal = calendar(off=["2026-11-23"], special=special)
    assert hours_on(cal, "2026-11-23") == 6
    assert hours_on(cal, "2026-11-22") == 2


def test_a_gap_shortens_a_window() -> None:
    """C2: on the day the clocks go forward, 01-05 is three hours."""
    cal = calendar({"sun": ["01:00-05:00"]}, "America/New_York")
    assert hours_on(cal, "2027-03-14", "America/New_York") == 3


def test_a_window_that_opens_in_the_gap_opens_after_it() -> None:
    """C2: 02:30 is not on the clock that day."""
    cal = calendar({"sun": ["02:30-06:00"]}, "Europe/Berlin")
    start = at("2027-03-28T00:00", "Europe/Berlin")
    opens, closes = cal.windows(start, start + timedelta(days=1))[0]
    assert opens == datetime(2027, 3, 28, 1, tzinfo=UTC)
    assert closes == datetime(2027, 3, 28, 4, tzinfo=UTC)


def test_a_fold_lengthens_a_window() -> None:
    """C2: on the day the clocks go back, 01-05 is five hours."""
    cal = calendar({"sun": ["01:00-05:00"]}, "America/New_York")
    assert hours_on(cal, "2026-11-01", "America/New_York") == 5


def test_a_fold_may_split_a_window_in_two() -> None:
    """C2: 02:10-02:50 is on the clock twice."""
    cal = calendar({"sun": ["02:10-02:50"]}, "Europe/Berlin")
    start = at("2026-10-25T00:00", "Europe/Berlin")
    assert cal.windows(start, start + timedelta(days=1)) == [
        (datetime(2026, 10, 25, 0, 10, tzinfo=UTC), datetime(2026, 10, 25, 0, 50, tzinfo=UTC)),
        (datetime(2026, 10, 25, 1, 10, tzinfo=UTC), datetime(2026, 10, 25, 1, 50, tzinfo=UTC)),
    ]


def test_a_time_zone_may_move_by_half_an_hour() -> None:
    """C2: Lord Howe's gap is 30 minutes."""
    cal = calendar({"sun": ["01:00-05:00"]}, "Australia/Lord_Howe")
    assert hours_on(cal, "2026-10-04", "Australia/Lord_Howe") == 3.5


def test_a_date_that_never_existed_has_no_working_time() -> None:
    """C2: Samoa went from Thursday the 29th to Saturday the 31st."""
    cal = calendar({"fri": ["09:00-17:00"]}, "Pacific/Apia")
    start = datetime(2011, 12, 26, tzinfo=UTC)
    assert cal.counted(start, start + timedelta(days=7)) == 0


def test_offsets_of_odd_seconds_are_kept() -> None:
    """C2: until January 1972 Monrovia was 44 minutes and 30 seconds behind."""
    cal = calendar({"mon-sun": ["09:00-10:00"]}, "Africa/Monrovia")
    opens, _ = cal.windows(datetime(1971, 6, 1, tzinfo=UTC), datetime(1971, 6, 2, tzinfo=UTC))[0]
    assert opens == datetime(1971, 6, 1, 9, 44, 30, tzinfo=UTC)


def test_whole_days_are_one_stretch_across_years() -> None:
    start, end = datetime(2025, 1, 1, tzinfo=UTC), datetime(2029, 1, 1, tzinfo=UTC)
    assert calendar(ALWAYS, "Europe/Berlin").windows(start, end) == [(start, end)]


def test_an_instant_counts_where_what_is_known_so_far_ends() -> None:
    """C2: at every turn of the year, asked for the first time or not."""
    cal, day = calendar(ALWAYS, "UTC"), timedelta(days=1)
    for year in range(2026, 2034):
        new_year = datetime(year, 1, 1, tzinfo=UTC)
        cal.counted(new_year - 300 * day, new_year - 299 * day)
        assert cal.is_open(new_year)
        assert cal.is_open(new_year - timedelta(seconds=1))


def test_no_windows_lie_between_an_instant_and_itself() -> None:
    noon = at("2026-06-08T12:00")
    assert calendar().windows(noon, noon) == []


# When a target is reached (C3)


def test_reaching_a_target_at_closing_time_is_due_at_closing_time() -> None:
    """C3: not at the next opening."""
    assert due(calendar(), at("2026-06-05T14:00"), 4 * HOUR) == at("2026-06-05T18:00")


def test_a_second_more_is_due_after_the_next_opening() -> None:
    """C3: the second after closing time is the first one of Monday."""
    assert due(calendar(), at("2026-06-05T14:00"), 4 * HOUR + 1) == at("2026-06-08T09:00:01")


@pytest.mark.parametrize("seconds", [0, -1])
def test_no_target_is_due_at_once(seconds: int) -> None:
    """C3: the earliest instant is the start, even outside working hours."""
    assert due(calendar(), at("2026-06-07T12:00"), seconds) == at("2026-06-07T12:00")


def test_a_calendar_without_working_time_is_an_error() -> None:
    """C3: a clear error, never a loop."""
    with pytest.raises(NoWorkingTime, match="five years after 2026-06-08"):
        due(calendar({}), at("2026-06-08T09:00"), HOUR)


def test_working_time_that_ends_for_good_is_an_error() -> None:
    """C3: one last special day is not enough."""
    cal = calendar({}, special={"2026-06-09": ["09:00-12:00"]})
    assert due(cal, at("2026-06-08T09:00"), 3 * HOUR) == at("2026-06-09T12:00")
    with pytest.raises(NoWorkingTime, match="five years after 2026-06-09"):
        due(cal, at("2026-06-08T09:00"), 3 * HOUR + 1)


def test_working_time_after_more_than_five_years_is_none() -> None:
    """C3: whatever the calendar has been asked before."""
    cal = calendar({}, special={"2026-06-08": ["09:00-12:00"], "2031-06-20": ["09:00-12:00"]})
    cal.counted(at("2026-01-01T00:00"), at("2040-01-01T00:00"))
    with pytest.raises(NoWorkingTime):
        due(cal, at("2026-06-08T09:00"), 4 * HOUR)
    with pytest.raises(NoWorkingTime):
        due(cal, at("2026-06-09T09:00"), HOUR)
    with pytest.raises(NoWorkingTime):
        cal.working_days(at("2026-06-08T09:00"), 1)


def test_working_time_within_five_years_is_found() -> None:
    """C3: even if nothing is worked for almost that long."""
    cal = calendar({}, special={"2026-06-08": ["09:00-12:00"], "2031-06-01": ["09:00-12:00"]})
    assert due(cal, at("2026-06-08T09:00"), 4 * HOUR) == at("2031-06-01T10:00")


def test_years_without_work_before_the_start_or_after_the_end_do_not_matter() -> None:
    """C3: only those on the way do."""
    days = ["2020-06-08", "2026-06-08", "2032-06-20"]
    cal = calendar({}, special={day: ["09:00-12:00"] for day in days})
    cal.counted(at("2019-01-01T00:00"), at("2040-01-01T00:00"))
    assert due(cal, at("2026-06-08T09:00"), HOUR) == at("2026-06-08T10:00")


def test_a_target_beyond_all_years_is_an_error() -> None:
    with pytest.raises(NoWorkingTime):
        due(calendar(), at("2190-06-08T09:00"), 10**12)


@pytest.mark.parametrize("year", [1, 1969, 2201, 9990])
def test_nothing_is_worked_outside_the_years_of_the_calendar(year: int) -> None:
    cal, noon = calendar(ALWAYS, "UTC"), datetime(year, 6, 8, 12, tzinfo=UTC)
    assert not cal.is_open(noon)
    assert cal.counted(noon, noon + timedelta(hours=1)) == 0


@pytest.mark.parametrize("year", [1970, 2100, 2200])
def test_the_first_and_the_last_years_are_worked(year: int) -> None:
    start, end = datetime(year, 1, 1, tzinfo=UTC), datetime(year, 12, 31, 12, tzinfo=UTC)
    assert calendar(ALWAYS, "UTC").counted(start, end) == (end - start).total_seconds()


# What pauses take away (C4)


def test_a_pause_outside_working_hours_changes_nothing() -> None:
    """C4: a pause over the weekend."""
    pause = (at("2026-06-05T18:00"), at("2026-06-08T09:00"))
    plain = due(calendar(), at("2026-06-05T17:00"), 2 * HOUR)
    assert due(calendar(), at("2026-06-05T17:00"), 2 * HOUR, [pause]) == plain


def test_overlapping_pauses_count_once() -> None:
    """C4: 10-12 and 11-13 pause for three hours, in whatever order they are given."""
    pauses = [
        (at("2026-06-08T11:00"), at("2026-06-08T13:00")),
        (at("2026-06-08T10:00"), at("2026-06-08T12:00")),
    ]
    start = at("2026-06-08T09:00")
    assert due(calendar(), start, 4 * HOUR, pauses) == at("2026-06-08T16:00")
    assert counted_outside(calendar(), start, at("2026-06-08T16:00"), pauses) == 4 * HOUR


def test_a_target_reached_when_a_pause_begins_is_due_then() -> None:
    """C3: the earliest instant is before the pause, not after it."""
    pause = (at("2026-06-08T10:00"), at("2026-06-08T12:00"))
    assert due(calendar(), at("2026-06-08T09:00"), HOUR, [pause]) == at("2026-06-08T10:00")


def test_only_the_part_of_a_pause_after_the_start_counts() -> None:
    """C4: paused from before the start to 10:00."""
    pause = (at("2026-06-08T08:00"), at("2026-06-08T10:00"))
    assert due(calendar(), at("2026-06-08T09:30"), HOUR, [pause]) == at("2026-06-08T11:00")


def test_pauses_that_are_over_or_reach_past_the_end_are_cut() -> None:
    """C4: only what lies in the interval is taken off it."""
    pauses = [
        (at("2026-06-08T09:00"), at("2026-06-08T10:00")),
        (at("2026-06-08T12:00"), at("2026-06-08T15:00")),
        (at("2026-06-08T14:00"), at("2026-06-08T11:00")),
    ]
    start, end = at("2026-06-08T10:00"), at("2026-06-08T13:00")
    assert counted_outside(calendar(), start, end, pauses) == 2 * HOUR


def test_pauses_within_a_fold_are_told_apart() -> None:
    """C4: from the first 02:30 to the second one is an hour."""
    zone = "Europe/Berlin"
    start = at("2026-10-25T02:00", zone)
    pause = (at("2026-10-25T02:30", zone), at("2026-10-25T02:30", zone, fold=1))
    reached = due(calendar(ALWAYS, zone), start, HOUR, [pause])
    assert reached == datetime(2026, 10, 25, 2, tzinfo=UTC)


# What a calendar refuses, and what threads share


@pytest.mark.parametrize("zone", ["", "Asia/Osaka", "Asia", "../etc/passwd", "Asia/\0"])
def test_an_unknown_time_zone_is_refused(zone: str) -> None:
    with pytest.raises(ValueError, match="is not a time zone"):
        version(OFFICE, zone)


def test_a_version_with_impossible_windows_is_refused() -> None:
    with pytest.raises(ValueError, match="seven days"):
        Version("UTC", ((),) * 6)
    with pytest.raises(ValueError, match="starts before 24:00"):
        Version("UTC", ((),) * 7, special={date(2026, 6, 8): ((1440, 1500),)})


def test_a_calendar_without_versions_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one version"):
        Calendar([])


def test_an_instant_without_a_zone_is_refused() -> None:
    with pytest.raises(TypeError):
        calendar().is_open(datetime(2026, 6, 8, 9))  # noqa: DTZ001


def test_threads_that_ask_at_once_get_the_answers_of_one() -> None:
    starts = [datetime(1975 + step * 37 % 120, 6, 8, tzinfo=UTC) for step in range(200)]
    alone = [due(calendar(), start, 100 * HOUR) for start in starts]
    shared = calendar()
    with ThreadPoolExecutor(8) as threads:
        together = list(threads.map(lambda start: due(shared, start, 100 * HOUR), starts))
    assert together == alone
