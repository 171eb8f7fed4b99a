"""A report's period and part, chosen on its page."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
import sqlalchemy as sa
from flask import Flask
from flask_babel import Babel, force_locale
from pydantic import ValidationError

from servicedesk import db
from servicedesk.incidents.models import Incident
from servicedesk.reports import choosing, words
from servicedesk.reports.contents import Contents
from servicedesk.reports.periods import fiscal_from, offered, read_period
from servicedesk.reports.queries import Knowledge
from servicedesk.reports.scopes import Scope
from servicedesk.setup.schema import Desk as SetUp
from tests.cast import Desk, at
from tests.incidents.told import Told, directory
from tests.reports.counted import facts, frame
from tests.reports.test_figures import resolved
from tests.support.clock import Clock

TOKYO = "Asia/Tokyo"


@pytest.fixture(autouse=True)
def _now(clock: Clock) -> None:
    """It is Thursday 26 November, 14:05."""


@pytest.mark.parametrize(
    ("said", "begin", "name", "english"),
    [
        ("2026-Q3", 4, "2026-07..2026-09", "Fiscal year 2026 Q2"),
        ("FY2026", 4, "2026-04..2027-03", "Fiscal year 2026"),
        ("FY2026-Q4", 4, "2027-01..2027-03", "Fiscal year 2026 Q4"),
        ("2026-Q3", 1, "2026-07..2026-09", "2026 Q3"),
        ("FY2026", 1, "2026-01..2026-12", "2026"),
        ("2026-04..2026-09", 4, "2026-04..2026-09", "April – September 2026"),
        ("2026-10", 4, "2026-10", "October 2026"),
        ("2026-07..2026-09", 2, "2026-07..2026-09", "July – September 2026"),
        ("FY2026-Q1", 2, "2026-02..2026-04", "Fiscal year 2026 Q1"),
    ],
)
def test_a_period_is_read_and_named_as_the_desk_counts_years(
    said: str, begin: int, name: str, english: str
) -> None:
    """§8: monthly, quarterly, fiscal years, any span."""
    period = read_period(said, TOKYO, begin)
    assert period.name == name
    app = Flask(__name__)
    Babel(app)
    with app.test_request_context(), force_locale("en"):
        assert words.period(period) == english


@pytest.mark.parametrize("said", ["FY26", "2026-Q5", "FY2026-Q0", "FY2250", "Q3", "2026"])
def test_what_is_no_period_is_refused(said: str) -> None:
    with pytest.raises(ValueError, match="“"):
        read_period(said, TOKYO, 4)


def test_years_begin_in_april_unless_the_set_up_says_else() -> None:
    assert fiscal_from(SimpleNamespace(more={})) == 4
    assert fiscal_from(SimpleNamespace(more={"fiscal_year_from": 10})) == 10


def test_the_month_is_one_of_twelve() -> None:
    assert SetUp(fiscal_year_from=10).plain() == {"fiscal_year_from": 10}
    with pytest.raises(ValidationError):
        SetUp(fiscal_year_from=13)


def test_periods_are_offered_as_far_back_as_there_is_anything() -> None:
    current, begin = (read_period(name, TOKYO, 4) for name in ("2026-02", "2025-05"))
    there = offered(current, begin.first, (13, 2, 3))
    assert [(one.kind, [each.name for each in one.periods]) for one in there] == [
        ("month", ["2026-02", "2026-01", *(f"2025-{n:02}" for n in range(12, 4, -1))]),
        ("quarter", ["2026-01..2026-03", "2025-10..2025-12"]),
        ("year", ["2025-04..2026-03"]),
    ]


def test_nothing_yet_offers_the_months_of_today() -> None:
    there = choosing.periods(directory(), at("Thu 10:00"), None)
    assert [[each.name for each in one.periods] for one in there] == [
        ["2026-11"], ["2026-10..2026-12"], ["2026-04..2027-03"]
    ]  # fmt: skip


# What it is compared with


def contents(name: str, *told: Told) -> Contents:
    period = read_period(name, TOKYO, 4)
    return Contents(frame(period), Scope(), Knowledge(3), directory(), facts(*told), draft=False)


def test_a_month_is_compared_with_the_one_before_and_that_of_the_year_before() -> None:
    """§8: worked out from the same knowledge."""
    now, then = resolved(Told("Thu 09:00"), "10:00"), Told("2025-11-20 09:00")
    said = contents("2026-11", now, resolved(then, "2025-11-21 09:00"))
    assert [said.results["resolved"].value, said.before["resolved"].value] == [1, 0]
    assert said.year_before["resolved"].value == 1


def test_what_there_is_no_data_of_is_left_out() -> None:
    said = contents("2026-11", resolved(Told("Thu 09:00"), "10:00"))
    assert (said.before, said.year_before) == ({}, {})


def test_a_year_is_compared_with_the_year_before_it_once() -> None:
    said = contents("2026-04..2027-03", Told("2025-06-01 09:00"), Told("Thu 09:00"))
    assert (said.before["intake"].value, said.year_before) == (1, {})


# On the page


def test_a_period_and_a_part_are_chosen_by_name(desk: Desk) -> None:
    desk.log(when="2026-10-05 09:00")
    ueda = desk.visit("ueda")
    page = ueda.get("/reports/2026-11").text
    for said in (
        "Fiscal year 2026 Q3 · October – December 2026",
        'value="2026-04..2027-03"',
        'value="group:network"',
        'value="service:internet"',
        'value="partner:netone"',
    ):
        assert said in page
    for asked, to in (
        ("period=FY2026-Q3", "2026-10..2026-12"),
        ("from=2026-10&to=2026-11&scope=all", "2026-10..2026-11"),
        ("period=2026-11&from=2026-10", "2026-10"),
    ):
        assert ueda.get(f"/reports/choose?{asked}").headers["Location"] == f"/reports/{to}"
    there = ueda.get("/reports/choose?period=2026-11&scope=group:network").headers["Location"]
    assert there == "/reports/2026-11?scope=group:network"
    page = ueda.get("/reports/2026-10..2026-12").text
    assert "<h1>Fiscal year 2026 Q3</h1>" in page


@pytest.mark.parametrize("asked", ["", "period=then", "from=2026-11&to=2026-10", "from=x",
                                   "period=2026-11&scope=group:nobody"])  # fmt: skip
def test_what_makes_no_sense_is_answered_in_a_sentence(desk: Desk, asked: str) -> None:
    answer = desk.visit("ueda").get(f"/reports/choose?{asked}")
    assert answer.status_code == 400
    assert "such as 2026-10" in answer.text


def test_a_department_can_be_chosen(desk: Desk) -> None:
    """§8: the scope of a department."""
    desk.log(when="Thu 09:00")
    desk.tampered = True
    with desk.app.app_context(), db.transaction() as session:
        session.execute(sa.update(Incident).values(department="Sales & <Support>"))
    page = desk.visit("ueda").get("/reports/2026-11").text
    assert 'value="department:Sales &amp; &lt;Support&gt;"' in page
