"""What a search finds: incidents within what one may see, and a partner's hand-offs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from markupsafe import Markup
from sqlalchemy.orm import Session, joinedload

from servicedesk.incidents import cursors, queries, search
from servicedesk.incidents.models import Comment, HandOff, Incident
from servicedesk.incidents.queries import Filter, Reader
from servicedesk.incidents.terms import sought
from servicedesk.incidents.visibility import handed, visible_comments
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
    """An incident, or a hand-off of one, with the piece of text in which the words stand."""

    incident: Incident
    excerpt: Markup
    audience: str = "reply"
    handoff: HandOff | None = None


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
    condition = search.found(text, reader.person)
    if narrowed:
        condition = sa.and_(condition, narrowed.condition(reader))
    if is_open:
        condition = sa.and_(condition, queries.IS_OPEN)
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
    audience = "partner" if handoff.receiver.startswith("partner:") else "note"
    ticket = f"{handoff.partner_ticket}: " if handoff.partner_ticket else ""
    yield Text(audience, ticket + handoff.note)
    yield Text(audience, handoff.outcome_text or "")


def _hit(
    incident: Incident, texts: Sequence[Text], marker: Marker, handoff: HandOff | None = None
) -> Hit:
    """Show the text with most of the words, else the description."""
    best = max(texts, key=lambda text: marker.score(text.text))
    return Hit(incident, marker.excerpt([best.text]), best.audience, handoff)


def find_handoffs(
    session: Session, person: Person, text: str, *, before: int | None = None
) -> Results:
    """H8: search a partner's hand-offs in what their sheets show, the newest first."""
    condition = search.found_handoffs(text, person)
    query = sa.select(HandOff).join(Incident, Incident.id == HandOff.incident_id).where(condition)
    query = query.options(joinedload(HandOff.incident)).order_by(HandOff.id.desc())
    query = query.where(HandOff.id < before) if before else query
    rows = session.scalars(query.limit(PAGE + 1)).all()
    hits = _sheets(session, person, rows[:PAGE], Marker(text))
    all_ids = sa.select(HandOff.id).join(Incident, Incident.id == HandOff.incident_id)
    last = rows[PAGE - 1].id if len(rows) > PAGE else None
    return Results(hits, last, _count(session, all_ids.where(condition)))


def _sheets(
    session: Session, person: Person, handoffs: Sequence[HandOff], marker: Marker
) -> list[Hit]:
    ids = [handoff.id for handoff in handoffs]
    threads: dict[int, list[Text]] = {}
    for id, text in _comments(session, person, Comment.handoff_id, ids):
        threads.setdefault(id, []).append(text)
    return [
        _hit(
            handoff.incident,
            [
                Text("reply", handoff.incident.description),
                *_handoff_texts(handoff),
                *threads.get(handoff.id, ()),
            ],
            marker,
            handoff,
        )
        for handoff in handoffs
    ]


def jump(session: Session, person: Person, text: str) -> Incident | HandOff | None:
    """Give what a number in full leads to: the incident, or the partner's last hand-off of it."""
    wanted = sought(text)
    if not wanted.in_full or wanted.number is None:
        return None
    if incident := queries.find(session, person, wanted.number):
        return incident
    query = sa.select(HandOff).join(Incident, Incident.id == HandOff.incident_id)
    query = query.where(Incident.number == wanted.number, handed(person))
    query = query.options(joinedload(HandOff.incident)).order_by(HandOff.n.desc())
    return session.scalars(query.limit(1)).first()
