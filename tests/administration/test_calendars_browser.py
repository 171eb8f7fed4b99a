"""Calendars in a browser: by the keyboard, without any script, on a phone, in both themes."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import BrowserContext, Page, expect

from tests.cast import Desk
from tests.people.signing import come_in
from tests.support.browser import Complaints, accessibility_faults, too_wide
from tests.support.clock import Clock
from tests.support.server import LiveServer

OFFICE = "/admin/calendars/office"
DRAFT = "d=2026-11-27~closed&d=2026-12-05~09:00-12:00&first=2026-12-05&sat=nine"
PAGES = (
    "/admin/calendars",
    OFFICE,
    f"{OFFICE}?{DRAFT}",
    f"{OFFICE}/preview?d=2026-11-27~closed",
    f"{OFFICE}/history",
    f"{OFFICE}/retire",
    "/admin/new-calendar",
)


@pytest.fixture
def as_root(
    desk: Desk,
    app: Flask,
    clock: Clock,
    live_server: LiveServer,
    new_context: Callable[..., BrowserContext],
) -> Callable[..., Page]:
    """Open the administrator's browser, on a desk with an open incident."""
    desk.log(when="09:00")
    client = app.test_client()
    come_in(client, "root")
    cookie = client.get_cookie("desk")
    assert cookie

    def open_page(**how: object) -> Page:
        context = new_context(**how)
        context.add_cookies([{"name": "desk", "value": cookie.value, "url": live_server.url("/")}])
        return context.new_page()

    return open_page


@pytest.mark.browser
def test_days_are_pressed_with_the_keyboard_and_published(
    as_root: Callable[..., Page], desk: Desk
) -> None:
    """The tab key finds one day; the arrows go on from there; the page stays where it is."""
    page = as_root()
    page.goto(OFFICE)
    assert page.locator('button.day[tabindex="0"]').count() == 1
    today, friday = page.locator("#d-2026-11-26"), page.locator("#d-2026-11-27")
    today.focus()
    page.keyboard.press("ArrowRight")
    expect(friday).to_be_focused()
    page.keyboard.press("Enter")
    expect(friday).to_have_accessible_name("Fri 27 November: Company day off, not published yet")
    expect(friday).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("PageDown")  # that would be next year
    expect(page.locator("#d-2026-12-04")).to_be_focused()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    expect(page.get_by_text("2 changes that are not published yet")).to_be_visible()
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_text("Fri 27 November 2026: company day off.")).to_be_visible()
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_text("Published: in force from now on.")).to_be_visible()
    assert len(desk.setup().calendars["office"].versions) == 2


@pytest.mark.browser
def test_two_quick_presses_are_both_kept(as_root: Callable[..., Page]) -> None:
    page = as_root()
    page.goto(OFFICE)
    page.evaluate(
        """() => { for (const at of ["2026-12-01", "2026-12-02", "2026-12-03"])
             document.getElementById(`d-${at}`).click(); }"""
    )
    expect(page.locator(".day-changed")).to_have_count(3)
    page.reload()
    expect(page.locator(".day-changed")).to_have_count(3)


@pytest.mark.browser
def test_hours_that_are_typed_show_in_the_months(
    as_root: Callable[..., Page], complaints: Complaints
) -> None:
    page = as_root()
    page.goto(OFFICE)
    page.get_by_label("Saturday").fill("9-12")
    page.keyboard.press("Tab")
    expect(page.locator("#d-2026-12-05")).to_have_accessible_name(
        "Sat 5 December: Working day, 09:00–12:00"
    )
    expect(page.get_by_label("Sunday")).to_be_focused()
    page.keyboard.type("noon")
    page.keyboard.press("Tab")
    expect(page.get_by_text("“noon” are no working hours")).to_be_visible()
    expect(page.get_by_label("Sunday")).to_have_value("noon")
    assert len(complaints.lines) == 1
    assert "status of 422" in complaints.lines.pop()


@pytest.mark.browser
def test_it_works_without_any_script(as_root: Callable[..., Page]) -> None:
    page = as_root(java_script_enabled=False)
    page.goto(OFFICE)
    page.locator("#d-2026-11-27").click()
    page.get_by_label("Saturday").fill("9-12")
    page.locator("#d-2026-11-30").click()
    assert page.locator(".day-changed").count() == 2
    assert page.get_by_label("Saturday").input_value() == "09:00-12:00"
    page.get_by_role("button", name="2027").click()
    assert page.locator("#d-2027-01-04").count() == 1
    page.get_by_role("button", name="Preview").click()
    assert "Hours on Sat" in page.locator("main").inner_text()
    page.get_by_role("button", name="Publish").click()
    assert "Published" in page.locator(".flashes").inner_text()


@pytest.mark.browser
def test_the_pages_are_accessible(as_root: Callable[..., Page]) -> None:
    """WCAG 2.2 AA, as far as axe can tell, in both themes."""
    page = as_root()
    faults = {}
    for address in PAGES:
        page.goto(address)
        faults[address] = accessibility_faults(page)
    assert faults == {address: [] for address in PAGES}


@pytest.mark.browser
def test_no_page_scrolls_sideways(as_root: Callable[..., Page]) -> None:
    page = as_root()
    wide = {address: too_wide(page, address) for address in PAGES}
    assert wide == {address: [] for address in PAGES}
