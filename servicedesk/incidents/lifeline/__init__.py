"""The life line: one horizontal picture of an incident's time (pure)."""

from __future__ import annotations

from servicedesk.incidents.lifeline.draw import draw, draw_mini
from servicedesk.incidents.lifeline.listing import Row, rows
from servicedesk.incidents.lifeline.page import Picture, picture
from servicedesk.incidents.lifeline.parts import (
    Bar,
    Dot,
    HandOff,
    Lane,
    LaneKind,
    LifeLine,
    Mark,
    MarkKind,
    MarkState,
    Stretch,
    TickUnit,
)

__all__ = [
    "Bar",
    "Dot",
    "HandOff",
    "Lane",
    "LaneKind",
    "LifeLine",
    "Mark",
    "MarkKind",
    "MarkState",
    "Picture",
    "Row",
    "Stretch",
    "TickUnit",
    "draw",
    "draw_mini",
    "picture",
    "rows",
]
