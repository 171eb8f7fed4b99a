"""F6: makes reports: a draft while the period runs, a seal once it has ended."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import current_app
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from servicedesk import times
from servicedesk.db import db, dialect, transaction
from servicedesk.errors import BadInput, DeskError
from servicedesk.people.models import Person
from servicedesk.reports import carried, embedded, pdf, queries, tables
from servicedesk.reports import contents as whole
from servicedesk.reports.bound import bind
from servicedesk.reports.cases import Result
from servicedesk.reports.contents import Contents
from servicedesk.reports.document import Document, Overturned, Seal
from servicedesk.reports.figures import DEFINITIONS, FIGURES, net_of
from servicedesk.reports.models import Report
from servicedesk.reports.periods import Period, read_period
from servicedesk.reports.queries import Knowledge
from servicedesk.reports.scopes import Scope, read_scope
from servicedesk.setup.directory import Directory
from servicedesk.setup.snapshot import directory
from servicedesk.sla.zones import zone_info

LANGUAGES = ("en", "ja")
SLA = "sla.resolution"
LONGEST_REMARK = 400  # letters
TRIES = 5


class NotKept(DeskError):
    """A sealed file is not as it was kept."""

    status = 500


@dataclass(frozen=True)
class Asked:
    """What a report is asked for."""

    period: Period
    scope: Scope
    language: str


@dataclass(frozen=True)
class Remarks:
    """What a manager has to say beside the figures."""

    comment: str = ""
    wanted: str = ""  # decisions

    def __post_init__(self) -> None:
        """Keep both to what fits on the first page; raises BadInput."""
        if max(len(self.comment), len(self.wanted)) > LONGEST_REMARK:
            raise BadInput(_("A comment has at most %(n)s letters.", n=LONGEST_REMARK))


@dataclass(frozen=True)
class Made:
    """A report as it was made, or had been sealed before."""

    pdf: bytes
    figures: Mapping[str, Any]
    revision: int | None  # None: a draft
    new: bool


def read(
    setup: Directory, period: str, scope: str = "all", zone: str | None = None,
    language: str | None = None,
) -> Asked:  # fmt: skip
    """Read what people ask for; raises BadInput."""
    try:
        said = read_period(period, zone_info(zone or setup.zone).key)
        asked = Asked(said, read_scope(scope, setup), language or setup.language)
    except ValueError as error:
        raise BadInput(str(error)) from None
    if asked.language not in LANGUAGES:
        raise BadInput(f"there is no report in “{asked.language}”: en, ja")
    return asked


def make(
    asked: Asked, *, now: datetime, author: Person | None = None, remarks: Remarks | None = None
) -> Made:
    """Make a report and seal it if its period has ended; the same knowledge gives the same file."""
    by = _By(author, remarks or Remarks())
    for _attempt in range(TRIES):
        session = db.session()
        setup, known = directory(session), queries.latest_knowledge(session)
        if kept := _kept(session, asked, known):
            return kept
        said = whole.work_out(session, setup, asked.period, asked.scope, now=now, known=known)
        if said.draft:
            return draft(asked, said, author, remarks)
        made = _seal(session, asked, said, now, by)
        if made:
            return made
    raise DeskError(_("Somebody else is sealing this report: please try again."))


def _kept(session: Session, asked: Asked, known: Knowledge) -> Made | None:
    """Find what was sealed of exactly this knowledge, also by an earlier version of the program."""
    there = queries.sealed(session, *place(asked))
    for row in there:
        newest = row.revision == there[0].revision and row.cutoff_event == known.event
        if newest and row.language == asked.language:
            return Made(read_file(row), row.figures, row.revision, new=False)
    return None


def draft(
    asked: Asked, said: Contents, author: Person | None = None, remarks: Remarks | None = None
) -> Made:
    """Make a report that is not kept."""
    file = render(asked, said, _By(author, remarks or Remarks()).mark(Seal(None)))
    return Made(file, said.as_json(None), None, new=True)


def render(
    asked: Asked, said: Contents, seal: Seal, figures: Mapping[str, Any] | None = None
) -> bytes:
    """Render a report as it is marked; raises NotRendered."""
    session = db.session()
    doc = Document(said, seal)
    doc.titles = queries.titles(session, sorted(doc.listed()))
    session.rollback()  # nothing is held while the PDF is made
    return bind(doc, asked.language, figures).to_pdf()


@dataclass(frozen=True)
class _By:
    """Who makes a report, with what to say to it."""

    author: Person | None
    remarks: Remarks

    @property
    def id(self) -> int | None:
        return self.author.id if self.author else None

    def mark(self, seal: Seal) -> Seal:
        """Put name and remarks on it."""
        said = self.remarks
        seal = replace(seal, author=self.author.name if self.author else "")
        return replace(seal, comment=said.comment, wanted=said.wanted)


def _seal(session: Session, asked: Asked, said: Contents, now: datetime, by: _By) -> Made | None:
    """Seal, or find what is sealed; None where somebody else did meanwhile."""
    there = queries.sealed(session, *place(asked))
    latest = there[0] if there else None
    same = [row for row in there if latest and row.revision == latest.revision]
    same = same if latest and latest.digest == said.digest_as(latest.definitions) else []
    for row in same:
        if row.language == asked.language:
            return Made(read_file(row), row.figures, row.revision, new=False)
    if latest and not same and latest.cutoff_event > said.known.event:
        return None  # somebody knew more: look again
    if same and same[0].definitions == DEFINITIONS:
        return _further(session, asked, said, same[0], now, by)
    row = _row(asked, said, latest, by)
    row.sealed_at = now
    seal = by.mark(_seal_of(session, asked, said, there, row.revision))
    return _keep(asked, row, render(asked, said, seal), latest.id if latest else None)


def _further(
    session: Session, asked: Asked, said: Contents, kept: Report, now: datetime, by: _By
) -> Made | None:
    """Seal a revision in a further language: of what it knew and as it was judged then."""
    known = Knowledge(kept.cutoff_event, kept.cutoff_at)
    then = times.parse(kept.figures["judged_at"])
    if (said.known, said.frame.at) != (known, then):
        said = whole.work_out(session, said.setup, asked.period, asked.scope, now=then, known=known)
    row = _row(asked, said, kept, by)
    row.revision, row.figures, row.sealed_at = kept.revision, dict(kept.figures), now
    first = carried.seal(read_file(kept))
    seal = replace(first, author=by.mark(first).author)
    latest = queries.sealed(session, *place(asked))[0].id
    return _keep(asked, row, render(asked, said, seal, row.figures), latest)


def _seal_of(
    session: Session, asked: Asked, said: Contents, there: list[Report], revision: int
) -> Seal:
    """Say what changed since the revision before, and since what was sealed earlier."""
    old = next((one for one in there if one.revision == revision - 1), None)
    changes, touched = _changes(said, old) if old else ([], [])
    others = old.definitions if old and old.definitions != DEFINITIONS else ""
    overturned = tuple(_overturned(session, asked, said))
    return Seal(revision, "", tuple(changes), tuple(touched), others, overturned)


def _overturned(session: Session, asked: Asked, said: Contents) -> list[Overturned]:
    """F3: find the breaches of what an earlier, sealed report had counted as met."""
    breaches = tables.overturned(said.facts, said.frame)
    if not breaches:
        return []
    found = []
    for row in queries.latest_of_each(session, asked.scope.name, asked.period.zone):
        period = read_period(row.period, row.zone)
        mine = [f for f, clock in breaches if any(period.holds(at) for at in clock.met_before)]
        if mine and period.end <= asked.period.start:
            met = embedded.met(embedded.read(read_file(row)), SLA)
            numbers = [fact.number for fact in mine if fact.number in met]
            found += [Overturned(n, row.period, row.revision) for n in numbers]
    return sorted(found, key=lambda one: (one.number, one.period))


def place(asked: Asked) -> tuple[str, str, str]:
    """Say what identifies a sealed report, but its language and revision."""
    return asked.period.name, asked.scope.name, asked.period.zone


def _row(asked: Asked, said: Contents, latest: Report | None, by: _By) -> Report:
    """Describe the seal of the next revision."""
    number = latest.revision + 1 if latest else 1
    return Report(
        period=asked.period.name,
        scope=asked.scope.name,
        zone=asked.period.zone,
        language=asked.language,
        revision=number,
        definitions=DEFINITIONS,
        digest=said.digest,
        cutoff_event=said.known.event,
        cutoff_at=said.known.at or pdf.NO_DATE,
        sealed_by_id=by.id,
        figures=said.as_json(number),
    )


def _changes(said: Contents, old: Report) -> tuple[list[tuple[str, Result, Result]], list[int]]:
    """Say what changed since a revision: figures, and the incidents behind them."""
    before = embedded.results(old.figures)
    if old.definitions in embedded.WITHOUT_NET:
        before |= {f"{id}.net": found for id, found in before.items() if net_of(id)}
    changed = [
        (figure.id, before[figure.id], said.results[figure.id])
        for figure in FIGURES
        if figure.id in before
        and embedded.plain(before[figure.id]) != embedded.plain(said.results[figure.id])
    ]
    kept = embedded.read(read_file(old))
    return changed, embedded.touched(kept, said.data, old.definitions)


def _keep(asked: Asked, row: Report, file: bytes, latest: int | None) -> Made | None:
    """Keep the file, then its row, unless another was sealed meanwhile."""
    row.sha256 = hashlib.sha256(file).hexdigest()
    row.stored = f"{row.sha256[:60]}.pdf"
    figures, revision = dict(row.figures), row.revision
    write_file(folder() / row.stored, file)
    with transaction() as session:
        if dialect(session) == "postgresql":  # SQLite lets one write at a time
            session.execute(sa.text("LOCK TABLE report IN SHARE ROW EXCLUSIVE MODE"))
        there = queries.sealed(session, *place(asked))
        if (there[0].id if there else None) != latest:
            return None
        session.add(row)
    return Made(file, figures, revision, new=True)


def folder() -> Path:
    """Give the folder of sealed reports."""
    place = Path(current_app.config["DESK_VAR"]) / "reports"
    place.mkdir(parents=True, exist_ok=True)
    return place


def read_file(row: Report) -> bytes:
    """F6: read a sealed file as it was kept; raises NotKept."""
    try:
        file = (folder() / row.stored).read_bytes()
    except OSError:
        said = _("The file of this sealed report is missing: %(name)s", name=row.stored)
        raise NotKept(said) from None
    if hashlib.sha256(file).hexdigest() != row.sha256:
        raise NotKept(_("The file of this sealed report was changed: %(name)s", name=row.stored))
    return file


def write_file(path: Path, data: bytes) -> None:
    """Write a file whole or not at all; raises BadInput."""
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as error:
        raise BadInput(f"{path}: {error.strerror}") from None
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except OSError as error:
        Path(name).unlink(missing_ok=True)
        raise BadInput(f"{path}: {error.strerror}") from None
