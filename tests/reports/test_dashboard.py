"""The dashboard: the running month, live, by the figures of its report."""

from __future__ import annotations

import json
import re

import pytest

from servicedesk.escalation import commands as escalation
from servicedesk.incidents import commands as incidents
from servicedesk.incidents.acts import Due
from servicedesk.reports import shelf
from tests.cast import Desk, at
from tests.support.clock import Clock
from tests.support.statements import counted


@pytest.fixture(autouse=True)
def _november(clock: Clock, desk: Desk) -> None:
    """It is Thursday 26 November, 14:05: one is with NetOne, late; one is confidential."""
    handed = desk.log(when="Thu 09:00", title="No network on floor 3", wish=Due(at=at("10:00")))
    desk.do(escalation.hand_off, handed, "netone", note="Please look", by="ito", when="Thu 09:10")
    desk.do(escalation.accept, handed, 1, by="kim", when="Thu 09:20")
    desk.log(when="Thu 10:00", title="A secret", service="payroll")
    solved = desk.log(when="Thu 11:00", title="Paper jam", service="printing")
    desk.do(incidents.resolve, solved, by="ito", when="Thu 12:00", code="solved", text="Done.")


def shown(page: str) -> dict[str, str]:
    """Read the figures off the table, by id."""
    row = re.compile(
        r'<th scope="row"><a href="/dashboard/figures/([a-z0-9_.]+)\?[^"]*">[^<]*</a></th>\s*'
        r'<td class="number">[^<]*</td>\s*<td class="number"><b>(.*?)</b>'
    )
    return dict(row.findall(page))


def links(page: str, id: str) -> list[str]:
    found = re.findall(rf'href="(/dashboard/figures/{re.escape(id)}\?[^"]*)"', page)
    return [link.replace("&amp;", "&") for link in found]


def test_its_figures_are_those_of_the_report(desk: Desk) -> None:
    """F1: one definition, one knowledge."""
    ueda = desk.visit("ueda")
    page = ueda.get("/dashboard").text
    figures = json.loads(ueda.get("/reports/2026-11/report.json").text)["figures"]
    for id in ("intake", "resolved", "backlog"):
        assert shown(page)[id] == str(figures[id]["value"])
    assert "November 2026 so far" in page
    assert "as of 26 Nov 2026, 14:05" in page


def test_it_goes_on_with_what_happens(desk: Desk) -> None:
    ueda = desk.visit("ueda")
    assert shown(ueda.get("/dashboard").text)["intake"] == "3"
    desk.log(when="Thu 14:04")
    assert shown(ueda.get("/dashboard").text)["intake"] == "4"


def test_what_is_behind_a_figure_is_what_was_shown_then(desk: Desk) -> None:
    """F7: also when more has happened since."""
    ueda = desk.visit("ueda")
    link = links(ueda.get("/dashboard").text, "intake")[0]
    desk.log(when="Thu 14:04", title="Later")
    shelf.clear()
    listed = ueda.get(link).text
    assert listed.count("INC-0000000") >= 3
    assert "Later" not in listed
    assert "A secret" not in listed
    assert "1 of these is confidential" in listed
    assert 'href="/dashboard"' in listed


def test_a_lead_has_the_own_group(desk: Desk) -> None:
    """§9: and no other, nor the whole desk."""
    desk.log(when="Thu 13:00", service="printing", title="Not the network's")
    abe = desk.visit("abe")
    page = abe.get("/dashboard").text
    assert "Network team" in page
    assert shown(page)["intake"] == "0"
    assert 'name="scope"' not in page
    for scope in ("all", "group:desk", "partner:netone", "service:internet"):
        assert abe.get(f"/dashboard?scope={scope}").status_code == 404
        assert abe.get(f"/dashboard/figures/intake?scope={scope}").status_code == 404


def test_a_company_has_what_it_answers_for(desk: Desk) -> None:
    """H8: its own figures, its own hand-offs, and no others'."""
    kim, park = desk.visit("kim"), desk.visit("park")
    page = kim.get("/dashboard").text
    assert shown(page)["handoffs"] == "1"
    assert {"intake", "backlog", "sla.resolution"}.isdisjoint(shown(page))
    assert kim.get("/dashboard/figures/intake").status_code == 404
    listed = kim.get(links(page, "handoffs")[0]).text
    assert "No network on floor 3" in listed
    assert '"/hand-offs/INC-00000001/1"' in listed
    assert "/incidents/INC" not in listed
    assert "INC-00000001" not in park.get("/dashboard").text
    assert park.get("/dashboard?scope=partner:netone").status_code == 404
    assert kim.get("/exports/figures/2026-10/handoffs.csv").status_code == 404


def test_the_first_minute_of_a_month_still_shows_the_one_before(desk: Desk, clock: Clock) -> None:
    clock.now = at("2026-12-01 00:00")
    assert "November 2026 so far" in desk.visit("ueda").get("/dashboard").text
    clock.advance(minutes=1)
    assert "December 2026 so far" in desk.visit("ueda").get("/dashboard").text


@pytest.mark.backends("sqlite")
def test_it_asks_the_same_number_of_queries_whatever_there_is(desk: Desk) -> None:
    ueda = desk.visit("ueda")
    ueda.get("/dashboard")
    with counted(desk) as few:
        desk.log(when="Thu 13:01")
        few.clear()
        ueda.get("/dashboard")
    for n in range(5):
        desk.log(when=f"Thu 13:1{n}", wish=Due(at=at("13:20")))
    with counted(desk) as many:
        ueda.get("/dashboard")
    assert len(many) == len(few)
