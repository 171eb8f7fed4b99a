"""All that a page needs to show a life line: the drawing, names, legend and list."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from markupsafe import Markup

from servicedesk.incidents.lifeline.draw import draw
from servicedesk.incidents.lifeline.listing import Row, Stamp, rows
from servicedesk.incidents.lifeline.parts import Lane, LaneKind, LifeLine, TickLabel, Track

Sign = Literal["held", "paused", "closed", "counted", "stopped", "excluded", "over"]


@dataclass(frozen=True, slots=True)
class Picture:
    """What `templates/incidents/_lifeline.html` shows; `legend` names only signs that occur.

    `colour` is the kind of holder in whose colour the legend is drawn.
    """

    svg: Markup
    prefix: str
    title: str
    lanes: tuple[Lane, ...]
    colour: LaneKind
    legend: tuple[Sign, ...]
    rows: tuple[Row, ...]
    track: Track | None = None
    rail: bool = True  # the resolution clock has one


def picture(line: LifeLine, tick_label: TickLabel, stamp: Stamp, prefix: str = "ll") -> Picture:
    """Draw a life line and gather what stands around it."""
    svg = draw(line, tick_label, prefix)
    return Picture(
        svg=svg,
        prefix=prefix,
        title=line.title,
        lanes=line.ordered_lanes(),
        colour=_colour(line),
        legend=tuple(_legend(line, svg)),
        rows=rows(line, stamp),
        track=line.track,
        rail=line.has_rail,
    )


def _colour(line: LifeLine) -> LaneKind:
    kinds = {lane.key: lane.kind for lane in line.lanes}
    latest = max(line.bars, key=lambda bar: bar.start, default=None)
    return kinds.get(latest.lane, "tier-1") if latest else "tier-1"


def _legend(line: LifeLine, svg: str) -> Iterator[Sign]:
    tracts = (
        (tract for section in line.track.sections for tract in section.tracts)
        if (line.track)
        else ()
    )
    kinds = {tract.kind for tract in tracts}
    if line.bars:
        yield "held"
    if any(bar.paused for bar in line.bars) or "paused" in kinds:
        yield "paused"
    if "ll-shade" in svg:  # closed hours too short to see are not drawn
        yield "closed"
    for sign in _OF_TRACKS:
        if sign in kinds:
            yield sign
    if "over" in kinds or any(stretch.state == "over" for stretch in line.rail):
        yield "over"


_OF_TRACKS: tuple[Sign, ...] = ("counted", "stopped", "excluded")
