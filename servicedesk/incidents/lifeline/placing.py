"""Where the heads of the dates and their labels go, so that none covers another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain, product
from typing import NamedTuple

from servicedesk.incidents.lifeline.spots import Reach, Side, Spot
from servicedesk.incidents.lifeline.text import text_width

GAP = 4.0  # px between words and their neighbour in a row; heads may stand closer
HEAD_GAP = 1.0
OVERHANG = 12  # px that a head may stand out at the edges
LABELLED = 8  # further marks are heads only
RANKS = {"requested": 1, "promised": 2, "target": 3, "response": 3}

PLACES: tuple[tuple[int, Side], ...] = ((0, "right"), (1, "right"), (0, "left"), (1, "left"))
NUDGES = (0, -6, 6, -12, 12, -20, 20, -28, 28)


class Placed(NamedTuple):
    """A mark with its row from the top, its label if there is room, its arrow if it is parked.

    In px of the width it was placed for: its line, its label, and what it takes with its head.
    `nudge` moves the head alone off its line, where it would cover another.
    """

    spot: Spot
    row: int
    side: Side
    text: str
    line: float
    label: Reach | None
    taken: Reach
    nudge: int = 0
    arrow: bool = False


def rank(spot: Spot) -> int:
    """Who chooses a place first: breach, requested, promised, target, parked, superseded."""
    states = {"breached": 0, "superseded": 5}
    return states.get(spot.mark.state, 4 if spot.parked else RANKS[spot.mark.kind])


def place(found: Sequence[Spot], width: int, *, labels: bool = True, rows: int = 3) -> list[Placed]:
    """Give every spot its row and label for a picture so many px wide, in the order of ranks."""
    placed: list[Placed] = []
    for index, spot in enumerate(sorted(found, key=lambda spot: (rank(spot), spot.at))):
        words = _words(spot, width) if labels and index < LABELLED else ()
        options = chain(words, _heads(spot, width, rows))
        free = (each for each in options if _fits(each, placed, width))
        placed.append(next(free, None) or _placed(spot, rows - 1, "", "", width, arrow=False))
    return placed


def _words(spot: Spot, width: int) -> Iterator[Placed]:
    """First with the whole label, then with the date alone; parked ones have words inwards."""
    inward = {1: "left", -1: "right"}.get(spot.parked)
    for text, (row, side) in product((spot.mark.label, spot.mark.short_label), PLACES):
        if inward in (None, side):
            yield _placed(spot, row, side, text, width)


def _heads(spot: Spot, width: int, rows: int) -> Iterator[Placed]:
    """The head alone: in one of the rows, the lowest close above the rail, else off its line."""
    arrows = (True, False) if spot.parked else (False,)
    for nudge, arrow, row in product(NUDGES, arrows, range(rows)):
        yield _placed(spot, row, "", "", width, nudge, arrow=arrow)


def _placed(
    spot: Spot, row: int, side: Side, text: str, width: int, nudge: int = 0, *, arrow: bool = True
) -> Placed:
    line = spot.x * width / 100 + spot.shift
    left, right = spot.reach(arrow=arrow)
    label = _label(spot, line, side, text)
    taken = (line + nudge + left, line + nudge + right)
    if label:
        taken = (min(label[0], taken[0]), max(label[1], taken[1]))
    return Placed(spot, row, side, text, line, label, taken, nudge, arrow and spot.parked != 0)


def _label(spot: Spot, line: float, side: Side, text: str) -> Reach | None:
    if not side:
        return None
    near = line + spot.words(side)
    return (near, near + text_width(text)) if side == "right" else (near - text_width(text), near)


def _fits(option: Placed, placed: Sequence[Placed], width: int) -> bool:
    left, right = option.label or (option.taken[0] + OVERHANG, option.taken[1] - OVERHANG)
    return left >= 0 and right <= width and not any(_collide(option, other) for other in placed)


def _collide(a: Placed, b: Placed) -> bool:
    """In one row neither may touch the other; a lower label may not cross an upper line."""
    if a.row == b.row:
        gap = GAP if a.label or b.label else HEAD_GAP
        return _overlap(a.taken, b.taken, gap)
    return _crosses(*((a, b) if a.row < b.row else (b, a)))


def _crosses(upper: Placed, lower: Placed) -> bool:
    """Also a line between the lower head and its words: it would move on in a wider picture."""
    if lower.label is None or upper.line == lower.line:
        return False
    words = (min(lower.label[0], lower.line), max(lower.label[1], lower.line))
    return _overlap(words, (upper.line, upper.line))


def _overlap(a: Reach, b: Reach, gap: float = GAP) -> bool:
    return a[0] < b[1] + gap and b[0] < a[1] + gap
