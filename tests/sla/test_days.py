"""The days that somebody chooses among: what each is, until when it is worked, what is short."""

from __future__ import annotations

from datetime import date

import pytest

from servicedesk.sla.calendar import Calendar
from servicedesk.sla.days import Choice, Day, Kind, planned_for
from tests.sla.calendars import ALWAYS, HOUR, OFFICE, at, version

TOKYO = "Asia/Tokyo"
HOLIDAYS = {date(2026, 11, 23): "Labor Thanksgiving Day"}
SPECIAL = {"2026-11-28": ["10:00-15:00"], "2026-12-03": []}
CALENDAR = Calendar([version(OFFICE, off=["2026-11-23", "2026-12-01"], special=SPECIAL)])
SUNDAY = at("2026-11-22T11:00")


def day(text: str, calendar: Calendar = CALENDAR, **how: object) -> Day:
    choice = Choice(calendar, TOKYO, SUNDAY, holidays=HOLIDAYS, **how)  # type: ignore[arg-type]
    return choice.day(date.fromisoformat(text))


@pytest.mark.parametrize(
    ("text", "kind", "last"),
    [
        ("2026-11-24", Kind.WORKING, "2026-11-24T18:00"),
        ("2026-11-23", Kind.HOLIDAY, None),
        ("2026-11-29", Kind.REST, None),
        ("2026-12-01", Kind.DAY_OFF, None),
        ("2026-11-28", Kind.SPECIAL, "2026-11-28T15:00"),
        ("2026-12-03", Kind.DAY_OFF, None),  # opened for no hours at all
    ],
)
def test_a_day_is_what_the_calendar_says(text: str, kind: Kind, last: str | None) -> None:
    """D1: with its last working moment, if it has one."""
    found = day(text)
    assert (found.kind, found.is_closed) == (kind, last is None)
    assert found.last == (at(last) if last else None)


@pytest.mark.parametrize(
    ("text", "planned"),
    [
        ("2026-11-27", "2026-11-27T18:00"),
        ("2026-11-28", "2026-11-28T15:00"),
        ("2026-11-29", "2026-11-28T15:00"),
        ("2026-11-23", "2026-11-20T18:00"),  # before now: nothing is worked any more
        ("2026-12-01", "2026-11-30T18:00"),
    ],
)
def test_a_day_is_planned_for_its_last_working_moment_or_the_one_before(
    text: str, planned: str
) -> None:
    """D1: the last working moment at or before it."""
    assert day(text).planned == at(planned)


def test_an_instant_is_planned_for_by_itself_or_the_last_moment_before() -> None:
    """D1: an instant at closing time is worked up to; one in the evening is not."""
    for due, planned in (("17:00", "17:00"), ("18:00", "18:00"), ("20:00", "18:00")):
        found = planned_for(CALENDAR, at(f"2026-11-27T{due}"), is_day=False)
        assert found == at(f"2026-11-27T{planned}")
    midnight = at("2026-11-28T00:00")
    round_the_clock = Calendar([version(ALWAYS)])
    assert planned_for(round_the_clock, midnight, is_day=True) == at("2026-11-27T23:59:59")
    assert planned_for(round_the_clock, midnight, is_day=False) == midnight


def test_a_wish_is_short_that_leaves_less_than_the_lead_time() -> None:
    """D6: two days of nine hours from Tuesday on: Tuesday is a rush, Wednesday is none."""
    short = [day(f"2026-11-2{n}", lead=18 * HOUR).is_short for n in (2, 3, 4, 5)]
    assert short == [True, True, True, False]
    assert not day("2026-11-24").is_short  # no lead time, no rush
    assert not day("2026-11-20", lead=18 * HOUR).is_short  # has passed


def test_weeks_begin_with_the_monday_of_this_week() -> None:
    weeks = Choice(CALENDAR, TOKYO, SUNDAY).weeks(6)
    assert [len(week) for week in weeks] == [7] * 6
    assert weeks[0][0].date == date(2026, 11, 16)
    assert [d.is_past for d in weeks[0]] == [True] * 6 + [False]
    assert [d.is_today for d in weeks[0]] == [False] * 6 + [True]
    assert weeks[5][6].date == date(2026, 12, 27)


def test_today_is_a_day_of_the_zone_that_days_are_judged_in() -> None:
    """D1: 16:00 in London is the next day in Tokyo."""
    assert Choice(CALENDAR, TOKYO, at("2026-11-22T16:00", "Europe/London")).today == date(
        2026, 11, 23
    )


def test_what_is_worked_into_the_morning_belongs_to_that_day_too() -> None:
    """C2: a window that began on the evening before."""
    nights = Calendar([version({"mon-fri": ["22:00-30:00"]})])
    found = day("2026-11-28", nights)  # a Saturday
    assert (found.kind, found.last) == (Kind.WORKING, at("2026-11-28T06:00"))


def test_a_day_is_as_the_version_says_that_is_in_force_then() -> None:
    """C7: a closing day announced ahead shows, from when it counts."""
    later = version(OFFICE, off=["2026-11-26", "2026-12-02"], since=at("2026-11-27T00:00"))
    timeline = Calendar([version(OFFICE), later])
    kinds = {text: day(text, timeline).kind for text in ("2026-11-26", "2026-12-02")}
    assert kinds == {"2026-11-26": Kind.WORKING, "2026-12-02": Kind.DAY_OFF}


def test_a_desk_that_never_works_plans_for_nothing() -> None:
    found = day("2026-11-24", Calendar([version({})]), lead=HOUR)
    assert (found.kind, found.planned, found.is_short) == (Kind.REST, None, True)
