"""What a partner company sees: its own hand-offs, and of each what was shared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from servicedesk.incidents.chips import SOON, day_length, left_between
from servicedesk.incidents.detail import link
from servicedesk.incidents.models import NO_DATE, Attachment, Comment, HandOff, Incident
from servicedesk.incidents.thread import Entry
from servicedesk.incidents.visibility import handed, visible_comments, visible_files
from servicedesk.people.models import Person
from servicedesk.setup.directory import Directory
from servicedesk.sla.models import ClockRow

PAGE = 100
BOXES = ("to-accept", "in-work", "ended")


def _box(name: str) -> sa.ColumnElement[bool]:
    match name:
        case "to-accept":
            return HandOff.state == "sent"
        case "in-work":
            return HandOff.state == "accepted"
        case _:
            return HandOff.ended_at.is_not(None)


@dataclass(frozen=True)
class Due:
    """When a partner's contract wants something."""

    kind: str  # acceptance, answer
    at: datetime | None
    left: int | None  # working seconds; below 0: over
    tone: str
    day: int  # length of the contract's working day in seconds


@dataclass(frozen=True)
class Line:
    """One hand-off in the inbox."""

    handoff: HandOff
    due: Due | None

    @property
    def next(self) -> datetime:
        """Give what is wanted first: by contract, or the answer wished for."""
        dues = (self.due.at if self.due else None, self.handoff.answer_by)
        return min((due for due in dues if due), default=NO_DATE)


def counts(session: Session, person: Person) -> dict[str, int]:
    """Count each box of the inbox in one query."""
    columns = [sa.func.count().filter(_box(name)) for name in BOXES]
    query = sa.select(*columns).select_from(HandOff).where(handed(person))
    return dict(zip(BOXES, session.execute(query).one(), strict=True))


def inbox(
    session: Session,
    person: Person,
    box: str,
    setup: Directory,
    now: datetime,
    before: int | None = None,
) -> Sequence[Line]:
    """List a box of the inbox: what is open all at once by due, what has ended newest first.

    `before` is the id to go on from.
    """
    query = sa.select(HandOff).where(handed(person), _box(box)).order_by(HandOff.id.desc())
    query = query.options(joinedload(HandOff.incident))
    if box == "ended":
        query = query.limit(PAGE)
    if before:
        query = query.where(HandOff.id < before)
    rows = session.scalars(query).all()
    dues = _dues(session, rows, setup, now)
    lines = [Line(row, dues.get((row.incident_id, row.n))) for row in rows]
    return lines if box == "ended" else sorted(lines, key=lambda line: line.next)


def _dues(
    session: Session, rows: Sequence[HandOff], setup: Directory, now: datetime
) -> dict[tuple[int, int | None], Due]:
    """Give for each open hand-off the next due of its own clocks."""
    ids = {row.incident_id for row in rows if row.ended_at is None}
    query = sa.select(ClockRow).where(
        ClockRow.incident_id.in_(ids),
        ClockRow.handoff.is_not(None),
        ClockRow.stopped_at.is_(None),
        ClockRow.target_seconds.is_not(None),
    )
    found: dict[tuple[int, int | None], Due] = {}
    for clock in session.scalars(query.order_by(ClockRow.due_at.desc())):
        found[clock.incident_id, clock.handoff] = due(clock, setup, now)
    return found


def due(clock: ClockRow, setup: Directory, now: datetime) -> Due:
    """Say when a clock is due and what is left."""
    calendar = setup.calendars[clock.calendar or ""]
    if clock.due_at is None:
        left = (clock.target_seconds or 0) - (clock.counted_seconds or 0)
        return Due(clock.kind, None, left, "paused", day_length(calendar))
    left = left_between(calendar, now, clock.due_at)
    late = clock.late_from is not None and clock.late_from <= now
    tone = "late" if late else "soon" if left <= SOON else "quiet"
    return Due(clock.kind, clock.due_at, left, tone, day_length(calendar))


@dataclass(frozen=True)
class Sheet:
    """A hand-off as the partner sees it (H8)."""

    handoff: HandOff
    incident: Incident
    entries: Sequence[Entry]
    files: Sequence[Attachment]
    dues: Sequence[Due]
    requester: Person | None  # only if shared


def read(
    session: Session, person: Person, number: int, n: int, setup: Directory, now: datetime
) -> Sheet | None:
    """Gather a hand-off for a partner's person; None if it is not theirs."""
    query = sa.select(HandOff).join(Incident).where(Incident.number == number, HandOff.n == n)
    handoff = session.scalar(query.where(handed(person)).options(joinedload(HandOff.incident)))
    if handoff is None:
        return None
    comments = session.scalars(
        sa.select(Comment)
        .where(Comment.handoff_id == handoff.id, visible_comments(person))
        .options(joinedload(Comment.author))
        .order_by(Comment.id)
    ).all()
    files = session.scalars(
        sa.select(Attachment)
        .where(Attachment.incident_id == handoff.incident_id, visible_files(person))
        .order_by(Attachment.id)
    ).all()
    return Sheet(
        handoff,
        handoff.incident,
        [_entry(comment, files) for comment in comments],
        [file for file in files if file.comment_id is None],
        _sheet_dues(session, handoff, setup, now),
        handoff.incident.requester if handoff.share_requester else None,
    )


def _entry(comment: Comment, files: Sequence[Attachment]) -> Entry:
    links = tuple(link(file) for file in files if file.comment_id == comment.id)
    return Entry(comment.written_at, comment, links)


def _sheet_dues(session: Session, handoff: HandOff, setup: Directory, now: datetime) -> list[Due]:
    query = sa.select(ClockRow).where(
        ClockRow.incident_id == handoff.incident_id,
        ClockRow.handoff == handoff.n,
        ClockRow.stopped_at.is_(None),
        ClockRow.target_seconds.is_not(None),
    )
    return [due(clock, setup, now) for clock in session.scalars(query)]
