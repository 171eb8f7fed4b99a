"""What rules would have fired each day, upwards, and what those of now would have, downwards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from markupsafe import Markup

from servicedesk.reports.charts import ACCENT, FACE, INK, INK_3, LINE, PALE, SMALL, ticks

WIDTH, HALF, ABOVE, BELOW, LEFT, RIGHT = 900.0, 72.0, 10.0, 22.0, 42.0, 8.0
LEAST = 1.5  # pixels of what is not nothing
APART = 54.0  # pixels between two labels


@dataclass(frozen=True, slots=True)
class Bar:
    """A day: its label below the chart (or none), its words, and its counts."""

    label: str
    said: str
    after: int
    before: int
    really: int


def draw(bars: Sequence[Bar], title: str, text: str) -> Markup:
    """Draw the days as SVG; what really fired is a stroke over the lower bars."""
    top = ticks(max((max(it.after, it.before, it.really) for it in bars), default=0))[-1]
    step = (WIDTH - LEFT - RIGHT) / max(len(bars), 1)
    middle = ABOVE + HALF
    body = [*_grid(top, middle)]
    last = -APART
    for n, bar in enumerate(bars):
        x, wide = LEFT + n * step, max(1.0, min(step * 0.72, 28))
        at = x + (step - wide) / 2
        body += _bar(bar, at, wide, middle, HALF / top)
        if bar.label and x - last >= APART:
            body.append(_text(x + step / 2, middle + HALF + 16, bar.label, "middle"))
            last = x
    height = middle + HALF + BELOW
    return Markup(  # noqa: S704 - escaped above
        f'<svg xmlns="http://www.w3.org/2000/svg" class="chart" width="{_n(WIDTH)}" '
        f'height="{_n(height)}" viewBox="0 0 {_n(WIDTH)} {_n(height)}" role="img" '
        f'aria-label="{escape(title)}"><title>{escape(title)}</title><desc>{escape(text)}</desc>'
        f"{''.join(body)}</svg>"
    )


def key(name: str) -> Markup:
    """Draw the sign of a series: `after`, `before` or `really`."""
    if name == "really":
        drawn = _line(0, 5, 10, 5, "trial-really", INK, 2)
    elif name == "after":
        drawn = _rect(0, 0, 10, 10, "trial-after", ACCENT)
    else:
        drawn = _rect(0, 0, 10, 10, "chart-column", PALE)
    return Markup(  # noqa: S704 - escaped above
        '<svg xmlns="http://www.w3.org/2000/svg" class="trial-key" width="10" height="10" '
        f'viewBox="0 0 10 10" aria-hidden="true">{drawn}</svg>'
    )


def _bar(bar: Bar, x: float, wide: float, middle: float, scale: float) -> list[str]:
    up, down = _long(bar.after, scale), _long(bar.before, scale)
    body = [f"<g><title>{escape(bar.said)}</title>"]
    body.append(
        f'<rect x="{_n(x - 1)}" y="{_n(ABOVE)}" width="{_n(wide + 2)}" height="{_n(HALF * 2)}" '
        'fill-opacity="0"/>'
    )
    if up:
        body.append(_rect(x, middle - up, wide, up, "trial-after", ACCENT))
    if down:
        body.append(_rect(x, middle, wide, down, "chart-column", PALE))
    if bar.really:
        y = middle + bar.really * scale
        body.append(_line(x - 0.5, y, x + wide + 0.5, y, "trial-really", INK, 2))
    return [*body, "</g>"]


def _long(count: int, scale: float) -> float:
    return max(count * scale, LEAST) if count else 0


def _grid(top: float, middle: float) -> list[str]:
    body = []
    for sign in (1, 0, -1):
        y = middle - sign * HALF
        name, stroke = ("chart-grid", LINE) if sign else ("chart-axis", INK_3)
        body.append(_line(LEFT, y, WIDTH - RIGHT, y, name, stroke, 0.75))
        body.append(_text(LEFT - 6, y + 3.5, f"{top * abs(sign):,.0f}", "end"))
    return body


def _rect(x: float, y: float, width: float, height: float, name: str, fill: str) -> str:
    size = f'width="{_n(width)}" height="{_n(height)}"'
    return f'<rect class="{name}" x="{_n(x)}" y="{_n(y)}" {size} fill="{fill}"/>'


def _line(x1: float, y1: float, x2: float, y2: float, name: str, stroke: str, width: float) -> str:
    ends = f'x1="{_n(x1)}" y1="{_n(y1)}" x2="{_n(x2)}" y2="{_n(y2)}"'
    return f'<line class="{name}" {ends} stroke="{stroke}" stroke-width="{_n(width)}"/>'


def _text(x: float, y: float, said: str, anchor: str) -> str:
    return (
        f'<text class="chart-text" x="{_n(x)}" y="{_n(y)}" text-anchor="{anchor}" '
        f'font-family="{FACE}" font-size="{SMALL}" fill="{INK_3}">{escape(said)}</text>'
    )


def _n(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")
