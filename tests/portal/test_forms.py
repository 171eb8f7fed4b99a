"""By when something is needed, in the words of the form."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict

from servicedesk.incidents.acts import Due
from servicedesk.portal.forms import NewForm
from tests.cast import at

pytestmark = pytest.mark.backends("sqlite")

THURSDAY = date(2026, 11, 26)


@pytest.fixture(autouse=True)
def _within(app: Flask) -> Iterator[None]:
    with app.test_request_context("/", headers={"Accept-Language": "en"}):
        yield


def form(said: dict[str, str], today: date = THURSDAY) -> NewForm:
    asked = NewForm(MultiDict({"title": "No network", "service": "internet", **said}))
    asked.offer([("internet", "Internet access")], today)
    return asked


@pytest.mark.parametrize(
    ("said", "due"),
    [
        ({"needed": "none"}, None),
        ({"needed": "today"}, Due(day=THURSDAY)),
        ({"needed": "tomorrow"}, Due(day=date(2026, 11, 27))),
        ({"needed": "pick", "day": "2026-12-24"}, Due(day=date(2026, 12, 24))),
        ({"needed": "pick", "day": "2026-11-27", "time": "17:00"}, Due(at=at("Fri 17:00"))),
        ({"needed": "none", "day": "2026-12-24"}, None),
    ],
)
def test_a_wish_is_a_day_or_with_a_time_an_instant(said: dict[str, str], due: Due | None) -> None:
    """D1: a day, or an instant in the desk's zone."""
    assert form(said).wish(THURSDAY, "Asia/Tokyo") == due


def offered(asked: NewForm) -> set[str]:
    return {choice.data for choice in asked.needed}


@pytest.mark.parametrize("day", [23, 24, 25])
def test_this_friday_is_offered_while_it_is_neither_today_nor_tomorrow(day: int) -> None:
    today = date(2026, 11, day)
    asked = form({"needed": "friday"}, today)
    assert "friday" in offered(asked)
    assert asked.wish(today, "Asia/Tokyo") == Due(day=date(2026, 11, 27))


@pytest.mark.parametrize("day", [26, 27, 28, 29])
def test_else_it_is_not(day: int) -> None:
    assert "friday" not in offered(form({}, date(2026, 11, day)))


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"needed": "pick"}, "Please choose a day."),
        ({"needed": "pick", "day": "2300-01-01"}, "This day is out of range."),
        ({"needed": "pick", "day": "0001-01-01"}, "This day is out of range."),
    ],
)
def test_a_day_is_asked_for_where_another_day_was_chosen(
    said: dict[str, str], sentence: str
) -> None:
    asked = form({"type": "incident", "impact": "3", "urgency": "2", "channel": "phone", **said})
    assert not asked.validate()
    assert [str(error) for error in asked.day.errors] == [sentence]
