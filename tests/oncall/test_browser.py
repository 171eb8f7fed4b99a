"""On-call in a browser: on a phone, in both themes, with the script or without."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import BrowserContext, Page, expect

from tests.cast import Desk
from tests.oncall.turns import ask, give_rota, take_over, who
from tests.people.signing import come_in
from tests.support.browser import accessibility_faults
from tests.support.clock import Clock
from tests.support.server import LiveServer

PAGES = (
    "/oncall",
    "/oncall/network",
    "/oncall/desk",
    "/oncall/network/rota",
    "/oncall/network/take-over",
    "/oncall/network/swap",
    "/profile",
)
Opened = Callable[..., Page]


@pytest.fixture
def opened(
    desk: Desk,
    app: Flask,
    clock: Clock,
    live_server: LiveServer,
    new_context: Callable[..., BrowserContext],
) -> Opened:
    """Open somebody's browser, on a desk with a rota, a change and a swap that waits."""
    give_rota(desk, weeks=["abe", "{mon-fri: mori, sat: abe}"])
    take_over(desk, "mori", "18:00", "Fri 09:00", when="14:00")
    ask(desk, "2026-12-07 09:00", "mori", "2026-11-30 09:00", when="14:00")

    def open_page(key: str, **how: object) -> Page:
        client = app.test_client()
        come_in(client, key)
        cookie = client.get_cookie("desk")
        assert cookie
        context = new_context(**how)
        context.add_cookies([{"name": "desk", "value": cookie.value, "url": live_server.url("/")}])
        return context.new_page()

    return open_page


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_pages_are_accessible_and_fit_a_phone(opened: Opened, theme: str) -> None:
    page = opened("abe", color_scheme=theme)
    for path in PAGES:
        page.set_viewport_size({"width": 1280, "height": 900})
        page.goto(path)
        assert accessibility_faults(page) == [], path
        page.set_viewport_size({"width": 390, "height": 844})
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= 390, (path, wide)


@pytest.mark.parametrize("script", [True, False])
def test_a_lead_makes_another_rota(desk: Desk, opened: Opened, script: bool) -> None:
    page = opened("abe", java_script_enabled=script)
    page.goto("/oncall/network/rota")
    page.get_by_label("Begins on").fill("2026-11-30")
    page.get_by_label("Week 1", exact=True).select_option("Mori Sho")
    page.get_by_role("button", name="Leave out the last").click()
    page.locator(".form-actions").get_by_role("button", name="Preview").click()
    expect(page.get_by_text("days with somebody else than now")).to_be_visible()
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_text("The rota is published.")).to_be_visible()
    assert who(desk, "2026-12-08 12:00") == "mori"
