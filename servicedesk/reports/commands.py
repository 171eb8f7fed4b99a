"""F6: makes reports: a draft while the period runs, a seal once it has ended."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
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
from servicedesk.reports import approvals, carried, embedded, marking, partial, pdf, queries, tables
from servicedesk.reports import contents as whole
from servicedesk.reports.bound import REPORT, bind
from servicedesk.reports.cases import Result
from servicedesk.reports.contents import Contents
from servicedesk.reports.document import Document, Overturned, Seal
from servicedesk.reports.figures import DEFINITIONS, FIGURES, net_of
from servicedesk.reports.marking import Marks
from servicedesk.reports.models import Approval, Report
from servicedesk.reports.periods import Period, fiscal_from, read_period
from servicedesk.reports.queries import Knowledge
from servicedesk.reports.remarks import Remarks
from servicedesk.reports.scopes import KINDS, Scope, read_scope
from servicedesk.setup.directory import Directory
from servicedesk.setup.snapshot import directory
from servicedesk.sla.zones import zone_info

LANGUAGES = ("en", "ja")
SLA = "sla.resolution"
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
        said = read_period(period, zone_info(zone or setup.zone).key, fiscal_from(setup))
        asked = Asked(said, read_scope(scope, setup), language or setup.language)
    except ValueError as error:
        raise BadInput(str(error)) from None
    if asked.language not in LANGUAGES:
        raise BadInput(f"there is no report in “{asked.language}”: en, ja")
    return asked


def read_sealed(setup: Directory, period: str, scope: str, language: str) -> Asked:
    """Read what was sealed is asked for, also of a part that has left since; raises BadInput."""
    try:
        return read(setup, period, scope, None, language)
    except BadInput:
        kind, _colon, key = scope.partition(":")
        if kind not in KINDS or not key:
            raise
        return replace(read(setup, period, "all", None, language), scope=Scope(kind, key))


def make(
    asked: Asked, *, now: datetime, author: Person | None = None, remarks: Remarks | None = None,
    why: str = "", again: int = 0,
) -> Made:  # fmt: skip
    """Make a report and seal it if its period has ended; the same knowledge gives the same file.

    `remarks`: instead of those that are drafted. `again`: a revision that another is to follow
    although nothing else is known, since it was not approved; `why` is what its author says to it.
    """
    for _attempt in range(TRIES):
        session = db.session()
        setup, known = directory(session), queries.latest_knowledge(session)
        kept = _kept(session, asked, known)
        if kept and kept.revision != again:
            return kept
        said = whole.work_out(session, setup, asked.period, asked.scope, now=now, known=known)
        if said.draft:
            return draft(asked, said, author, remarks)
        by = marking.read(
            session, setup, asked.period, asked.scope.name,
            at=now, author=author, said=remarks, why=why,
        )  # fmt: skip
        made = _seal(session, asked, said, now, by, again=again)
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
    by = marking.read(
        db.session(), said.setup, asked.period, asked.scope.name,
        at=said.frame.at, author=author, said=remarks,
    )  # fmt: skip
    file = render(asked, said, by.on(Seal(None)))
    return Made(file, said.as_json(None), None, new=True)


def render(
    asked: Asked, said: Contents, seal: Seal, figures: Mapping[str, Any] | None = None
) -> bytes:
    """Render a report as it is marked; raises NotRendered."""
    session = db.session()
    doc = Document(said, seal)
    doc.titles = queries.titles(session, sorted(doc.listed()))
    doc.majors_said = queries.majors_said(session, [row.fact.number for row in doc.majors])
    session.rollback()  # nothing is held while the PDF is made
    return bind(partial.edition(doc), asked.language, figures).to_pdf()


def _seal(
    session: Session, asked: Asked, said: Contents, now: datetime, by: Marks, *, again: int
) -> Made | None:
    """Seal, or find what is sealed; None where somebody else did meanwhile."""
    there = queries.sealed(session, *place(asked))
    latest = there[0] if there else None
    same = [row for row in there if latest and row.revision == latest.revision]
    is_same = (
        latest and latest.revision != again and latest.digest == said.digest_as(latest.definitions)
    )
    same = same if is_same else []
    for row in same:
        if row.language == asked.language:
            return Made(read_file(row), row.figures, row.revision, new=False)
    if latest and not same and latest.cutoff_event > said.known.event:
        return None  # somebody knew more: look again
    if same and same[0].definitions == DEFINITIONS:
        return _further(session, asked, said, same[0], now, by)
    row = _row(asked, said, latest, by)
    row.sealed_at = now
    seal = by.on(_seal_of(session, asked, said, there, row.revision))
    file = render(asked, said, seal)
    return _keep(asked, row, file, latest.id if latest else None, by.approver_id)


def _further(
    session: Session, asked: Asked, said: Contents, kept: Report, now: datetime, by: Marks
) -> Made | None:
    """Seal a revision in a further language: of what it knew and as it was judged then."""
    known = Knowledge(kept.cutoff_event, kept.cutoff_at)
    then = times.parse(kept.figures["judged_at"])
    if (said.known, said.frame.at) != (known, then):
        said = whole.work_out(session, said.setup, asked.period, asked.scope, now=then, known=known)
    row = _row(asked, said, kept, by)
    row.revision, row.figures, row.sealed_at = kept.revision, dict(kept.figures), now
    seal = replace(carried.seal(read_file(kept)), author=by.author)
    latest = queries.sealed(session, *place(asked))[0].id
    made = _keep(asked, row, render(asked, said, seal, row.figures), latest)
    if made and (it := approvals.of(session, kept)):
        stamp(it.id)
    return made


def _seal_of(
    session: Session, asked: Asked, said: Contents, there: list[Report], revision: int
) -> Seal:
    """Say what changed since the revision before, and since what was sealed earlier."""
    old = next((one for one in there if one.revision == revision - 1), None)
    changes, touched = _changes(said, old) if old else ([], [])
    others = old.definitions if old and old.definitions != DEFINITIONS else ""
    overturned = tuple(_overturned(session, asked, said))
    seal = Seal(revision, "", tuple(changes), tuple(touched), others, overturned)
    if old is None:
        return seal
    since, more = marking.since(session, old, said.known, touched)
    return replace(seal, before=marking.before(session, old), since=since, more=more)


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


def _row(asked: Asked, said: Contents, latest: Report | None, by: Marks) -> Report:
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
        sealed_by_id=by.author_id,
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
    own = partial.data(said)
    return changed, embedded.touched(kept, own, old.definitions, parties=own is said.data)


def _keep(
    asked: Asked, row: Report, file: bytes, latest: int | None, approver: int | None = None
) -> Made | None:
    """Keep the file, then its row, unless another was sealed meanwhile; ask for approval."""
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
        session.flush()
        approvals.ask(session, row, approver, row.sealed_at)
    return Made(file, figures, revision, new=True)


def folder() -> Path:
    """Give the folder of sealed reports."""
    place = Path(current_app.config["DESK_VAR"]) / "reports"
    place.mkdir(parents=True, exist_ok=True)
    return place


def read_file(row: Report) -> bytes:
    """F6: read a sealed file as it was kept; raises NotKept."""
    return _read(row.stored, row.sha256)


def _read(name: str, sha256: str) -> bytes:
    try:
        file = (folder() / name).read_bytes()
    except OSError:
        raise NotKept(_("The file of this sealed report is missing: %(name)s", name=name)) from None
    if hashlib.sha256(file).hexdigest() != sha256:
        raise NotKept(_("The file of this sealed report was changed: %(name)s", name=name))
    return file


def stamp(approval: int) -> None:
    """Put name and day into the approval boxes of a revision that was approved, in a copy.

    The sealed files stay as they are. A copy follows from the sealed file's own data; where the
    definitions are others by now there is none.
    """
    session = db.session()
    it = session.get(Approval, approval)
    if it is None or it.state != approvals.APPROVED or it.decided_at is None:
        return
    by = session.get(Person, it.decided_by_id) if it.decided_by_id else None
    day = times.local_day(it.decided_at, directory(session).zone)
    waiting = [row for row in approvals.reports(session, it) if not row.approved_stored]
    for id in [row.id for row in waiting if row.definitions == DEFINITIONS]:
        row = session.get_one(Report, id)
        file = _stamped(read_file(row), by.name if by else "", day)
        sha256 = hashlib.sha256(file).hexdigest()
        name = f"{sha256[:60]}.pdf"
        write_file(folder() / name, file)
        with transaction() as writing:
            values = {"approved_sha256": sha256, "approved_stored": name}
            writing.execute(sa.update(Report).where(Report.id == id).values(**values))


def _stamped(file: bytes, name: str, day: date) -> bytes:
    """Make a sealed report again from its own data, with who approved it and when."""
    files = embedded.read(file, [REPORT, carried.DOCUMENT, carried.FACTS])
    back = carried.read(files)
    back.document.seal = replace(back.document.seal, approved=name, approved_on=day)
    return bind(back.document, back.basis.language, json.loads(files[REPORT])).to_pdf()


def read_newest(row: Report) -> bytes:
    """Read a sealed file as people download it: with the approval, where there is one."""
    if not row.approved_stored and (it := approvals.of(db.session(), row)):
        stamp(it.id)  # whoever approved it may have been cut off before that
        db.session().refresh(row)
    if row.approved_stored and row.approved_sha256:
        return _read(row.approved_stored, row.approved_sha256)
    return read_file(row)


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
