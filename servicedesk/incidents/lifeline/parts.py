"""What a life line is made of: plain values, already translated and formatted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Span = tuple[datetime, datetime]
Windows = Callable[[datetime, datetime], Iterable[Span]]

LaneKind = Literal["tier-1", "tier-2", "tier-3", "partner", "requester"]
MarkKind = Literal["requested", "promised", "target", "response"]
MarkState = Literal["open", "met", "superseded", "breached"]
RailState = Literal["counted", "over"]
TractKind = Literal["counted", "over", "paused", "stopped", "excluded", "ahead", "outside"]
TickUnit = Literal["time", "day", "week", "month", "year"]
TickLabel = Callable[[datetime, TickUnit], str]

LANE_ORDER: tuple[LaneKind, ...] = ("tier-1", "tier-2", "tier-3", "partner", "requester")


@dataclass(frozen=True, slots=True)
class Lane:
    """One holder's lane; `held` is how long it held the incident, `windows` its calendar."""

    key: str
    kind: LaneKind
    name: str
    held: str = ""
    windows: Windows | None = None


@dataclass(frozen=True, slots=True)
class Bar:
    """A holding: until now without an end; `paused` are the stretches without a running clock."""

    lane: str
    start: datetime
    end: datetime | None
    sentence: str
    paused: Sequence[Span] = ()


@dataclass(frozen=True, slots=True)
class HandOff:
    """The incident going from one lane to another."""

    at: datetime
    from_lane: str
    to_lane: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Dot:
    """A reply, sent by the holder of a lane."""

    at: datetime
    lane: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of the resolution clock: counted within the target, or over it."""

    start: datetime
    end: datetime
    state: RailState


@dataclass(frozen=True, slots=True)
class Tract:
    """A stretch of a chosen clock, of one kind."""

    start: datetime
    end: datetime
    kind: TractKind


@dataclass(frozen=True, slots=True)
class Section:
    """What a chosen clock did for a while, in a sentence, and the stretches in it."""

    start: datetime
    end: datetime
    sentence: str
    tracts: Sequence[Tract] = ()


@dataclass(frozen=True, slots=True)
class Goal:
    """C3: where a chosen clock uses its target up; breached: it counted on."""

    at: datetime
    breached: bool
    sentence: str


@dataclass(frozen=True, slots=True)
class Track:
    """C15: a chosen clock's own lane below those of the holders."""

    name: str
    note: str
    sections: Sequence[Section]
    goal: Goal | None = None
    windows: Windows | None = None


@dataclass(frozen=True, slots=True)
class Mark:
    """A date. If it is a `day`, `at` is any instant of it after 00:00, its 24:00 included (D1).

    `label` stands beside the head where there is room, `short_label` is the date alone.
    """

    kind: MarkKind
    at: datetime
    state: MarkState
    label: str
    short_label: str
    sentence: str
    day: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LifeLine:
    """An incident's time. `ended` is when it was resolved, closed or cancelled, if it is.

    `working` gives the desk's working time, `zone` names its zone, `edge_label` stands in the pill
    at now or at the end, `title` is the whole picture's name for screen readers.
    """

    title: str
    start: datetime
    now: datetime
    ended: datetime | None
    zone: str
    working: Windows
    edge_label: str
    lanes: Sequence[Lane]
    bars: Sequence[Bar] = ()
    hand_offs: Sequence[HandOff] = ()
    dots: Sequence[Dot] = ()
    rail: Sequence[Stretch] = ()
    marks: Sequence[Mark] = ()
    track: Track | None = None

    @property
    def has_rail(self) -> bool:
        """Whether the resolution clock has its rail: always, but where a clock is drawn alone."""
        return self.track is None or bool(self.lanes)

    @property
    def begin(self) -> datetime:
        """The earliest instant drawn: the logging, or an imported holding before it."""
        return min((self.start, *(bar.start for bar in self.bars)))

    @property
    def edge(self) -> datetime:
        """Where the past ends: now, or the end of the incident."""
        return max(self.begin, self.ended or self.now)

    def ordered_lanes(self) -> tuple[Lane, ...]:
        """The lanes in order of tier, then partners, then the requester."""
        return tuple(sorted(self.lanes, key=lambda lane: LANE_ORDER.index(lane.kind)))
