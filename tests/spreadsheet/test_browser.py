"""Moving in in a browser: the whole way by plain forms, and no page with a fault under axe."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import BrowserContext, Page, expect

from tests.cast import Desk
from tests.people.signing import come_in
from tests.spreadsheet.dirt import clean
from tests.spreadsheet.ledgers import Ledger
from tests.support.browser import accessibility_faults
from tests.support.clock import Clock
from tests.support.server import LiveServer

Contexts = Callable[..., BrowserContext]


@pytest.fixture
def as_root(
    desk: Desk, app: Flask, clock: Clock, live_server: LiveServer, new_context: Contexts
) -> Callable[..., Page]:
    """Open the administrator's browser."""
    client = app.test_client()
    come_in(client, "root")
    cookie = client.get_cookie("desk")
    assert cookie

    def open_page(**how: object) -> Page:
        context = new_context(**how)
        context.add_cookies([{"name": "desk", "value": cookie.value, "url": live_server.url("/")}])
        return context.new_page()

    return open_page


def ledger() -> bytes:
    made = Ledger()
    made.add(**clean(1))
    made.add(**clean(2) | {"希望納期": "至急", "依頼者": "山田 花子"})
    made.add(**clean(3) | {"受付日": None})
    made.add(**clean(4) | {"対象システム": "社内ＬＡＮ"})
    return made.xlsx()[0]


@pytest.mark.browser
def test_a_ledger_is_moved_in_by_plain_forms(as_root: Callable[..., Page]) -> None:
    """WCAG 2.2 AA by axe on every page, in both themes; every step is a plain form."""
    page = as_root()
    page.goto("/move-in")
    faults = accessibility_faults(page)
    page.get_by_label("An Excel workbook").set_input_files(
        {"name": "台帳.xlsx", "mimeType": "application/octet-stream", "buffer": ledger()}
    )
    page.get_by_role("button", name="Upload").click()
    for heading, button in (
        ("Where is the head?", "On to the columns"),
        ("What is in the columns?", "On to the values"),
        ("What do the values mean?", "On to the preview"),
    ):
        expect(page.get_by_role("heading", level=1)).to_have_text(heading)
        faults += accessibility_faults(page)
        if "values" in heading:
            page.get_by_label("社内ＬＡＮ", exact=True).select_option("Printing")
        page.get_by_role("button", name=button).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("What would come of it")
    faults += accessibility_faults(page)
    page.get_by_label("Keep the mapping").fill("台帳")
    page.get_by_role("button", name="Import 3 lines").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Imported")
    faults += accessibility_faults(page)
    page.goto("/move-in")
    faults += accessibility_faults(page)
    assert faults == []


@pytest.mark.browser
def test_no_page_is_wider_than_a_phone(as_root: Callable[..., Page]) -> None:
    page = as_root(viewport={"width": 390, "height": 844}, java_script_enabled=False)
    page.goto("/move-in")
    page.locator("input[type=file]").set_input_files(
        {"name": "台帳.xlsx", "mimeType": "application/octet-stream", "buffer": ledger()}
    )
    page.get_by_role("button", name="Upload").click()
    for button in ("On to the columns", "On to the values", "On to the preview", None):
        page.wait_for_load_state()
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert (page.url.rsplit("/", 1)[1], wide) == (page.url.rsplit("/", 1)[1], 390)
        if button:
            page.get_by_role("button", name=button).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("What would come of it")
