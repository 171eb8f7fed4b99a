"""F6: makes reports: a draft while the period runs, a seal once it has ended."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import current_app
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from servicedesk.db import db, dialect, transaction
from servicedesk.errors import BadInput, DeskError
from servicedesk.people.models import Person
from servicedesk.reports import contents as whole
from servicedesk.reports import document, embedded, pdf, queries
from servicedesk.reports.cases import Result
from servicedesk.reports.contents import Contents
from servicedesk.reports.document import Document, Seal
from servicedesk.reports.figures import DEFINITIONS, FIGURES
from servicedesk.reports.models import Report
from servicedesk.reports.periods import Period, read_period
from servicedesk.reports.queries import Knowledge
from servicedesk.reports.scopes import Scope, read_scope
from servicedesk.setup.directory import Directory
from servicedesk.setup.snapshot import directory
from servicedesk.sla.zones import zone_info

LANGUAGES = ("en", "ja")
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


def make(asked: Asked, *, now: datetime, author: Person | None = None) -> Made:
    """Make a report and seal it if its period has ended; the same knowledge gives the same file."""
    for _attempt in range(TRIES):
        session = db.session()
        setup, known = directory(session), queries.latest_knowledge(session)
        if kept := _kept(session, asked, known):
            return kept
        said = whole.work_out(session, setup, asked.period, asked.scope, now=now, known=known)
        if said.draft:
            return draft(asked, said, author)
        made = _seal(session, asked, said, now, author)
        if made:
            return made
    raise DeskError(_("Somebody else is sealing this report: please try again."))


def _kept(session: Session, asked: Asked, known: Knowledge) -> Made | None:
    """Find what was sealed of exactly this knowledge."""
    there = queries.sealed(session, *place(asked))
    for row in there:
        same = (row.cutoff_event, row.definitions) == (known.event, DEFINITIONS)
        if same and (row.revision, row.language) == (there[0].revision, asked.language):
            return Made(read_file(row), row.figures, row.revision, new=False)
    return None


def draft(asked: Asked, said: Contents, author: Person | None = None) -> Made:
    """Make a report that is not kept."""
    file = render(asked, said, Seal(None, _name(author)))
    return Made(file, said.as_json(None), None, new=True)


def render(
    asked: Asked, said: Contents, seal: Seal, figures: Mapping[str, Any] | None = None
) -> bytes:
    """Render a report as it is marked; raises NotRendered."""
    session = db.session()
    doc = Document(said, seal)
    doc.titles = queries.titles(session, sorted(doc.listed()))
    session.rollback()  # nothing is held while the PDF is made
    text = whole.dumps(figures or said.as_json(seal.revision))
    attached = [pdf.Attached("report.json", text, "Every figure exactly")]
    attached += [pdf.Attached(name, data, embedded.FILES[name]) for name, data in said.data.items()]
    return pdf.make(document.to_html(doc, asked.language), attached, said.known.at)


def _name(author: Person | None) -> str:
    return author.name if author else ""


def _seal(
    session: Session, asked: Asked, said: Contents, now: datetime, author: Person | None
) -> Made | None:
    """Seal, or find what is sealed; None where somebody else did meanwhile."""
    there = queries.sealed(session, *place(asked))
    latest = there[0] if there else None
    same = [row for row in there if latest and row.revision == latest.revision]
    same = same if latest and latest.digest == said.digest else []
    for row in same:
        if row.language == asked.language:
            return Made(read_file(row), row.figures, row.revision, new=False)
    if latest and not same and latest.cutoff_event > said.known.event:
        return None  # somebody knew more: look again
    row = _row(asked, said, latest, again=bool(same), author=author)
    row.sealed_at = now
    seal = Seal(row.revision, _name(author), *_changes(said, there, row.revision))
    latest_id = latest.id if latest else None
    known = Knowledge(row.cutoff_event, row.cutoff_at)
    file = render(asked, said.known_as(known), seal, row.figures)
    return _keep(asked, row, file, latest_id)


def place(asked: Asked) -> tuple[str, str, str]:
    """Say what identifies a sealed report, but its language and revision."""
    return asked.period.name, asked.scope.name, asked.period.zone


def _row(
    asked: Asked, said: Contents, latest: Report | None, *, again: bool, author: Person | None
) -> Report:
    """Describe the seal: a further language of the latest revision, or the next one."""
    kept = latest if again else None
    number = kept.revision if kept else latest.revision + 1 if latest else 1
    return Report(
        period=asked.period.name,
        scope=asked.scope.name,
        zone=asked.period.zone,
        language=asked.language,
        revision=number,
        definitions=DEFINITIONS,
        digest=said.digest,
        cutoff_event=kept.cutoff_event if kept else said.known.event,
        cutoff_at=(kept.cutoff_at if kept else said.known.at) or pdf.NO_DATE,
        sealed_by_id=author.id if author else None,
        figures=dict(kept.figures) if kept else said.as_json(number),
    )


def _changes(
    said: Contents, there: list[Report], revision: int
) -> tuple[list[tuple[str, Result, Result]], list[int]]:
    """Say what changed since the revision before: figures, and the incidents behind them."""
    old = next((row for row in there if row.revision == revision - 1), None)
    if old is None:
        return [], []
    before = embedded.results(old.figures)
    changed = [
        (figure.id, before[figure.id], said.results[figure.id])
        for figure in FIGURES
        if figure.id in before
        and embedded.plain(before[figure.id]) != embedded.plain(said.results[figure.id])
    ]
    return changed, embedded.touched(embedded.read(read_file(old)), said.data)


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
