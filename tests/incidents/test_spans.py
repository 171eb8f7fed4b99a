"""Days from one to another, as an address says them."""

from __future__ import annotations

from datetime import date

import pytest

from servicedesk.incidents.spans import Span, between, named

THURSDAY = date(2026, 11, 26)


@pytest.mark.parametrize(
    ("name", "first", "last"), [("today", 26, 26), ("week", 23, 29), ("7d", 26, 32)]
)
def test_days_have_names(name: str, first: int, last: int) -> None:
    """This week is Monday to Sunday; the next seven days begin today."""
    november = date(2026, 10, 31).toordinal()
    days = (date.fromordinal(november + n) for n in (first, last))
    assert named(name, THURSDAY) == Span(*days)


@pytest.mark.parametrize("day", [date(2026, 11, 23), date(2026, 11, 29)])
def test_a_week_is_the_same_from_monday_to_sunday(day: date) -> None:
    assert named("week", day) == Span(date(2026, 11, 23), date(2026, 11, 29))


@pytest.mark.parametrize(
    ("first", "last", "days"),
    [
        ("2026-11-20", "2026-11-27", Span(date(2026, 11, 20), date(2026, 11, 27))),
        ("2026-11-27", "2026-11-20", Span(date(2026, 11, 20), date(2026, 11, 27))),
        ("2026-11-20", "", Span(first=date(2026, 11, 20))),
        ("", "2026-11-20", Span(last=date(2026, 11, 20))),
        ("", "", Span()),
        ("2026-02-30", "next week", Span()),
        ("9999-12-31", "0001-01-01", Span()),
        ("\0", "２０２６-11-20", Span()),
    ],
)
def test_days_that_make_no_sense_are_left_out(first: str, last: str, days: Span) -> None:
    """A filtered list is a link that people change by hand."""
    assert between(first, last) == days
    assert days.is_open == (days == Span())
