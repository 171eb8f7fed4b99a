"""Working hours have one form, however they were written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from servicedesk.setup.week import plain_hours, plain_windows
from servicedesk.sla.hours import WEEKDAYS, parse_hours, parse_window


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ({}, {}),
        ({"mon": ["09:00-18:00"], "tue": ["09:00-18:00"]}, {"mon-tue": ["09:00-18:00"]}),
        ({"sun-thu": ["09:00-18:00"]}, {"sun-thu": ["09:00-18:00"]}),
        ({"mon-sun": ["00:00-24:00"]}, {"mon-sun": ["00:00-24:00"]}),
        ({"tue-mon": ["9:00-10:00"]}, {"mon-sun": ["09:00-10:00"]}),
        ({"sat": ["13:00-14:00", "09:00-10:00"]}, {"sat": ["09:00-10:00", "13:00-14:00"]}),
        ({"fri": ["22:00-30:00"]}, {"fri": ["22:00-06:00"]}),
        ({"fri": ["09:00-33:00"]}, {"fri": ["09:00-33:00"]}),
        ({"fri": ["09:00-09:00"]}, {"fri": ["09:00-09:00"]}),
        ({"mon": [], "tue": []}, {}),
    ],
)
def test_hours_have_one_form(written: dict[str, list[str]], plain: dict[str, list[str]]) -> None:
    assert plain_hours(parse_hours(written)) == plain


def window(start: int, end: int) -> str:
    return f"{start // 60:02}:{start % 60:02}-{end // 60:02}:{end % 60:02}"


Windows = st.lists(
    st.builds(window, st.integers(0, 1439), st.integers(0, 2880)).filter(
        lambda text: text[6:] >= text[:5]
    ),
    max_size=3,
)


@given(st.lists(Windows, min_size=7, max_size=7))
def test_the_one_form_means_the_same(days: list[list[str]]) -> None:
    week = parse_hours(dict(zip(WEEKDAYS, days, strict=True)))
    again = parse_hours(plain_hours(week))
    assert [set(windows) for windows in again] == [set(windows) for windows in week]
    assert plain_hours(again) == plain_hours(week)


@given(Windows)
def test_windows_have_one_form(texts: list[str]) -> None:
    plain = plain_windows(texts)
    assert set(map(parse_window, plain)) == set(map(parse_window, texts))
    assert plain_windows(reversed(plain)) == plain
