"""Agreements in a browser: without any script, on a phone, in both themes, progress by itself."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import BrowserContext, Page, expect

from servicedesk.db import transaction
from servicedesk.incidents import applying
from servicedesk.setup.dump import dump
from servicedesk.setup.load import load_text
from servicedesk.sla.models import Application
from tests.cast import Desk, at
from tests.people.signing import come_in
from tests.support.browser import accessibility_faults, too_wide
from tests.support.clock import Clock
from tests.support.server import LiveServer

STANDARD = "/admin/agreements/sla/standard"
PAGES = (
    "/admin/agreements",
    "/admin/agreements/feasibility",
    STANDARD,
    f"{STANDARD}/edit",
    f"{STANDARD}/apply",
    f"{STANDARD}/retire",
    "/admin/agreements/uc/netone",
    "/admin/agreements/services/internet",
    "/admin/new-agreement",
)


@pytest.fixture
def as_root(
    desk: Desk,
    app: Flask,
    clock: Clock,
    live_server: LiveServer,
    new_context: Callable[..., BrowserContext],
) -> Callable[..., Page]:
    """Open the administrator's browser, on a desk with an incident of an earlier version."""
    desk.log(when="13:00", impact=1, urgency=1)
    with desk.session():
        text = dump().replace("P1: {response: 15, resolution: 240}", "P1: {resolution: 60}", 1)
        load_text(text, "desk.yaml", now=at("14:00"))
    client = app.test_client()
    come_in(client, "root")
    cookie = client.get_cookie("desk")
    assert cookie

    def open_page(**how: object) -> Page:
        context = new_context(**how)
        context.add_cookies([{"name": "desk", "value": cookie.value, "url": live_server.url("/")}])
        return context.new_page()

    return open_page


def preview(page: Page) -> None:
    page.goto(f"{STANDARD}/edit")
    page.get_by_label("P1, Resolution").fill("40h")
    page.get_by_role("button", name="Preview").click()
    page.locator(".fits-beside summary").first.click()


@pytest.mark.browser
def test_the_pages_are_accessible(as_root: Callable[..., Page]) -> None:
    """WCAG 2.2 AA, as far as axe can tell, in both themes."""
    page = as_root()
    faults = {}
    for address in PAGES:
        page.goto(address)
        faults[address] = accessibility_faults(page)
    preview(page)
    faults["preview"] = accessibility_faults(page)
    assert {address: it for address, it in faults.items() if it} == {}


@pytest.mark.browser
def test_no_page_scrolls_sideways(as_root: Callable[..., Page]) -> None:
    page = as_root()
    wide = {address: too_wide(page, address) for address in PAGES}
    assert wide == {address: [] for address in PAGES}
    preview(page)
    assert too_wide(page) == []


@pytest.mark.browser
def test_it_works_without_any_script(as_root: Callable[..., Page], desk: Desk) -> None:
    """C8: publish a version, then apply it to what is open."""
    page = as_root(java_script_enabled=False)
    page.goto(f"{STANDARD}/edit")
    page.get_by_label("P1, Resolution").fill("2h")
    page.get_by_role("button", name="Preview").click()
    page.get_by_role("button", name="Publish").click()
    assert "version 3 is in force" in page.locator(".flashes").inner_text()
    page.get_by_role("link", name="See what applying it would change").click()
    page.get_by_role("button", name="Apply to what is open").click()
    assert "Applied to 1 open incident." in page.locator(".flashes").inner_text()
    assert desk.clock(1, "resolution").target_seconds == 7200


@pytest.mark.browser
def test_progress_renews_itself_until_it_is_done(
    as_root: Callable[..., Page], desk: Desk, clock: Clock
) -> None:
    """C8: in batches, while the page looks on."""
    with desk.session():
        id = applying.begin("sla", "standard", actor=None, now=clock.now)
        with transaction() as session:
            session.get_one(Application, id).total = 30_000
    page = as_root()
    page.goto(f"{STANDARD}/apply")
    expect(page.get_by_role("status")).to_contain_text("0 of 30,000")
    with desk.session(), transaction() as session:
        session.get_one(Application, id).looked_at = 3_200
    expect(page.get_by_role("status")).to_contain_text("3,200 of 30,000")
    with desk.session():
        applying.work_off(clock.now)
    expect(page.get_by_text("Nothing changes")).to_be_visible()
