"""The dates: flag for requested, diamond for promised, ring for a target."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from markupsafe import escape

from servicedesk.incidents.lifeline.frame import (
    ACCENT,
    INK_2,
    INK_3,
    LATE,
    LATE_FILL,
    PAPER,
    RAIL_FLOOR,
    ROWS,
    Frame,
    item,
    percent,
)
from servicedesk.incidents.lifeline.parts import Mark
from servicedesk.incidents.lifeline.placing import Placed, rank
from servicedesk.incidents.lifeline.spots import ARROW

FLAG = "M0 -5H10L7 -1L10 3H0Z"
DIAMOND = "M0 -5.5L5.5 0L0 5.5L-5.5 0Z"
COLOURS = {"requested": ACCENT, "promised": INK_2, "target": INK_2, "response": INK_2}
SHORT = ("met", "superseded")  # their lines end at the clock's rail


def dates(frame: Frame, placed: Iterable[Placed], *, mini: bool = False) -> Iterator[str]:
    """Draw the dates in order of time, so that the keyboard follows them."""
    for each in sorted(placed, key=lambda each: (each.spot.at, -rank(each.spot))):
        drawn = _date(frame, each, ROWS[each.row])
        colour = f'color="{_colour(each.spot.mark)}"'
        name = f"ll-mark ll-{each.spot.mark.kind} ll-{each.spot.mark.state}"
        if mini:
            yield f'<g class="{name}" {colour}>{drawn}</g>'
        else:
            yield item(name, each.spot.mark.sentence, each.spot.x, frame, drawn, colour)


def _colour(mark: Mark) -> str:
    if mark.state == "breached":
        return LATE_FILL
    return INK_3 if mark.state == "superseded" else COLOURS[mark.kind]


def _date(frame: Frame, placed: Placed, y: int) -> str:
    spot = placed.spot
    drawn = (
        "" if spot.shift else _line(frame, spot.mark, y),
        _head(spot.mark, spot.shift + placed.nudge, y),
        _arrow(placed, y) if placed.arrow else "",
        _label(placed, y),
    )
    return f'<svg x="{percent(spot.x)}" overflow="visible">{"".join(drawn)}</svg>'


def _line(frame: Frame, mark: Mark, y: int) -> str:
    """From the head to the foot of the lanes; of what is settled only to the clock's rail."""
    floor = RAIL_FLOOR if mark.state in SHORT else frame.floor
    dashes = ' stroke-dasharray="5 3"' if mark.kind == "promised" and mark.state == "open" else ""
    top = y if mark.kind == "requested" else y + 5
    return (
        f'<path class="ll-line" d="M0 {top}V{floor}" fill="none" stroke="currentColor" '
        f'stroke-width="1.5"{dashes}/>'
    )


def _head(mark: Mark, x: int, y: int) -> str:
    place = f'transform="translate({x} {y})"'
    hollow = mark.state == "superseded"
    if mark.kind == "requested":
        return _shape(f'd="{FLAG}"', place, "path", hollow=hollow)
    if mark.kind == "promised":
        return _shape(f'd="{DIAMOND}"', place, "path", hollow=hollow or mark.state == "open")
    ring = _shape('r="5"', place, "circle", hollow=mark.state != "breached")
    if mark.state in ("open", "met"):
        return f'{ring}<circle r="2" {place} fill="currentColor"/>'
    return ring


def _shape(outline: str, place: str, element: str, *, hollow: bool) -> str:
    names, fill = ("ll-head ll-paper", PAPER) if hollow else ("ll-head", "currentColor")
    return (
        f'<{element} {outline} {place} class="{names}" fill="{fill}" stroke="currentColor" '
        'stroke-width="1.5"/>'
    )


def _arrow(placed: Placed, y: int) -> str:
    """Which way a parked date lies."""
    way, reach = placed.spot.parked, placed.spot.arrow()
    x = placed.spot.shift + placed.nudge + (reach[1] if way > 0 else reach[0])
    return (
        f'<path d="M{x} {y}h{-ARROW * way}M{x - 3 * way} {y - 3}L{x} {y}L{x - 3 * way} {y + 3}" '
        'fill="none" stroke="currentColor" stroke-width="1.25"/>'
    )


def _label(placed: Placed, y: int) -> str:
    if not placed.side:
        return ""
    mark = placed.spot.mark
    fill = {"breached": LATE, "superseded": INK_3}.get(mark.state, INK_2)
    extra = {"breached": ' font-weight="600"', "superseded": ' text-decoration="line-through"'}
    anchor = "start" if placed.side == "right" else "end"
    return (
        f'<text class="ll-label" x="{placed.spot.shift + placed.spot.words(placed.side):g}" '
        f'y="{y + 4}" text-anchor="{anchor}" fill="{fill}"{extra.get(mark.state, "")}>'
        f"{escape(placed.text)}</text>"
    )
