"""Charts over months: counts as columns and lines, and shares with their goal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from servicedesk.reports.charts.scales import Boxes, fit, shown, spread, ticks, wide
from servicedesk.reports.charts.svg import (
    ACCENT,
    INK,
    INK_3,
    LINE,
    PALE,
    PRINT,
    SURFACE,
    Link,
    Sheet,
    drawing,
    frame,
    line,
    linked,
    n,
    reach,
    rect,
    unsaid,
    words,
)


@dataclass(frozen=True, slots=True)
class Line:
    """A series: solid with discs, or dashed with squares, so that it reads without colour."""

    name: str
    values: Sequence[float | None]  # None: there is no data
    said: Sequence[str]  # the values as they are written
    dashed: bool = False
    links: Sequence[Link | None] = ()

    def link(self, index: int) -> Link | None:
        """Give where a value leads to."""
        return self.links[index] if self.links else None

    @property
    def last(self) -> tuple[float, str] | None:
        """Give the last value, and how it is written."""
        value = self.values[-1] if self.values else None
        return None if value is None else (value, self.said[-1])


@dataclass(frozen=True, slots=True)
class Plot:
    """Where things lie in a chart over months."""

    sheet: Sheet
    height: float
    count: int
    top: float  # the largest value
    low: float = 0.0
    left: float = 34
    right: float = 96
    above: float = 8

    @property
    def below(self) -> float:
        """Give the room under the axis."""
        return self.sheet.line + 8

    @property
    def end(self) -> float:
        """Give where the plot ends, at the right."""
        return self.sheet.width - self.right

    @property
    def step(self) -> float:
        """Give the room of a month."""
        return (self.end - self.left) / max(self.count, 1)

    def x(self, index: int) -> float:
        """Give the middle of a month."""
        return self.left + (index + 0.5) * self.step

    def y(self, value: float) -> float:
        """Give the height of a value; none lies outside."""
        span = self.height - self.above - self.below
        part = (value - self.low) / ((self.top - self.low) or 1)
        return self.above + span * (1 - min(max(part, 0), 1))


def months(
    labels: Sequence[str],
    columns: Line,
    lines: Sequence[Line],
    title: str,
    *,
    sheet: Sheet = PRINT,
    height: float = 190,
) -> str:
    """Draw counts over months: one series as columns, the others as lines."""
    series = [columns, *lines]
    grid = ticks(max((v for each in series for v in each.values if v is not None), default=0))
    said = [f"{value:,.0f}" for value in grid]
    ends = [_end(each) for each in series]
    right = _room(ends, sheet)
    left = 10 + wide(said[-1], sheet.size)  # so that the largest number has room
    plot = Plot(sheet, height, len(labels), grid[-1], left=left, right=right, above=sheet.size)
    body = [unsaid([*_grid(plot, grid, said), *_labels(plot, labels)])]
    body.extend(_columns(plot, columns))
    for each in lines:
        body.extend(_course(plot, each))
    body.append(unsaid(_ends(plot, series, ends)))
    return drawing(sheet.width, height, title, told(labels, series), body)


def shares(
    labels: Sequence[str],
    line_: Line,
    goal: float | None,
    goal_text: str,
    title: str,
    *,
    sheet: Sheet = PRINT,
    height: float = 150,
) -> str:
    """Draw a share over months, with its goal as a dashed line and gaps where there is none."""
    known = [v for v in line_.values if v is not None]
    low = max(0.0, (int(min([*known, goal if goal is not None else 1], default=0) * 10) - 1) / 10)
    last = line_.last
    ends = [last[1] if last else "", goal_text if goal is not None else ""]
    left = 10 + wide("100%", sheet.size)
    plot = Plot(
        sheet, height, len(labels), 1.0, low, left=left, right=_room(ends, sheet),
        above=sheet.line + 4,
    )  # fmt: skip
    grid = [low, (low + 1) / 2, 1.0]
    under = _grid(plot, grid, [f"{value:.0%}" for value in grid])
    if goal is not None:
        y = plot.y(goal)
        under.append(line(plot.left, y, plot.end, y, "chart-goal", INK, 1, "4 3"))
    body = [unsaid([*under, *_labels(plot, labels)]), *_course(plot, line_)]
    body.append(unsaid([*_beside(plot, last, goal, goal_text), *_values(plot, line_, goal)]))
    return drawing(sheet.width, height, title, told(labels, [line_]), body)


def _room(ends: Sequence[str], sheet: Sheet) -> float:
    """Give the room that the labels at the right need, at most a third of the width."""
    return min(26 + max(wide(end, sheet.size) for end in ends), sheet.width / 3)


def _grid(plot: Plot, values: Sequence[float], said: Sequence[str]) -> list[str]:
    body = []
    for value, text in zip(values, said, strict=True):
        y, first = plot.y(value), value == values[0]
        name, stroke = ("chart-axis", INK_3) if first else ("chart-grid", LINE)
        body.append(line(plot.left, y, plot.end, y, name, stroke))
        size = plot.sheet.size
        body.append(words(plot.left - 6, y + size * 0.36, text, size=size, anchor="end"))
    return body


def _labels(plot: Plot, labels: Sequence[str]) -> list[str]:
    size, y = plot.sheet.size, plot.height - 5
    kept = shown(labels, plot.step, size)
    return [
        words(plot.x(k), y, text, size=size, anchor="middle")
        for k, text in enumerate(labels)
        if k in kept
    ]


def _columns(plot: Plot, columns: Line) -> Iterator[str]:
    thick = min(plot.step * 0.56, 30)
    for k, value in enumerate(columns.values):
        if value is not None:
            y, x = plot.y(value), plot.x(k) - thick / 2
            high = plot.y(plot.low) - y
            drawn = rect(x, y, thick, high, PALE, "chart-column")
            yield linked(columns.link(k), drawn + frame(x, y, thick, high, INK_3, "chart-axis"))


def _course(plot: Plot, series: Line) -> list[str]:
    dash = ' stroke-dasharray="5 3"' if series.dashed else ""
    stroke = INK if series.dashed else ACCENT
    name = "chart-dashed" if series.dashed else "chart-line"
    drawn = [
        f'<polyline class="{name}" points="{run}" fill="none" stroke="{stroke}" '
        f'stroke-width="1.5" stroke-linejoin="round"{dash}/>'
        for run in _runs(plot, series.values)
    ]
    for k, value in enumerate(series.values):
        if value is not None:
            drawn.append(_mark(plot.x(k), plot.y(value), series, k, stroke, name))
    return drawn


def _runs(plot: Plot, values: Sequence[float | None]) -> Iterator[str]:
    """Give the stretches without a gap, each as points."""
    known = [k for k, value in enumerate(values) if value is not None]
    cuts = [0, *(k + 1 for k, (a, b) in enumerate(pairwise(known)) if b > a + 1), len(known)]
    for start, end in pairwise(cuts):
        if end - start > 1:
            points = ((plot.x(k), plot.y(values[k] or 0)) for k in known[start:end])
            yield " ".join(f"{n(x)},{n(y)}" for x, y in points)


def _mark(x: float, y: float, series: Line, index: int, stroke: str, name: str) -> str:
    drawn, link = point(x, y, series.dashed, stroke, name), series.link(index)
    return linked(link, reach(x - 8, y - 8, 16, 16) + drawn) if link else drawn


def point(x: float, y: float, square: bool, stroke: str, name: str) -> str:
    """Draw a point: a disc, or a hollow square."""
    if square:
        return (
            f'<rect class="{name} chart-hollow" x="{n(x - 2.5)}" y="{n(y - 2.5)}" width="5" '
            f'height="5" fill="{SURFACE}" stroke="{stroke}" stroke-width="1.25"/>'
        )
    return f'<circle class="{name} chart-disc" cx="{n(x)}" cy="{n(y)}" r="2.75" fill="{stroke}"/>'


def _end(series: Line) -> str:
    last = series.last
    return f"{last[1]} {series.name}" if last else series.name


def _ends(plot: Plot, series: Sequence[Line], ends: Sequence[str]) -> list[str]:
    """Write each series' last value and name beside it, moved apart where they would meet."""
    size = plot.sheet.size
    wanted = [plot.y(each.last[0]) if each.last else plot.height / 2 for each in series]
    placed = spread(wanted, plot.sheet.line, plot.sheet.line / 2, plot.height - plot.below)
    body, x = [], plot.end + 8
    for k, (each, y) in enumerate(zip(series, placed, strict=True)):
        body.append(_sign(x, y, each, columns=k == 0))
        text = fit(ends[k], plot.right - 24, size)
        body.append(words(x + 14, y + size * 0.36, text, size=size, fill=INK))
    return body


def _sign(x: float, y: float, series: Line, *, columns: bool) -> str:
    if columns:
        box = (x + 1, y - 4, 8, 8)
        return rect(*box, PALE, "chart-column") + frame(*box, INK_3, "chart-axis")
    stroke = INK if series.dashed else ACCENT
    name = "chart-dashed" if series.dashed else "chart-line"
    return point(x + 5, y, series.dashed, stroke, name)


def _beside(
    plot: Plot, last: tuple[float, str] | None, goal: float | None, goal_text: str
) -> list[str]:
    """Write the last value and the goal at the right, apart from each other."""
    said = [(plot.y(last[0]), last[1], True)] if last else []
    if goal is not None:
        said.append((plot.y(goal), goal_text, False))
    size, x = plot.sheet.size, plot.end + 8
    placed = spread(
        [y for y, _text, _bold in said], plot.sheet.line, size, plot.height - plot.below - 2
    )
    return [
        words(x, y + size * 0.36, fit(text, plot.right - 10, size), size=size, fill=INK, bold=bold)
        for y, (_y, text, bold) in zip(placed, said, strict=True)
    ]


def _values(plot: Plot, series: Line, goal: float | None) -> Iterator[str]:
    """Write the values at their points, the latest first, where there is room for them."""
    size, boxes = plot.sheet.size, Boxes()
    for k in reversed(range(plot.count - 1)):  # the last one stands at the right
        value = series.values[k]
        if value is None:
            continue
        width, x = wide(series.said[k], size), plot.x(k)
        y = _clear(plot, value, goal, valley=_valley(series.values, k))
        inside = plot.left <= x - width / 2 and x + width / 2 <= plot.end
        if inside and boxes.take(x - width / 2 - 2, y - size, width + 4, size * 1.3):
            yield words(x, y, series.said[k], size=size, anchor="middle", fill=INK)


def _valley(values: Sequence[float | None], index: int) -> bool:
    """Say whether the line comes down to a point and leaves it upwards."""
    beside = [
        v
        for v in (*values[max(index - 1, 0) : index], *values[index + 1 : index + 2])
        if v is not None
    ]
    mine = values[index] or 0
    return bool(beside) and all(v >= mine for v in beside) and any(v > mine for v in beside)


def _clear(plot: Plot, value: float, goal: float | None, *, valley: bool) -> float:
    """Choose where a value is written: off its line, and not where the goal's line runs."""
    size = plot.sheet.size
    above, below = plot.y(value) - 6, plot.y(value) + size + 4

    def free(base: float) -> bool:
        inside = base >= size and base < plot.height - plot.below - 2
        return inside and not (goal is not None and base - size < plot.y(goal) < base + 3)

    wanted = (below, above) if valley else (above, below)
    return next((base for base in wanted if free(base)), max(above, size))


def told(labels: Sequence[str], series: Sequence[Line]) -> str:
    """Say the values in words, for who cannot see the chart."""
    rows = (
        f"{each.name}: " + ", ".join(f"{k} {v}" for k, v in zip(labels, each.said, strict=True))
        for each in series
    )
    return "; ".join(rows)
