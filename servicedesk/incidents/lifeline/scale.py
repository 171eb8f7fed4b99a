"""From instants to places: working time 1 : 1, closed time 1 : 8."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from servicedesk.incidents.lifeline.extent import Ahead, ahead, drawn, horizon
from servicedesk.incidents.lifeline.parts import LifeLine, Span, Windows

CLOSED = 1 / 8
HOUR = 3600.0
UNFOLDED = 2 * HOUR  # a past up to this long is drawn without folding


def merge(spans: Iterable[Span], begin: datetime, end: datetime) -> tuple[Span, ...]:
    """Give the spans within [begin, end) in order, joined where they touch, none of no length."""
    merged: list[Span] = []
    for start, stop in sorted(spans):
        start, stop = max(start, begin), min(stop, end)
        if start >= stop:
            continue
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(stop, merged[-1][1]))
        else:
            merged.append((start, stop))
    return tuple(merged)


def gaps(spans: Sequence[Span], begin: datetime, end: datetime) -> tuple[Span, ...]:
    """Give what merged spans leave free within [begin, end)."""
    starts = (begin, *(stop for _, stop in spans))
    stops = (*(start for start, _ in spans), end)
    return tuple((a, b) for a, b in zip(starts, stops, strict=True) if a < b)


@dataclass(frozen=True, slots=True)
class Scale:
    """A strictly rising, piecewise linear map of [begin, end] to 0 … 100 per cent.

    `open` is the working time in it that is drawn 1 : 1; empty where nothing is folded.
    """

    begin: datetime
    end: datetime
    edge: datetime
    open: tuple[Span, ...]
    knots: tuple[float, ...]
    lengths: tuple[float, ...]
    total: float

    def x(self, at: datetime) -> float:
        """The place of an instant in per cent; what lies outside goes to the nearer end."""
        passed = (at - self.begin).total_seconds()
        length = _between(passed, self.knots, self.lengths)
        return min(max(100 * length / self.total, 0.0), 100.0)

    def share(self, seconds: float) -> float:
        """The per cent that so much working time takes; other time takes less."""
        return 100 * seconds / self.total

    def shows(self, at: datetime) -> bool:
        """Whether an instant lies in the range drawn."""
        return self.begin <= at <= self.end

    def is_open(self, at: datetime) -> bool:
        """Whether an instant is drawn 1 : 1."""
        index = bisect_right(self.open, at, key=lambda span: span[0]) - 1
        return index >= 0 and at < self.open[index][1]


def scale_of(line: LifeLine) -> Scale:
    """Lay out a life line's range: from logged to the last of now and open dates, and 5 %.

    The past keeps about 60 %, later dates are left out; the range has at least one hour. Where
    the past has room to spare, the last date's label gets it.
    """
    begin, edge, limit = line.begin, line.edge, horizon(line)
    windows = _folding_windows(line.working, begin, edge, limit)
    knots, lengths = _measure(windows, begin, limit)

    def length(at: datetime) -> float:
        return _between((at - begin).total_seconds(), knots, lengths)

    dates = [Ahead.of(length(at), mark) for at, mark in ahead(line)]
    wanted = drawn(length(edge), dates, length(begin + timedelta(hours=1)))
    seconds = math.ceil(_between(min(wanted, lengths[-1]), lengths, knots))
    end = begin + timedelta(seconds=seconds)
    return Scale(begin, end, edge, merge(windows, begin, end), knots, lengths, length(end))


def _folding_windows(
    working: Windows, begin: datetime, edge: datetime, horizon: datetime
) -> tuple[Span, ...]:
    if (edge - begin).total_seconds() <= UNFOLDED:
        return ()
    return merge(working(begin, horizon), begin, horizon)


def _measure(
    windows: Sequence[Span], begin: datetime, horizon: datetime
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Give the breakpoints in seconds after the beginning, and the length drawn up to each."""
    knots, lengths = [0.0], [0.0]
    for opens, closes in windows:
        _extend(knots, lengths, (opens - begin).total_seconds(), CLOSED)
        _extend(knots, lengths, (closes - begin).total_seconds(), 1.0)
    _extend(knots, lengths, (horizon - begin).total_seconds(), CLOSED if windows else 1.0)
    return tuple(knots), tuple(lengths)


def _extend(knots: list[float], lengths: list[float], knot: float, weight: float) -> None:
    if knot > knots[-1]:
        lengths.append(lengths[-1] + weight * (knot - knots[-1]))
        knots.append(knot)


def _between(value: float, given: Sequence[float], wanted: Sequence[float]) -> float:
    index = min(max(bisect_right(given, value) - 1, 0), len(given) - 2)
    slope = (wanted[index + 1] - wanted[index]) / (given[index + 1] - given[index])
    return wanted[index] + slope * (value - given[index])
