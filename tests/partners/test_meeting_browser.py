"""Scores and meetings in a browser: no fault under axe, no sideways scroll, with and without it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask
from playwright.sync_api import BrowserContext, Page

from servicedesk.escalation.commands import hand_off
from servicedesk.partners.meetings import commands
from servicedesk.people.models import Partner
from servicedesk.reports import shelf
from tests.cast import Desk, at
from tests.people.signing import come_in
from tests.support.browser import accessibility_faults
from tests.support.clock import Clock
from tests.support.server import LiveServer

pytestmark = pytest.mark.browser
LONG = "The barcode scanners of the whole warehouse lose their connection while moving " * 3
SHEET = "/partners/netone/meetings/1"
PAGES = (
    "/partners", "/partners/netone", "/partners/netone/hand-offs", "/partners/netone/meetings",
    "/partners/netone/figures/partner.sent", SHEET, f"{SHEET}/hold",
)  # fmt: skip


@pytest.fixture
def as_ueda(
    desk: Desk,
    app: Flask,
    clock: Clock,
    live_server: LiveServer,
    new_context: Callable[..., BrowserContext],
) -> Callable[..., Page]:
    """Open the manager's browser, on a desk with a draft of a meeting."""
    shelf.clear()
    for title in (LONG, "W" * 200):
        n = desk.log(when="2026-11-25 09:00", title=title)
        desk.do(hand_off, n, "netone", note="Look", by="ito", when="2026-11-25 10:00")
    with desk.session() as session:
        netone = session.scalars(sa.select(Partner.id).where(Partner.key == "netone")).one()
    desk.call(commands.open_meeting, netone, at("09:00").date(), by="ito", when="09:00")
    client = app.test_client()
    come_in(client, "ueda")
    cookie = client.get_cookie("desk")
    assert cookie

    def open_page(**how: object) -> Page:
        context = new_context(**how)
        context.add_cookies([{"name": "desk", "value": cookie.value, "url": live_server.url("/")}])
        return context.new_page()

    return open_page


@pytest.mark.slow
def test_pages_are_accessible_and_fit(as_ueda: Callable[..., Page]) -> None:
    page = as_ueda(color_scheme="dark")
    for path in PAGES:
        page.goto(path)
        assert accessibility_faults(page) == [], path
    page.set_viewport_size({"width": 390, "height": 800})
    for path in PAGES:
        page.goto(path)
        wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
        assert not wide, path


def test_a_sheet_is_filled_in_without_javascript(as_ueda: Callable[..., Page]) -> None:
    page = as_ueda(java_script_enabled=False)
    page.goto(SHEET)
    page.get_by_label("Next action for INC-00000001/1").fill("Send the log")
    page.get_by_label("Who acts on INC-00000001/1").select_option("them")
    page.get_by_role("button", name="Save", exact=True).click()
    assert page.get_by_label("Next action for INC-00000001/1").input_value() == "Send the log"
    page.get_by_role("button", name="Save and mark as held…").click()
    page.get_by_role("button", name="It was held").click()
    assert "this sheet stays as it is now" in page.content()
    assert page.get_by_role("button", name="Save", exact=True).count() == 0
