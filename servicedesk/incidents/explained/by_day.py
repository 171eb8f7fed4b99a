"""The stretches of a section day by day, folded where there are many."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from servicedesk import formats
from servicedesk.incidents.explained.words import exactly, stretch_word
from servicedesk.incidents.why import Kind, Section, Stretch
from servicedesk.incidents.why.parts import sums
from servicedesk.sla.why import Reason
from servicedesk.times import local_day

SHOWN = 4  # days at each end of a section that are not folded away
MANY = 12  # days from which on the middle ones are
OPEN = 8  # sections up to which all are open

GLYPHS: dict[Kind, str] = {
    Kind.COUNTED: "timer",
    Kind.OUTSIDE: "calendar-off",
    Kind.PAUSED: "circle-pause",
    Kind.STOPPED: "circle-stop",
    Kind.EXCLUDED: "calendar-x",
    Kind.AHEAD: "timer",
    Kind.LATE: "triangle-alert",
    Kind.UNDATED: "circle-dashed",
}
OUTSIDE: dict[Reason, str] = {Reason.NIGHT: "moon", Reason.BREAK: "coffee"}


@dataclass(frozen=True)
class Part:
    """A stretch in words."""

    span: str  # from when to when
    word: str
    time: str
    glyph: str
    kind: str
    stretch: Stretch


@dataclass(frozen=True)
class Day:
    """What began on one day, and the sum counted up to its end."""

    label: str
    parts: Sequence[Part]
    counted: str
    net: str


@dataclass(frozen=True)
class Days:
    """The days of a section: first and last, and those between, folded away."""

    first: Sequence[Day]
    folded: Sequence[Day]
    last: Sequence[Day]
    folded_time: str  # counted in those folded away


@dataclass
class Writer:
    """Writes stretches for a reader; what it wrote once it need not translate again."""

    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo(formats.reader_zone()))
    today: date = field(default_factory=lambda: local_day(formats.now(), formats.reader_zone()))
    japanese: bool = field(default_factory=formats.japanese)
    words: dict[object, str] = field(default_factory=dict)

    def days(self, section: Section) -> Days:
        """Arrange a section's stretches by the days of the reader's zone on which they begin."""
        groups: list[tuple[date, list[Stretch]]] = []
        for stretch in section.stretches:
            day = stretch.start.astimezone(self.zone).date()
            if groups and groups[-1][0] == day:
                groups[-1][1].append(stretch)
            else:
                groups.append((day, [stretch]))
        whole = [self._day(*group) for group in groups]
        if len(groups) < MANY:
            return Days(whole, [], [], "")
        middle = [stretch for _, stretches in groups[SHOWN:-SHOWN] for stretch in stretches]
        time = self.time(sums(middle).get(Kind.COUNTED, 0))
        return Days(whole[:SHOWN], whole[SHOWN:-SHOWN], whole[-SHOWN:], time)

    def time(self, seconds: int) -> str:
        """Write a length of time."""
        return self._once(seconds, lambda: exactly(seconds))

    def word(self, stretch: Stretch) -> str:
        """Say what a stretch is."""
        key = (stretch.reason, stretch.kind, stretch.net_kind, stretch.over)
        return self._once(key, lambda: stretch_word(stretch))

    def _once(self, key: object, write: Callable[[], str]) -> str:
        if key not in self.words:
            self.words[key] = write()
        return self.words[key]

    def _day(self, day: date, stretches: Sequence[Stretch]) -> Day:
        parts = [self._part(stretch) for stretch in stretches]
        last = stretches[-1]
        return Day(self._label(day), parts, self.time(last.counted), self.time(last.net_counted))

    def _part(self, stretch: Stretch) -> Part:
        over = stretch.over and stretch.net_kind == Kind.COUNTED
        kind = "over" if over else stretch.net_kind.value
        glyph = GLYPHS[Kind.LATE if over else stretch.net_kind]
        if stretch.reason:
            glyph = OUTSIDE.get(stretch.reason, glyph)
        span, time = self._span(stretch), self.time(stretch.seconds)
        return Part(span, self.word(stretch), time, glyph, kind, stretch)

    def _span(self, stretch: Stretch) -> str:
        """Write from when to when: the end's day where it is another, midnight as 24:00."""
        start, end = stretch.start.astimezone(self.zone), stretch.end.astimezone(self.zone)
        if end.date() == start.date():
            return f"{clock(start)}–{clock(end)}"
        midnight = clock(end) == "00:00"
        last = end.date() - timedelta(days=1) if midnight else end.date()
        time = "24:00" if midnight else clock(end)
        if last == start.date():
            return f"{clock(start)}–{time}"
        return f"{clock(start)} – {self._label(last)} {time}"

    def _label(self, day: date) -> str:
        """Write a day with weekday and month: `Thu 26 Nov`, `11/26(木)`."""
        return self._once(day, lambda: self._far(day))

    def _far(self, day: date) -> str:
        far = formats.far(day, self.today)
        return far if self.japanese else f"{formats.WEEKDAYS[day.weekday()]} {far}"


def clock(at: datetime) -> str:
    """Write the time of day, with seconds where there are any."""
    return f"{at:%H:%M:%S}" if at.second else f"{at:%H:%M}"


def open_ones(sections: Sequence[Section]) -> Iterator[bool]:
    """Say of each section whether it is unfolded: all where they are few, else first and last."""
    for index in range(len(sections)):
        yield len(sections) <= OPEN or index in (0, len(sections) - 1)
