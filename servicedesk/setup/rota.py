"""A group's rota: weeks that take turns, and since when they hold; kept so that the past stays."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from servicedesk.sla.hours import WEEKDAYS, parse_hours

ALWAYS, CLOSED = COVERS = ("always", "closed")
WHOLE = "mon-sun"
DAY = timedelta(days=1)

Data = dict[str, Any]
Week = tuple[int | None, ...]  # a person for each day, Monday first; None: nobody


@dataclass(frozen=True, slots=True)
class Pattern:
    """One version of a rota: from its first hand-over on, or from when it was published."""

    start: date  # the week that this day lies in is the first
    at: int  # minutes of the day, in the zone: when one hands over to the next
    zone: str
    weeks: tuple[Week, ...]  # they take turns; none: the rota has ended
    covers: str = ALWAYS  # CLOSED: only while the group is closed
    since: datetime | None = None  # published later than its first hand-over

    @property
    def begins(self) -> datetime:
        """Give the instant from which on it is in force."""
        return self.since or self.handover(self.start)

    def handover(self, day: date) -> datetime:
        """Give when a day's duty begins: what daylight saving leaves out is passed over."""
        clock = time(self.at // 60, self.at % 60)
        return datetime.combine(day, clock, ZoneInfo(self.zone)).astimezone(UTC)

    def day_of(self, at: datetime) -> date:
        """Give the day whose duty an instant belongs to: the last that has begun."""
        day = at.astimezone(ZoneInfo(self.zone)).date() + DAY
        while self.handover(day) > at:
            day -= DAY
        return day

    def person_on(self, day: date) -> int | None:
        """Give who has a day's duty."""
        if not self.weeks:
            return None
        passed = (monday(day) - monday(self.start)).days // 7
        return self.weeks[passed % len(self.weeks)][day.weekday()]


def monday(day: date) -> date:
    """Give the Monday of a day's week."""
    return day - timedelta(days=day.weekday())


# As it is kept: a list of versions, each with people's ids


def read(kept: Iterable[Mapping[str, Any]] | None) -> tuple[Pattern, ...]:
    """Read the versions of a rota, the earliest first."""
    return tuple(_pattern(said) for said in kept or ())


def _pattern(said: Mapping[str, Any]) -> Pattern:
    since = said.get("since")
    return Pattern(
        start=date.fromisoformat(said["from"]),
        at=minutes(said["at"]),
        zone=said["zone"],
        weeks=tuple(tuple(week) for week in said["weeks"]),
        covers=said["covers"],
        since=datetime.fromisoformat(since) if since else None,
    )


def kept(
    before: Sequence[Mapping[str, Any]] | None, said: Mapping[str, Any] | None, now: datetime
) -> list[Data] | None:
    """Give the versions once another is published: what is past stays, what was to come goes.

    None says that there is to be no rota any more.
    """
    known = [dict(version) for version in before or ()]
    last = {key: it for key, it in known[-1].items() if key != "since"} if known else None
    if said is None:
        if last is None or not last["weeks"]:
            return known or None
        said = {**last, "weeks": []}
        new: Data = {**said, "since": _written(now)}
    elif said == last:
        return known
    else:
        overdue = _pattern(said).begins <= now
        new = {**said, "since": _written(now)} if overdue else dict(said)
    begins = _pattern(new).begins
    earlier = [version for version in known if _pattern(version).begins < begins]
    if earlier:
        return [*earlier, new]
    return [dict(said)] if said["weeks"] else None


def _written(now: datetime) -> str:
    return now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


# As it stands in DESK.yaml


def minutes(text: str) -> int:
    """Read a time of the day such as 09:00; raises ValueError."""
    try:
        found = time.fromisoformat(text if len(text) == 5 else "")
    except ValueError:
        raise ValueError(f"{text!r} is not a time such as 09:00") from None
    return found.hour * 60 + found.minute


def by_day(week: Mapping[str, str]) -> list[str | None]:
    """Spread a week's keys by day or range of days over its seven days; raises ValueError."""
    found: list[str | None] = [None] * 7
    for days, key in week.items():
        for n in _days(days):
            if found[n] is not None:
                raise ValueError(f"{WEEKDAYS[n]} is given twice")
            found[n] = key
    return found


def _days(text: str) -> Iterator[int]:
    hours = parse_hours({text: ["00:00-24:00"]})
    return (n for n in range(7) if hours[n])


def plain(days: Sequence[str | None]) -> dict[str, str]:
    """Write a week by runs of days that somebody has."""
    found, n = {}, 0
    for key, run in groupby(days):
        length = len(list(run))
        first, last = WEEKDAYS[n], WEEKDAYS[n + length - 1]
        if key is not None:
            found[first if length == 1 else f"{first}-{last}"] = key
        n += length
    return found
