"""Calendars as the pages show them: their versions, and who uses them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from servicedesk import times
from servicedesk.administration.calendars.said import Said, read
from servicedesk.administration.calendars.warning import HolidayWarning, warning
from servicedesk.setup import public_holidays, publish
from servicedesk.setup.snapshot import directory
from servicedesk.sla.models import Agreement, CalendarRow, CalendarVersion


@dataclass(frozen=True)
class Version:
    """One version: its number, since when it is in force (None: always), what it says."""

    number: int
    since: datetime | None
    said: Said


@dataclass(frozen=True)
class Known:
    """A calendar with all its versions, the first one first."""

    key: str
    active: bool
    versions: tuple[Version, ...]

    @property
    def last(self) -> Version:
        """Give the version in force."""
        return self.versions[-1]

    def version(self, number: int) -> Version:
        """Give a version by its number, the last one if there is none."""
        return next((it for it in self.versions if it.number == number), self.last)

    def today(self, now: datetime) -> date:
        """Give the day that it is where the calendar is kept."""
        return times.local_day(now, self.last.said.zone)

    def said_on(self, day: date) -> Said:
        """C7: give what counted in the end on a day that has passed."""
        found = self.versions[0].said
        for version in self.versions[1:]:
            if version.since and version.since < times.end_of_day(day, version.said.zone):
                found = version.said
        return found

    def warning(self, now: datetime) -> HolidayWarning | None:
        """Say what is wrong with its public holidays, if it is in use."""
        said = self.last.said
        return warning(said, library(said.country), self.today(now)) if self.active else None


@dataclass(frozen=True)
class User:
    """A group, partner or agreement that counts by a calendar."""

    kind: str  # group, partner, agreement
    key: str
    name: str


def users(session: Session) -> dict[str, list[User]]:
    """List by calendar who counts by it: groups, partners, agreements."""
    found: dict[str, list[User]] = {}
    latest = publish.latest_agreements(session)
    parties = directory(session).by_key
    rows = sa.select(Agreement).where(Agreement.active).order_by(Agreement.kind, Agreement.id)
    for row in session.scalars(rows):
        party = parties.get(row.key) if row.kind != "sla" else None
        name = party.name if party else row.key
        user = User(publish.WORDS[row.kind], row.key, name)
        found.setdefault(latest[row.id].definition["calendar"], []).append(user)
    return found


def library(country: str) -> frozenset[date]:
    """Give the dates that the library knows for a country; none where it knows none."""
    return _library(public_holidays.dates(country)) if country else frozenset()


@lru_cache(maxsize=64)
def _library(days: tuple[str, ...]) -> frozenset[date]:
    return frozenset(map(date.fromisoformat, days))


def everything(session: Session) -> list[Known]:
    """Read all calendars, those in use first."""
    query = sa.select(CalendarRow).options(selectinload(CalendarRow.versions))
    rows = session.scalars(query.order_by(CalendarRow.active.desc(), CalendarRow.key))
    return [_known(row) for row in rows]


def one(session: Session, key: str) -> Known | None:
    """Read a calendar by its key."""
    query = sa.select(CalendarRow).where(CalendarRow.key == key)
    row = session.scalar(query.options(selectinload(CalendarRow.versions)))
    return _known(row) if row else None


def _known(row: CalendarRow) -> Known:
    versions = tuple(map(_version, row.versions))
    return Known(row.key, row.active, versions)


def _version(row: CalendarVersion) -> Version:
    return Version(row.number, row.valid_from, read(row.definition, row.holidays))


def warned(session: Session, now: datetime) -> int:
    """Count the calendars whose public holidays are to be looked at."""
    return sum(known.warning(now) is not None for known in everything(session))
