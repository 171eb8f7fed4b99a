"""What a search finds: incidents within what one may see, and what a partner was given."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from markupsafe import Markup
from sqlalchemy.orm import Session, joinedload

from servicedesk.incidents import cursors, queries, search
from servicedesk.incidents.models import Comment, HandOff, Incident, WorkRequest
from servicedesk.incidents.queries import Filter, Reader
from servicedesk.incidents.terms import sought
from servicedesk.incidents.visibility import handed, requested, visible, visible_comments
from servicedesk.intake.marking import Marker
from servicedesk.people.models import Person

PAGE = 25
MOST = 1000  # found ones that are counted
NEWEST = "newest"


@dataclass(frozen=True)
class Text:
    """A text of an incident with who reads it."""

    audience: str  # reply, note, partner
    text: str


@dataclass(frozen=True)
class Hit:
    """An incident, or what a partner was given of one, with the text in which the words stand."""

    incident: Incident
    excerpt: Markup
    audience: str = "reply"
    handoff: HandOff | None = None
    request: WorkRequest | None = None


@dataclass(frozen=True)
class Results:
    """One page of what was found."""

    hits: Sequence[Hit] = ()
    next: str | int | None = None  # where the page after this one begins
    total: int = 0  # at most MOST + 1


def find(
    session: Session,
    reader: Reader,
    text: str,
    *,
    narrowed: Filter | None = None,
    sort: str = NEWEST,
    after: str | None = None,
    is_open: bool = False,
) -> Results:
    """Search incidents, the newest first if not sorted otherwise; the number itself before all."""
    condition, _first = wanted(reader, text, narrowed, is_open=is_open)
    query = sa.select(Incident).where(condition)
    query = query.options(joinedload(Incident.requester), joinedload(Incident.assignee))
    order = queries.order(sort)
    rows, last = cursors.read_page(session, query, order, Incident.id, after, PAGE)
    exact = None if narrowed else _exact(session, reader.person, text)
    shown = [row for row in rows if row is not exact]
    if exact and not after:
        shown.insert(0, exact)
    hits = _with_excerpts(session, reader.person, shown, Marker(text))
    return Results(hits, last, _count(session, sa.select(Incident.id).where(condition)))


def wanted(
    reader: Reader, text: str, narrowed: Filter | None, *, is_open: bool
) -> tuple[sa.ColumnElement[bool], sa.ColumnElement[bool] | None]:
    """§9: give the condition for what is found, and for the one whose number stands before all."""
    condition = search.found(text, reader.person)
    if narrowed:
        condition = sa.and_(condition, narrowed.condition(reader))
    if is_open:
        condition = sa.and_(condition, queries.IS_OPEN)
    number = None if narrowed else sought(text).number
    if number is None:
        return condition, None
    return condition, sa.and_(Incident.number == number, visible(reader.person))


def _count(session: Session, query: Any) -> int:
    """Count what was found, to one more than is said exactly."""
    return (
        session.scalar(sa.select(sa.func.count()).select_from(query.limit(MOST + 1).subquery()))
        or 0
    )


def _exact(session: Session, person: Person, text: str) -> Incident | None:
    number = sought(text).number
    return queries.find(session, person, number) if number is not None else None


def _with_excerpts(
    session: Session, person: Person, incidents: Sequence[Incident], marker: Marker
) -> list[Hit]:
    ids = [incident.id for incident in incidents]
    texts: dict[int, list[Text]] = {i.id: list(_own_texts(i)) for i in incidents}
    for id, text in _comments(session, person, Comment.incident_id, ids):
        texts[id].append(text)
    if search.reads_everything(person):
        for incident in incidents:
            texts[incident.id].extend(_desk_texts(incident))
        for handoff in session.scalars(sa.select(HandOff).where(HandOff.incident_id.in_(ids))):
            texts[handoff.incident_id].extend(_handoff_texts(handoff))
        for request in session.scalars(_requests(ids)):
            texts[request.incident_id].extend([_head(request), *_request_texts(request)])
    return [_hit(incident, texts[incident.id], marker) for incident in incidents]


def _comments(
    session: Session, person: Person, of: Any, ids: Sequence[int]
) -> Iterator[tuple[int, Text]]:
    """Give the comments that a person reads, with what they belong to."""
    query = sa.select(of, Comment.kind, Comment.body).where(of.in_(ids), visible_comments(person))
    for id, kind, body in session.execute(query):
        yield id, Text(kind, body)


def _own_texts(incident: Incident) -> Iterator[Text]:
    """Give what everybody reads who sees the incident."""
    for text in (incident.description, incident.resolution_text):
        yield Text("reply", text or "")


def _desk_texts(incident: Incident) -> Iterator[Text]:
    for text in (incident.workaround, incident.root_cause, incident.priority_reason):
        yield Text("note", text or "")


def _handoff_texts(handoff: HandOff) -> Iterator[Text]:
    audience = _audience(handoff)
    ticket = f"{handoff.partner_ticket}: " if handoff.partner_ticket else ""
    yield Text(audience, ticket + handoff.note)
    yield Text(audience, handoff.outcome_text or "")


def _requests(ids: Sequence[int]) -> sa.Select[WorkRequest]:
    return sa.select(WorkRequest).where(WorkRequest.incident_id.in_(ids))


def _head(request: WorkRequest) -> Text:
    ticket = f"{request.partner_ticket}: " if request.partner_ticket else ""
    return Text(_audience(request), f"{ticket}{request.title}")


def _request_texts(request: WorkRequest) -> Iterator[Text]:
    for text in (request.body, request.result):
        yield Text(_audience(request), text or "")


def _audience(given: HandOff | WorkRequest) -> str:
    return "partner" if given.receiver.startswith("partner:") else "note"


def _hit(incident: Incident, texts: Sequence[Text], marker: Marker, **given: Any) -> Hit:
    """Show the text with most of the words, else the description."""
    best = max(texts, key=lambda text: marker.score(text.text))
    return Hit(incident, marker.excerpt([best.text]), best.audience, **given)


def find_handoffs(
    session: Session, person: Person, text: str, *, before: int | None = None
) -> Results:
    """H8: search a partner's hand-offs in what their sheets show, the newest first."""
    condition = search.found_handoffs(text, person)
    rows, total, last = _given(session, HandOff, condition, before)
    threads = _threads(session, person, Comment.handoff_id, rows)
    hits = [
        _hit(
            row.incident,
            [Text("reply", row.incident.description), *_handoff_texts(row), *threads[row.id]],
            Marker(text),
            handoff=row,
        )
        for row in rows
    ]
    return Results(hits, last, total)


def find_requests(
    session: Session, person: Person, text: str, *, before: int | None = None
) -> Results:
    """H6, H8: search what was asked of a partner, the newest first."""
    condition = sa.and_(requested(person), search.found_requests(text))
    rows, total, last = _given(session, WorkRequest, condition, before)
    threads = _threads(session, person, Comment.work_request_id, rows)
    hits = [
        _hit(row.incident, [*_request_texts(row), *threads[row.id]], Marker(text), request=row)
        for row in rows
    ]
    return Results(hits, last, total)


def _given(
    session: Session, table: Any, condition: sa.ColumnElement[bool], before: int | None
) -> tuple[Sequence[Any], int, int | None]:
    """Read a page of hand-offs or work requests, the newest first; count them; say where it ends.

    The condition may ask something of their incident.
    """
    query = sa.select(table).join(Incident, Incident.id == table.incident_id).where(condition)
    shown = query.options(joinedload(table.incident)).order_by(table.id.desc())
    shown = shown.where(table.id < before) if before else shown
    rows = session.scalars(shown.limit(PAGE + 1)).all()
    last = rows[PAGE - 1].id if len(rows) > PAGE else None
    return rows[:PAGE], _count(session, query.with_only_columns(table.id)), last


def _threads(
    session: Session, person: Person, of: Any, rows: Sequence[Any]
) -> dict[int, list[Text]]:
    threads: dict[int, list[Text]] = {row.id: [] for row in rows}
    for id, text in _comments(session, person, of, list(threads)):
        threads[id].append(text)
    return threads


Target = Incident | HandOff | WorkRequest


def jump(session: Session, person: Person, text: str) -> Target | None:
    """Give what a number in full leads to: the incident, or what a partner was last given of it."""
    wanted = sought(text)
    if not wanted.in_full or wanted.number is None:
        return None
    if incident := queries.find(session, person, wanted.number):
        return incident
    last: Target | None = _last(session, HandOff, wanted.number, handed(person))
    if last is None:
        last = _last(session, WorkRequest, wanted.number, requested(person))
    return last


def _last(session: Session, table: Any, number: int, seen: sa.ColumnElement[bool]) -> Any:
    query = sa.select(table).join(Incident, Incident.id == table.incident_id)
    query = query.where(Incident.number == number, seen).options(joinedload(table.incident))
    return session.scalars(query.order_by(table.n.desc()).limit(1)).first()
