"""Forms of the administrator's pages, filled in as a browser would send them."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

from werkzeug.test import TestResponse

from tests.cast import Desk, Visitor

STANDARD = "/admin/agreements/sla/standard"


class _Fields(HTMLParser):
    """What a browser would send of the form of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, list[str]] = {}
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        name, value = said.get("name") or "", said.get("value") or ""
        if tag == "select":
            self._select = name
        if tag == "option" and "selected" in said:
            self.found.setdefault(self._select, []).append(value)
        if tag == "input" and name and (said.get("type") != "checkbox" or "checked" in said):
            self.found.setdefault(name, []).append(value)


def fields(page: TestResponse) -> dict[str, Any]:
    """Read the form of a page."""
    parser = _Fields()
    parser.feed(page.text.partition("<main")[2])
    return {name: it[0] if len(it) == 1 else it for name, it in parser.found.items()}


def words(page: TestResponse) -> str:
    """Read what stands on a page."""
    text = re.sub(r"<(script|style).*?</\1>", "", page.text.partition("<main")[2], flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]*>", " ", text).split())


def send(by: Visitor, path: str, act: str, page: TestResponse, **changed: Any) -> TestResponse:
    """Fill a page's form in and send it."""
    said = {**fields(page), **changed, "act": act}
    said.pop("csrf_token", None)
    return by.post(path, **said)


def publish(by: Visitor, path: str, **changed: Any) -> TestResponse:
    """Fill a form in, look at the preview, publish it."""
    looked_at = send(by, path, "preview", by.get(path), **changed)
    assert looked_at.status_code == 200, words(looked_at)
    return send(by, path, "publish", looked_at)


def resolution(desk: Desk, number: int) -> tuple[int | None, str, Any]:
    row = desk.clock(number, "resolution")
    return row.target_seconds, row.state, row.due_at
