"""Charts as plain SVG: literal attributes for print, classes for pages, a title, a description."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise

INK, INK_2, INK_3, LINE, SURFACE = "#1c202a", "#494f59", "#626871", "#dee1e5", "#ffffff"
ACCENT, LATE, TRACK, PALE = "#2c4e9e", "#ce292c", "#eceff2", "#c9d3e6"
FACE = "BIZ UDPGothic, Noto Sans CJK JP, sans-serif"
SMALL = 9.5


@dataclass(frozen=True, slots=True)
class Line:
    """A series: solid with discs, or dashed with squares, so that it reads without colour."""

    name: str
    values: Sequence[float | None]
    said: Sequence[str]  # the values as they are written
    dashed: bool = False


def _svg(width: float, height: float, title: str, text: str, body: Sequence[str]) -> str:
    said = f"<title>{escape(title)}</title>" + (f"<desc>{escape(text)}</desc>" if text else "")
    size = f'width="{_n(width)}" height="{_n(height)}" viewBox="0 0 {_n(width)} {_n(height)}"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="chart" {size} role="img" '
        f'aria-label="{escape(title)}">{said}{"".join(body)}</svg>'
    )


def _n(value: float) -> str:
    """Write a coordinate so that the same always has the same digits."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _rect(x: float, y: float, width: float, height: float, fill: str, name: str) -> str:
    size = f'width="{_n(max(width, 0))}" height="{_n(height)}"'
    return f'<rect class="{name}" x="{_n(x)}" y="{_n(y)}" {size} fill="{fill}"/>'


def _line(
    x1: float, y1: float, x2: float, y2: float, name: str, stroke: str = LINE, width: float = 0.75,
    dash: str = "",
) -> str:  # fmt: skip
    dashes = f' stroke-dasharray="{dash}"' if dash else ""
    ends = f'x1="{_n(x1)}" y1="{_n(y1)}" x2="{_n(x2)}" y2="{_n(y2)}"'
    return f'<line class="{name}" {ends} stroke="{stroke}" stroke-width="{_n(width)}"{dashes}/>'


def _text(
    x: float, y: float, said: str, *, anchor: str = "start", fill: str = INK_3, bold: bool = False
) -> str:
    weight = ' font-weight="700"' if bold else ""
    return (
        f'<text class="{"chart-strong" if bold else "chart-text"}" x="{_n(x)}" y="{_n(y)}" '
        f'text-anchor="{anchor}" font-family="{FACE}" font-size="{SMALL}" fill="{fill}"{weight}>'
        f"{escape(said)}</text>"
    )


def compliance(
    share: float | None, goal: float | None, title: str, *, width: float = 150, low: float = 0.0
) -> str:
    """Draw a share as a bar: what is missing to the goal is hatched, the goal is a tick."""
    height, top, thick = 12.0, 3.0, 6.0
    body = [_rect(0, top, width, thick, TRACK, "chart-track")]
    at = _along(share or 0, low) * width
    if share is not None:
        if goal is not None and goal > share:
            body.extend(_hatched(at, top, _along(goal, low) * width - at, thick))
        body.append(_rect(0, top, at, thick, ACCENT, "chart-value"))
    if goal is not None:
        x = min(max(_along(goal, low) * width, 0.75), width - 0.75)
        body.append(_line(x, 0, x, height, "chart-tick", INK, 1.5))
    return _svg(width, height, title, "", body)


def _along(share: float, low: float) -> float:
    return min(max((share - low) / (1 - low), 0), 1)


def _hatched(
    x: float, y: float, width: float, height: float, stroke: str = LATE, name: str = "chart-gap"
) -> list[str]:
    """Hatch a rectangle line by line: patterns are not drawn alike everywhere."""
    body = [_rect(x, y, width, height, SURFACE, "chart-paper")]
    start = x - height
    while start < x + width:
        left, right = max(start, x), min(start + height, x + width)
        if right > left:
            body.append(
                _line(left, y + height - (left - start), right, y + height - (right - start),
                      name, stroke, 1)
            )  # fmt: skip
        start += 3
    return [*body, *_frame(x, y, width, height, stroke, name)]


def _frame(x: float, y: float, width: float, height: float, stroke: str, name: str) -> list[str]:
    corners = [(x, y), (x + width, y), (x + width, y + height), (x, y + height), (x, y)]
    return [_line(*one, *two, name, stroke, 0.75) for one, two in pairwise(corners)]


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a whole; hatched ones read apart from their neighbours without colour."""

    name: str
    value: float
    fill: str
    said: str = ""  # its share as it is written
    hatched: bool = False


def stacked(parts: Sequence[Part], title: str, *, width: float = 480, height: float = 14) -> str:
    """Draw the parts of a whole side by side, with white gaps between them."""
    whole = sum(part.value for part in parts) or 1
    body, x = [], 0.0
    for part in parts:
        wide = part.value / whole * width
        if wide >= 0.5 and part.hatched:
            body.extend(_hatched(x, 0.5, max(wide - 1, 0.5), height - 1, part.fill, "chart-part"))
        elif wide >= 0.5:
            body.append(_rect(x, 0, max(wide - 1, 0.5), height, part.fill, "chart-part"))
        x += wide
    said = ", ".join(f"{part.name} {part.said}" for part in parts)
    return _svg(width, height, title, said, body)


def swatch(part: Part) -> str:
    """Draw the key of a part."""
    size = 9.0
    if part.hatched:
        body = _hatched(0.5, 0.5, size - 1, size - 1, part.fill, "chart-part")
    else:
        body = [_rect(0, 0, size, size, part.fill, "chart-part")]
    return _svg(size, size, part.name, "", body)


def ticks(most: float, count: int = 4) -> list[float]:
    """Choose round values from 0 to at least the most."""
    if most <= 0:
        return [0, 1]
    rough = most / count
    power = 10.0 ** (len(str(int(rough))) - 1) if rough >= 1 else 1
    step = next(step * power for step in (1, 2, 2.5, 5, 10) if step * power >= rough)
    step = max(1, step if step % 1 == 0 else step * 2)
    top = -(-most // step)
    return [step * n for n in range(int(top) + 1)]


@dataclass(frozen=True, slots=True)
class _Plot:
    """Where things lie in a chart over months."""

    width: float
    height: float
    count: int
    top: float  # the largest value
    low: float = 0.0
    left: float = 34
    right: float = 96
    above: float = 8
    below: float = 20

    def x(self, index: int) -> float:
        return self.left + (index + 0.5) * self.step

    @property
    def step(self) -> float:
        return (self.width - self.left - self.right) / max(self.count, 1)

    def y(self, value: float) -> float:
        span = self.height - self.above - self.below
        return self.above + span * (1 - (value - self.low) / ((self.top - self.low) or 1))


def months(
    labels: Sequence[str],
    columns: Line,
    lines: Sequence[Line],
    title: str,
    *,
    width: float = 656,
    height: float = 190,
) -> str:
    """Draw counts over months: one series as columns, the others as lines."""
    series = [columns, *lines]
    values = [v for each in series for v in each.values if v is not None]
    grid = ticks(max(values, default=0))
    said = [f"{value:,.0f}" for value in grid]
    left = max(34, 10 + 6.2 * len(said[-1]))  # so that the largest number has room
    plot = _Plot(width, height, len(labels), grid[-1], left=left)
    body = _grid(plot, grid, said)
    for n, value in enumerate(columns.values):
        y, wide = plot.y(value or 0), min(plot.step * 0.56, 30)
        body.append(_rect(plot.x(n) - wide / 2, y, wide, plot.y(0) - y, PALE, "chart-column"))
    for each in lines:
        body.extend(_course(plot, each))
    body.extend(_labels(plot, labels))
    body.extend(_ends(plot, [(each.name, each.values) for each in series]))
    return _svg(width, height, title, _said(labels, series), body)


def shares(
    labels: Sequence[str],
    line: Line,
    goal: float | None,
    goal_text: str,
    title: str,
    *,
    width: float = 656,
    height: float = 130,
) -> str:
    """Draw a share over months, with its goal as a dashed line."""
    known = [v for v in line.values if v is not None]
    low = max(0.0, (int(min([*known, goal if goal is not None else 1], default=0) * 10) - 1) / 10)
    plot = _Plot(width, height, len(labels), 1.0, low)
    grid = [low, (low + 1) / 2, 1.0]
    body = _grid(plot, grid, [f"{value:.0%}" for value in grid])
    if goal is not None:
        y = plot.y(goal)
        body.append(_line(plot.left, y, width - plot.right, y, "chart-goal", INK, 1, "4 3"))
        body.append(_text(width - plot.right + 8, y + 3.5, goal_text, fill=INK))
    body.extend(_course(plot, line))
    for n, value in enumerate(line.values):
        if value is not None:
            y = _clear(plot, value, goal)
            body.append(_text(plot.x(n), y, line.said[n], anchor="middle", fill=INK))
    body.extend(_labels(plot, labels))
    return _svg(width, height, title, _said(labels, [line]), body)


def _clear(plot: _Plot, value: float, goal: float | None) -> float:
    """Choose where a value is written: above its point unless the goal's line runs there."""
    above = plot.y(value) - 6
    met = goal is not None and above - 10 < plot.y(goal) < above + 4
    return plot.y(value) + 13 if met or above < 10 else above


def _grid(plot: _Plot, values: Sequence[float], said: Sequence[str]) -> list[str]:
    body = []
    for value, text in zip(values, said, strict=True):
        y = plot.y(value)
        first = value == values[0]
        body.append(
            _line(plot.left, y, plot.width - plot.right, y, "chart-axis" if first else "chart-grid",
                  INK_3 if first else LINE)
        )  # fmt: skip
        body.append(_text(plot.left - 6, y + 3.5, text, anchor="end"))
    return body


def _labels(plot: _Plot, labels: Sequence[str]) -> list[str]:
    y = plot.height - 5
    return [_text(plot.x(n), y, said, anchor="middle") for n, said in enumerate(labels)]


def _course(plot: _Plot, line: Line) -> list[str]:
    points = [(plot.x(n), plot.y(v)) for n, v in enumerate(line.values) if v is not None]
    dash = ' stroke-dasharray="5 3"' if line.dashed else ""
    stroke = INK if line.dashed else ACCENT
    name = "chart-dashed" if line.dashed else "chart-line"
    path = " ".join(f"{_n(x)},{_n(y)}" for x, y in points)
    drawn = (
        f'<polyline class="{name}" points="{path}" fill="none" stroke="{stroke}" '
        f'stroke-width="1.5" stroke-linejoin="round"{dash}/>'
    )
    return [drawn, *(_point(x, y, line.dashed, stroke, name) for x, y in points)]


def _point(x: float, y: float, square: bool, stroke: str, name: str) -> str:
    if square:
        return (
            f'<rect class="{name} chart-hollow" x="{_n(x - 2.5)}" y="{_n(y - 2.5)}" width="5" '
            f'height="5" fill="{SURFACE}" stroke="{stroke}" stroke-width="1.25"/>'
        )
    return f'<circle class="{name} chart-disc" cx="{_n(x)}" cy="{_n(y)}" r="2.75" fill="{stroke}"/>'


def _ends(plot: _Plot, series: Sequence[tuple[str, Sequence[float | None]]]) -> list[str]:
    """Write each series' name beside its last value, moved apart where they would meet."""
    wanted = [(plot.y(values[-1] or 0), name) for name, values in series if values]
    body, last = [], -99.0
    for y, name in sorted(wanted):
        last = max(y, last + 13)
        body.append(_text(plot.width - plot.right + 8, last + 3.5, name, fill=INK))
    return body


def _said(labels: Sequence[str], series: Sequence[Line]) -> str:
    """Say the values in words, for who cannot see the chart."""
    rows = (
        f"{each.name}: " + ", ".join(f"{n} {v}" for n, v in zip(labels, each.said, strict=True))
        for each in series
    )
    return "; ".join(rows)
