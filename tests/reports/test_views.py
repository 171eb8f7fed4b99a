"""The manager's reports as pages."""

from __future__ import annotations

import json
import re

import pytest

from servicedesk.incidents import commands as incidents
from servicedesk.incidents.acts import Due
from servicedesk.reports import shelf
from tests.cast import Desk, Visitor, at
from tests.support.clock import Clock


@pytest.fixture(autouse=True)
def _november(clock: Clock, rendered: list[str], desk: Desk) -> None:
    """It is Thursday 26 November, 14:05; one incident was resolved today, one is open."""
    number = desk.log(when="Thu 09:00", title="No network on floor 3")
    desk.do(incidents.resolve, number, by="ito", when="Thu 12:00", code="solved", text="Done.")
    desk.log(when="Thu 10:00", title="A secret", service="payroll")


@pytest.fixture
def ueda(desk: Desk) -> Visitor:
    """The manager."""
    return desk.visit("ueda")


def shown(page: str, id: str) -> str:
    """Read a figure off a period's table: what stands in the row of its link."""
    link = rf'<a href="/reports/2026-11/figures/{id}(?:\?[^"]*)?">[^<]*</a></th>'
    found = re.search(
        rf'{link}\s*<td class="number">[^<]*</td>\s*<td class="number"><b>(.*?)</b>', page
    )
    return found[1] if found else ""


@pytest.mark.parametrize("key", ["emi", "sato", "kim", "root"])
@pytest.mark.parametrize("path", ["", "/2026-11", "/2026-11/report.pdf", "/2026-11/report.json",
                                  "/2026-11/figures/intake"])  # fmt: skip
def test_reports_are_for_managers(desk: Desk, key: str, path: str) -> None:
    """§9: for everybody else there is no such page."""
    assert desk.visit(key).get(f"/reports{path}").status_code == 404


def test_who_is_not_signed_in_is_asked_to(desk: Desk) -> None:
    assert "/sign-in" in desk.visit().get("/reports").headers["Location"]


def test_months_are_listed_with_their_state(desk: Desk, clock: Clock) -> None:
    page = desk.visit("ueda").get("/reports").text
    assert "November 2026" in page
    assert "Running: a draft" in page
    clock.advance(days=10)
    page = desk.visit("ueda").get("/reports").text
    assert "Not sealed yet" in page
    assert "December 2026" in page


def test_every_figure_on_the_page_is_the_reports(ueda: Visitor) -> None:
    """F1: screen and JSON have one definition."""
    page = ueda.get("/reports/2026-11").text
    [link] = re.findall(r'href="(/reports/2026-11/report\.json[^"]*)"', page)
    figures = json.loads(ueda.get(link.replace("&amp;", "&")).text)["figures"]
    for id in ("intake", "resolved", "backlog"):
        assert shown(page, id) == str(figures[id]["value"])
    first = figures["first_tier_resolution"]
    assert shown(page, "first_tier_resolution") == f"{first['numerator']} of {first['denominator']}"


def test_a_draft_is_that_of_the_page_also_when_more_has_happened(desk: Desk, ueda: Visitor) -> None:
    page = ueda.get("/reports/2026-11").text
    [link] = re.findall(r'href="(/reports/2026-11/report\.json[^"]*)"', page)
    desk.log(when="Thu 14:04")
    shelf.clear()
    said = json.loads(ueda.get(link.replace("&amp;", "&")).text)
    assert said["figures"]["intake"]["value"] == 2
    assert shown(ueda.get("/reports/2026-11").text, "intake") == "3"


def test_a_figure_leads_to_the_incidents_behind_it(ueda: Visitor) -> None:
    """F7, §9: of a confidential one only the number."""
    page = ueda.get("/reports/2026-11/figures/intake").text
    assert "INC-00000001" in page
    assert "No network on floor 3" in page
    assert "INC-00000002" in page
    assert "A secret" not in page
    backlog = ueda.get("/reports/2026-11/figures/backlog").text
    assert "INC-00000001" not in backlog
    assert "INC-00000002" in backlog


def test_a_wish_is_shown_as_the_day_that_it_is(desk: Desk, ueda: Visitor) -> None:
    """D1: not as the midnight at which it is judged."""
    desk.log(when="Thu 11:00", wish=Due(day=at("Fri 00:00").date()))
    page = ueda.get("/reports/2026-11/figures/requested_due.ahead").text
    assert "27 Nov 2026" in page
    assert "28 Nov" not in page


def test_a_period_that_has_ended_is_sealed_once(desk: Desk, clock: Clock) -> None:
    """F6: in both languages, one revision."""
    clock.advance(days=10)
    ueda = desk.visit("ueda")
    assert "/reports/2026-11/seal" in ueda.get("/reports/2026-11").text
    answer = ueda.post("/reports/2026-11/seal")
    assert answer.status_code == 302
    page = ueda.get("/reports/2026-11").text
    assert "Sealed, revision 1" in page
    assert "PDF in English" in page
    assert "PDF in Japanese" in page
    assert "/seal" not in page
    first = ueda.get("/reports/2026-11/report.pdf?language=ja")
    assert first.headers["Content-Type"] == "application/pdf"
    assert "report-2026-11-ja-r1.pdf" in first.headers["Content-Disposition"]
    ueda.post("/reports/2026-11/seal")
    assert "Sealed, revision 1" in ueda.get("/reports").text


def test_a_sealed_report_stays_as_it_is_until_it_is_sealed_again(desk: Desk, clock: Clock) -> None:
    """F6: the page shows what was sealed, and that there is more to know."""
    clock.advance(days=10)
    ueda = desk.visit("ueda")
    ueda.post("/reports/2026-11/seal")
    desk.do(incidents.reopen, 1, by="emi", when="2026-12-06 14:00")
    page = ueda.get("/reports/2026-11").text
    assert shown(page, "resolved") == "1"
    assert "Later facts would change this report" in page
    ueda.post("/reports/2026-11/seal")
    page = ueda.get("/reports/2026-11").text
    assert shown(page, "resolved") == "0"
    assert "Sealed, revision 2" in page
    old = ueda.get("/reports/2026-11/report.json?revision=1").text
    assert json.loads(old)["figures"]["resolved"]["value"] == 1


def test_a_running_period_cannot_be_sealed(ueda: Visitor) -> None:
    answer = ueda.post("/reports/2026-11/seal")
    assert answer.status_code == 400
    assert "has not ended" in answer.text


def test_sealing_needs_the_token_of_a_form(desk: Desk, clock: Clock) -> None:
    clock.advance(days=10)
    assert desk.visit("ueda").client.post("/reports/2026-11/seal").status_code == 400


def test_a_part_of_the_desk_has_its_own_page(ueda: Visitor) -> None:
    assert shown(ueda.get("/reports/2026-11?scope=service:internet").text, "intake") == "1"
    assert shown(ueda.get("/reports/2026-11?scope=group:network").text, "intake") == "0"


def test_a_row_of_a_table_leads_to_the_report_of_that_part(desk: Desk, clock: Clock) -> None:
    """F7: the same figure stands there, with its incidents behind it."""
    for service in ("internet", "printing"):
        desk.log(when="Thu 11:00", service=service, wish=Due(day=at("Thu 00:00").date()))
    clock.advance(days=10)
    ueda = desk.visit("ueda")
    page = ueda.get("/reports/2026-11").text
    assert 'href="/reports/2026-11?scope=service:internet"' in page
    part = ueda.get("/reports/2026-11?scope=service:internet").text
    assert shown(part, "requested_due.first") == "0 of 1"
    assert 'href="/reports/2026-11?scope=service' not in part


@pytest.mark.backends("sqlite")
@pytest.mark.parametrize(
    "path",
    ["2026-13", "nonsense", "2026-11?scope=group:nix", "2026-11/figures/nix",
     "2026-11/report.pdf?language=fr", "2026-11/nix"],
)  # fmt: skip
def test_what_there_is_not_is_not_found(ueda: Visitor, path: str) -> None:
    assert ueda.get(f"/reports/{path}").status_code == 404


@pytest.mark.backends("sqlite")
def test_what_has_not_begun_is_said(ueda: Visitor) -> None:
    answer = ueda.get("/reports/2027-01")
    assert answer.status_code == 400
    assert "has not begun yet" in answer.text


@pytest.mark.backends("sqlite")
def test_an_empty_desk_has_nothing_to_report(ueda: Visitor) -> None:
    assert ueda.get("/reports?last=2020-01").status_code == 200
    assert "Nothing to report yet" in ueda.get("/reports?last=2020-01").text


def test_what_the_manager_has_to_say_is_sealed_with_the_figures(
    desk: Desk, clock: Clock, rendered: list[str]
) -> None:
    """§8: the comment, and the decisions wanted."""
    clock.advance(days=10)
    ueda = desk.visit("ueda")
    assert 'name="comment"' in ueda.get("/reports/2026-11").text
    answer = ueda.post("/reports/2026-11/seal", comment="One\r\nTwo", wanted="x" * 401)
    assert answer.status_code == 400
    assert "at most 400 letters" in answer.text
    ueda.post("/reports/2026-11/seal", comment="One\r\nTwo")
    assert [page.count("One\nTwo") for page in rendered] == [1, 1]
    assert 'name="comment"' not in ueda.get("/reports/2026-11").text
