"""Charts as plain SVG, the same in page and PDF, readable in black and white."""

from __future__ import annotations

from servicedesk.reports.charts.bars import Bar, Ranked, compliance, pareto
from servicedesk.reports.charts.fills import TONES
from servicedesk.reports.charts.lines import Line, months, shares
from servicedesk.reports.charts.scales import ticks
from servicedesk.reports.charts.stacks import Part, Stack, histogram, stacked, stacks, swatch
from servicedesk.reports.charts.svg import (
    ACCENT,
    FACE,
    INK,
    INK_3,
    LINE,
    PAGE,
    PALE,
    PRINT,
    SMALL,
    Link,
    Sheet,
)

__all__ = [
    "ACCENT", "FACE", "INK", "INK_3", "LINE", "PAGE", "PALE", "PRINT", "SMALL", "TONES", "Bar",
    "Line", "Link", "Part", "Ranked", "Sheet", "Stack", "compliance", "histogram", "months",
    "pareto", "shares", "stacked", "stacks", "swatch", "ticks",
]  # fmt: skip
