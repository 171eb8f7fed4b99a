"""The rules in a browser: changed without any script, in both themes, on a phone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import BrowserContext, Page, expect

from tests.cast import Desk, page_of
from tests.people.signing import come_in
from tests.rulebook.test_responsibility import climbing
from tests.support.browser import accessibility_faults
from tests.support.clock import Clock
from tests.support.server import LiveServer

EDIT = "/rules/usual/edit"
PAGES = ("/rules", "/rules/usual", EDIT, "/rules/new", "/rules/today", "/rules/today?show=next")


@pytest.fixture
def as_manager(
    desk: Desk,
    app: Flask,
    clock: Clock,
    live_server: LiveServer,
    new_context: Callable[..., BrowserContext],
) -> Callable[..., Page]:
    """Open the manager's browser, on a desk whose rule climb has come twice."""
    climbing(desk, clock)
    client = app.test_client()
    come_in(client, "ueda")
    cookie = client.get_cookie("desk")
    assert cookie

    def open_page(**how: object) -> Page:
        context = new_context(**how)
        context.add_cookies([{"name": "desk", "value": cookie.value, "url": live_server.url("/")}])
        return context.new_page()

    return open_page


def test_a_rule_is_changed_without_any_script(as_manager: Callable[..., Page]) -> None:
    """E1: read, changed, previewed and published by a form that needs no help."""
    page = as_manager(java_script_enabled=False)
    page.goto("/rules/usual")
    page.get_by_role("link", name="Edit").click()
    page.get_by_role("button", name="Add a rule").click()
    page.get_by_label("nobody has taken it for").first.check()
    page.get_by_label("nobody has taken it for of work").fill("30")
    page.get_by_label("P1").check()
    page.get_by_label("who is on call").first.check()
    page.get_by_role("button", name="Add to the policy").click()
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_text("nobody has taken it for 30 min of work, for P1")).to_be_visible()
    expect(page.get_by_role("button", name="Try it on the last 90 days")).to_be_visible()
    page.get_by_role("button", name="Publish: in force from now on").click()
    expect(page.get_by_text("by Ueda Rin").first).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everybody_can_read_the_pages(as_manager: Callable[..., Page], scheme: str) -> None:
    page = as_manager(color_scheme=scheme, viewport={"width": 390, "height": 800})
    for path in PAGES:
        page.goto(path)
        assert accessibility_faults(page) == [], path
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, path
    page.goto(EDIT)
    page.get_by_role("button", name="Change: climb").click()
    assert accessibility_faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.get_by_label("Per cent").fill("")
    page.get_by_role("button", name="Keep the change").click()
    expect(page.get_by_text("Please write how many per cent.")).to_be_visible()
    assert accessibility_faults(page) == []


def test_responsibility_is_taken_on_the_incident_s_page(as_manager: Callable[..., Page]) -> None:
    """E1: one button in the side column."""
    page = as_manager()
    page.goto(page_of(1))
    page.get_by_role("button", name="I take responsibility").click()
    expect(page.get_by_text("You have taken responsibility")).to_be_visible()
    expect(page.get_by_role("button", name="I take responsibility")).to_have_count(0)
