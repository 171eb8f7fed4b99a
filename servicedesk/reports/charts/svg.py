"""The strokes that charts are made of: literal attributes for print, classes for pages."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

INK, INK_2, INK_3, LINE, SURFACE = "#1c202a", "#494f59", "#626871", "#dee1e5", "#ffffff"
ACCENT, LATE, TRACK, PALE = "#2c4e9e", "#ce292c", "#eceff2", "#c9d3e6"
FACE = "BIZ UDPGothic, Noto Sans CJK JP, sans-serif"
SMALL = 9.5
LONGEST = 400  # letters that a mark says, of whatever a name may be

_STRANGE = re.compile("[^\t\n\r\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_TURNING = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a chart is drawn on: its width and the size of its letters, in pixels."""

    width: float = 656
    size: float = SMALL
    gap: float = 6  # between rows

    @property
    def line(self) -> float:
        """Give the height of a line of text."""
        return self.size * 1.35


PRINT, PAGE = Sheet(), Sheet(560, 12, 9)


@dataclass(frozen=True, slots=True)
class Link:
    """Where a mark leads to, and the sentence that it is called by."""

    href: str
    said: str


def plain(said: str) -> str:
    """Escape a text, without what XML forbids and what turns the direction of writing."""
    return escape(_TURNING.sub("", _STRANGE.sub("\ufffd", said[:LONGEST])))


def n(value: float) -> str:
    """Write a coordinate so that the same always has the same digits."""
    said = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if said == "-0" else said


def drawing(width: float, height: float, title: str, text: str, body: Sequence[str]) -> str:
    """Put a chart together; one with links is a group of them, any other an image."""
    whole = "".join(body)
    role = "group" if "<a " in whole else "img"
    name = plain(title)
    described = f"<desc>{escape(_TURNING.sub('', _STRANGE.sub('�', text)))}</desc>" if text else ""
    size = f'width="{n(width)}" height="{n(height)}" viewBox="0 0 {n(width)} {n(height)}"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="chart" {size} role="{role}" '
        f'aria-label="{name}"><title>{name}</title>{described}{whole}</svg>'
    )


def unsaid(body: Sequence[str]) -> str:
    """Keep from being read aloud what links and the table beside the chart say already."""
    return f'<g aria-hidden="true">{"".join(body)}</g>' if body else ""


def linked(link: Link | None, body: str) -> str:
    """Make a mark lead somewhere; without an address it stays as it is."""
    if link is None:
        return body
    said = plain(link.said)
    return (
        f'<a class="chart-link" href="{escape(link.href)}" aria-label="{said}">'
        f"<title>{said}</title>{body}</a>"
    )


def rect(x: float, y: float, width: float, height: float, fill: str, name: str) -> str:
    """Draw a filled rectangle."""
    size = f'width="{n(max(width, 0))}" height="{n(max(height, 0))}"'
    return f'<rect class="{name}" x="{n(x)}" y="{n(y)}" {size} fill="{fill}"/>'


def frame(x: float, y: float, width: float, height: float, stroke: str, name: str) -> str:
    """Draw the outline of a rectangle, within it."""
    size = f'width="{n(max(width - 0.75, 0))}" height="{n(max(height - 0.75, 0))}"'
    at = f'x="{n(x + 0.375)}" y="{n(y + 0.375)}"'
    return f'<rect class="{name}" {at} {size} fill="none" stroke="{stroke}" stroke-width="0.75"/>'


def line(
    x1: float, y1: float, x2: float, y2: float, name: str, stroke: str = LINE, width: float = 0.75,
    dash: str = "",
) -> str:  # fmt: skip
    """Draw a straight line."""
    dashes = f' stroke-dasharray="{dash}"' if dash else ""
    ends = f'x1="{n(x1)}" y1="{n(y1)}" x2="{n(x2)}" y2="{n(y2)}"'
    return f'<line class="{name}" {ends} stroke="{stroke}" stroke-width="{n(width)}"{dashes}/>'


def words(
    x: float, y: float, said: str, *, size: float = SMALL, anchor: str = "start",
    fill: str = INK_2, bold: bool = False,
) -> str:  # fmt: skip
    """Write a line of text on its base line."""
    weight = ' font-weight="700"' if bold else ""
    tone = "chart-ink" if fill == INK else "chart-white" if fill == SURFACE else "chart-label"
    return (
        f'<text class="{tone}" x="{n(x)}" y="{n(y)}" text-anchor="{anchor}" '
        f'font-family="{FACE}" font-size="{n(size)}" fill="{fill}"{weight}>{plain(said)}</text>'
    )


def reach(x: float, y: float, width: float, height: float) -> str:
    """Give a small mark of a page room to be hit."""
    return rect(x, y, width, height, "transparent", "chart-reach")
