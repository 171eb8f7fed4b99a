"""F7: what a chart's mark leads to is exactly what it stands for."""

from __future__ import annotations

import html
import re

import pytest

from servicedesk.escalation.commands import hand_off
from servicedesk.incidents import commands as incidents
from tests.cast import Desk
from tests.support.clock import Clock

NUMBER = re.compile(r'<td class="number"(?: data-label="[^"]*")?><a href="([^"]*)">([\d,]+)</a>')
MARK = re.compile(
    r'class="chart-link" href="([^"]*)" aria-label="Show what is behind [^"]*: ([\d,]+)\."'
)


@pytest.fixture(autouse=True)
def _november(clock: Clock, rendered: list[str], desk: Desk) -> None:
    """It is Thursday 26 November, 14:05; one was resolved today, two and a request are open."""
    number = desk.log(when="Thu 09:00", title="No network on floor 3")
    desk.do(incidents.resolve, number, by="ito", when="Thu 12:00", code="solved", text="Done.")
    desk.log(when="Thu 10:00", title="A secret", service="payroll")
    desk.log(when="Thu 11:30", type="request")
    number = desk.log(when="Thu 11:00", title="No mail")
    desk.do(hand_off, number, "netone", note="Please look", by="ito", when="Thu 11:10")


def test_every_mark_with_a_count_leads_to_as_many(desk: Desk) -> None:
    """F7: marks and numbers of tables; those of shares and times say something else."""
    ueda = desk.visit("ueda")
    page = ueda.get("/reports/2026-11").text
    for counts in (MARK.findall(page), NUMBER.findall(page)):
        assert counts
        for href, said in dict.fromkeys(counts):
            listed = ueda.get(html.unescape(href)).text
            assert listed.count('<th scope="row">') == int(said), href


def test_a_month_that_is_none_is_no_page(desk: Desk) -> None:
    assert desk.visit("ueda").get("/reports/2026-11/figures/intake?month=x").status_code == 404
