"""Months as instants and as days."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from servicedesk.reports.periods import month_of, read_period

ZONES = ["UTC", "Asia/Tokyo", "America/New_York", "Europe/Stockholm", "Pacific/Kiritimati"]


def test_a_month_is_that_of_its_zone() -> None:
    period = read_period("2026-10", "Asia/Tokyo")
    assert period.start == datetime(2026, 9, 30, 15, tzinfo=UTC)
    assert period.end == datetime(2026, 10, 31, 15, tzinfo=UTC)
    assert period.last_day == date(2026, 10, 31)


def test_a_period_is_half_open() -> None:
    period = read_period("2026-10", "UTC")
    assert period.holds(period.start)
    assert not period.holds(period.end)
    assert period.holds_day(date(2026, 10, 31))
    assert not period.holds_day(date(2026, 11, 1))
    assert not period.holds(None)


def test_months_in_a_row_are_one_period() -> None:
    period = read_period("2026-04..2026-09", "UTC")
    assert period.name == "2026-04..2026-09"
    assert [month.name for month in period.months][::5] == ["2026-04", "2026-09"]
    assert period.before.name == "2025-10..2026-03"


def test_a_single_month_in_a_row_is_that_month() -> None:
    assert read_period("2026-04..2026-04", "UTC").name == "2026-04"


def test_the_months_to_here_end_with_its_last() -> None:
    months = read_period("2026-01..2026-02", "UTC").months_to_here(13)
    assert [months[0].name, months[-1].name, len(months)] == ["2025-02", "2026-02", 13]


def test_a_month_settles_when_its_last_day_has_ended_on_the_desk_too() -> None:
    """F6: a day wished for is judged in the desk's zone, whatever the report's is."""
    period = read_period("2026-10", "Asia/Tokyo")
    assert period.settled_at("Asia/Tokyo") == period.end
    assert period.settled_at("America/New_York") == datetime(2026, 11, 1, 4, tzinfo=UTC)


@pytest.mark.parametrize(
    "said",
    ["", "2026", "2026-13", "2026-00", "2026-1", "26-10", "2026-10..", "2026-09..2026-04",
     "2026-10-01", "2200-01", "1969-12", "2020-01..2026-01", " 2026-10", "２０２６-10"],
)  # fmt: skip
def test_what_is_no_month_is_refused(said: str) -> None:
    with pytest.raises(ValueError, match="“"):
        read_period(said, "UTC")


@given(st.integers(0, 7_160_000_000), st.sampled_from(ZONES))
def test_every_instant_lies_in_exactly_one_month(second: int, zone: str) -> None:
    at = datetime(1971, 1, 1, tzinfo=UTC) + timedelta(seconds=second)
    month = month_of(at, zone)
    assert month.holds(at)
    assert not month.before.holds(at)
    assert not month.moved(1).holds(at)
    assert month.before.end == month.start
    assert read_period(month.name, zone) == month
