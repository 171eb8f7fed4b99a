"""Turns as an iCalendar file (RFC 5545): names of groups and people, and nothing else."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass
from datetime import datetime, timedelta

import icalendar

from servicedesk.times import iso

REFRESH = timedelta(hours=1)


@dataclass(frozen=True)
class Entry:
    """A turn as a calendar shows it."""

    uid: str
    start: datetime
    end: datetime
    title: str
    text: str
    url: str


@dataclass(frozen=True)
class Sheet:
    """A whole calendar."""

    name: str
    desk: str
    language: str
    entries: Sequence[Entry]

    @property
    def digest(self) -> str:
        """Give a digest of all that it says."""
        said = [self.name, self.desk, self.language, *map(_plain, self.entries)]
        return hashlib.sha256(json.dumps(said).encode()).hexdigest()


def _plain(entry: Entry) -> list[str]:
    return [iso(it) or "" if isinstance(it, datetime) else it for it in astuple(entry)]


def uid(group: int, start: datetime, host: str) -> str:
    """Name a turn so that a calendar knows it again: by its group and its beginning."""
    return f"duty-{group}-{start:%Y%m%dT%H%M%SZ}@{host}"


def write(sheet: Sheet, since: datetime) -> bytes:
    """Write a calendar that says what it says since an instant."""
    calendar = icalendar.Calendar()
    calendar.add("prodid", f"-//{sheet.desk}//on call//{sheet.language.upper()}")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("name", sheet.name)
    calendar.add("x-wr-calname", sheet.name)
    calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT1H")
    for event in _events(sheet.entries, since):
        calendar.add_component(event)
    written: bytes = calendar.to_ical()
    return written


def _events(entries: Iterable[Entry], since: datetime) -> Iterable[icalendar.Event]:
    for entry in entries:
        event = icalendar.Event()
        event.add("uid", entry.uid)
        event.add("dtstamp", since)
        event.add("last-modified", since)
        event.add("dtstart", entry.start)
        event.add("dtend", entry.end)
        event.add("summary", entry.title)
        if entry.text:
            event.add("description", entry.text)
        event.add("url", entry.url)
        event.add("transp", "TRANSPARENT")  # one is on call, not busy
        yield event
