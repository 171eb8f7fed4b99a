"""Stretches of working time in order, with running sums, so that distance costs nothing."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from operator import sub

from servicedesk.sla.zones import DAY

# The longest that five years of the calendar can be (C3).
FIVE_YEARS = (5 * 365 + 2) * DAY

# From one epoch second to another, worked by the local date with this ordinal.
Span = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Year:
    """One year's stretches, merged, and the end of each of its working days by date ordinal."""

    opens: Sequence[int]
    closes: Sequence[int]
    day_ends: dict[int, int]


@dataclass(frozen=True, slots=True)
class Timeline:
    """Everything that is known about [start, end), in epoch seconds."""

    start: int
    end: int
    opens: Sequence[int]
    closes: Sequence[int]
    done: Sequence[int]
    """Working seconds from `start` to each close."""
    days: Sequence[int]
    """Ordinals of the working days, in order."""
    day_ends: Sequence[int]
    after_long_gap: Sequence[int]
    """Positions of the stretches before which nothing is worked for five years."""

    def worked(self, at: int) -> int:
        """Give the working seconds in [start, at)."""
        last = bisect_right(self.opens, at) - 1
        if last < 0:
            return 0
        close = self.closes[last]
        return self.done[last] - (close - at if at < close else 0)

    def reached(self, goal: int) -> int | None:
        """Find the earliest second before which `goal` seconds are worked: a close, not an open."""
        at = bisect_left(self.done, goal)
        return self.closes[at] - (self.done[at] - goal) if at < len(self.done) else None

    def last_before(self, at: int) -> int | None:
        """Find the last second up to `at` that is worked or ends working time."""
        last = bisect_right(self.opens, at) - 1
        return min(at, self.closes[last]) if last >= 0 else None

    def day_end(self, day: int, days: int) -> int | None:
        """Find where the n-th working day after a date ends, if that is known for certain."""
        at = bisect_right(self.days, day) + days - 1
        if at >= len(self.days) or self.day_ends[at] > self.end - 2 * DAY:
            return None
        return self.day_ends[at]

    def interrupted(self, start: int, end: int) -> bool:
        """Tell whether nothing is worked for five years on the way from start to a later work."""
        first = bisect_right(self.closes, start)
        if self.opens[first] - start >= FIVE_YEARS:
            return True
        return any(first < at and self.opens[at] < end for at in self.after_long_gap)

    def last_close(self, start: int) -> int:
        """Give where working time ends as far as known, `start` if it had ended before."""
        return max(start, self.closes[-1]) if self.closes else start


def year_of_spans(spans: Iterable[Span]) -> Year:
    """Merge a year's spans: what overlaps counts once, what touches is one stretch (C2)."""
    opens: list[int] = []
    closes: list[int] = []
    day_ends: dict[int, int] = {}
    for start, end, day in sorted(spans):
        day_ends[day] = max(end, day_ends.get(day, end))
        if closes and start <= closes[-1]:
            closes[-1] = max(end, closes[-1])
        else:
            opens.append(start)
            closes.append(end)
    return Year(opens, closes, day_ends)


def join(start: int, end: int, years: Iterable[Year]) -> Timeline:
    """Put consecutive years together as the timeline of [start, end)."""
    opens: list[int] = []
    closes: list[int] = []
    ends: dict[int, int] = {}
    for year in years:
        touching = bool(closes and year.opens and closes[-1] == year.opens[0])
        if touching:
            closes.pop()
        opens.extend(year.opens[touching:])
        closes.extend(year.closes)
        ends.update(year.day_ends)
    return Timeline(
        start,
        end,
        opens,
        closes,
        done=list(accumulate(map(sub, closes, opens))),
        days=(days := sorted(ends)),
        day_ends=[ends[day] for day in days],
        after_long_gap=_after_long_gap(opens, closes),
    )


def _after_long_gap(opens: Sequence[int], closes: Sequence[int]) -> list[int]:
    gaps = map(sub, opens[1:], closes)
    return [at for at, gap in enumerate(gaps, start=1) if gap >= FIVE_YEARS]
