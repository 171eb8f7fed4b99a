"""Working time by looking at one minute after another: slow, and plain enough to be believed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from servicedesk.sla.calendar import Pause, Version

MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)


def in_force(versions: Sequence[Version], at: datetime) -> Version:
    """The last version that begins at or before an instant, else the first."""
    found = versions[0]
    for version in versions[1:]:
        if version.valid_from is None or version.valid_from <= at:
            found = version
    return found


def days_of(versions: Sequence[Version], at: datetime) -> list[date]:
    """The local dates, latest first, one of whose windows the wall clock lies in."""
    version = in_force(versions, at)
    wall = at.astimezone(ZoneInfo(version.zone)).replace(tzinfo=None)
    days = (wall.date() - back * DAY for back in range(3))
    return [day for day in days if _worked(version, day, wall)]


def _worked(version: Version, day: date, wall: datetime) -> bool:
    if day in version.special:
        windows = version.special[day]
    elif day in version.days_off:
        windows = ()
    else:
        windows = version.weekly[day.weekday()]
    midnight = datetime.combine(day, time())
    return any(midnight + a * MINUTE <= wall < midnight + b * MINUTE for a, b in windows)


def is_open(versions: Sequence[Version], at: datetime, pauses: Sequence[Pause] = ()) -> bool:
    """Whether an instant counts."""
    if any(begin <= at < end for begin, end in pauses):
        return False
    return bool(days_of(versions, at))


def instants(start: datetime, end: datetime, step: timedelta = MINUTE) -> Iterator[datetime]:
    """The beginning of every step of [start, end)."""
    while start < end:
        yield start
        start += step


def counted(
    versions: Sequence[Version],
    start: datetime,
    end: datetime,
    pauses: Sequence[Pause] = (),
    step: timedelta = MINUTE,
) -> int:
    """Working seconds in [start, end); everything given is a multiple of the step."""
    steps = sum(is_open(versions, at, pauses) for at in instants(start, end, step))
    return steps * (step // SECOND)


def reach(
    versions: Sequence[Version],
    start: datetime,
    seconds: int,
    pauses: Sequence[Pause] = (),
    step: timedelta = MINUTE,
    within: timedelta = 10 * DAY,
) -> datetime | None:
    """The earliest instant by which so many seconds are counted, if it is near."""
    for at in instants(start, start + within, step):
        if seconds <= 0:
            return at
        seconds -= is_open(versions, at, pauses) * (step // SECOND)
    return None


def last_working_moment(
    versions: Sequence[Version], at: datetime, within: timedelta = 10 * DAY
) -> datetime | None:
    """The last instant that is worked, or at which work ends, if it is near."""
    if is_open(versions, at):
        return at
    for back in instants(at - within, at):
        moment = at - (back - (at - within))
        if is_open(versions, moment - MINUTE):
            return moment
    return None


def working_days(
    versions: Sequence[Version], start: datetime, days: int, within: timedelta = 9 * DAY
) -> int | None:
    """Working seconds to the end of the n-th working day after that of the start, if near."""
    zone = ZoneInfo(in_force(versions, start).zone)
    first = max(days_of(versions, start), default=start.astimezone(zone).date())
    ends: dict[date, datetime] = {}
    for at in instants(start - 2 * DAY, start + within):
        for day in days_of(versions, at):
            ends[day] = at + MINUTE
    later = sorted(day for day in ends if day > first)
    if len(later) < days or ends[later[days - 1]] > start + within - 3 * DAY:
        return None
    return counted(versions, start, ends[later[days - 1]])
