"""Choosing many in a browser: by the keyboard, by ranges, in both themes, on a phone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import BrowserContext, Page, expect

from servicedesk.escalation.commands import hand_off
from tests.cast import Desk
from tests.people.signing import come_in
from tests.support.browser import accessibility_faults
from tests.support.clock import Clock
from tests.support.server import LiveServer

LIST = "/incidents?view=all"


@pytest.fixture
def as_ito(
    desk: Desk,
    app: Flask,
    clock: Clock,
    live_server: LiveServer,
    new_context: Callable[..., BrowserContext],
) -> Callable[..., Page]:
    """Open an agent's list with five incidents in it, one of them handed off."""
    numbers = [desk.log(when=f"09:0{n}") for n in range(5)]
    desk.do(hand_off, numbers[-1], "network", note="Please look", by="ito", when="10:00")
    client = app.test_client()
    come_in(client, "ito")
    cookie = client.get_cookie("desk")
    assert cookie

    def open_list(path: str = LIST, **how: object) -> Page:
        context = new_context(**how)
        context.add_cookies([{"name": "desk", "value": cookie.value, "url": live_server.url("/")}])
        page = context.new_page()
        page.goto(live_server.url(path))
        return page

    return open_list


def chosen(page: Page) -> list[bool]:
    boxes = page.locator('tr[data-link] input[name="chosen"]')
    return [boxes.nth(n).is_checked() for n in range(boxes.count())]


def test_x_chooses_a_row_and_with_shift_all_from_the_last(as_ito: Callable[..., Page]) -> None:
    """screens.md: the workbench by its keys."""
    page = as_ito()
    bar = page.locator("[data-choose-bar]")
    expect(bar).to_be_hidden()
    for key in ("j", "x", "j", "j", "Shift+X"):
        page.keyboard.press(key)
    assert chosen(page) == [True, True, True, False, False]
    expect(bar).to_contain_text("3 chosen")
    page.keyboard.press("x")
    assert chosen(page) == [True, True, False, False, False]


def test_a_click_with_shift_takes_the_rows_between(as_ito: Callable[..., Page]) -> None:
    page = as_ito()
    boxes = page.locator('tr[data-link] input[name="chosen"]')
    boxes.nth(1).click()
    boxes.nth(4).click(modifiers=["Shift"])
    assert chosen(page) == [False, True, True, True, True]
    page.get_by_label("Choose all").click()
    assert chosen(page) == [True] * 5
    page.get_by_label("Choose all").click()
    expect(page.locator("[data-choose-bar]")).to_be_hidden()


def test_without_a_script_the_boxes_and_the_bar_are_there(as_ito: Callable[..., Page]) -> None:
    page = as_ito(java_script_enabled=False)
    page.locator('tr[data-link] input[name="chosen"]').first.check()
    page.locator("#choose").get_by_role("button", name="Take").click()
    page.get_by_role("button", name="Take 1 incident").click()
    expect(page.locator(".chosen-counts")).to_contain_text("1 done")


def test_axe_finds_nothing(as_ito: Callable[..., Page]) -> None:
    """WCAG 2.2 AA, as far as axe can tell, in both themes."""
    page = as_ito()
    for box in page.locator('tr[data-link] input[name="chosen"]').all():
        box.check()
    assert accessibility_faults(page) == []
    page.locator("#choose").get_by_role("button", name="Hand off").click()
    assert accessibility_faults(page) == []
    page.get_by_label("To whom").select_option("network")
    page.get_by_label("Why").fill("Please look")
    page.get_by_role("button", name="Preview").click()
    assert accessibility_faults(page) == []
    page.get_by_role("button", name="Hand off 4 incidents").click()
    expect(page.locator(".chosen-counts")).to_contain_text("4 done")
    assert accessibility_faults(page) == []
    page.goto(page.url.split("/chosen")[0] + "/incidents/INC-00000005/hand-offs")
    assert accessibility_faults(page) == []


def test_everything_fits_a_phone(as_ito: Callable[..., Page]) -> None:
    page = as_ito("/incidents/INC-00000005/hand-offs", viewport={"width": 390, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
