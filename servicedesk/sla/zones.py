"""How far a time zone's wall clock is from UTC, as whole seconds."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

DAY = 86_400
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

# From one epoch second to another, the wall clock is this many seconds ahead of UTC.
Stretch = tuple[int, int, int]

# No zone has moved its clocks there and back within six days since 1970, so none is missed.
_PROBE = 2 * DAY


def zone_info(name: str) -> ZoneInfo:
    """Find a time zone by its name; raises ValueError."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError(f'"{name}" is not a time zone; write "Asia/Tokyo".') from None


def epoch(instant: datetime) -> int:
    """Give the whole seconds since 1970; raises TypeError for a naive instant."""
    since = instant - EPOCH
    return since.days * DAY + since.seconds


def utc(seconds: int) -> datetime:
    """Give the instant this many seconds after the beginning of 1970."""
    return EPOCH + timedelta(seconds=seconds)


def year_start(year: int) -> int:
    """Give the epoch second at which a UTC year begins."""
    return epoch(datetime(year, 1, 1, tzinfo=UTC))


def year_of(seconds: int) -> int:
    """Give the UTC year of an epoch second."""
    return utc(seconds).year


def stretches(zone: str, start: int, end: int) -> Iterator[Stretch]:
    """Give the stretches of constant offset that make up [start, end)."""
    if start >= end:
        return
    for year in range(year_of(start), year_of(end - 1) + 1):
        for since, until, offset in _year(zone, year):
            if since < end and start < until:
                yield max(since, start), min(until, end), offset


@lru_cache(maxsize=4096)
def _year(zone: str, year: int) -> tuple[Stretch, ...]:
    info = zone_info(zone)
    since, end = year_start(year), year_start(year + 1)
    found: list[Stretch] = []
    for probe in range(since + _PROBE, end + _PROBE, _PROBE):
        last = min(probe, end - 1)
        if _offset(info, last) != _offset(info, since):
            change = _change(info, max(since, probe - _PROBE), last)
            found.append((since, change, _offset(info, since)))
            since = change
    return (*found, (since, end, _offset(info, since)))


def _change(info: ZoneInfo, before: int, after: int) -> int:
    """Find the first second of the offset in force at `after`, which `before` does not have yet."""
    old = _offset(info, before)
    while after - before > 1:
        middle = (before + after) // 2
        if _offset(info, middle) == old:
            before = middle
        else:
            after = middle
    return after


def _offset(info: ZoneInfo, at: int) -> int:
    ahead = utc(at).astimezone(info).utcoffset() or timedelta()
    return ahead.days * DAY + ahead.seconds
