"""Stacks: the parts of a whole in one bar, of many under each other, and a histogram."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from servicedesk.reports.charts import rows as lines
from servicedesk.reports.charts.fills import TONES, filled, ink_on
from servicedesk.reports.charts.scales import ticks, wide, wrap
from servicedesk.reports.charts.svg import (
    INK,
    INK_3,
    LINE,
    PRINT,
    SURFACE,
    Link,
    Sheet,
    drawing,
    line,
    linked,
    rect,
    unsaid,
    words,
)

GAP = 1.0  # pixels of paper between two parts


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a whole."""

    name: str
    value: float
    tone: str
    said: str = ""  # as it is written
    link: Link | None = None


@dataclass(frozen=True, slots=True)
class Stack:
    """A whole: its name, its parts, and how it is written."""

    name: str
    parts: Sequence[Part]
    said: str

    @property
    def sum(self) -> float:
        """Give what the parts come to."""
        return sum(part.value for part in self.parts)


def stacked(parts: Sequence[Part], title: str, *, sheet: Sheet = PRINT, thick: float = 20) -> str:
    """Draw one whole as a bar, with its key above and shares where they have room."""
    keys, top = lines.key(sheet, [(part.tone, part.name) for part in parts])
    whole = sum(part.value for part in parts) or 1
    body, x = [unsaid(keys)], 0.0
    for part in parts:
        width = part.value / whole * sheet.width
        body.append(_part(part, x, top, width, thick, sheet, across=True))
        x += width
    return drawing(sheet.width, top + thick + 2, title, _told(parts), body)


def stacks(said: Sequence[Stack], title: str, *, sheet: Sheet = PRINT) -> str:
    """Draw wholes under each other on one scale, each in its parts, with its sum."""
    grid = ticks(max((stack.sum for stack in said), default=0))
    texts = [f"{value:,.0f}" for value in grid]
    right = 14 + max((wide(stack.said, sheet.size) for stack in said), default=0)
    right = max(right, wide(texts[-1], sheet.size) / 2)
    keys, top = lines.key(sheet, _tones(said))
    names = [stack.name for stack in said]
    rows = lines.lay(sheet, names, right, above=top + 2, below=sheet.line + 4)
    marks = [(value / grid[-1], text) for value, text in zip(grid, texts, strict=True)]
    body = [unsaid([*keys, *lines.scale(rows, marks), *lines.named(rows)])]
    for k, stack in enumerate(said):
        x, y = rows.left, rows.middle(k) - rows.thick / 2
        for part in stack.parts:
            width = part.value / grid[-1] * rows.width
            body.append(_part(part, x, y, width, rows.thick, sheet, across=True))
            x += width
    body.append(unsaid(lines.column(rows, sheet.width, [stack.said for stack in said])))
    return drawing(sheet.width, rows.height, title, _all(said), body)


def histogram(
    said: Sequence[Stack], title: str, *, sheet: Sheet = PRINT, height: float = 200
) -> str:
    """Draw wholes side by side as columns in their parts, with their sums above."""
    keys, top = lines.key(sheet, _tones(said))
    grid = ticks(max((stack.sum for stack in said), default=0))
    left = 10 + max(wide(f"{value:,.0f}", sheet.size) for value in grid)
    step = (sheet.width - left) / max(len(said), 1)
    names = [wrap(stack.name, step - 8, sheet.size) for stack in said]
    foot = height - max((len(name) for name in names), default=1) * sheet.line - 4
    head = top + sheet.line + 2
    unit = (foot - head) / grid[-1]
    body = [unsaid([*keys, *_levels(grid, unit, left, foot, sheet)])]
    thick, over = min(step * 0.6, 72), []
    for k, stack in enumerate(said):
        x, y = left + (k + 0.5) * step, foot
        for part in stack.parts:
            y -= part.value * unit
            body.append(
                _part(part, x - thick / 2, y, thick, part.value * unit, sheet, across=False)
            )
        over.append(words(x, y - 4, stack.said, size=sheet.size, anchor="middle", fill=INK))
        for n, text in enumerate(names[k]):
            at = foot + (n + 1) * sheet.line
            over.append(words(x, at, text, size=sheet.size, anchor="middle"))
    return drawing(sheet.width, height, title, _all(said), [*body, unsaid(over)])


def _levels(
    grid: Sequence[float], unit: float, left: float, foot: float, sheet: Sheet
) -> list[str]:
    body, size = [], sheet.size
    for value in grid:
        y = foot - value * unit
        name, stroke = ("chart-grid", LINE) if value else ("chart-axis", INK_3)
        body.append(line(left, y, sheet.width, y, name, stroke))
        text = f"{value:,.0f}"
        body.append(words(left - 6, y + size * 0.36, text, size=size, anchor="end"))
    return body


def _part(
    part: Part, x: float, y: float, width: float, height: float, sheet: Sheet, *, across: bool
) -> str:
    """Draw a part; of nothing there is nothing to see."""
    if part.value <= 0:
        return ""
    body = filled(x, y, width, height, part.tone)
    if across and width > 3 * GAP:
        body += rect(x + width - GAP, y, GAP, height, SURFACE, "chart-paper")
    elif not across and height > 3 * GAP:
        body += rect(x, y, width, GAP, SURFACE, "chart-paper")
    return linked(part.link, body + _inside(part, x, y, width, height, sheet.size))


def _inside(part: Part, x: float, y: float, width: float, height: float, size: float) -> str:
    """Write a part's value on it if it has room, on paper where it is not one tone."""
    takes = wide(part.said, size) + 6
    if not part.said or takes > width - 2 or size + 3 > height:
        return ""
    fill, middle = ink_on(part.tone), y + height / 2
    base = middle + size * 0.36
    if fill:
        text = words(x + width / 2, base, part.said, size=size, anchor="middle", fill=fill)
        return text.replace("<text ", '<text aria-hidden="true" ', 1)
    left = x + (width - takes) / 2
    paper = rect(left, middle - size * 0.65, takes, size * 1.3, SURFACE, "chart-paper")
    text = words(x + width / 2, base, part.said, size=size, anchor="middle", fill=INK)
    return paper + text.replace("<text ", '<text aria-hidden="true" ', 1)


def swatch(part: Part) -> str:
    """Draw the sign of a part's tone."""
    return drawing(9, 9, part.name, "", [filled(0, 0, 9, 9, part.tone)])


def _tones(said: Sequence[Stack]) -> list[tuple[str, str]]:
    """Give each tone that is drawn with its name, in the order of the tones."""
    found = {part.tone: part.name for stack in said for part in stack.parts if part.value > 0}
    return sorted(found.items(), key=lambda item: list(TONES).index(item[0]))


def _told(parts: Sequence[Part]) -> str:
    return ", ".join(f"{part.name} {part.said}" for part in parts)


def _all(said: Sequence[Stack]) -> str:
    return "; ".join(f"{stack.name} {stack.said}: {_told(stack.parts)}" for stack in said)
