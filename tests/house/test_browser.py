"""The browser of the tests: what it must notice."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from flask import Flask, Response
from playwright.sync_api import Page

from servicedesk import times
from tests.support import browser
from tests.support.browser import accessibility_faults, too_wide
from tests.support.clock import Clock
from tests.support.server import LiveServer, serving

FRAME = '<!doctype html><html lang="en"><title>Page</title><link rel="icon" href="data:,"><main>'
POLICY = "default-src 'none'; img-src data:; style-src 'self'"
PAGES = {
    "good": "<h1>Good</h1>",
    "styled": '<h1>Styled</h1><p style="color: red">inline</p>',
    "scripted": "<h1>Scripted</h1><script>document.title = 'changed'</script>",
    "pictured": '<h1>Pictured</h1><img src="data:image/gif;base64,R0lGODlhAQABAAAAACw=">',
    "dim": '<link rel=stylesheet href="/dim.css" media="(prefers-color-scheme: dark)"><h1>Dim</h1>',
    "wide": f"<h1>Wide</h1><pre>{'W' * 60}</pre>",
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

    @app.get("/dim.css")
    def style() -> Response:
        return Response("body { background: #000; color: #222 }", mimetype="text/css")

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


def test_a_word_too_dark_on_a_dark_page_is_a_fault(page: Page, live_server: LiveServer) -> None:
    page.goto("/dim")
    assert ["color-contrast" in fault for fault in accessibility_faults(page)] == [True]


def test_what_scrolls_sideways_is_named_with_the_width(page: Page, live_server: LiveServer) -> None:
    assert [width for width, _wide in too_wide(page, "/wide")] == [320, 390]
    assert too_wide(page, "/good") == []


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
