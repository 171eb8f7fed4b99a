"""F9: on which working day a scheduled report is due."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from servicedesk.reports.schedules.due import (
    Plan,
    due,
    dues,
    last_ended,
    next_due,
    period_before,
    working_day,
)
from servicedesk.sla.calendar import Calendar, Version, Week, parse_hours

TOKYO = "Asia/Tokyo"
OFFICE = parse_hours({"mon-fri": ["09:00-18:00"]})
HOLIDAYS = frozenset({date(2026, 11, 3), date(2026, 11, 23)})


def calendar(zone: str = TOKYO, weekly: Week = OFFICE, **more: Any) -> Calendar:
    return Calendar([Version(zone, weekly, **{"days_off": HOLIDAYS, **more})])


def plan(every: str = "month", day: int = 3, at: str = "08:00", zone: str = TOKYO) -> Plan:
    return Plan(every, day, time.fromisoformat(at), zone)


def said(plan: Plan, calendar: Calendar, month: date) -> str | None:
    found = due(plan, calendar, period_before(plan, month))
    return found.at.astimezone(ZoneInfo(plan.zone)).strftime("%Y-%m-%d %H:%M") if found else None


def instant(text: str, zone: str = TOKYO) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


@pytest.mark.parametrize(
    ("day", "found"),
    [(1, "02"), (2, "04"), (3, "05"), (19, "30"), (0, "30")],
)
def test_holidays_and_weekends_are_not_counted(day: int, found: str) -> None:
    """F9: Sunday is the first of November, Tuesday the third a holiday."""
    assert said(plan(day=day), calendar(), date(2026, 11, 1)) == f"2026-11-{found} 08:00"


def test_a_month_with_fewer_working_days_has_it_on_its_last() -> None:
    assert said(plan(day=23), calendar(), date(2026, 11, 1)) == "2026-11-30 08:00"


def test_a_month_without_working_days_has_it_on_the_first_one_after() -> None:
    off = frozenset(date(2026, 11, day) for day in range(1, 31)) | {date(2026, 12, 1)}
    assert working_day(calendar(days_off=off), date(2026, 11, 1), 3) == date(2026, 12, 2)


def test_a_calendar_that_never_opens_has_none() -> None:
    never = calendar(weekly=parse_hours({}))
    assert due(plan(), never, period_before(plan(), date(2026, 11, 1))) is None
    assert next_due(plan(), never, instant("2026-11-10")) is None


def test_a_special_working_day_counts() -> None:
    special = {date(2026, 11, 1): ((540, 720),)}
    assert said(plan(day=1), calendar(special=special), date(2026, 11, 1)) == "2026-11-01 08:00"


def test_a_day_that_is_closed_in_time_no_longer_counts() -> None:
    """C7: what is published on the 30th of October holds for November."""
    first = Version(TOKYO, OFFICE, days_off=HOLIDAYS)
    later = Version(
        TOKYO, OFFICE, days_off=HOLIDAYS | {date(2026, 11, 2)}, valid_from=instant("2026-10-30")
    )
    assert said(plan(day=2), Calendar([first, later]), date(2026, 11, 1)) == "2026-11-05 08:00"


def test_a_day_that_is_closed_once_it_has_passed_still_counts() -> None:
    """C7: nothing published later changes time that has passed."""
    first = Version(TOKYO, OFFICE, days_off=HOLIDAYS)
    later = Version(
        TOKYO, OFFICE, days_off=HOLIDAYS | {date(2026, 11, 2)}, valid_from=instant("2026-11-03")
    )
    assert said(plan(day=2), Calendar([first, later]), date(2026, 11, 1)) == "2026-11-04 08:00"


def test_a_night_belongs_to_the_day_on_which_it_begins() -> None:
    """C2: Friday night's hours after midnight make no working day of Saturday."""
    nights = parse_hours({"fri": ["22:00-30:00"]})
    found = working_day(calendar(weekly=nights), date(2026, 11, 1), 2)
    assert found == date(2026, 11, 13)


@pytest.mark.parametrize(
    ("month", "found"),
    [
        # the clocks go forward on 29 March 2026, at 02:00, and back on 25 October, at 03:00
        (date(2026, 3, 1), "2026-03-29T01:30:00+00:00"),
        (date(2026, 10, 1), "2026-10-25T00:30:00+00:00"),
        (date(2026, 11, 1), "2026-11-29T01:30:00+00:00"),
    ],
)
def test_an_hour_that_is_left_out_is_passed_over_and_of_two_the_first_counts(
    month: date, found: str
) -> None:
    zone = "Europe/Berlin"
    sundays = calendar(zone, parse_hours({"sun": ["00:00-24:00"]}), days_off=frozenset())
    at = due(plan(day=0, at="02:30", zone=zone), sundays, period_before(plan(), month))
    assert at
    assert at.at.isoformat() == found


def test_days_are_the_calendars_and_the_hour_is_the_desks() -> None:
    """A calendar in New York, a desk in Tokyo: the date is the same, the hour is Tokyo's."""
    there = calendar("America/New_York", days_off=frozenset())
    assert said(plan(day=1), there, date(2026, 12, 1)) == "2026-12-01 08:00"


@pytest.mark.parametrize(
    ("every", "now", "period"),
    [
        ("month", "2026-11-01", "2026-10"),
        ("month", "2026-10-31T23:59:59", "2026-09"),
        ("quarter", "2026-11-10", "2026-07..2026-09"),
        ("quarter", "2026-04-01", "2026-01..2026-03"),
        ("year", "2026-11-10", "2025-04..2026-03"),
        ("year", "2026-03-31", "2024-04..2025-03"),
    ],
)
def test_it_is_about_what_ended_last(every: str, now: str, period: str) -> None:
    assert last_ended(plan(every), instant(now)).name == period


def test_a_fiscal_year_begins_where_the_desk_says() -> None:
    january = Plan("year", 1, time(8), TOKYO, first_month=1)
    assert last_ended(january, instant("2026-11-10")).name == "2025-01..2025-12"


def test_each_missed_period_is_due_once_in_order() -> None:
    """F9: after the start, up to now, both ends judged to the second."""
    found = list(dues(plan(), calendar(), instant("2026-08-05T08:00"), instant("2026-11-05T08:00")))
    assert [one.period.name for one in found] == ["2026-08", "2026-09", "2026-10"]
    early = dues(plan(), calendar(), instant("2026-11-05T08:00"), instant("2026-12-03T07:59:59"))
    assert not list(early)


def test_what_was_due_before_is_not_made_up() -> None:
    found = dues(plan(), calendar(), instant("2026-11-05T08:00"), instant("2026-12-03T08:00"))
    assert [one.period.name for one in found] == ["2026-11"]


def test_the_next_one_is_told_ahead() -> None:
    coming = next_due(plan("year", 0), calendar(), instant("2026-11-10"))
    assert coming
    assert coming.period.name == "2026-04..2027-03"
    assert coming.at == instant("2027-04-30T08:00")
