"""The picture's measures: x in per cent, y in px, and the colours for paper."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from markupsafe import escape

from servicedesk.incidents.lifeline.extent import WIDE
from servicedesk.incidents.lifeline.parts import Lane
from servicedesk.incidents.lifeline.scale import Scale

# The widths in px for which labels and ticks are chosen; the page shows those of the next smaller.
MIDDLE, NARROW, BARE, MINI_WIDTH = 660, 460, 280, 300
ROWS = (8, 26, 38)
RAIL_TOP, RAIL_FLOOR = 44, 50

# A style sheet does not reach a picture on paper: these are the light theme's colours.
INK, INK_2, INK_3, PAPER = "#1c202a", "#494f59", "#626871", "#ffffff"
GROUND, SHADE, HAIRLINE, DOTTED = "#eceff2", "#d9dce0", "#dee1e5", "#b9bec5"
ACCENT, LATE, LATE_FILL = "#2c4e9e", "#b72024", "#ce292c"
HOLDERS: Mapping[str, str] = {
    "tier-1": "#4977ae",
    "tier-2": "#2c529a",
    "tier-3": "#21336b",
    "partner": "#9553a0",
    "requester": "#686c73",
}


@dataclass(frozen=True, slots=True)
class Frame:
    """A picture's scale, its lanes from top to bottom, and where they lie in px."""

    scale: Scale
    lanes: tuple[Lane, ...]
    prefix: str
    width: int = WIDE
    top: int = 56
    pitch: int = 26
    bar: int = 14
    foot: int = 22
    tracks: int = 0  # lanes of clocks below those of the holders

    @property
    def floor(self) -> int:
        """Where the lowest lane ends."""
        return self.top + self.pitch * (len(self.lanes) + self.tracks)

    @property
    def height(self) -> int:
        return self.floor + self.foot

    def bar_top(self, row: int) -> int:
        """Where the bars of a lane begin."""
        return self.top + self.pitch * row + (self.pitch - self.bar) // 2

    def middle(self, row: int) -> int:
        return self.bar_top(row) + self.bar // 2

    def rows(self) -> dict[str, int]:
        """Each lane's row by its key."""
        return {lane.key: row for row, lane in enumerate(self.lanes)}

    def px(self, start: datetime, end: datetime) -> float:
        """How many px wide a stretch is at the width the picture is made for."""
        return (self.scale.x(end) - self.scale.x(start)) * self.width / 100

    def reaches(self, start: datetime, end: datetime, px: int) -> bool:
        """Whether a stretch is at least so many px wide; most are short enough to tell at once."""
        longest = self.scale.share((end - start).total_seconds()) * self.width / 100
        return longest >= px and self.px(start, end) >= px

    def across(self, start: datetime, end: datetime) -> str:
        """The x and width of a stretch, as attributes."""
        left = round(self.scale.x(start), 2)
        return f'x="{percent(left)}" width="{percent(round(self.scale.x(end), 2) - left)}"'


def mini_frame(scale: Scale, lanes: tuple[Lane, ...], prefix: str) -> Frame:
    """The small picture beside a list: no text, no clock."""
    return Frame(scale, lanes, prefix, MINI_WIDTH, top=18, pitch=16, bar=8, foot=2)


def percent(value: float) -> str:
    """Write a place: `42.1%`."""
    return f"{value:.2f}".rstrip("0").rstrip(".") + "%"


def item(name: str, sentence: str, place: float, frame: Frame, body: str, attributes: str) -> str:
    """Wrap a drawing so that it can be focused, read out, and says its sentence below the lanes."""
    spoken = escape(sentence)
    return (
        f'<g class="ll-item {name}" tabindex="0" role="img" aria-label="{spoken}" {attributes}>'
        f"{body}{tip(spoken, place, frame)}</g>"
    )


def tip(spoken: str, place: float, frame: Frame) -> str:
    """A sentence that the style sheet shows below the lanes while its item is pointed at."""
    anchor = ("start", "middle", "end")[min(int(place * 3 / 100), 2)]
    return (
        f'<text class="ll-tip" display="none" x="{percent(place)}" y="{frame.floor + 16}" '
        f'text-anchor="{anchor}">{spoken}</text>'
    )
