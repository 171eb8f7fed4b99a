"""The sections of a period's page: those of the paper, and nothing that is not to be seen."""

from __future__ import annotations

import re

import pytest

from servicedesk.escalation.commands import hand_off
from servicedesk.incidents import commands as incidents
from servicedesk.incidents.acts import Due
from tests.cast import Desk, at
from tests.support.clock import Clock
from tests.support.statements import counted

MONTH = "/reports/2026-11"
HEAD = re.compile(r'<section class="panel" id="([a-z-]+)">')


@pytest.fixture(autouse=True)
def _now(clock: Clock) -> None:
    """It is Thursday 26 November, 14:05."""


def happened(desk: Desk) -> None:
    """Everything that a section is about: a late wish, a hand-off, a reopening, open ones."""
    late = Due(day=at("2026-11-25 00:00").date())
    number = desk.log(when="2026-11-24 09:00", title="No network", wish=late)
    desk.do(hand_off, number, "netone", note="Please look", by="ito", when="2026-11-24 10:00")
    number = desk.log(when="2026-11-24 09:30", title="Came again")
    for when in ("2026-11-25 10:00", "Thu 11:00"):
        desk.do(incidents.resolve, number, by="ito", when=when, code="solved", text="Done.")
        if when < "Thu":
            desk.do(incidents.reopen, number, by="emi", when="2026-11-25 11:00", text="Again.")
    desk.log(when="Thu 10:00", title="A secret", service="payroll")


def test_a_page_has_the_sections_that_have_anything_to_say(desk: Desk) -> None:
    """§8: in the order of the report; one without data is left out."""
    ueda = desk.visit("ueda")
    desk.log(when="Thu 14:00")
    assert HEAD.findall(ueda.get(MONTH).text) == ["volume", "ageing"]
    happened(desk)
    page = ueda.get(MONTH).text
    assert HEAD.findall(page) == [
        "volume", "wishes", "service-levels", "tiers", "handling", "partners", "ageing", "reopened",
    ]  # fmt: skip
    linked = re.findall(r'<a href="#([a-z-]+)">', page)
    assert linked[-len(HEAD.findall(page)) :] == HEAD.findall(page)
    assert "to accept it" in page  # what is next with what is open


def test_lists_say_of_what_may_not_be_seen_the_number_alone(desk: Desk) -> None:
    """§9: titles are those that the reader may see."""
    happened(desk)
    page = desk.visit("ueda").get(MONTH).text
    assert "No network" in page
    assert "Came again" in page
    assert "A secret" not in page
    assert "confidential" in page


def test_what_is_empty_says_so(desk: Desk) -> None:
    ueda = desk.visit("ueda")
    assert "Nothing to report yet" in ueda.get("/reports").text
    assert "Nothing happened in this period" in ueda.get(MONTH).text
    desk.log(when="Thu 09:00")
    for path in ("/reports/2026-03", f"{MONTH}?scope=department:Nobody"):
        page = ueda.get(path).text
        assert "Nothing happened in this period" in page
        assert not HEAD.findall(page)


@pytest.mark.backends("sqlite")
@pytest.mark.parametrize("path", ["/reports", MONTH])
def test_a_page_takes_the_same_queries_whatever_it_shows(desk: Desk, path: str) -> None:
    ueda = desk.visit("ueda")

    def cost() -> int:
        ueda.get(path)
        with counted(desk) as sent:
            ueda.get(path)
        return len(sent)

    happened(desk)
    few = cost()
    for _n in range(3):
        happened(desk)
    assert cost() == few
    assert few <= (20 if path == "/reports" else 30)
