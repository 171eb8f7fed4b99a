"""Imports a history of changes through the same acts as the web, at the history's own times."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from servicedesk import journal
from servicedesk.db import transaction
from servicedesk.errors import BadInput
from servicedesk.escalation import handoffs
from servicedesk.history.columns import Change, read_change
from servicedesk.incidents import acts, record, rules
from servicedesk.incidents.acts import Act
from servicedesk.incidents.clocks import Clockwork
from servicedesk.incidents.lifecycle import CANCELLED, CLOSED, NEW, ON_HOLD, OPEN, RESOLVED
from servicedesk.incidents.models import Incident
from servicedesk.incidents.story import BEGINNING
from servicedesk.people.models import Person
from servicedesk.setup.directory import Directory, Service
from servicedesk.setup.snapshot import directory
from servicedesk.times import parse

NEEDED = (
    "incident", "at", "state", "hold", "group", "assignee", "impact", "urgency", "service",
    "title", "requester", "requested_due", "promised_due", "replied",
)  # fmt: skip
OPTIONAL = ("type", "category", "channel", "department", "description", "resolution")
BATCH = 500  # incidents between two writes
LONGEST_CELL, LONGEST_KEY = 20_000, 120


class BadRow(BadInput):
    """A row of a history cannot be used; names line and field."""


@dataclass
class Replayed:
    """What an import came to."""

    rows: int = 0
    incidents: int = 0
    there: int = 0  # incidents that were imported before


@dataclass
class _Batch:
    """Rows that wait to be written together."""

    incidents: list[dict[str, Any]] = field(default_factory=list)
    works: list[Act] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Line:
    """A row with the number of its line in the file."""

    number: int
    cells: Mapping[str, str]


def replay(
    path: Path, *, now: datetime, progress: Callable[[int], None] = lambda rows: None
) -> Replayed:
    """Import a file: all of it or nothing; what was imported before is left as it is."""
    with transaction() as session:
        return bring_in(session, path, now=now, progress=progress)


def bring_in(
    session: Session,
    path: Path,
    *,
    now: datetime,
    progress: Callable[[int], None] = lambda rows: None,
    up_to: datetime | None = None,
) -> Replayed:
    """Step: import a file; with `up_to` what was due until then is past, not just to its end."""
    replaying = _Replay(session, now)
    if up_to is not None:
        replaying.end = up_to
    return replaying.run(path, progress)


def read_lines(path: Path) -> Iterator[Line]:
    """Read a history's rows; raises BadRow or BadInput."""
    try:
        # what is not UTF-8 is let in marked, so that its line can be named
        with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
            reader = csv.reader(file, strict=True)
            header = [name.strip() for name in next(reader, [])]
            _check_text(path, 1, header)
            _check_header(path, header)
            for cells in reader:
                if cells:
                    yield _line(path, reader.line_num, header, cells)
    except csv.Error as error:
        raise BadRow(f"{path.name}:{reader.line_num}: {error}") from None
    except OSError as error:
        raise BadInput(f"{path}: {error.strerror}") from None


def _check_header(path: Path, header: list[str]) -> None:
    missing = [name for name in NEEDED if name not in header]
    unknown = [name for name in header if name not in NEEDED + OPTIONAL]
    if missing:
        raise BadInput(f"{path.name}:1: the column “{missing[0]}” is missing")
    if unknown:
        raise BadInput(f"{path.name}:1: there is no column “{unknown[0]}”")
    if len(set(header)) < len(header):
        raise BadInput(f"{path.name}:1: a column stands twice")


def _line(path: Path, number: int, header: list[str], cells: list[str]) -> Line:
    if len(cells) != len(header):
        raise BadRow(
            f"{path.name}:{number}: {len(cells)} cells where there are {len(header)} columns"
        )
    if any(len(cell) > LONGEST_CELL for cell in cells):
        raise BadRow(f"{path.name}:{number}: a cell is longer than {LONGEST_CELL} characters")
    _check_text(path, number, cells)
    return Line(number, dict(zip(header, (cell.strip() for cell in cells), strict=True)))


def _check_text(path: Path, number: int, cells: list[str]) -> None:
    try:
        text = "".join(cells).encode()
    except UnicodeEncodeError:
        raise BadRow(f"{path.name}:{number}: this is not UTF-8") from None
    if b"\0" in text:
        raise BadRow(f"{path.name}:{number}: a null character is no text")


class _Replay:
    """One import under way."""

    def __init__(self, session: Session, now: datetime) -> None:
        self.session, self.now = session, now
        self.setup = directory(session)
        self.people = _People(session)
        self.there = imported(session)
        self.done = Replayed()
        self.name = ""
        self.end = BEGINNING  # of the history

    def run(self, path: Path, progress: Callable[[int], None]) -> Replayed:
        self.name = path.name
        by_incident = _grouped(read_lines(path), path.name)
        ends = (_at(lines[-1]) for lines in by_incident.values())
        self.end = max(self.end, *ends, BEGINNING)
        batch = _Batch()
        for key, lines in by_incident.items():
            self._incident(key, lines, batch)
            self.done.rows += len(lines)
            if len(batch.works) >= BATCH:
                self._write(batch)
                progress(self.done.rows)
                batch = _Batch()
        self._write(batch)
        progress(self.done.rows)
        return self.done

    def _incident(self, key: str, lines: list[Line], batch: _Batch) -> None:
        changes = [self._read(line) for line in lines]
        if key in self.there:
            self.done.there += 1
            self._check_same(key, lines)
            return
        act, texts = self._tell(changes, lines)
        self.done.incidents += 1
        batch.works.append(act)
        batch.incidents.append({"external_id": key, "import_digest": digest(lines), **texts})

    def _read(self, line: Line) -> Change:
        try:
            return read_change(line.cells, self.setup)
        except ValueError as error:
            raise BadRow(f"{self.name}:{line.number}: {error}") from None

    def _check_same(self, key: str, lines: list[Line]) -> None:
        if self.there[key] != digest(lines):
            raise BadRow(
                f"{self.name}:{lines[0].number}: incident: “{key}” was imported before "
                "with another history"
            )

    def _tell(self, changes: list[Change], lines: list[Line]) -> tuple[Act, dict[str, Any]]:
        first = changes[0]
        work = Clockwork(self.setup)
        act = Act(work, first.at, None, imported=True)
        texts: dict[str, Any] = {}
        for change, line in zip(changes, lines, strict=True):
            if change.at < act.now:
                raise BadRow(f"{self.name}:{line.number}: at: lies before the row above")
            if change.at > self.now:
                raise BadRow(f"{self.name}:{line.number}: at: lies in the future")
            act.now = change.at
            try:
                _Row(act, change, self.people, texts).apply()
            except (ValueError, BadInput) as error:
                raise BadRow(f"{self.name}:{line.number}: {error}") from None
        record.note_passed(act, [due for due in rules.to_come(act.work) if due.at <= self.end])
        return act, texts

    def _write(self, batch: _Batch) -> None:
        """Write a batch with one statement for each table."""
        if not batch.works:
            return
        self.people.flush()
        number = record.next_numbers(self.session, len(batch.works))
        record.add_many(self.session, batch.works, batch.incidents, number, self.now)


def _grouped(lines: Iterator[Line], name: str) -> dict[str, list[Line]]:
    """Bring an incident's rows together, in file order, also where they stand apart."""
    kept: dict[str, list[Line]] = {}
    for line in lines:
        key = line.cells["incident"]
        if not key:
            raise BadRow(f"{name}:{line.number}: incident: is empty")
        if len(key) > LONGEST_KEY:
            raise BadRow(f"{name}:{line.number}: incident: is longer than {LONGEST_KEY} characters")
        kept.setdefault(key, []).append(line)
    return kept


def _at(line: Line) -> datetime:
    """Give a row's instant; what is none is named when the row is read."""
    try:
        return parse(line.cells["at"])
    except ValueError:
        return BEGINNING


def digest(lines: Sequence[Line]) -> str:
    """Tell an incident's rows from others of the same key."""
    text = "\n".join("\t".join(line.cells.values()) for line in lines)
    return hashlib.sha256(text.encode()).hexdigest()


def imported(session: Session) -> dict[str, str]:
    """Give the keys that are there, each with the digest of its rows."""
    query = sa.select(Incident.external_id, Incident.import_digest)
    rows = session.execute(query.where(Incident.external_id.is_not(None)))
    return {str(key): str(digest) for key, digest in rows}


class _People:
    """People by key; who is not in the set-up is made, without a login."""

    def __init__(self, session: Session) -> None:
        self.session = session
        rows = session.execute(sa.select(Person.key, Person.id, Person.department))
        self.ids: dict[str, int] = {}
        self.departments: dict[int, str | None] = {}
        for key, id, department in rows:
            self.ids[key] = id
            self.departments[id] = department

    def id(self, key: str) -> int:
        if key not in self.ids:
            person = Person(key=key[:64], name=key, roles=[], listed=False)
            self.session.add(person)
            self.session.flush()
            self.ids[key] = person.id
        return self.ids[key]

    def flush(self) -> None:
        self.session.flush()


UNKNOWN = "unknown"  # the requester of a history that names none


@dataclass
class _Row:
    """One row: the incident's state from its instant on."""

    act: Act
    change: Change
    people: _People
    texts: dict[str, Any]

    def apply(self) -> None:
        """Impact and urgency first, then group, reply, hold and state."""
        if not self.act.story.seq:
            self._log()
        else:
            self._classify()
            self._hand_off()
        self._describe()
        self._explain()
        self._dates()
        if self.change.replied:
            acts.comment(self.act, None, "reply", None, desk=True)
        self._assign()
        self._move()

    def _log(self) -> None:
        change = self.change
        service = change.service or _only_service(self.act.directory)
        requester = self.people.id(change.requester or UNKNOWN)
        acts.log(
            self.act,
            requester=requester,
            service=service,
            impact=change.impact or 2,
            urgency=change.urgency or 2,
            type=change.type or "incident",
            channel=change.channel or "import",
            confidential=bool(service.more.get("confidential")),
            given_to=change.group,
            title=journal.digest(change.title) if change.title else None,
            description=journal.digest(change.description) if change.description else None,
        )
        self.texts["title"] = change.title or ""
        self.texts["description"] = change.description or ""
        self.texts["resolution_text"] = None
        self.texts["category"] = change.category
        self.texts["department"] = change.department or self.people.departments.get(requester)

    def _classify(self) -> None:
        act, change, story = self.act, self.change, self.act.story
        acts.prioritise(act, change.impact or story.impact, change.urgency or story.urgency)
        service = change.service or act.directory.services[story.service]
        acts.reclassify(act, service, change.type)
        if change.requester is not None:
            requester = self.people.id(change.requester or UNKNOWN)
            if requester != story.requester:
                act.record("incident.requester_changed", requester=requester)

    def _hand_off(self) -> None:
        group, story = self.change.group, self.act.story
        if group and group.ref != story.given_to:
            ends = story.is_open and self.change.state in (RESOLVED, CLOSED, CANCELLED)
            handoffs.send(self.act, group, accepted=True, resolving=ends)

    def _describe(self) -> None:
        for name in ("title", "category", "department"):
            value = getattr(self.change, name)
            if value is not None and value != self.texts.get(name):
                self.texts[name] = value
                if name == "title":
                    acts.describe(self.act, title=journal.digest(value))

    def _explain(self) -> None:
        """Keep what was asked for and what was done, where the other system says it."""
        change = self.change
        if change.description is not None and change.description != self.texts["description"]:
            self.texts["description"] = change.description
            acts.describe(self.act, description=journal.digest(change.description))
        if change.resolution is not None:
            self.texts["resolution_text"] = change.resolution or None

    def _dates(self) -> None:
        if self.change.requested_due is not None:
            acts.wish(self.act, self.change.requested_due.due)
        if self.change.promised_due is not None:
            acts.promise(self.act, self.change.promised_due.due)

    def _assign(self) -> None:
        if self.change.assignee is not None:
            key = self.change.assignee
            acts.assign(self.act, self.people.id(key) if key else None)

    def _move(self) -> None:
        state = self.change.state or self.act.story.state
        if self.change.hold and state != ON_HOLD:
            raise ValueError("hold: goes with on_hold only")
        move = _TO[state]
        move(self.act, self.change)


def _only_service(setup: Directory) -> Service:
    services = list(setup.services_by_key.values())
    if len(services) != 1:
        raise ValueError("service: the first row of an incident needs it")
    return services[0]


def _reopened(act: Act) -> bool:
    """Open it again where it was not open."""
    if act.story.state in OPEN:
        return False
    acts.reopen(act)
    return True


def _to_new(act: Act, change: Change) -> None:
    if act.story.state == NEW:
        return
    _reopened(act)
    act.record("incident.requeued")


def _to_progress(act: Act, change: Change) -> None:
    if not _reopened(act) and act.story.state != "in_progress":
        acts.start(act)


def _to_hold(act: Act, change: Change) -> None:
    before = act.story.hold
    _reopened(act)
    reason = change.hold or (before.reason if before else None)
    if reason is None:
        raise ValueError("hold: on_hold needs its reason")
    if before is None or before.reason != reason:
        acts.hold(act, reason)


def _to_end(state: str, kind: str) -> Callable[[Act, Change], None]:
    def move(act: Act, change: Change) -> None:
        if act.story.state != state:
            text = journal.digest(change.resolution) if change.resolution else None
            act.record(kind, text=text)

    return move


_TO: dict[str, Callable[[Act, Change], None]] = {
    NEW: _to_new,
    "in_progress": _to_progress,
    ON_HOLD: _to_hold,
    RESOLVED: _to_end(RESOLVED, "incident.resolved"),
    CLOSED: _to_end(CLOSED, "incident.closed"),
    CANCELLED: _to_end(CANCELLED, "incident.cancelled"),
}
