"""What charts with a row for each name share: the names, the scale, the key, the hairlines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from servicedesk.reports.charts.fills import filled
from servicedesk.reports.charts.scales import fit, shown, wide, wrap
from servicedesk.reports.charts.svg import INK, INK_3, LINE, Sheet, line, words

MANY = 16  # rows; more are set closer


@dataclass(frozen=True, slots=True)
class Rows:
    """Where rows lie: names at the left, the plot, and columns of text at the right."""

    sheet: Sheet
    names: Sequence[Sequence[str]]  # each in its lines
    left: float
    right: float
    above: float
    below: float

    @property
    def each(self) -> float:
        """Give the height of a row."""
        lines = max((len(name) for name in self.names), default=1)
        return lines * self.sheet.line + (4 if len(self.names) > MANY else self.sheet.gap)

    @property
    def height(self) -> float:
        """Give the height of the whole chart."""
        return self.above + max(len(self.names), 1) * self.each + self.below

    @property
    def width(self) -> float:
        """Give the width of the plot."""
        return self.sheet.width - self.left - self.right

    @property
    def thick(self) -> float:
        """Give the height of a bar."""
        return min(self.each - 4, self.sheet.line + 3)

    def middle(self, index: int) -> float:
        """Give the middle of a row."""
        return self.above + (index + 0.5) * self.each

    def x(self, share: float) -> float:
        """Give where a share of the whole scale lies."""
        return self.left + min(max(share, 0), 1) * self.width

    def base(self, index: int) -> float:
        """Give the base line of a row's text."""
        return self.middle(index) + self.sheet.size * 0.36


def lay(
    sheet: Sheet, names: Sequence[str], right: float, *, above: float = 4, below: float = 4
) -> Rows:
    """Lay rows out: names have at most a third of the width, in two lines."""
    room = sheet.width * 0.32
    lines = [wrap(name, room, sheet.size) or [""] for name in names]
    widest = max((wide(text, sheet.size) for name in lines for text in name), default=0)
    return Rows(sheet, lines, min(widest, room) + 8, right, above, below)


def named(rows: Rows) -> list[str]:
    """Write the names."""
    body, size, pitch = [], rows.sheet.size, rows.sheet.line
    for k, lines in enumerate(rows.names):
        first = rows.base(k) - (len(lines) - 1) * pitch / 2
        body += [words(0, first + n * pitch, text, size=size) for n, text in enumerate(lines)]
    return body


def scale(rows: Rows, said: Sequence[tuple[float, str]]) -> list[str]:
    """Draw the hairlines of a scale, each with its value under the rows."""
    body, foot = [], rows.height - rows.below
    step = rows.width / max(len(said) - 1, 1)
    kept = shown([text for _share, text in said], step, rows.sheet.size)
    for k, (share, text) in enumerate(said):
        x = rows.x(share)
        name, stroke = ("chart-axis", INK_3) if not share else ("chart-grid", LINE)
        body.append(line(x, rows.above, x, foot, name, stroke))
        anchor = "end" if share >= 1 and not rows.right else "middle"
        if k in kept:
            at = foot + rows.sheet.line
            body.append(words(x, at, text, size=rows.sheet.size, anchor=anchor))
    return body


def column(rows: Rows, x: float, said: Sequence[str], *, bold: bool = False) -> list[str]:
    """Write a column of figures that ends at the right."""
    size = rows.sheet.size
    return [
        words(x, rows.base(k), text, size=size, anchor="end", fill=INK, bold=bold)
        for k, text in enumerate(said)
    ]


def key(sheet: Sheet, parts: Sequence[tuple[str, str]], top: float = 0) -> tuple[list[str], float]:
    """Draw the key of tones and names, in as many lines as it takes; give its height too."""
    body, x, y, size = [], 0.0, top + sheet.line * 0.5, sheet.size
    for tone, name in parts:
        text = fit(name, sheet.width - 20, size)
        takes = 15 + wide(text, size)
        if x and x + takes > sheet.width:
            x, y = 0.0, y + sheet.line + 2
        body.append(filled(x, y - 4.5, 9, 9, tone))
        body.append(words(x + 14, y + size * 0.36, text, size=size))
        x += takes + 14
    return body, y + sheet.line * 0.5 + 5 - top
