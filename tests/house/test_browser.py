"""The browser of the tests: what it must notice."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from flask import Flask
from playwright.sync_api import Page

from servicedesk import times
from tests.support import browser
from tests.support.browser import accessibility_faults
from tests.support.clock import Clock
from tests.support.server import LiveServer, serving

FRAME = '<!doctype html><html lang="en"><title>Page</title><link rel="icon" href="data:,"><main>'
POLICY = "default-src 'none'; img-src data:"
PAGES = {
    "good": "<h1>Good</h1>",
    "styled": '<h1>Styled</h1><p style="color: red">inline</p>',
    "scripted": "<h1>Scripted</h1><script>document.title = 'changed'</script>",
    "pictured": '<h1>Pictured</h1><img src="data:image/gif;base64,R0lGODlhAQABAAAAACw=">',
}


@pytest.fixture
def live_server() -> Iterator[LiveServer]:
    """A few pages with the desk's kind of policy, one of them sent with status 404."""
    app = Flask(__name__)

    @app.get("/<name>")
    def page(name: str) -> tuple[str, int, dict[str, str]]:
        status = 200 if name in PAGES else 404
        body = PAGES.get(name, "<h1>None</h1>")
        return FRAME + body, status, {"Content-Security-Policy": POLICY}

    with serving(app) as server:
        yield server


def test_a_good_page_has_no_faults(page: Page, live_server: LiveServer) -> None:
    page.goto("/good")
    assert accessibility_faults(page) == []


def test_a_page_with_status_404_is_no_complaint(page: Page, live_server: LiveServer) -> None:
    page.goto(live_server.url("/none"))
    assert page.title() == "Page"


def test_a_picture_without_a_text_is_a_fault(page: Page, live_server: LiveServer) -> None:
    page.goto("/pictured")
    assert ["image-alt" in fault for fault in accessibility_faults(page)] == [True]


@pytest.mark.parametrize("name", ["styled", "scripted"])
def test_what_the_policy_refuses_is_a_complaint(
    page: Page, live_server: LiveServer, complaints: browser.Complaints, name: str
) -> None:
    page.goto(f"/{name}")
    assert "Content Security Policy" in complaints.lines.pop()


def test_the_clock_stands_still(clock: Clock, now: datetime) -> None:
    assert times.now() == now
    clock.advance(minutes=5)
    assert times.now() - now == timedelta(minutes=5)
