"""H6: work requests as a person may see them: a partner's own, the desk's all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from servicedesk.escalation.queries import Due
from servicedesk.incidents import cursors, dated, lifecycle
from servicedesk.incidents.chips import SOON, day_length, left_between
from servicedesk.incidents.detail import link
from servicedesk.incidents.models import Attachment, Comment, Incident, WorkRequest
from servicedesk.incidents.search import found_requests
from servicedesk.incidents.thread import Entry
from servicedesk.incidents.visibility import requested, visible, visible_comments, visible_files
from servicedesk.people.models import Person
from servicedesk.people.permissions import Act
from servicedesk.setup.directory import Directory

PAGE = 100
BOXES = ("open", "ended")


def seen(person: Person) -> sa.ColumnElement[bool]:
    """§9: give the condition on WorkRequest, joined with its incident, for what a person sees."""
    return sa.or_(requested(person), visible(person, Act.SEE_NOTES))


def mine(person: Person) -> sa.ColumnElement[bool]:
    """Give the condition for those that are asked of a person's groups or company."""
    if not person.groups:
        return requested(person)
    groups = [f"group:{group.id}" for group in person.groups]
    own = sa.and_(WorkRequest.receiver.in_(groups), visible(person, Act.SEE_NOTES))
    return sa.or_(requested(person), own)


@dataclass(frozen=True)
class Line:
    """A work request in the list."""

    row: WorkRequest
    due: Due | None


@dataclass(frozen=True)
class Listed:
    """A page of work requests."""

    lines: Sequence[Line]
    next: str | None


def _found(words: str, person: Person) -> sa.ColumnElement[bool]:
    """Give the condition for those of one's own that have some words, or one's ticket number."""
    if not words:
        return mine(person)
    ticket = WorkRequest.partner_ticket.icontains(words, autoescape=True)
    return sa.and_(mine(person), sa.or_(found_requests(words), ticket))


def counts(session: Session, person: Person, words: str = "") -> dict[str, int]:
    """Count each box in one query, or what of it has some words."""
    query = sa.select(*(_count(person, box, words).scalar_subquery() for box in BOXES))
    return dict(zip(BOXES, session.execute(query).one(), strict=True))


def count_open(session: Session, person: Person) -> int:
    """Count what is asked of a person's groups or company and not done."""
    return session.scalar(_count(person, "open")) or 0


def _count(person: Person, box: str, words: str = "") -> sa.Select[int]:
    query = sa.select(sa.func.count()).select_from(WorkRequest).join(Incident)
    return query.where(_found(words, person), _box(box))


def _box(name: str) -> sa.ColumnElement[bool]:
    ended = WorkRequest.ended_at
    return ended.is_(None) if name == "open" else ended.is_not(None)


def listed(
    session: Session,
    person: Person,
    box: str,
    setup: Directory,
    now: datetime,
    after: str | None,
    words: str = "",
) -> Listed:
    """Read a page of what is asked of a person's groups or company: what is due first."""
    query, order = selected(person, box, words)
    rows, following = cursors.read_page(session, query, order, WorkRequest.id, after, PAGE)
    return Listed([Line(row, due(row, setup, now)) for row in rows], following)


def selected(person: Person, box: str, words: str) -> tuple[sa.Select[Any], cursors.Order]:
    """Give what reads a box of what is asked of a person's groups or company, and its order."""
    query = sa.select(WorkRequest).join(Incident).options(joinedload(WorkRequest.incident))
    query = query.where(_found(words, person), _box(box))
    if box == "open":
        return query, (dated.upwards(WorkRequest.due), False)
    return query, (WorkRequest.__table__.c.ended_at, True)


def due(row: WorkRequest, setup: Directory, now: datetime) -> Due | None:
    """Say when it is wanted and what of the receiver's working time is left."""
    if row.due is None:
        return None
    calendar = setup.calendar_of(row.receiver, row.asked_at)
    left = left_between(calendar, now, row.due)
    tone = "late" if row.due < now else "soon" if left <= SOON else "quiet"
    return Due("wished", row.due, left, tone if row.ended_at is None else "quiet",
               day_length(calendar))  # fmt: skip


@dataclass(frozen=True)
class Sheet:
    """A work request with its thread."""

    row: WorkRequest
    incident: Incident
    entries: Sequence[Entry]
    due: Due | None
    receives: bool  # the reader is of the receiver's
    works: bool  # the reader works on the incident

    @property
    def notes_ticket(self) -> bool:
        """H7: say whether the reader can note the partner's ticket number: the desk later too."""
        if self.works:
            return self.incident.state in lifecycle.MOVES["comment"].sources
        return self.receives and self.row.ended_at is None


def read(
    session: Session, person: Person, number: int, n: int, setup: Directory, now: datetime
) -> Sheet | None:
    """Gather a work request; None if it is not for this person."""
    query = sa.select(WorkRequest).join(Incident).options(joinedload(WorkRequest.incident))
    query = query.where(Incident.number == number, WorkRequest.n == n)
    row = session.scalar(query.where(seen(person)))
    if row is None:
        return None
    comments = session.scalars(
        sa.select(Comment)
        .where(Comment.work_request_id == row.id, visible_comments(person))
        .options(joinedload(Comment.author), joinedload(Comment.partner))
        .order_by(Comment.id)
    ).all()
    ids = [comment.id for comment in comments]
    files = session.scalars(
        sa.select(Attachment).where(Attachment.comment_id.in_(ids), visible_files(person))
    ).all()
    works = visible(person, Act.WORK_INCIDENT)
    partner = row.receiver.startswith("partner:")
    may_work = session.scalar(sa.select(Incident.id).where(Incident.id == row.incident_id, works))
    own = row.receiver in {f"partner:{company.id}" for company in person.partners}
    return Sheet(
        row,
        row.incident,
        [
            Entry(one.written_at, one, tuple(link(f) for f in files if f.comment_id == one.id))
            for one in comments
        ],
        due(row, setup, now),
        own if partner else may_work is not None,
        may_work is not None,
    )
