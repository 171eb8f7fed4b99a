"""Companies in a browser: without any script, on a phone, in both themes."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import BrowserContext, Page, expect

from servicedesk.setup.load import load_text
from tests.cast import DESK, Desk, at
from tests.people.signing import come_in
from tests.support.browser import accessibility_faults
from tests.support.clock import Clock
from tests.support.server import LiveServer

PAGES = {
    "kim": ("/company", "/company/add", "/inbox?q=nothing"),
    "root": (
        "/admin/partners",
        "/admin/partners/netone",
        "/admin/partners/netone/edit",
        "/admin/groups",
        "/admin/groups/network/edit",
        "/admin/groups/network/retire",
        "/admin/new/partners",
    ),
}
Opened = Callable[..., Page]


@pytest.fixture
def opened(
    desk: Desk,
    app: Flask,
    clock: Clock,
    live_server: LiveServer,
    new_context: Callable[..., BrowserContext],
) -> Opened:
    """Open somebody's browser, on a desk where Kim is NetOne's admin and its contract ends."""
    said = "members: [kim], admins: [kim], valid: {to: 2026-12-20},"
    with desk.session():
        load_text(DESK.replace("members: [kim],", said), "desk.yaml", now=at("14:00"))

    def open_page(who: str, **how: object) -> Page:
        client = app.test_client()
        come_in(client, who)
        cookie = client.get_cookie("desk")
        assert cookie
        context = new_context(**how)
        context.add_cookies([{"name": "desk", "value": cookie.value, "url": live_server.url("/")}])
        return context.new_page()

    return open_page


@pytest.mark.parametrize("who", PAGES)
def test_the_pages_are_accessible_and_fit_a_phone(opened: Opened, who: str) -> None:
    page = opened(who)
    for path in PAGES[who]:
        page.set_viewport_size({"width": 1280, "height": 900})
        page.goto(path)
        assert accessibility_faults(page) == [], path
        page.set_viewport_size({"width": 390, "height": 844})
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= 390, (path, wide)


def test_a_colleague_is_added_without_a_script(opened: Opened) -> None:
    """H7: a company's admin works with plain forms."""
    page = opened("kim", java_script_enabled=False)
    page.goto("/company")
    page.get_by_role("link", name="Add a colleague").click()
    page.get_by_label("Name").fill("Choi Mina")
    page.get_by_label("Mail").fill("mina@netone.example")
    page.get_by_role("button", name="Add and invite").click()
    expect(page.get_by_role("row", name="Choi Mina")).to_contain_text("netone-mina")
    page.get_by_role("button", name="Disable: Choi Mina").click()
    expect(page.get_by_role("row", name="Choi Mina")).to_contain_text("Disabled")


def test_a_colleague_is_added_in_a_dialog(opened: Opened) -> None:
    page = opened("kim")
    page.goto("/company")
    page.get_by_role("link", name="Add a colleague").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill("Choi Mina")
    dialog.get_by_label("Mail").fill("mina@elsewhere.example")
    dialog.get_by_role("button", name="Add and invite").click()
    expect(page.get_by_text("Only addresses at netone.example")).to_be_visible()
    page.get_by_label("Mail").fill("mina@netone.example")
    page.get_by_role("button", name="Add and invite").click()
    expect(page.get_by_role("row", name="Choi Mina")).to_contain_text("netone-mina")
