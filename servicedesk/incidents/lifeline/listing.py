"""The life line as a list, for those who read rather than see it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from servicedesk.incidents.lifeline.extent import judged_at
from servicedesk.incidents.lifeline.parts import Lane, LifeLine, Mark

Stamp = Callable[[datetime], str]
RowKind = Literal["held", "hand-off", "reply", "date", "clock"]


@dataclass(frozen=True, slots=True)
class Row:
    """One thing in the picture: when, as text and as an instant, whose, and its sentence."""

    at: datetime
    when: str
    kind: RowKind
    lane: Lane | None
    sentence: str


def rows(line: LifeLine, stamp: Stamp) -> tuple[Row, ...]:
    """Give everything in the picture in order of time; `stamp` writes an instant."""
    lanes = {lane.key: lane for lane in line.lanes}
    found = [
        *(_row(b.start, stamp, "held", lanes.get(b.lane), b.sentence) for b in line.bars),
        *(_row(h.at, stamp, "hand-off", lanes.get(h.to_lane), h.sentence) for h in line.hand_offs),
        *(_row(d.at, stamp, "reply", lanes.get(d.lane), d.sentence) for d in line.dots),
        *(_date(mark, line.zone, stamp) for mark in line.marks),
        *_clock(line, stamp),
    ]
    return tuple(sorted(found, key=lambda row: row.at))


def _date(mark: Mark, zone: str, stamp: Stamp) -> Row:
    when = mark.short_label if mark.day else stamp(mark.at)
    return Row(judged_at(mark, zone), when, "date", None, mark.sentence)


def _clock(line: LifeLine, stamp: Stamp) -> Iterator[Row]:
    """What the chosen clock did, and its target."""
    if line.track is None:
        return
    for each in line.track.sections:
        yield _row(each.start, stamp, "clock", None, each.sentence)
    if goal := line.track.goal:
        yield _row(goal.at, stamp, "clock", None, goal.sentence)


def _row(at: datetime, stamp: Stamp, kind: RowKind, lane: Lane | None, sentence: str) -> Row:
    return Row(at, stamp(at), kind, lane, sentence)
