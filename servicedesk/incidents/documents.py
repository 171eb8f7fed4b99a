"""The words of each incident, kept with every act in its transaction.

An incident has one document with two columns: `seen` is what its requester reads, `desk` what the
desk alone does. Each hand-off to a partner has a document of its own, of what its sheet shows (H8),
and so has each work request (H6).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import ORMExecuteState, Session

from servicedesk.db import dialect, transaction
from servicedesk.incidents import record
from servicedesk.incidents.acts import Act
from servicedesk.incidents.models import Comment, HandOff, Incident, WorkRequest, label
from servicedesk.incidents.terms import words
from servicedesk.people.models import Person

AT_ONCE = 500
CONTACT = ("name", "mail", "phone")  # of a requester; the name stands in every document
INCIDENTS, HANDOFFS = "incident_search", "handoff_search"
REQUESTS = "work_request_search"
TABLES = (INCIDENTS, HANDOFFS, REQUESTS)
TEXTS = (
    "incident.logged", "incident.described", "incident.prioritised", "incident.reclassified",
    "incident.requester_changed", "incident.resolved", "comment.added", "handoff.sent",
    "handoff.answered", "handoff.sent_back", "handoff.recalled", "handoff.ticket_noted",
    "work.requested", "work.done", "work.sent_back", "work.withdrawn", "work.ticket_noted",
)  # fmt: skip
Rows = sa.Select[*tuple[Any, ...]]


@dataclass
class Source:
    """All texts of something by who reads them."""

    incident: int
    seen: list[str | None] = field(default_factory=list)
    desk: list[str | None] = field(default_factory=list)

    def document(self) -> Document:
        """Give the words to be kept."""
        seen = words(self.seen)
        desk = tuple(w for w in words(self.desk) if w not in seen)
        return Document(self.incident, tuple(seen), desk)


@dataclass(frozen=True)
class Document:
    """The words of an incident, hand-off or work request, each once."""

    incident: int
    seen: tuple[str, ...]
    desk: tuple[str, ...] = ()

    @property
    def digest(self) -> str:
        """Tell this document from others."""
        said = "\n".join((" ".join(self.seen), " ".join(self.desk))).encode()
        return hashlib.blake2b(said, digest_size=12).hexdigest()

    def values(self) -> dict[str, str]:
        """Give what is stored, for either database."""
        weighed = [*(f"'{w}':1A" for w in self.seen), *(f"'{w}':1B" for w in self.desk)]
        return {
            "seen": " ".join(self.seen),
            "desk": " ".join(self.desk),
            "words": " ".join(weighed),
            "digest": self.digest,
        }


_WRITE = {
    "sqlite": (
        "INSERT OR REPLACE INTO {table} (rowid, seen, desk, digest)"
        " VALUES (:id, :seen, :desk, :digest)"
    ),
    "postgresql": (
        "INSERT INTO {table} (rowid, words, digest)"
        " VALUES (:id, CAST(:words AS tsvector), :digest)"
        " ON CONFLICT (rowid) DO UPDATE SET words = excluded.words, digest = excluded.digest"
    ),
}


def index(session: Session, ids: Sequence[int]) -> set[int]:
    """Step: bring the documents of incidents up to their texts; gives those that were not."""
    return _compare(session, ids, _store)


def outdated(session: Session, ids: Sequence[int]) -> set[int]:
    """Step: give the incidents whose documents are missing or not what their texts say."""
    return _compare(session, ids, lambda *_: None)


def _compare(
    session: Session, ids: Sequence[int], store: Callable[[Session, str, dict[int, Document]], None]
) -> set[int]:
    found: set[int] = set()
    for table, documents in _documents(session, ids).items():
        kept = _digests(session, table, list(documents))
        new = {id: one for id, one in documents.items() if kept.get(id) != one.digest}
        store(session, table, new)
        found |= {one.incident for one in new.values()}
    return found


def _digests(session: Session, table: str, ids: Sequence[int]) -> dict[int, str]:
    if not ids:
        return {}
    there = sa.table(table, sa.column("rowid", sa.Integer), sa.column("digest", sa.String))
    query = sa.select(there.c.rowid, there.c.digest).where(there.c.rowid.in_(ids))
    return {row.rowid: row.digest for row in session.execute(query)}


def _store(session: Session, table: str, documents: dict[int, Document]) -> None:
    if documents:
        statement = sa.text(_WRITE[dialect(session)].format(table=table))
        rows = [{"id": id, **document.values()} for id, document in documents.items()]
        columns = statement.compile().params.keys()
        session.execute(statement, [{name: row[name] for name in columns} for row in rows])


def _documents(session: Session, ids: Sequence[int]) -> dict[str, dict[int, Document]]:
    """Read texts with a fixed number of queries, and give the documents of each table."""
    rows = {row.id: row for row in _rows(session, _incidents(), Incident.id, ids)}
    comments = list(_rows(session, _comments(), Comment.incident_id, ids))  # before whose they are
    incidents = {id: Source(id, _seen(row), _desk(row)) for id, row in rows.items()}
    handoffs: dict[int, Source] = {}
    requests: dict[int, Source] = {}
    for row in _rows(session, _handoffs(), HandOff.incident_id, ids):
        incidents[row.incident_id].desk += [row.partner_ticket, row.note, row.outcome_text]
        if _to_partner(row):
            handoffs[row.id] = Source(row.incident_id, _sheet(rows[row.incident_id], row))
    for row in _rows(session, _requests(), WorkRequest.incident_id, ids):
        asked = [row.title, row.body, row.result, row.partner_ticket]
        incidents[row.incident_id].desk += asked
        requests[row.id] = Source(row.incident_id, [*_number(rows[row.incident_id]), *asked])
    for row in comments:
        source = incidents[row.incident_id]
        (source.seen if row.kind == "reply" else source.desk).append(row.body)
        if row.work_request_id:
            requests[row.work_request_id].seen.append(row.body)
        elif row.kind == "partner" and row.handoff_id in handoffs:
            handoffs[row.handoff_id].seen.append(row.body)
    return {
        table: {id: source.document() for id, source in sources.items()}
        for table, sources in zip(TABLES, (incidents, handoffs, requests), strict=True)
    }


def _rows(session: Session, query: Rows, column: Any, ids: Sequence[int]) -> Iterable[sa.Row[Any]]:
    return session.execute(query.where(column.in_(ids)))


def _incidents() -> Rows:
    texts = (
        Incident.title, Incident.description, Incident.department, Incident.external_id,
        Incident.category, Incident.resolution_text, Incident.workaround, Incident.root_cause,
        Incident.priority_reason,
    )  # fmt: skip
    query = sa.select(Incident.id, Incident.number, *texts, Person.name, Person.mail, Person.phone)
    return query.join(Person, Person.id == Incident.requester_id)


def _comments() -> Rows:
    belongs = (Comment.incident_id, Comment.handoff_id, Comment.work_request_id)
    return sa.select(*belongs, Comment.kind, Comment.body).order_by(Comment.id)


def _handoffs() -> Rows:
    return sa.select(
        HandOff.id, HandOff.incident_id, HandOff.receiver, HandOff.note, HandOff.outcome_text,
        HandOff.partner_ticket, HandOff.share_requester,
    ).order_by(HandOff.id)  # fmt: skip


def _requests() -> Rows:
    return sa.select(
        WorkRequest.id, WorkRequest.incident_id, WorkRequest.title, WorkRequest.body,
        WorkRequest.result, WorkRequest.partner_ticket,
    ).order_by(WorkRequest.id)  # fmt: skip


def _seen(row: Any) -> list[str | None]:
    """Give what everybody reads who sees the incident."""
    texts = (row.title, row.name, row.department, row.external_id, row.description)
    return [*_number(row), *texts, row.resolution_text]


def _number(row: Any) -> list[str]:
    return [label(row.number), str(row.number)]


def _desk(row: Any) -> list[str | None]:
    return [row.category, row.workaround, row.root_cause, row.priority_reason]


def _sheet(row: Any, handoff: Any) -> list[str | None]:
    """H8: give what a hand-off shows its partner, but for its thread."""
    shown = [*_number(row), row.title, handoff.partner_ticket]
    shown += [handoff.note, handoff.outcome_text, row.description]
    if handoff.share_requester:
        shown += [row.name, row.department, row.mail, row.phone]
    return shown


def _to_partner(handoff: Any) -> bool:
    return str(handoff.receiver).startswith("partner:")


# When it is kept


@record.followed_by
def _follow(session: Session, incident: Incident, act: Act) -> None:
    if any(event.kind in TEXTS for event in act.events):
        index(session, [incident.id])


@record.followed_in_bulk_by
def _follow_many(session: Session, ids: Sequence[int]) -> None:
    index(session, ids)


@sa.event.listens_for(Session, "after_flush")
def _note_people(session: Session, _context: object) -> None:
    """Note whose name or contact has changed: it stands in the documents of their incidents."""
    changed = {one.id for one in session.dirty if isinstance(one, Person) and _renamed(one)}
    if changed:
        session.info.setdefault("renamed", set()).update(changed)


def _renamed(person: Person) -> bool:
    said = sa.inspect(person).attrs
    return any(said[name].history.has_changes() for name in CONTACT)


@sa.event.listens_for(Session, "do_orm_execute")
def _note_many_people(state: ORMExecuteState) -> None:
    """The same where many people are written with one statement."""
    rows = state.parameters
    if not (state.is_update and state.bind_mapper is Person.__mapper__ and isinstance(rows, list)):
        return
    said = {row["id"]: row for row in rows if "id" in row and not row.keys().isdisjoint(CONTACT)}
    there = sa.select(Person.id, *(getattr(Person, name) for name in CONTACT))
    kept = state.session.execute(there.where(Person.id.in_(said)))
    changed = {row.id for row in kept if _differs(row._asdict(), said[row.id])}
    state.session.info.setdefault("renamed", set()).update(changed)


def _differs(kept: dict[str, Any], said: dict[str, Any]) -> bool:
    return any(said.get(name, kept[name]) != kept[name] for name in CONTACT)


@sa.event.listens_for(Session, "before_commit")
def _follow_people(session: Session) -> None:
    if not session.info.get("writes"):
        return
    session.flush()
    if renamed := session.info.pop("renamed", None):
        theirs = sa.select(Incident.id).where(Incident.requester_id.in_(renamed))
        for ids in _batches(session, sorted(session.scalars(theirs))):
            index(session, ids)


@sa.event.listens_for(Session, "after_soft_rollback")
def _forget_people(session: Session, _transaction: object) -> None:
    session.info.pop("renamed", None)


def _batches(session: Session, ids: Sequence[int]) -> Iterator[list[int]]:
    """Step: lock incidents in order, so many at once, so that nobody writes to them meanwhile."""
    for start in range(0, len(ids), AT_ONCE):
        some = ids[start : start + AT_ONCE]
        query = sa.select(Incident.id).where(Incident.id.in_(some)).order_by(Incident.id)
        yield list(session.scalars(query.with_for_update()))


def complete(*, anew: bool = False, told: Callable[[int], None] = lambda count: None) -> int:
    """Keep the documents that are missing, or all of them anew; gives how many incidents."""
    count = 0
    with transaction() as session:
        if anew:
            for table in TABLES:
                session.execute(sa.text(f"DELETE FROM {table}"))  # noqa: S608
        for ids in _batches(session, _missing(session)):
            count += len(index(session, ids))
            told(count)
    return count


def _missing(session: Session) -> list[int]:
    """Step: give the incidents without a document, or with a work request without one."""
    there, given = (sa.table(name, sa.column("rowid")).c.rowid for name in (INCIDENTS, REQUESTS))
    without = sa.select(Incident.id).except_(sa.select(there))
    asked = sa.select(WorkRequest.incident_id).where(WorkRequest.id.not_in(sa.select(given)))
    return sorted({*session.scalars(without), *session.scalars(asked)})
