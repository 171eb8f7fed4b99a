"""The words of each incident, kept with every act in its transaction.

An incident has one document with two columns: `seen` is what its requester reads, `desk` what the
desk alone does. What is given to a party has a document of its own, of what its sheet shows (H8):
each hand-off to a partner under its id, each work request (H6) under its id below zero.
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
TEXTS = (
    "incident.logged", "incident.described", "incident.prioritised", "incident.reclassified",
    "incident.requester_changed", "incident.resolved", "comment.added", "handoff.sent",
    "handoff.answered", "handoff.sent_back", "handoff.recalled", "handoff.ticket_noted",
    "work.requested", "work.done", "work.sent_back", "work.withdrawn", "work.ticket_noted",
)  # fmt: skip
Rows = sa.Select[*tuple[Any, ...]]


@dataclass
class Source:
    """All texts of an incident by who reads them."""

    seen: list[str | None] = field(default_factory=list)
    desk: list[str | None] = field(default_factory=list)

    def document(self) -> Document:
        """Give the words to be kept."""
        seen = words(self.seen)
        return Document(tuple(seen), tuple(w for w in words(self.desk) if w not in seen))


@dataclass(frozen=True)
class Document:
    """The words of an incident or hand-off, each once."""

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
    incidents, given, owners = _documents(session, ids)
    found: set[int] = set()
    for table, documents in ((INCIDENTS, incidents), (HANDOFFS, given)):
        kept = _digests(session, table, list(documents))
        new = {id: doc for id, doc in documents.items() if kept.get(id) != doc.digest}
        store(session, table, new)
        found |= {owners.get(id, 0) if table == HANDOFFS else id for id in new}
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


def _documents(
    session: Session, ids: Sequence[int]
) -> tuple[dict[int, Document], dict[int, Document], dict[int, int]]:
    """Read texts with a fixed number of queries; also whose the sheets are."""
    incidents = {row.id: row for row in _rows(session, _incidents(), Incident.id, ids)}
    comments = list(_rows(session, _comments(), Comment.incident_id, ids))
    handoffs = list(_rows(session, _handoffs(), HandOff.incident_id, ids))
    requests = list(_rows(session, _requests(), WorkRequest.incident_id, ids))
    sources = {id: Source(_seen(row), _desk(row)) for id, row in incidents.items()}
    sheets = {h.id: _sheet(incidents[h.incident_id], h) for h in handoffs if _to_partner(h)}
    for handoff in handoffs:
        texts = (handoff.partner_ticket, handoff.note, handoff.outcome_text)
        sources[handoff.incident_id].desk.extend(texts)
    for request in requests:
        asked = [request.title, request.body, request.result, request.partner_ticket]
        sources[request.incident_id].desk.extend(asked)
        number = incidents[request.incident_id].number
        sheets[-request.id] = [label(number), str(number), *asked]
    for comment in comments:
        source = sources[comment.incident_id]
        (source.seen if comment.kind == "reply" else source.desk).append(comment.body)
        if comment.work_request_id:
            sheets[-comment.work_request_id].append(comment.body)
        elif comment.kind == "partner" and comment.handoff_id in sheets:
            sheets[comment.handoff_id].append(comment.body)
    return (
        {id: source.document() for id, source in sources.items()},
        {id: Source(texts).document() for id, texts in sheets.items()},
        {h.id: h.incident_id for h in handoffs} | {-r.id: r.incident_id for r in requests},
    )


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
    return [label(row.number), str(row.number), *texts, row.resolution_text]


def _desk(row: Any) -> list[str | None]:
    return [row.category, row.workaround, row.root_cause, row.priority_reason]


def _sheet(row: Any, handoff: Any) -> list[str | None]:
    """H8: give what a hand-off shows its partner, but for its thread."""
    shown = [label(row.number), str(row.number), row.title, handoff.partner_ticket]
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
            for table in (INCIDENTS, HANDOFFS):
                session.execute(sa.text(f"DELETE FROM {table}"))  # noqa: S608
        for ids in _batches(session, _missing(session)):
            count += len(index(session, ids))
            told(count)
    return count


def _missing(session: Session) -> list[int]:
    """Step: give the incidents without a document, or with a work request without one."""
    there, given = (sa.table(name, sa.column("rowid")).c.rowid for name in (INCIDENTS, HANDOFFS))
    without = sa.select(Incident.id).except_(sa.select(there))
    asked = sa.select(WorkRequest.incident_id).where((-WorkRequest.id).not_in(sa.select(given)))
    return sorted({*session.scalars(without), *session.scalars(asked)})
