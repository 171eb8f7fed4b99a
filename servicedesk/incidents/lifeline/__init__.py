"""The life line: one horizontal picture of an incident's time (pure)."""

from __future__ import annotations

from servicedesk.incidents.lifeline.draw import draw, draw_mini
from servicedesk.incidents.lifeline.listing import Row, rows
from servicedesk.incidents.lifeline.page import Picture, picture
from servicedesk.incidents.lifeline.parts import (
    Bar,
    Dot,
    Goal,
    HandOff,
    Lane,
    LaneKind,
    LifeLine,
    Mark,
    MarkKind,
    MarkState,
    Section,
    Stretch,
    TickUnit,
    Track,
    Tract,
    TractKind,
)

__all__ = [
    "Bar",
    "Dot",
    "Goal",
    "HandOff",
    "Lane",
    "LaneKind",
    "LifeLine",
    "Mark",
    "MarkKind",
    "MarkState",
    "Picture",
    "Row",
    "Section",
    "Stretch",
    "TickUnit",
    "Track",
    "Tract",
    "TractKind",
    "draw",
    "draw_mini",
    "picture",
    "rows",
]
