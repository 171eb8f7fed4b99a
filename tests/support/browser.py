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
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, WebError

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


@dataclass
class Complaints:
    """What the browser complained about: scripts that failed, things its policy refused."""

    lines: list[str] = field(default_factory=list)

    def watch(self, context: BrowserContext) -> BrowserContext:
        """Listen to every page of a context."""
        context.on("console", self._console)
        context.on("weberror", self._error)
        return context

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not _is_answer(message):
            self.lines.append(f"{message.text} ({message.location['url']})")

    def _error(self, error: WebError) -> None:
        self.lines.append(str(error.error))


def _is_answer(message: ConsoleMessage) -> bool:
    """The page itself came with a status such as 404 or 409: the test looks at that."""
    page = message.page
    loaded = message.text.startswith("Failed to load resource")
    return loaded and page is not None and message.location["url"] == page.url


def watched(
    new_context: Callable[..., BrowserContext], complaints: Complaints
) -> Callable[..., BrowserContext]:
    """Have every new context watched."""
    return lambda **options: complaints.watch(new_context(**options))


def accessibility_faults(page: Page, context: str | None = None) -> list[str]:
    """List what axe finds wrong with a page (or a part of it), a line for each element."""
    violations: list[dict[str, Any]] = Axe().run(page, context).response["violations"]
    return [
        f"{violation['id']}: {violation['help']}: {node['html']}"
        for violation in violations
        for node in violation["nodes"]
    ]
