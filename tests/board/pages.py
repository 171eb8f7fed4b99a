"""Reads pages as somebody does who follows their numbers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html.parser import HTMLParser

from tests.cast import Visitor

LISTS = r"/(incidents\?|board/(wishes|hand-offs|stays|work-requests))"
VOID = {"meta", "link", "input", "img", "br", "hr", "col", "path", "circle", "rect"}


@dataclass
class Link:
    """A link with all its text."""

    href: str
    text: str = ""


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[Link] = []
        self.inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self.found.append(Link(dict(attrs).get("href") or ""))
            self.inside = True

    def handle_endtag(self, tag: str) -> None:
        if tag == "a":
            self.inside = False

    def handle_data(self, data: str) -> None:
        if self.inside:
            self.found[-1].text += data


def links(page: str) -> list[Link]:
    """List the links of a page's content."""
    reader = _Links()
    reader.feed(page[page.index("<main") :])
    return reader.found


def numbered(page: str) -> dict[str, int]:
    """Give the lists that a page's numbers lead to, and the numbers."""
    found = {}
    for link in links(page):
        number = re.match(r"\s*(?:All )?(\d+)(?! of| d\b| h\b| min\b| more|[.\d])", link.text)
        listed = re.match(LISTS, link.href)
        if number and listed and "after=" not in link.href:
            found[link.href] = int(number[1])
    return found


def rows(visitor: Visitor, address: str) -> int:
    """Count the rows of a list, with those that are said to be hidden, over all its pages."""
    count, hidden, after = 0, 0, address
    while after:
        page = visitor.get(after).text
        count += len(re.findall(r'<tr role="row" data-link=', page))
        count += len(re.findall(r'<th scope="row"', page))
        said = re.search(r"(\d+) confidential ones? not shown", page)
        hidden = int(said[1]) if said else 0
        following = re.search(r'href="([^"]+)" rel="next"', page)
        after = following[1].replace("&amp;", "&") if following else ""
    return count + hidden
