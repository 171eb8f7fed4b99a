"""Working time by a table of every minute of a year: plain, and quick enough to ask it often."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import accumulate
from zoneinfo import ZoneInfo

from servicedesk.sla.calendar import Version

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
BLOCK = 15  # minutes; no zone has changed its offset within a quarter of an hour since 1980
Interval = tuple[datetime, datetime]
Windows = tuple[tuple[int, int], ...]


def windows_of(version: Version, day: date) -> Windows:
    """C2: the windows of a date, in minutes from its midnight: an exception wins over a day off."""
    if day in version.special:
        return version.special[day]
    return () if day in version.days_off else version.weekly[day.weekday()]


def near(version: Version, day: date) -> Windows:
    """C2: the same with those that began on the day before and run past midnight."""
    before = windows_of(version, day - DAY)
    return (*windows_of(version, day), *((a - 1440, b - 1440) for a, b in before if b > 1440))


@dataclass
class Minutes:
    """Every minute from `first` on: whether it counts by the versions of one calendar."""

    first: datetime
    versions: Sequence[Version]
    length: int  # minutes
    worked: list[int] = field(default_factory=list)  # seconds up to the end of each

    def __post_init__(self) -> None:
        flags: list[int] = []
        while len(flags) < self.length:
            flags += self._block(self.first + len(flags) * MINUTE)
        self.worked = list(accumulate((60 * flag for flag in flags), initial=0))

    def _block(self, at: datetime) -> list[int]:
        """Look at the minutes of a quarter of an hour; a version may begin in its middle."""
        said = self._near(at)
        return [self._counts(at + n * MINUTE, said) for n in range(BLOCK)]

    def _near(self, at: datetime) -> list[tuple[datetime | None, int, Windows]]:
        found = []
        for version in self.versions:
            wall = at.astimezone(ZoneInfo(version.zone))
            open_then = near(version, wall.date())
            minute = wall.hour * 60 + wall.minute
            since = None if version is self.versions[0] else version.valid_from
            found.append((since, minute - self._number(at), open_then))
        return found

    def _number(self, at: datetime) -> int:
        return int((at - self.first) / MINUTE)

    def _counts(self, at: datetime, said: list[tuple[datetime | None, int, Windows]]) -> int:
        """C7: by the last version that is in force."""
        for since, shift, windows in reversed(said):
            if since is None or since <= at:
                minute = self._number(at) + shift
                return int(any(a <= minute < b for a, b in windows))
        return 0

    def until(self, at: datetime) -> int:
        """Give the seconds worked from the beginning of the table to an instant."""
        number, second = divmod(int((at - self.first).total_seconds()), 60)
        return self.worked[number] + (second if self.counts(number) else 0)

    def counts(self, number: int) -> bool:
        """Say whether the minute of a number counts."""
        return self.worked[number + 1] > self.worked[number]

    def counted(self, start: datetime, end: datetime, rests: Sequence[Interval] = ()) -> int:
        """Give the seconds worked between two instants, rests left out."""
        if end <= start:
            return 0
        whole = self.until(end) - self.until(start)
        return whole - sum(
            self.counted(max(a, start), min(b, end)) for a, b in joined(rests) if a < end
        )

    def reach(
        self, start: datetime, seconds: int, rests: Sequence[Interval] = ()
    ) -> datetime | None:
        """C3: the earliest instant by which so many seconds are worked; None: after the table."""
        if seconds <= 0:
            return start
        for begin, end in joined(rests):
            begin = max(begin, start)
            if begin < end:
                if self.counted(start, begin) >= seconds:
                    break
                seconds -= self.counted(start, begin)
                start = end
        wanted = self.until(start) + seconds
        number = bisect_left(self.worked, wanted) - 1
        if number + 1 >= len(self.worked):
            return None
        return self.first + number * MINUTE + timedelta(seconds=wanted - self.worked[number])

    def last_moment(self, at: datetime) -> datetime:
        """D1: the last moment of working time at or before an instant, a close included."""
        whole = self.until(at)
        number = int((at - self.first) / MINUTE)
        if self.counts(number) and at >= self.first + number * MINUTE:
            return at
        number = bisect_left(self.worked, whole)
        return self.first + number * MINUTE if whole else at


def joined(spans: Sequence[Interval]) -> list[Interval]:
    """Give intervals in order, those that touch as one; those of no length are none."""
    found: list[Interval] = []
    for begin, end in sorted(spans):
        if found and begin <= found[-1][1]:
            found[-1] = found[-1][0], max(end, found[-1][1])
        elif begin < end:
            found.append((begin, end))
    return found


@cache
def end_of_day(day: date, zone: str) -> datetime:
    """D1: the next local midnight, by trying one minute after the other."""
    at = datetime(day.year, day.month, day.day, tzinfo=UTC) - DAY
    while at.astimezone(ZoneInfo(zone)).date() <= day:
        at += MINUTE
    return at
