"""Working hours as they stand in DESK.yaml."""

from __future__ import annotations

import pytest

from servicedesk.sla.calendar import Window, parse_hours, parse_window

OFFICE = (540, 1080)


@pytest.mark.parametrize(
    ("text", "window"),
    [
        ("09:00-18:00", OFFICE),
        ("9:00-18:00", OFFICE),
        ("00:00-24:00", (0, 1440)),
        ("00:00-23:59", (0, 1439)),
        ("22:00-06:00", (1320, 1800)),
        ("22:00-30:00", (1320, 1800)),
        ("22:00-00:00", (1320, 1440)),
        ("22:00-48:00", (1320, 2880)),
        ("09:00-09:00", (540, 540)),
        ("00:00-00:00", (0, 0)),
    ],
)
def test_a_window_is_minutes_from_midnight(text: str, window: Window) -> None:
    """C2: overnight windows may end past 24:00, in either spelling."""
    assert parse_window(text) == window


@pytest.mark.parametrize(
    "text",
    [
        "",
        "09:00",
        "09-18",
        "09:00-18:60",
        "09:00 - 18:00",
        "09:00-18:00\n",
        "-09:00-18:00",
        "٠٩:٠٠-١٨:٠٠",
        "24:00-30:00",
        "25:00-26:00",
        "09:00-48:01",
        "09:00-99:00",
    ],
)
def test_a_window_that_cannot_be_read_is_refused_in_one_sentence(text: str) -> None:
    with pytest.raises(ValueError, match=r"working window.*\.$"):
        parse_window(text)


def days(*keys: str) -> list[int]:
    week = parse_hours({key: ["09:00-18:00"] for key in keys})
    return [day for day, windows in enumerate(week) if windows == (OFFICE,)]


def test_a_range_of_days_includes_both_ends() -> None:
    assert days("mon-fri") == [0, 1, 2, 3, 4]


def test_a_single_day_is_a_day() -> None:
    assert days("wed", "sun-sun") == [2, 6]


def test_a_range_of_days_may_wrap() -> None:
    assert days("sun-thu") == [0, 1, 2, 3, 6]


def test_a_wrapping_range_may_be_the_whole_week() -> None:
    assert days("wed-tue") == [0, 1, 2, 3, 4, 5, 6]


def test_a_day_keeps_all_its_windows() -> None:
    week = parse_hours({"fri": ["09:00-12:00", "13:00-18:00"]})
    assert week[4] == ((540, 720), (780, 1080))


def test_no_hours_load_as_a_week_without_work() -> None:
    assert parse_hours({}) == ((),) * 7
    assert parse_hours({"mon-sun": []}) == ((),) * 7


@pytest.mark.parametrize("key", ["", "Mon", "monday", "mon-", "-fri", "mon-fri-sun", "mon–fri"])
def test_an_unknown_day_is_refused(key: str) -> None:
    with pytest.raises(ValueError, match="is not a day or a range of days"):
        parse_hours({key: ["09:00-18:00"]})


def test_a_day_given_twice_is_refused() -> None:
    with pytest.raises(ValueError, match='"fri" are given twice, also by "fri"'):
        parse_hours({"mon-fri": ["09:00-18:00"], "fri": ["09:00-15:00"]})


def test_hours_that_are_no_list_are_refused() -> None:
    with pytest.raises(ValueError, match='hours of "mon" are a list'):
        parse_hours({"mon": "09:00-18:00"})
