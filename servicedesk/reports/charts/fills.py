"""What areas are filled with: every tone has a pattern too, so that it reads in black and white."""

from __future__ import annotations

from collections.abc import Mapping

from servicedesk.reports.charts.svg import (
    ACCENT,
    INK,
    LATE,
    PALE,
    SURFACE,
    frame,
    line,
    n,
    rect,
)

SOLID, STRIPES, DOTS, BLANK, HATCH = "solid", "stripes", "dots", "blank", "hatch"
TONES: Mapping[str, tuple[str, str]] = {
    "accent": (ACCENT, SOLID),
    "pale": (PALE, SOLID),
    "tier-1": ("#6f9bd1", SOLID),
    "tier-2": ("#2c529a", SOLID),
    "tier-3": ("#16234c", SOLID),
    "partner": ("#9553a0", STRIPES),
    "person": ("#686c73", DOTS),
    "rest": ("#686c73", BLANK),
    "late": (LATE, HATCH),
}
OVER: Mapping[str, str] = {"tier-1": INK, "pale": INK}  # text on a tone, where white is too pale


def filled(x: float, y: float, width: float, height: float, tone: str) -> str:
    """Fill a rectangle with a tone and its pattern."""
    colour, pattern = TONES[tone]
    if pattern == SOLID:
        return rect(x, y, width, height, colour, f"chart-area tone-{tone}")
    name = f"chart-stroke tone-{tone}"
    paper = rect(x, y, width, height, SURFACE, "chart-paper")
    drawn = _pattern(x, y, width, height, colour, name, pattern)
    return f"{paper}{drawn}{frame(x, y, width, height, colour, name)}"


def _pattern(
    x: float, y: float, width: float, height: float, colour: str, name: str, pattern: str
) -> str:
    if pattern == STRIPES:  # one thick dashed line
        return line(x, y + height / 2, x + width, y + height / 2, name, colour, height, "2.2 2.2")
    if pattern == DOTS and width > 3:
        count = max(1, int(height // 5))
        rows = (y + height * (k + 0.5) / count for k in range(count))
        return "".join(_dotted(x + 2.5, at, x + width - 1, name, colour) for at in rows)
    return hatching(x, y, width, height, colour, name) if pattern == HATCH else ""


def _dotted(x1: float, y: float, x2: float, name: str, colour: str) -> str:
    ends = f'x1="{n(x1)}" y1="{n(y)}" x2="{n(max(x2, x1))}" y2="{n(y)}"'
    return (
        f'<line class="{name}" {ends} stroke="{colour}" stroke-width="1.8" '
        f'stroke-linecap="round" stroke-dasharray="0 4.5"/>'
    )


def hatching(x: float, y: float, width: float, height: float, colour: str, name: str) -> str:
    """Hatch a rectangle in one path: patterns with names are not drawn alike everywhere."""
    strokes, start = [], x - height
    while start < x + width:
        left, right = max(start, x), min(start + height, x + width)
        if right > left:
            strokes.append(
                f"M{n(left)},{n(y + height - (left - start))}"
                f"L{n(right)},{n(y + height - (right - start))}"
            )
        start += 3
    return f'<path class="{name}" d="{"".join(strokes)}" fill="none" stroke="{colour}"/>'


def ink_on(tone: str) -> str | None:
    """Give the colour of text on a tone; None where it needs paper under it."""
    return OVER.get(tone, SURFACE) if TONES[tone][1] == SOLID else None
