"""Reads one row of a ledger: its story as rows of a history, and what does not fit."""

from __future__ import annotations

import hashlib
import unicodedata
from dataclasses import dataclass, field
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from servicedesk import times
from servicedesk.setup.directory import Directory
from servicedesk.spreadsheet import cells, courses, dates, fields, values
from servicedesk.spreadsheet.cells import Broken, Cell
from servicedesk.spreadsheet.dates import Moment, Unread
from servicedesk.spreadsheet.findings import Finding
from servicedesk.spreadsheet.grid import Row
from servicedesk.spreadsheet.mapping import Mapping, Options
from servicedesk.spreadsheet.people import LONGEST, People

LONGEST_KEY, LONGEST_TEXT = 120, 20_000
LENGTHS = {"title": 300, "department": 200, "category": 120}


@dataclass
class Line:
    """A row as it will be: its number, its history, and what did not fit."""

    sheet: str
    row: int
    key: str = ""
    history: list[dict[str, str]] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    @property
    def fits(self) -> bool:
        """Say whether it can be imported."""
        return not any(finding.out for finding in self.findings)


@dataclass(frozen=True)
class Reading:
    """What lines are read with."""

    mapping: Mapping
    setup: Directory
    people: People
    now: datetime
    known: dict[tuple[str, str], str] = field(default_factory=dict)  # values met before

    def target(self, name: str, value: str) -> str:
        """Give what a value stands for."""
        place = (name, value)
        if place not in self.known:
            self.known[place] = self.mapping.target(name, value, self.setup)
        return self.known[place]


def read(row: Row, sheet: str, reading: Reading) -> Line:
    """Read a row."""
    return _Reader(row, reading, Line(sheet, row.number)).run()


@dataclass
class _Reader:
    """One row under way."""

    row: Row
    reading: Reading
    line: Line

    def run(self) -> Line:
        logged = self._logged()
        self.line.key = self._number()
        said = self._said()
        if logged is not None:
            course = courses.read(self, logged)
            if self.line.fits:
                self.line.history = course.rows(said)
        return self.line

    @property
    def options(self) -> Options:
        """Give how doubtful lines are read."""
        return self.reading.mapping.options

    @property
    def setup(self) -> Directory:
        """Give the set-up."""
        return self.reading.setup

    @property
    def now(self) -> datetime:
        """Give the instant at which it is read."""
        return self.reading.now

    def has_found(self, *names: str) -> bool:
        """Say whether something in one of some fields did not fit."""
        return any(finding.field in names for finding in self.line.findings)

    # cells

    def say(self, name: str, code: str, *, out: bool = False, **data: str) -> None:
        """Note what does not fit."""
        value = cells.line(self._raw(name))[:200]
        finding = Finding(self.line.sheet, self.line.row, name, value, code, out, data)
        if finding not in self.line.findings:
            self.line.findings.append(finding)

    def _raw(self, name: str) -> Cell:
        return self.row.cell(self.reading.mapping.column(name))

    def cell(self, name: str, words: bool = True, out: bool = False) -> Cell:
        """Give a cell's value; None where it says nothing."""
        found = self._raw(name)
        if isinstance(found, Broken):
            self.say(name, f"broken_{found.why}", out=out)
            return None
        return None if cells.is_nothing(found, words) else found

    def text(self, name: str) -> str:
        """Read a text on one line."""
        found = cells.line(self.cell(name, words=False))
        length = LENGTHS[name]
        if len(found) > length:
            self.say(name, "cut")
        return found[:length].strip()

    def long_text(self, name: str) -> str:
        """Read a text of several lines."""
        found = cells.text(self.cell(name, words=False)).strip()
        if len(found) > LONGEST_TEXT:
            self.say(name, "cut")
        return found[:LONGEST_TEXT].strip()

    def choice(self, name: str) -> str:
        """Read what a value stands for; "": nothing."""
        needed = name in values.NEEDED
        found = self.cell(name, words=False, out=needed)
        if found is None:
            return self.reading.mapping.blank(name, self.setup)
        value = cells.line(found)
        target = self.reading.target(name, value)
        if target == values.OUT and needed:
            self.say(name, "unknown_value", out=True)
            return ""
        if target in (values.OUT, values.BLANK):
            if not cells.is_nothing(found):
                self.say(name, "as_blank")
            return self.reading.mapping.blank(name, self.setup)
        return target

    def person(self, name: str) -> str:
        """Read somebody: the key of who is known, else the name of who will be made."""
        found = cells.text(self.cell(name))
        if not found.strip():
            return ""
        match = self.reading.people.find(found)
        codes = {"ambiguous": "ambiguous", "several": "several_people"}
        if match.how in codes:
            self.say(name, codes[match.how])
        if match.how == "new" and len(cells.line(found)) > LONGEST:
            self.say(name, "cut")
        return match.key

    # the number

    def _number(self) -> str:
        found = self.cell("number", out=True)
        said = " ".join(unicodedata.normalize("NFKC", cells.text(found)).split())
        if not said and not isinstance(self._raw("number"), Broken):
            said = self._made(self.options.unnumbered)
        key = self.options.prefix + said if said else ""
        if len(key) > LONGEST_KEY:
            self.say("number", "number_long", out=True)
        return key[:LONGEST_KEY]

    def _made(self, how: str) -> str:
        """Make a number of what the line says, the same one the next time."""
        without_column = self.reading.mapping.column("number") is None
        if how != "make" and not without_column:
            self.say("number", "number_missing", out=True)
            return ""
        if not without_column:
            self.say("number", "number_made")
        names = ("logged", "logged_time", "requester", "title", "description")
        said = "\n".join(cells.plain(cells.text(self._raw(name))) for name in names)
        return hashlib.sha256(said.encode()).hexdigest()[:12]

    # what it was about

    def _said(self) -> dict[str, str]:
        description = self.long_text("description")
        title = self.text("title")
        if not title and description:
            title = description.splitlines()[0].strip()[: LENGTHS["title"]]
        if not title:
            self.say("title", "title_missing")
        impact, urgency = self._levels()
        service = self.choice("service")
        if not service and not self.has_found("service"):
            self.say("service", "service_missing", out=True)
        return {
            "title": title or self.line.key,
            "description": "" if description == title else description,
            "requester": self.person("requester"),
            "department": self.text("department"),
            "service": service,
            "category": self.text("category"),
            "type": self.choice("type"),
            "group": self.choice("party"),
            "channel": self.choice("channel"),
            "impact": impact,
            "urgency": urgency,
        }

    def _levels(self) -> tuple[str, str]:
        impact, urgency = self.choice("impact"), self.choice("urgency")
        priority = self.choice("priority")
        if priority and not (impact or urgency):
            pair = values.levels(priority, self.setup)
            return str(pair[0]), str(pair[1])
        return impact, urgency

    # dates

    def moment(self, name: str, after: date | None, out: bool = False) -> Moment | None:
        """Read a date, with the time in a column of its own."""
        found = self.cell(name, out=out)
        if found is None:
            return None
        context = dates.Context(self.options.order, self.options.first_month, after)
        try:
            moment = dates.read(found, context)
        except Unread as error:
            self.say(name, error.code, out=out, **error.data)
            return None
        if moment.assumed_year and after:
            self.say(name, "year_assumed")
        return self._with_time(name, moment)

    def _with_time(self, name: str, moment: Moment) -> Moment:
        beside = fields.TIME_OF.get(name, "")
        merged = self._raw(beside) == self._raw(name)  # one cell over both columns
        if moment.time is not None or merged or self.cell(beside) is None:
            return moment
        try:
            return Moment(moment.day, dates.read_time(self.cell(beside)))
        except Unread as error:
            self.say(beside, error.code)
            return moment

    def _logged(self) -> datetime | None:
        moment = self.moment("logged", None, out=True)
        if moment is None:
            if not self.has_found("logged"):
                self.say("logged", "logged_missing", out=True)
            return None
        at = self.instant(moment, self.options.opens)
        if at > self.now:
            self.say("logged", "future", out=True)
            return None
        return at

    def instant(self, moment: Moment, usual: str, earliest: datetime | None = None) -> datetime:
        """Give the instant of a date; of a day alone the usual time, not before an earlier date.

        A day that is not over yet: now, if the usual time is still to come.
        """
        if moment.instant:
            return times.utc(moment.instant)
        zone = self.setup.zone
        at = _local(moment.day, moment.time or time.fromisoformat(usual), zone)
        if moment.time is None and earliest and times.local_day(earliest, zone) == moment.day:
            at = max(at, earliest)
        if moment.time is None and times.local_day(self.now, zone) == moment.day:
            at = min(at, self.now)
        return at


def _local(day: date, at: time, zone: str) -> datetime:
    return times.utc(datetime.combine(day, at, ZoneInfo(zone)))
