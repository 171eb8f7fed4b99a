"""The set-up as plain data, and working time by looking at one minute after another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from servicedesk.setup.directory import Directory
from servicedesk.sla.agreement import Terms
from servicedesk.sla.calendar import Version
from tests.sla import naive

MINUTE = naive.MINUTE
Interval = tuple[datetime, datetime]
FAR = timedelta(days=45)  # further ahead nobody looks


class TooFar(Exception):
    """Nothing was found within the time that is looked at."""


@dataclass
class World:
    """Calendars and agreements by what their versions say; what was looked at is remembered."""

    calendars: Mapping[str, Sequence[Version]]
    agreements: Mapping[int, Sequence[Terms]]
    parties: Mapping[str, int]  # ref -> its agreement
    zone: str
    seen: dict[tuple[int, datetime], list[date]] = field(default_factory=dict)

    @classmethod
    def of(cls, setup: Directory) -> World:
        """Copy what a directory holds."""
        agreements = [*setup.agreements.values(), *(p.agreement for p in setup.parties.values())]
        return cls(
            {key: calendar.versions for key, calendar in setup.calendars.items()},
            {one.id: one.versions for one in agreements},
            {ref: party.agreement.id for ref, party in setup.parties.items()},
            setup.zone,
        )

    @property
    def changes(self) -> list[datetime]:
        """Give when the versions of calendars begin."""
        every = (version for versions in self.calendars.values() for version in versions)
        return [version.valid_from for version in every if version.valid_from]

    def known(self, calendar: str, at: datetime) -> int:
        """C7: how many versions of a calendar there are by an instant, the first in any case."""
        later = self.calendars[calendar][1:]
        return 1 + sum(v.valid_from is None or v.valid_from <= at for v in later)

    def days(self, calendar: str, at: datetime, known: int | None = None) -> list[date]:
        """C2, C7: the dates one of whose windows an instant lies in; none: it does not count."""
        version = naive.in_force(self.calendars[calendar][:known], at)
        looked = (id(version), at)
        if looked not in self.seen:
            self.seen[looked] = naive.days_of([version], at)
        return self.seen[looked]

    def working_days(self, calendar: str, start: datetime, days: int, at: datetime) -> int | None:
        """C1: working seconds to the end of the n-th working day after the day of the start."""
        known = self.known(calendar, at)
        versions = self.calendars[calendar][:known]
        if not any(ever_open(version) for version in versions):
            return None  # C3
        zone = ZoneInfo(naive.in_force(versions, start).zone)
        today = start.astimezone(zone).date()
        first = max(self.days(calendar, start, known), default=today)
        ends: dict[date, datetime] = {}
        for begin, end in steps(start - 2 * naive.DAY, start + FAR, (start, *self.changes)):
            for day in self.days(calendar, begin, known):
                if day > first:
                    ends[day] = end
            last = ends[sorted(ends)[days - 1]] if len(ends) >= days else None
            if last and begin > last + 2 * naive.DAY:  # no window of its date can end later
                spans = steps(start, last, self.changes)
                return sum(seconds_of(a, b) for a, b in spans if self.days(calendar, a, known))
        raise TooFar

    def first_in_force(self, agreement: int, at: datetime) -> Terms:
        """C8: the version in force at an instant; the first holds from the beginning of time."""
        found = self.agreements[agreement][0]
        for terms in self.agreements[agreement][1:]:
            if terms.valid_from is not None and terms.valid_from <= at:
                found = terms
        return found

    def end_of_day(self, day: date) -> datetime:
        """D1: the next local midnight in the desk's zone."""
        zone = ZoneInfo(self.zone)
        at = datetime(day.year, day.month, day.day, tzinfo=UTC) - naive.DAY
        while at.astimezone(zone).date() <= day:
            at += MINUTE
        return at


def ever_open(version: Version) -> bool:
    windows = [w for hours in (*version.weekly, *version.special.values()) for w in hours]
    return any(a < b for a, b in windows)


def _whole_minute(at: datetime) -> datetime:
    return at.replace(second=0)


def seconds_of(start: datetime, end: datetime) -> int:
    return int((end - start).total_seconds())


def steps(start: datetime, end: datetime, cuts: Iterable[datetime]) -> Iterator[Interval]:
    """[start, end) minute by minute, cut where something changes in the middle of one."""
    within = sorted({cut for cut in cuts if cut.second and start < cut < end}, reverse=True)
    while start < end:
        if within and within[-1] <= start:
            within.pop()
        until = min(_whole_minute(start) + MINUTE, end, *within[-1:])
        yield start, until
        start = until
