"""What happened to a line of the ledger, date by date: its state and its dates brought together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from servicedesk import times
from servicedesk.setup.directory import Directory
from servicedesk.spreadsheet.dates import Moment
from servicedesk.spreadsheet.mapping import Options

ENDED = ("resolved", "closed", "cancelled")


class Reader(Protocol):
    """What reads the cells of the line."""

    @property
    def options(self) -> Options: ...

    @property
    def setup(self) -> Directory: ...

    @property
    def now(self) -> datetime: ...

    def say(self, name: str, code: str, *, out: bool = False, **data: str) -> None: ...

    def choice(self, name: str) -> str: ...

    def person(self, name: str) -> str: ...

    def long_text(self, name: str) -> str: ...

    def moment(self, name: str, after: date | None, out: bool = False) -> Moment | None: ...

    def instant(self, moment: Moment, usual: str, earliest: datetime | None = None) -> datetime: ...

    def has_found(self, *names: str) -> bool: ...


@dataclass
class Course:
    """From logging to the end."""

    logged: datetime
    state: str = ""
    hold: str = ""
    replied: datetime | None = None
    started: datetime | None = None
    resolved: datetime | None = None
    closed: datetime | None = None
    assignee: str = ""
    resolution: str = ""
    requested_due: str = ""
    promised_due: str = ""

    @property
    def end(self) -> datetime | None:
        """Give when it ended, whichever way."""
        return self.resolved or self.closed

    def rows(self, said: Mapping[str, str]) -> list[dict[str, str]]:
        """Write it as rows of a history, in the order of time."""
        events = [(self.logged, 0, self._first(said)), *self._middle(), *self._last()]
        events.sort(key=lambda event: event[:2])
        if self.assignee:
            begun = next((cells for _at, n, cells in events if n in (1, 2)), events[0][2])
            begun["assignee"] = self.assignee
        return [{"at": times.iso(at) or "", **cells} for at, _n, cells in events]

    def _first(self, said: Mapping[str, str]) -> dict[str, str]:
        cells = {**said, "state": "new", "requested_due": self.requested_due}
        if not self.replied:
            cells["promised_due"] = self.promised_due
        if self.resolution and self.state not in ENDED:  # what was done so far
            cells["description"] = f"{said['description']}\n\n{self.resolution}".strip()
        return cells

    def _middle(self) -> list[tuple[datetime, int, dict[str, str]]]:
        events: list[tuple[datetime, int, dict[str, str]]] = []
        begun = self.started or self.replied
        if begun is None and self.state not in ENDED:
            begun = self.logged
        if begun and self.state != "new":
            events.append((begun, 1, {"state": "in_progress"}))
        if self.replied:
            cells = {"replied": "1", "promised_due": self.promised_due}
            events.append((self.replied, 2, cells))
        if self.hold:
            since = max(at for at in (self.logged, self.replied, self.started) if at)
            events.append((since, 3, {"state": "on_hold", "hold": self.hold}))
        return events

    def _last(self) -> list[tuple[datetime, int, dict[str, str]]]:
        if self.state not in ENDED or self.end is None:
            return []
        if self.state == "cancelled":
            cells = {"state": "cancelled", "resolution": self.resolution}
            return [(self.closed or self.end, 4, cells)]
        events = [(self.end, 4, {"state": "resolved", "resolution": self.resolution})]
        if self.state == "closed":
            events.append((self.closed or self.end, 5, {"state": "closed"}))
        return events


def read(reader: Reader, logged: datetime) -> Course:
    """Read the dates, then the state, and see whether they agree."""
    course = Course(logged)
    course.requested_due = _due(reader, "requested_due", logged)
    course.promised_due = _due(reader, "promised_due", logged)
    course.replied = _during(reader, "replied", logged)
    course.started = _during(reader, "started", logged)
    course.assignee = reader.person("assignee")
    course.resolution = reader.long_text("resolution")
    state, _colon, hold = reader.choice("state").partition(":")
    ends = state in (*ENDED, "")  # a date that cannot be read then matters
    course.resolved = _end(reader, "resolved", logged, out=ends)
    course.closed = _end(reader, "closed", logged, out=ends and not course.resolved)
    course.state, course.hold = state, hold
    _settle(reader, course)
    _drop_after_end(reader, course)
    return course


def _due(reader: Reader, name: str, logged: datetime) -> str:
    """Read a wish or a promise: a day, or an instant."""
    day = times.local_day(logged, reader.setup.zone)
    moment = reader.moment(name, day)
    if moment is None:
        return ""
    if moment.day < day:
        reader.say(name, "wish_before_logged")
    if moment.time is None:
        return moment.day.isoformat()
    return times.iso(reader.instant(moment, "00:00")) or ""


def _during(reader: Reader, name: str, logged: datetime) -> datetime | None:
    return _date(reader, name, logged, reader.options.opens, out=False)


def _end(reader: Reader, name: str, logged: datetime, out: bool) -> datetime | None:
    return _date(reader, name, logged, reader.options.closes, out=out)


def _date(reader: Reader, name: str, logged: datetime, usual: str, out: bool) -> datetime | None:
    moment = reader.moment(name, times.local_day(logged, reader.setup.zone), out)
    if moment is None:
        return None
    at = reader.instant(moment, usual, logged)
    if at < logged or at > reader.now:
        reader.say(name, "before_logged" if at < logged else "future", out=out)
        return None
    return at


def _settle(reader: Reader, course: Course) -> None:
    """Let the state and the dates agree, or say that they do not."""
    if not course.state:
        course.state = _by_dates(course)
    elif course.state not in ENDED and course.end:
        reader.say("state", "open_but_dated", out=True)
    elif course.state in ENDED and not course.end and not reader.has_found("resolved", "closed"):
        _without_date(reader, course)
    if course.state == "resolved" and course.closed:
        reader.say("closed", "closed_by_date")
        course.state = "closed"
    if course.state == "new" and course.started:
        reader.say("started", "as_blank")
        course.started = None
    if course.resolved and course.closed and course.closed < course.resolved:
        reader.say("closed", "closed_before")
        course.closed = course.resolved


def _by_dates(course: Course) -> str:
    """A blank state: what has a date of its end has ended, what was begun is in progress."""
    if course.end:
        return "closed"
    begun = course.assignee or course.replied or course.started
    return "in_progress" if begun else "new"


def _without_date(reader: Reader, course: Course) -> None:
    if reader.options.undated != "last":
        reader.say("state", "undated", out=True)
        return
    reader.say("state", "undated_last")
    course.resolved = max(at for at in (course.logged, course.replied, course.started) if at)


def _drop_after_end(reader: Reader, course: Course) -> None:
    if course.end is None:
        return
    if course.replied and course.replied > course.end:
        reader.say("replied", "after_end")
        course.replied = None
    if course.started and course.started > course.end:
        reader.say("started", "after_end")
        course.started = None
