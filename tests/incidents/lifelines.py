"""Life lines written briefly, and a reader for the pictures made of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from xml.etree import ElementTree as ET

from servicedesk.incidents.lifeline import (
    Bar,
    Dot,
    HandOff,
    Lane,
    LifeLine,
    Mark,
    Stretch,
    draw,
    draw_mini,
)
from servicedesk.incidents.lifeline.parts import MarkKind, MarkState, Span, TickUnit, Windows
from servicedesk.incidents.lifeline.scale import Scale, scale_of
from tests.sla.calendars import ALWAYS, at, calendar

OFFICE_HOURS = calendar(off=["2026-11-23"]).windows
AROUND_THE_CLOCK = calendar(ALWAYS).windows
PARTNER_HOURS = calendar({"mon-fri": ["09:00-18:00"], "sat": ["10:00-15:00"]}).windows
NOW = at("2026-11-26T14:05")

DESK = Lane("desk", "tier-1", "Service Desk", "53 min", OFFICE_HOURS)
NETWORK = Lane("network", "tier-2", "Network Ops", "23 h", OFFICE_HOURS)
HOSHINO = Lane("hoshino", "partner", "Hoshino Networks", "11 h", PARTNER_HOURS)
REQUESTER = Lane("requester", "requester", "Requester", "2 h 30")


def never(_start: datetime, _end: datetime) -> list[Span]:
    """A calendar without any working time."""
    return []


def november(text: str) -> datetime:
    """The instant of "19 09:14" in November 2026 in Tokyo."""
    day, time = text.split()
    return at(f"2026-11-{day}T{time}")


def mark(
    kind: MarkKind,
    when: datetime,
    state: MarkState = "open",
    *,
    label: str = "",
    short: str = "Thu 26",
    day: bool = False,
) -> Mark:
    label = label or f"{kind.title()} {short}"
    return Mark(kind, when, state, label, short, f"{kind} and <all> of it", day)


def life_line(
    start: datetime,
    *,
    now: datetime = NOW,
    ended: datetime | None = None,
    working: Windows = OFFICE_HOURS,
    lanes: Sequence[Lane] = (DESK, NETWORK, HOSHINO, REQUESTER),
    bars: Sequence[Bar] | None = None,
    marks: Sequence[Mark] = (),
    hand_offs: Sequence[HandOff] = (),
    dots: Sequence[Dot] = (),
    rail: Sequence[Stretch] = (),
) -> LifeLine:
    """A life line that the desk holds throughout unless told otherwise."""
    return LifeLine(
        title="Life line of INC-00018342",
        start=start,
        now=now,
        ended=ended,
        zone="Asia/Tokyo",
        working=working,
        edge_label="14:05",
        lanes=lanes,
        bars=[Bar("desk", start, ended, "The desk held it")] if bars is None else bars,
        marks=marks,
        hand_offs=hand_offs,
        dots=dots,
        rail=rail,
    )


def barcode_scanners() -> LifeLine:
    """The incident of five days that the design shows: two teams, a partner, a breach."""
    hold = (november("25 10:00"), november("25 14:10"))
    asked = (november("19 15:30"), november("20 09:25"))
    breach = november("24 11:12")
    bars = [
        Bar("desk", november("19 09:14"), november("19 10:07"), "Service Desk held it"),
        Bar("network", november("19 10:07"), asked[0], "Network Ops held it"),
        Bar("requester", *asked, "Waiting for Sato Misaki", [asked]),
        Bar("network", asked[1], november("20 13:10"), "Network Ops held it again"),
        Bar("hoshino", november("20 13:10"), november("24 16:20"), "Hoshino held it"),
        Bar("network", november("24 16:20"), None, "Network Ops holds it", [hold]),
    ]
    return life_line(
        bars[0].start,
        lanes=(REQUESTER, HOSHINO, DESK, NETWORK),
        bars=bars,
        hand_offs=[
            HandOff(after.start, before.lane, after.lane, "Handed off")
            for before, after in pairwise(bars)
        ],
        dots=[
            Dot(november("19 09:58"), "desk", "Reply by Mori Kenta"),
            Dot(november("26 09:40"), "network", "Reply by Ito Tsubasa"),
        ],
        rail=[
            *(Stretch(a, b, "counted") for a, b in OFFICE_HOURS(bars[0].start, breach)),
            *(Stretch(a, b, "over") for a, b in OFFICE_HOURS(breach, NOW)),
        ],
        marks=[
            mark("response", november("19 10:14"), "met", label="First answer met"),
            mark("target", breach, "breached", label="Resolution target Tue 24 · 15 h over"),
            mark("promised", november("25 17:00"), "superseded", short="Wed 25"),
            mark("requested", november("26 12:00"), day=True),
            mark("promised", november("27 12:00"), short="Fri 27, 12:00"),
        ],
    )


def tick_label(instant: datetime, unit: TickUnit) -> str:
    """A label that tells both its instant and its unit."""
    return f"{instant:%H:%M}" if unit == "time" else f"{unit} {instant.month}-{instant.day}"


def x(line: LifeLine, instant: datetime) -> float:
    return scale_of(line).x(instant)


def scale(line: LifeLine) -> Scale:
    return scale_of(line)


@dataclass(frozen=True)
class Drawing:
    """A picture read back: every element, and those with a class."""

    root: ET.Element

    def every(self) -> Iterator[ET.Element]:
        return self.root.iter()

    def named(self, name: str) -> list[ET.Element]:
        return [each for each in self.every() if name in each.get("class", "").split()]

    def texts(self, name: str) -> list[str]:
        return [each.text or "" for each in self.named(name)]

    def at_width(self, name: str) -> list[Drawing]:
        """The groups of ticks and of dates for one width."""
        return [Drawing(each) for each in self.named(f"ll-at-{name}")]

    def labels(self) -> list[str]:
        """The labels of the dates at full width."""
        return self.at_width("wide")[1].texts("ll-label")

    def tick_labels(self) -> list[str]:
        return self.at_width("wide")[0].texts("ll-tick-label")


def drawing(line: LifeLine) -> Drawing:
    return _read(draw(line, tick_label, "one"))


def mini_drawing(line: LifeLine) -> Drawing:
    return _read(draw_mini(line, "small"))


def _read(svg: str) -> Drawing:
    root = ET.fromstring(svg)
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
    return Drawing(root)


def percents(element: ET.Element, *names: str) -> list[float]:
    """Those of the named attributes that are in per cent."""
    values = [element.get(name, "") for name in names]
    return [float(value[:-1]) for value in values if value.endswith("%")]
