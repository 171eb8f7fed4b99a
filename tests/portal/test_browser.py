"""Choosing a date beside the desk's calendar in a browser, and narrowing a list by its dates."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from flask import Flask
from playwright.sync_api import BrowserContext, Page, expect

from servicedesk.incidents.acts import Due
from tests.cast import Desk
from tests.people.signing import come_in
from tests.support.browser import accessibility_faults
from tests.support.clock import Clock
from tests.support.server import LiveServer

pytestmark = pytest.mark.browser
Contexts = Callable[..., BrowserContext]


@pytest.fixture
def open_as(
    desk: Desk, app: Flask, clock: Clock, live_server: LiveServer, new_context: Contexts
) -> Callable[..., Page]:
    """Open somebody's browser."""

    def open_page(key: str, **how: object) -> Page:
        client = app.test_client()
        come_in(client, key)
        cookie = client.get_cookie("desk")
        assert cookie
        context = new_context(**how)
        context.add_cookies([{"name": "desk", "value": cookie.value, "url": live_server.url("/")}])
        return context.new_page()

    return open_page


def test_a_day_is_chosen_by_a_click_or_by_keys(open_as: Callable[..., Page]) -> None:
    """D1: what the day means is said at once; the field can still be typed into."""
    page = open_as("emi")
    page.goto("/incidents/new?service=internet")
    expect(page.locator(".wish")).to_be_hidden()
    page.get_by_label("Another day").check()
    page.locator("[data-day='2026-11-28'] button").click()
    expect(page.get_by_label("Day", exact=True)).to_have_value("2026-11-28")
    hints = page.locator(".wish-hints")
    expect(hints).to_contain_text("Closed on Sat 28 (no working day): we plan for Fri 27, 18:00")
    expect(page.locator("[data-day='2026-11-28'] button")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Day", exact=True)).to_have_value("2026-12-04")
    expect(hints).to_contain_text("We plan for 4 Dec, 18:00")
    expect(page.locator(".is-chosen")).to_have_count(1)
    page.get_by_label("Time").fill("10:30")
    expect(hints).to_contain_text("We plan for 4 Dec, 10:30.")
    page.get_by_label("Tomorrow").check()
    expect(hints).to_contain_text("We plan for Fri 27, 18:00")


def test_a_wish_is_revised_in_a_dialog_with_the_calendar(
    desk: Desk, open_as: Callable[..., Page]
) -> None:
    """D3: revised by the requester, and kept."""
    n = desk.log(wish=Due(day=date(2026, 11, 27)))
    page = open_as("emi")
    page.goto(f"/incidents/INC-{n:08d}")
    page.get_by_role("link", name="Revise the date").click()
    page.locator("dialog [data-day='2026-12-02'] button").click()
    expect(page.locator("dialog .wish-hints")).to_contain_text("We plan for Wed 2, 18:00")
    assert not accessibility_faults(page)
    page.get_by_role("button", name="Keep this date").click()
    page.wait_for_url("**/incidents/INC-*")
    assert desk.incident(n).requested_day == date(2026, 12, 2)


def test_without_a_script_the_calendar_is_there_to_read(open_as: Callable[..., Page]) -> None:
    page = open_as("emi", java_script_enabled=False)
    page.goto("/incidents/new?service=internet")
    page.get_by_label("Another day").check()
    expect(page.locator(".wish-days")).to_be_visible()
    expect(page.locator(".wish-days button")).to_have_count(0)
    page.get_by_label("What is wrong").fill("VPN")
    page.get_by_label("Day", exact=True).fill("2026-11-29")
    page.get_by_role("button", name="Report").click()
    expect(page.get_by_role("status").first).to_contain_text("we plan for Fri 27, 18:00")


def test_the_pages_have_no_faults(desk: Desk, open_as: Callable[..., Page]) -> None:
    """WCAG 2.2 AA by axe: the calendar, the filters of lists, in both themes."""
    for _n in range(6):
        desk.log(wish=Due(day=date(2026, 11, 27)), title="Long " * 50)
    emi = open_as("emi")
    emi.goto("/incidents/new?service=internet&needed=pick&day=2026-11-28")
    faults = accessibility_faults(emi)
    emi.goto("/home?sort=-requested")
    faults += accessibility_faults(emi)
    ito = open_as("ito")
    ito.goto("/incidents?view=all&requested=week&sort=-requested")
    ito.locator(".dates-menu > summary").click()
    faults += accessibility_faults(ito)
    ito.goto("/search?q=long&sort=requested")
    assert faults + accessibility_faults(ito) == []


def test_days_are_typed_before_a_list_is_narrowed(desk: Desk, open_as: Callable[..., Page]) -> None:
    """Typing a day digit by digit sends nothing; its button does, and leaves out what is empty."""
    desk.log(wish=Due(day=date(2026, 11, 27)))
    desk.log(wish=Due(day=date(2026, 12, 27)))
    page = open_as("ito")
    page.goto("/incidents?view=all")
    page.locator(".dates-menu > summary").click()
    page.get_by_label("Requested: to").press_sequentially("11302026")
    expect(page.get_by_label("Requested: to")).to_have_value("2026-11-30")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_text("1 incident")).to_be_visible()
    assert page.url.endswith("/incidents?view=all&requested_to=2026-11-30")
    page.get_by_role("link", name="Requested: up to 30 Nov").click()
    expect(page.get_by_text("2 open")).to_be_visible()
