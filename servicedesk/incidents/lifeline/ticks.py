"""The ticks under the lanes: the smallest unit that leaves each of them 56 px."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median
from zoneinfo import ZoneInfo

from servicedesk.incidents.lifeline.parts import TickUnit
from servicedesk.incidents.lifeline.scale import Scale

APART = 56
MINUTES = (15, 30, 60, 120)
QUARTER_HOUR = timedelta(minutes=15)
MONTHS = (1, 2, 3, 6)

Instants = Sequence[datetime]


@dataclass(frozen=True, slots=True)
class Tick:
    """A tick at a local instant; `line` is false where only the beginning is named."""

    at: datetime
    unit: TickUnit
    line: bool = True


def ticks(scale: Scale, zone: str, widths: Sequence[int]) -> list[list[Tick]]:
    """Choose the ticks of a picture for each of the widths (in px) it may be shown at."""
    local = ZoneInfo(zone)
    openings = list(_openings(scale, local))
    days = openings if len(openings) > 1 else list(_midnights(scale.begin, scale.end, local))
    units = list(_units(days))
    return [
        _clock_ticks(scale, local, openings, width) or _day_ticks(scale, local, units, width)
        for width in widths
    ]


def _clock_ticks(scale: Scale, zone: ZoneInfo, openings: Instants, width: int) -> list[Tick]:
    for minutes in MINUTES:
        if scale.share(minutes * 60) * width / 100 < APART:
            continue
        instants = _drawn_times(scale, zone, minutes)
        if _all_apart(scale, instants, width) and _named_by_day(openings, instants):
            return list(_times(instants))
    return []


def _times(instants: Instants) -> Iterator[Tick]:
    """The first tick of a later day names the day."""
    before = instants[0]
    for at in instants:
        yield Tick(at, "time" if at.date() == before.date() else "day")
        before = at


def _drawn_times(scale: Scale, zone: ZoneInfo, minutes: int) -> Instants:
    """The round times in working hours; all of them if nothing is folded or hardly one is open."""
    every = list(_round_times(scale, zone, minutes))
    if len(working := [at for at in every if scale.is_open(at)]) < 2:
        return every
    return working


def _round_times(scale: Scale, zone: ZoneInfo, minutes: int) -> Iterator[datetime]:
    quarters = -(-int(scale.begin.timestamp()) // 900)
    at = datetime.fromtimestamp(quarters * 900, scale.begin.tzinfo)
    while at <= scale.end:
        local = at.astimezone(zone)
        if (local.hour * 60 + local.minute) % minutes == 0:
            yield local
        at += QUARTER_HOUR


def _named_by_day(openings: Instants, instants: Instants) -> bool:
    """A later day's first tick must be its opening, or the day's name would stand too late."""
    later = {b for a, b in pairwise(instants) if a.date() != b.date()}
    return not openings or later.issubset(openings)


def _all_apart(scale: Scale, instants: Instants, width: int) -> bool:
    return len(instants) > 1 and min(_steps(scale, instants, width)) >= APART - 0.01


def _day_ticks(
    scale: Scale, zone: ZoneInfo, units: Sequence[tuple[TickUnit, Instants]], width: int
) -> list[Tick]:
    """A holiday may bring two ticks closer together: then the later one has no label."""
    enough = (each for each in units if _mostly_apart(scale, each[1], width))
    unit, chosen = next(enough, units[-1])
    found = [Tick(at, unit) for at in chosen]
    if not chosen or _far_from_beginning(scale, zone, unit, chosen[0], width):
        found.insert(0, Tick(scale.begin.astimezone(zone), unit, line=False))
    return found


def _far_from_beginning(
    scale: Scale, zone: ZoneInfo, unit: TickUnit, first: datetime, width: int
) -> bool:
    """Whether the beginning is named, as no tick stands near it or on the same day."""
    same_day = unit == "day" and scale.begin.astimezone(zone).date() == first.date()
    return scale.x(first) * width / 100 >= APART and not same_day


def _mostly_apart(scale: Scale, instants: Instants, width: int) -> bool:
    """More ticks than that cannot have half of their steps wide enough."""
    if len(instants) < 2:
        return True
    few = len(instants) - 1 <= 2 * width / APART
    return few and median(_steps(scale, instants, width)) >= APART


def _units(days: Instants) -> Iterator[tuple[TickUnit, Instants]]:
    yield "day", days
    yield "week", _firsts(days, lambda at: at.isocalendar()[:2])
    months = _firsts(days, lambda at: (at.year, at.month))
    for step in MONTHS:
        yield "month", [at for at in months if (at.month - 1) % step == 0]
    yield "year", _firsts(days, lambda at: at.year)


def _firsts(days: Instants, period: Callable[[datetime], object]) -> Instants:
    """The first day of each period but the one under way, whose first day may be before."""
    return [b for a, b in pairwise(days) if period(a) != period(b)]


def _openings(scale: Scale, zone: ZoneInfo) -> Iterator[datetime]:
    """The earliest working instant of each local day."""
    last = None
    for opens, closes in scale.open:
        local = opens.astimezone(zone)
        if local.date() != last:
            yield local
        last = (closes - timedelta(seconds=1)).astimezone(zone).date()
        if local.date() != last:
            yield from _midnights(local, closes - timedelta(seconds=1), zone)


def _midnights(begin: datetime, end: datetime, zone: ZoneInfo) -> Iterator[datetime]:
    local = begin.astimezone(zone)
    day = local.replace(hour=0, minute=0, second=0, microsecond=0, fold=0) + timedelta(days=1)
    while day <= end:
        yield day
        day += timedelta(days=1)


def _steps(scale: Scale, instants: Instants, width: int) -> list[float]:
    places = [scale.x(at) * width / 100 for at in instants]
    return [b - a for a, b in pairwise(places)]
