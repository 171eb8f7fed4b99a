"""A real browser: Debian's Chromium, its complaints, and its accessibility tree under axe."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Response, WebError

# Nothing but the page under test is to be loaded.
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
NAMES = ("chromium", "chromium-browser", "google-chrome")


def program() -> str | None:
    """Find the browser: what CHROMIUM names, else the system's own."""
    named = os.environ.get("CHROMIUM")
    return named or next((path for name in NAMES if (path := shutil.which(name))), None)


def driver_starts() -> bool:
    """Tell whether Playwright's own programs run on this machine."""
    asked = [sys.executable, "-m", "playwright", "--version"]
    return subprocess.run(asked, check=False, capture_output=True).returncode == 0


NOT_LOADED = "Failed to load resource"


@dataclass
class Complaints:
    """What the browser complained about: scripts that failed, things its policy refused."""

    lines: list[str] = field(default_factory=list)
    answers: set[str] = field(default_factory=set)  # addresses of pages that came as 404, 422 …

    def watch(self, context: BrowserContext) -> BrowserContext:
        """Listen to every page of a context."""
        context.on("console", self._console)
        context.on("weberror", self._error)
        context.on("response", self._response)
        return context

    def left(self) -> list[str]:
        """List what is to be complained of: the status of a whole page is for its test to judge."""
        expected = {f"({url})" for url in self.answers}
        return [
            line
            for line in self.lines
            if not (line.startswith(NOT_LOADED) and line.rpartition(" ")[2] in expected)
        ]

    def _response(self, response: Response) -> None:
        if response.status >= 400 and response.request.is_navigation_request():
            self.answers.add(response.url)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.lines.append(f"{message.text} ({message.location['url']})")

    def _error(self, error: WebError) -> None:
        self.lines.append(str(error.error))


def watched(
    new_context: Callable[..., BrowserContext], complaints: Complaints
) -> Callable[..., BrowserContext]:
    """Have every new context watched."""
    return lambda **options: complaints.watch(new_context(**options))


COLOURS = ("color-contrast", "link-in-text-block")  # what differs between the themes
SETTLED = "document.getAnimations().forEach(a => a instanceof CSSTransition && a.finish())"


def accessibility_faults(page: Page, context: str | None = None) -> list[str]:
    """List what axe finds wrong with a page (or a part of it), a line for each element.

    Colours are looked at in the other theme as well.
    """
    violations = Axe().run(page, context).response["violations"]
    dark = page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
    _turn(page, dark=not dark)
    asked = {"runOnly": {"type": "rule", "values": COLOURS}, "resultTypes": ["violations"]}
    violations += page.evaluate(
        "([where, asked]) => axe.run(where ?? document, asked)", [context, asked]
    )["violations"]
    _turn(page, dark=dark)
    return _lines(violations)


def _turn(page: Page, *, dark: bool) -> None:
    page.emulate_media(color_scheme="dark" if dark else "light")
    page.evaluate(SETTLED)


def _lines(violations: list[dict[str, Any]]) -> list[str]:
    return [
        f"{violation['id']}: {violation['help']}: {node['html']}"
        for violation in violations
        for node in violation["nodes"]
    ]


WIDTHS = (320, 390, 1024, 1280)


def too_wide(page: Page, address: str = "") -> list[tuple[int, int]]:
    """Open a page on the smallest phone and widen it; gives widths that scroll, and how wide."""
    return [(width, wide) for width in WIDTHS if (wide := _width(page, width, address)) != width]


def _width(page: Page, width: int, address: str) -> int:
    page.set_viewport_size({"width": width, "height": 800})
    if address and width == WIDTHS[0]:
        page.goto(address)
    wide: int = page.evaluate("document.documentElement.scrollWidth")
    return wide
