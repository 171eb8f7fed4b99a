"""Working time: which instants count, how much lies between two, when a target is reached."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from threading import Lock

from servicedesk.sla.hours import WEEKDAYS, Week, Window, check_window, parse_hours, parse_window
from servicedesk.sla.timeline import FIVE_YEARS, Span, Timeline, Year, join, year_of_spans
from servicedesk.sla.zones import (
    DAY,
    EPOCH,
    epoch,
    stretches,
    utc,
    year_of,
    year_start,
    zone_info,
)

__all__ = [
    "Calendar",
    "NoWorkingTime",
    "Pause",
    "Version",
    "Week",
    "Window",
    "counted_outside",
    "due",
    "parse_hours",
    "parse_window",
    "union",
]

Pause = tuple[datetime, datetime]

# Nothing is worked before the first or after the last of these years.
FIRST_YEAR, LAST_YEAR = 1970, 2200
_FIRST, _END = year_start(FIRST_YEAR), year_start(LAST_YEAR + 1)
_ALWAYS = year_start(1)
_EPOCH_ORDINAL = EPOCH.toordinal()
# Covers no instant at all.
_UNKNOWN = join(_END, _FIRST, ())


class NoWorkingTime(ValueError):
    """There is no working time where it is needed."""


@dataclass(frozen=True)
class Version:
    """What a calendar says from `valid_from` on (C7); raises ValueError."""

    zone: str
    weekly: Week
    days_off: frozenset[date] = frozenset()
    special: Mapping[date, tuple[Window, ...]] = field(default_factory=dict)
    valid_from: datetime | None = None
    holidays: frozenset[date] = frozenset()  # those of the days off that are public holidays

    def __post_init__(self) -> None:
        zone_info(self.zone)
        if len(self.weekly) != len(WEEKDAYS):
            raise ValueError("A week has seven days, Monday first.")
        for windows in (*self.weekly, *self.special.values()):
            for window in windows:
                check_window(window)

    def windows_on(self, day: date) -> tuple[Window, ...]:
        """Give a date's windows: those of a special working day win over everything."""
        if day in self.special:
            return self.special[day]
        return () if day in self.days_off else self.weekly[day.weekday()]

    def day_of(self, instant: datetime) -> date:
        """Give the date whose window an instant lies in (C2), else its own local date."""
        local = instant.astimezone(zone_info(self.zone))
        minute = local.hour * 60 + local.minute
        today, yesterday = local.date(), local.date() - timedelta(days=1)
        if _covers(self.windows_on(today), minute):
            return today
        return yesterday if _covers(self.windows_on(yesterday), minute + 1440) else today

    def spans(self, start: int, end: int) -> Iterator[Span]:
        """C2: give the working time in [start, end), window by window, in epoch seconds."""
        for since, until, offset in stretches(self.zone, start, end):
            # A window may reach one date further than the one on which it starts.
            for day in range((since + offset) // DAY - 1, (until + offset - 1) // DAY + 1):
                midnight = day * DAY - offset
                ordinal = day + _EPOCH_ORDINAL
                for opens, closes in self.windows_on(date.fromordinal(ordinal)):
                    first = max(midnight + opens * 60, since)
                    last = min(midnight + closes * 60, until)
                    if first < last:
                        yield first, last, ordinal


class Calendar:
    """A timeline of versions (C7), immutable and safe to share between threads.

    What it knows grows by whole years as it is asked. Instants are aware, with whole seconds;
    what is worked is in seconds.
    """

    def __init__(self, versions: Sequence[Version]) -> None:
        if not versions:
            raise ValueError("A calendar has at least one version.")
        self.versions: tuple[Version, ...] = tuple(sorted(versions, key=_since))
        self.zone: str = self.versions[-1].zone
        self._sinces = (_ALWAYS, *map(_since, self.versions[1:]))
        self._years: dict[int, Year] = {}
        self._timeline: Timeline = _UNKNOWN
        self._growing = Lock()
        self._known: dict[int, Calendar] = {len(self.versions): self}

    def counted(self, start: datetime, end: datetime) -> int:
        """Give the working seconds in [start, end); none if it ends before it starts."""
        since, until = epoch(start), epoch(end)
        if until <= since:
            return 0
        timeline = self._over(since, until)
        return timeline.worked(until) - timeline.worked(since)

    def reach(self, start: datetime, seconds: int) -> datetime:
        """C3: give the earliest instant by which so many seconds are worked.

        Raises NoWorkingTime where five years on the way have no working time.
        """
        since = epoch(start)
        if seconds <= 0:
            return utc(since)
        timeline = self._over(since, since + seconds)
        while (at := timeline.reached(timeline.worked(since) + seconds)) is None:
            timeline = self._further(timeline, since)
        return utc(_uninterrupted(timeline, since, at))

    def is_open(self, at: datetime) -> bool:
        """C2: tell whether an instant counts."""
        second = epoch(at)
        timeline = self._over(second, second + 1)
        last = bisect_right(timeline.opens, second) - 1
        return last >= 0 and second < timeline.closes[last]

    def windows(self, start: datetime, end: datetime) -> list[tuple[datetime, datetime]]:
        """Give the stretches of working time within [start, end), merged, in UTC."""
        since, until = epoch(start), epoch(end)
        if until <= since:
            return []
        timeline = self._over(since, until)
        first, last = bisect_right(timeline.closes, since), bisect_left(timeline.opens, until)
        return [
            (utc(max(opens, since)), utc(min(closes, until)))
            for opens, closes in zip(
                timeline.opens[first:last], timeline.closes[first:last], strict=True
            )
        ]

    def last_working_moment(self, at: datetime) -> datetime | None:
        """D1: give the last moment of working time at or before an instant, a close included.

        None if nothing was worked in the five years before.
        """
        second = epoch(at)
        if second - FIVE_YEARS >= _END:
            return None
        last = self._over(second, second + 1).last_before(second)
        if last is None:
            last = self._over(second - FIVE_YEARS, second + 1).last_before(second)
        return None if last is None or last <= second - FIVE_YEARS else utc(last)

    def working_days(self, start: datetime, days: int) -> int:
        """C1: give the working seconds to the end of the n-th working day after that of the start.

        A working day is a local date of which some working time is left by time zone and versions.
        Raises NoWorkingTime.
        """
        if days <= 0:
            return 0
        since = epoch(start)
        day = self._version_at(since).day_of(start).toordinal()
        timeline = self._over(since, since + days * DAY)
        while (end := timeline.day_end(day, days)) is None:
            timeline = self._further(timeline, since)
        if end <= since:
            return 0
        return timeline.worked(_uninterrupted(timeline, since, end)) - timeline.worked(since)

    def working_dates(self, first: date, after: date) -> list[date]:
        """C1: list the local dates in [first, after) of which some time is worked."""
        since, until = first.toordinal(), after.toordinal()
        edges = ((day - _EPOCH_ORDINAL) * DAY for day in (since - 2, until + 2))
        days = self._over(*edges).days
        there = days[bisect_left(days, since) : bisect_left(days, until)]
        return [date.fromordinal(day) for day in there]

    def next_day(self, after: datetime) -> datetime:
        """C1: give when working time begins after the day of an instant; raises NoWorkingTime."""
        version = self._version_at(epoch(after))
        day = version.day_of(after) + timedelta(days=1)
        midnight = datetime.combine(day, time(), zone_info(version.zone)).astimezone(UTC)
        return self.reach(midnight, 1) - timedelta(seconds=1)

    def known_at(self, at: datetime) -> Calendar:
        """C7: give the calendar as its versions up to an instant make it, the first in any case."""
        count = self._version_index(epoch(at)) + 1
        if count not in self._known:
            self._known.setdefault(count, Calendar(self.versions[:count]))
        return self._known[count]

    def _version_index(self, at: int) -> int:
        return max(bisect_right(self._sinces, at) - 1, 0)

    def _version_at(self, at: int) -> Version:
        return self.versions[self._version_index(at)]

    def _over(self, start: int, end: int) -> Timeline:
        """Give a timeline that covers [start, end] as far as the years of the calendar go."""
        timeline = self._timeline
        if timeline.start <= start and end <= timeline.end:
            return timeline
        return self._grown(min(max(start, _FIRST), _END), min(max(end, _FIRST), _END))

    def _further(self, timeline: Timeline, start: int) -> Timeline:
        """Look further ahead, but not past five years without working time (C3)."""
        rest = timeline.last_close(start)
        if timeline.end >= min(rest + FIVE_YEARS, _END):
            raise _no_working_time(rest)
        return self._over(start, 2 * timeline.end - start)

    def _grown(self, start: int, end: int) -> Timeline:
        with self._growing:
            timeline = self._timeline
            if not (timeline.start <= start and end <= timeline.end):
                timeline = self._timeline = self._joined(start, end)
            return timeline

    def _joined(self, start: int, end: int) -> Timeline:
        """Build the years that are missing, one beyond the end, and join all of them."""
        first = min([year_of(start), LAST_YEAR, *self._years])
        last = max([min(year_of(end) + 1, LAST_YEAR), *self._years])
        for year in range(first, last + 1):
            if year not in self._years:
                self._years[year] = self._year(year)
        years = (self._years[year] for year in range(first, last + 1))
        return join(year_start(first), year_start(last + 1), years)

    def _year(self, year: int) -> Year:
        return year_of_spans(self._spans(year_start(year), year_start(year + 1)))

    def _spans(self, start: int, end: int) -> Iterator[Span]:
        """C7: give the working time in [start, end), each version while it is in force."""
        untils = (*self._sinces[1:], _END)
        for version, since, until in zip(self.versions, self._sinces, untils, strict=True):
            yield from version.spans(max(start, since), min(end, until))


def due(
    calendar: Calendar,
    start: datetime,
    target_seconds: int,
    pauses: Sequence[Pause] = (),
) -> datetime:
    """C3: give the earliest instant at which so many seconds are worked outside the pauses (C4).

    Raises NoWorkingTime.
    """
    seconds = target_seconds
    for begin, end in union(pauses, start):
        if calendar.counted(start, begin) >= seconds:
            break
        seconds += calendar.counted(begin, end)
    return calendar.reach(start, seconds)


def counted_outside(
    calendar: Calendar, start: datetime, end: datetime, pauses: Sequence[Pause]
) -> int:
    """C4: give the working seconds in [start, end) that lie in none of the pauses."""
    paused = sum(calendar.counted(begin, min(until, end)) for begin, until in union(pauses, start))
    return calendar.counted(start, end) - paused


def union(pauses: Sequence[Pause], start: datetime) -> list[Pause]:
    """C4: give what the pauses cover from `start` on, in order, without overlap."""
    # In UTC: Python compares two instants of one time zone by their wall clocks.
    first = start.astimezone(UTC)
    clipped = ((max(begin.astimezone(UTC), first), end.astimezone(UTC)) for begin, end in pauses)
    union: list[Pause] = []
    for begin, end in sorted(clipped):
        if union and begin <= union[-1][1]:
            union[-1] = union[-1][0], max(end, union[-1][1])
        elif begin < end:
            union.append((begin, end))
    return union


def _uninterrupted(timeline: Timeline, start: int, end: int) -> int:
    """Give the end of a way unless five years of it are without working time (C3)."""
    if timeline.interrupted(start, end):
        raise _no_working_time(start)
    return end


def _no_working_time(since: int) -> NoWorkingTime:
    return NoWorkingTime(f"There is no working time in the five years after {utc(since):%Y-%m-%d}.")


def _since(version: Version) -> int:
    return _ALWAYS if version.valid_from is None else epoch(version.valid_from)


def _covers(windows: Iterable[Window], minute: int) -> bool:
    return any(opens <= minute < closes for opens, closes in windows)
