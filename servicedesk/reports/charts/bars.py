"""Bars: one in a cell of a table, and many ranked with their running sum."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from servicedesk.reports.charts import rows as lines
from servicedesk.reports.charts.fills import filled, hatching
from servicedesk.reports.charts.lines import point
from servicedesk.reports.charts.scales import wide
from servicedesk.reports.charts.svg import (
    ACCENT,
    INK,
    LATE,
    PRINT,
    SURFACE,
    TRACK,
    Link,
    Sheet,
    drawing,
    frame,
    line,
    linked,
    n,
    rect,
    unsaid,
    words,
)

EIGHTY = 0.8  # of a whole: what few causes often come to


@dataclass(frozen=True, slots=True)
class Bar:
    """A row: its name, its value, and how that is written."""

    name: str
    value: float | None
    said: str
    link: Link | None = None
    tone: str = "accent"


def compliance(
    share: float | None, goal: float | None, title: str, *, width: float = 150,
    link: Link | None = None,
) -> str:  # fmt: skip
    """Draw a share as a bar: what is missing to the goal is hatched, the goal is a tick."""
    height = 12.0
    body = [rect(0, 3, width, 6, TRACK, "chart-track"), *_against(share, goal, 3, 6, width)]
    if goal is not None:
        x = min(max(goal * width, 0.75), width - 0.75)
        body.append(line(x, 0, x, height, "chart-tick", INK, 1.5))
    return drawing(width, height, title, "", [linked(link, "".join(body))])


def _against(
    share: float | None, goal: float | None, y: float, thick: float, width: float
) -> list[str]:
    if share is None:
        return []
    at, body = share * width, []
    if goal is not None and goal > share:
        gap = goal * width - at
        body.append(rect(at, y, gap, thick, SURFACE, "chart-paper"))
        body.append(hatching(at, y, gap, thick, LATE, "chart-gap"))
        body.append(frame(at, y, gap, thick, LATE, "chart-gap"))
    return [*body, rect(0, y, at, thick, ACCENT, "chart-value")]


def _bar(rows: lines.Rows, index: int, bar: Bar, top: float) -> str:
    width = max((bar.value or 0) / top * rows.width, 0.5)
    y = rows.middle(index) - rows.thick / 2
    return linked(bar.link, filled(rows.left, y, width, rows.thick, bar.tone))


@dataclass(frozen=True, slots=True)
class Ranked:
    """The words of a ranking: each running sum, and what the two columns at the right hold."""

    sums: Sequence[str]
    heads: tuple[str, str]


def pareto(bars: Sequence[Bar], ranked: Ranked, title: str, *, sheet: Sheet = PRINT) -> str:
    """Draw parts of a whole, the largest first, on one scale with their running sum."""
    whole = sum(bar.value or 0 for bar in bars) or 1
    size = sheet.size
    own = max(wide(text, size) for text in (ranked.heads[0], *(bar.said for bar in bars)))
    run = max(wide(text, size) for text in (ranked.heads[1], *ranked.sums))
    rows = lines.lay(
        sheet, [bar.name for bar in bars], own + run + 30, above=sheet.line + 4,
        below=sheet.line + 4,
    )  # fmt: skip
    marks = [(k / 5, f"{k * 20}%") for k in range(6)]
    body = [unsaid([*lines.scale(rows, marks), *lines.named(rows)])]
    body += [_bar(rows, k, bar, whole) for k, bar in enumerate(bars) if (bar.value or 0) > 0]
    over = [*_running(rows, [bar.value or 0 for bar in bars], whole), _eighty(rows)]
    ends = (sheet.width - run - 14, sheet.width)
    columns = zip(ends, ranked.heads, ([bar.said for bar in bars], ranked.sums), strict=True)
    for x, head, texts in columns:
        over.append(words(x, sheet.line - 2, head, size=size, anchor="end"))
        over += lines.column(rows, x, texts)
    return drawing(sheet.width, rows.height, title, _told(bars), [*body, unsaid(over)])


def _running(rows: lines.Rows, values: Sequence[float], whole: float) -> list[str]:
    points, sum_ = [], 0.0
    for k, value in enumerate(values):
        sum_ += value
        points.append((rows.x(sum_ / whole), rows.middle(k)))
    path = " ".join(f"{n(x)},{n(y)}" for x, y in points)
    drawn = (
        f'<polyline class="chart-dashed" points="{path}" fill="none" stroke="{INK}" '
        'stroke-width="1.25" stroke-linejoin="round"/>'
    )
    return [drawn, *(point(x, y, True, INK, "chart-dashed") for x, y in points)]


def _eighty(rows: lines.Rows) -> str:
    x = rows.x(EIGHTY)
    return line(x, rows.above, x, rows.height - rows.below, "chart-goal", INK, 0.75, "4 3")


def _told(bars: Sequence[Bar]) -> str:
    return ", ".join(f"{bar.name} {bar.said}" for bar in bars)
