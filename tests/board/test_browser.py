"""The board's pages in a browser: no fault under axe, no sideways scroll, and a sheet of paper."""

from __future__ import annotations

import io
from collections.abc import Callable

import pikepdf
import pytest
from flask import Flask
from playwright.sync_api import BrowserContext, Page

from servicedesk.escalation import commands as escalation
from servicedesk.escalation.commands import hand_off
from servicedesk.escalation.work import commands as work
from servicedesk.incidents import commands
from servicedesk.incidents.acts import Due
from tests.cast import Desk, at
from tests.people.signing import come_in
from tests.support.browser import accessibility_faults, too_wide
from tests.support.clock import Clock
from tests.support.server import LiveServer

PAGES = (
    "/board", "/board/flow", "/board/wishes", "/board/hand-offs", "/board/work-requests",
    "/board/stays?holder=desk", "/group/desk", "/group/network", "/morning",
)  # fmt: skip
LONG = "The barcode scanners of the whole warehouse lose their connection while moving " * 3


@pytest.fixture
def as_ueda(
    desk: Desk,
    app: Flask,
    clock: Clock,
    live_server: LiveServer,
    new_context: Callable[..., BrowserContext],
) -> Callable[..., Page]:
    """Open the manager's browser, on a desk with something in every section."""
    desk.log(when="2026-11-10 09:00", title=LONG, wish=Due(at=at("2026-11-12 09:00")))
    desk.log(when="2026-11-25 09:00", title="W" * 200, wish=Due(at=at("17:00")))
    desk.do(commands.take, 2, by="ito", when="2026-11-25 09:30")
    desk.log(when="2026-11-25 09:00", title=LONG, impact=1, urgency=1, service="payroll")
    desk.do(hand_off, 3, "network", note="Please look", by="ito", when="2026-11-25 10:00")
    bounced(desk)
    client = app.test_client()
    come_in(client, "ueda")
    cookie = client.get_cookie("desk")
    assert cookie

    def open_page(**how: object) -> Page:
        context = new_context(**how)
        context.add_cookies([{"name": "desk", "value": cookie.value, "url": live_server.url("/")}])
        return context.new_page()

    return open_page


def bounced(desk: Desk) -> None:
    """Leave a question, a return to decide on, and work that is overdue."""
    desk.log(when="2026-11-25 09:00", title=LONG, impact=2, urgency=2)
    for to, by, when in (("network", "ito", "10:00"), ("desk", "abe", "11:00"),
                         ("network", "ito", "12:00")):  # fmt: skip
        when = f"2026-11-25 {when}"
        desk.do(hand_off, 4, to, note="Please look", by=by, when=when, answer_by=at("09:00"))
    for n, to in ((5, "netone"), (6, "network")):
        desk.log(when="2026-11-25 09:00", title=LONG)
        desk.do(hand_off, n, to, note="Please look", by="ito", when="13:30")
    desk.do(escalation.ask, 5, 1, "Which cable?", by="kim", when="13:40")
    due = at("13:50")
    desk.do(work.request, 6, "netone", LONG, by="ito", when="13:45", due=due, must_finish=True)


@pytest.mark.browser
def test_the_pages_are_accessible(as_ueda: Callable[..., Page]) -> None:
    """WCAG 2.2 AA, as far as axe can tell, in both themes."""
    page = as_ueda()
    faults = {}
    for address in PAGES:
        page.goto(address)
        faults[address] = accessibility_faults(page)
    assert faults == {address: [] for address in PAGES}


@pytest.mark.browser
def test_no_page_scrolls_sideways(as_ueda: Callable[..., Page]) -> None:
    """Long titles wrap."""
    page = as_ueda()
    wide = {address: too_wide(page, address) for address in PAGES}
    assert wide == {address: [] for address in PAGES}


@pytest.mark.browser
def test_the_morning_page_is_printed_on_a4(as_ueda: Callable[..., Page]) -> None:
    """朝会: printed by the browser, without any script."""
    page = as_ueda(java_script_enabled=False)
    page.goto("/morning")
    printed = pikepdf.open(io.BytesIO(page.pdf(prefer_css_page_size=True)))
    sizes = {tuple(round(float(edge)) for edge in p.mediabox[2:]) for p in printed.pages}
    assert sizes == {(595, 842)}
    assert len(printed.pages) <= 2
