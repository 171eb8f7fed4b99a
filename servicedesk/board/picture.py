"""Flow between a row of places as plain SVG: what goes on arcs above them, what comes back below.

The page's own colours and text; every arc is a link. A table says the same beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import escape

STEP, WIDE, TALL = 180.0, 92.0, 40.0
LEFT = 52.0  # where the middle of the first place lies
RISE, APART, ROOM = 29.0, 12.0, 18.0  # how high an arc of one step is, and the room beside it
THICK, THIN = 11.0, 1.25


@dataclass(frozen=True, slots=True)
class Place:
    """A tier, or all partners."""

    name: str
    colour: str  # as a stylesheet names it
    note: str = ""
    url: str = ""  # of what went from one of it to another


@dataclass(frozen=True, slots=True)
class Arc:
    """What went from a place to another."""

    start: int
    end: int
    count: int
    said: str  # in words
    url: str

    @property
    def length(self) -> int:
        """Count the places between its ends, its own end included."""
        return abs(self.end - self.start)


def draw(places: Sequence[Place], arcs: Sequence[Arc], title: str) -> str:
    """Draw places and the arcs between them; the thickest is what went most."""
    most = max((arc.count for arc in arcs), default=1)
    above = _room(arc.length for arc in arcs if arc.end > arc.start)
    height = above + TALL + _room(arc.length for arc in arcs if arc.end < arc.start)
    width = 2 * LEFT + STEP * (len(places) - 1)
    ordered = sorted(arcs, key=lambda arc: -arc.length)  # the long ones lie behind
    body = [part for arc in ordered for part in _arc(arc, places[arc.start].colour, most, above)]
    body += [part for n, place in enumerate(places) for part in _place(n, place, above)]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="chart flow-picture" width="{_n(width)}" '
        f'height="{_n(height)}" viewBox="0 0 {_n(width)} {_n(height)}" role="group" '
        f'aria-label="{escape(title)}">{"".join(body)}</svg>'
    )


def _room(lengths: Iterable[int]) -> float:
    """Give the height that arcs of these lengths take."""
    longest = max(lengths, default=0)
    return RISE * longest + ROOM if longest else 2


def _arc(arc: Arc, colour: str, most: int, above: float) -> Iterator[str]:
    side = 1 if arc.end > arc.start else -1  # to the right above, to the left below
    inward = 30 - APART * (arc.length - 1)
    x1, x2 = _middle(arc.start) + side * inward, _middle(arc.end) - side * inward
    edge = above if side > 0 else above + TALL
    top = edge - side * (RISE * arc.length - 4)
    tip = edge - side * 7
    bend = edge - side * (RISE * arc.length - 4) * 4 / 3
    width = max(THIN, THICK * arc.count / most)
    said = escape(arc.said)
    yield f'<a href="{escape(arc.url)}" aria-label="{said}"><title>{said}</title>'
    yield (
        f'<path class="flow-arc" d="M{_n(x1)} {_n(edge)}C{_n(x1)} {_n(bend)} {_n(x2)} {_n(bend)} '
        f'{_n(x2)} {_n(tip)}" fill="none" stroke="{colour}" stroke-width="{_n(width)}"/>'
    )
    half = max(3.5, width / 2 + 2)
    yield (
        f'<path d="M{_n(x2 - half)} {_n(tip)}L{_n(x2 + half)} {_n(tip)}L{_n(x2)} {_n(edge)}Z" '
        f'fill="{colour}"/>'
    )
    beside = top - 5 - width / 2 if side > 0 else top + 13 + width / 2
    yield _text((x1 + x2) / 2, beside, str(arc.count), "flow-count")
    yield "</a>"


def _place(n: int, place: Place, above: float) -> Iterator[str]:
    x = _middle(n)
    size = f'width="{_n(WIDE)}" height="{_n(TALL)}" rx="6"'
    yield f'<rect x="{_n(x - WIDE / 2)}" y="{_n(above)}" {size} fill="{place.colour}"/>'
    at = above + TALL / 2
    yield _text(x, at + (-3 if place.note else 4), place.name, "flow-place")
    if place.note:
        note = _text(x, at + 12, place.note, "flow-note")
        yield f'<a href="{escape(place.url)}">{note}</a>' if place.url else note


def _text(x: float, y: float, said: str, name: str) -> str:
    return (
        f'<text class="{name}" x="{_n(x)}" y="{_n(y)}" text-anchor="middle">{escape(said)}</text>'
    )


def _middle(n: int) -> float:
    return LEFT + n * STEP


def _n(value: float) -> str:
    """Write a coordinate so that the same always has the same digits."""
    return f"{value:.2f}".rstrip("0").rstrip(".")
