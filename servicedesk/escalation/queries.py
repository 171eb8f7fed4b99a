"""What a partner company sees: its own hand-offs, and of each what was shared."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, contains_eager, joinedload

from servicedesk import times
from servicedesk.incidents import cursors, dated, spans
from servicedesk.incidents.chips import SOON, day_length, left_between
from servicedesk.incidents.detail import link
from servicedesk.incidents.models import Attachment, Comment, HandOff, Incident
from servicedesk.incidents.search import found_handoffs
from servicedesk.incidents.thread import Entry
from servicedesk.incidents.visibility import handed, visible, visible_comments, visible_files
from servicedesk.people.models import Person
from servicedesk.people.permissions import Act
from servicedesk.setup.directory import Directory
from servicedesk.sla.models import ClockRow

PAGE = 100
BOXES = ("to-accept", "in-work", "ended")


def _box(name: str) -> sa.ColumnElement[bool]:
    match name:
        case "to-accept":
            return sa.and_(HandOff.ended_at.is_(None), HandOff.state == "sent")
        case "in-work":
            return sa.and_(HandOff.ended_at.is_(None), HandOff.state == "accepted")
        case _:
            return HandOff.ended_at.is_not(None)


@dataclass(frozen=True)
class Due:
    """When a partner's contract wants something."""

    kind: str  # acceptance, answer; wished
    at: datetime | None
    left: int | None  # working seconds; below 0: over
    tone: str
    day: int  # length of the contract's working day in seconds


@dataclass(frozen=True)
class Line:
    """One hand-off in the inbox."""

    handoff: HandOff
    due: Due | None  # by contract
    wished: Due | None  # the answer that the sender asked for


def counts(session: Session, person: Person, words: str = "") -> dict[str, int]:
    """Count each box of the inbox in one query, or what of it has some words."""
    boxes = [_count(words, _found(words, person), _box(name)) for name in BOXES]
    query = sa.select(*(box.scalar_subquery() for box in boxes))  # each by its own index
    return dict(zip(BOXES, session.execute(query).one(), strict=True))


def _count(words: str, *within: sa.ColumnElement[bool]) -> sa.Select[int]:
    query = sa.select(sa.func.count()).select_from(HandOff).where(*within)
    return query.join(Incident) if words else query  # else nothing of the incident is asked for


def _found(words: str, person: Person) -> sa.ColumnElement[bool]:
    """H7, H8: what was handed to one's company, or has these words on its sheet or ticket.

    The query joins Incident.
    """
    if not words:
        return handed(person)
    ticket = HandOff.partner_ticket.icontains(words, autoescape=True)
    return sa.or_(found_handoffs(words, person), sa.and_(handed(person), ticket))


@dataclass(frozen=True)
class Asked:
    """Which box of the inbox is asked for, narrowed by which dates, and sorted by what."""

    box: str
    sort: str = ""
    answer: str = ""  # when the answer is wished for: one of WHEN
    due: str = ""  # when the contract wants something: one of WHEN
    q: str = ""  # words that are looked for

    @property
    def order(self) -> str:
        """Give the order: what is wanted first, or ended last, unless another is asked for."""
        names = (*SORTED_BY, "ended") if self.box == "ended" else SORTED_BY
        if self.sort.removeprefix("-") in names:
            return self.sort
        return "-ended" if self.box == "ended" else "next"

    @property
    def is_narrowed(self) -> bool:
        """Say whether it leaves something out."""
        return bool(self.answer or self.due or self.q)


@dataclass(frozen=True)
class Inbox:
    """A page of a box."""

    lines: Sequence[Line]
    next: str | None  # cursor of the page after this one
    total: int


SORTED_BY = ("next", "sent", "answer", "due")  # what has ended: by its end, too
WHEN = ("overdue", *spans.NAMED, "none")

# The clocks that a contract still wants something by.
_WANTED = (
    ClockRow.incident_id == HandOff.incident_id,
    ClockRow.handoff == HandOff.n,
    ClockRow.stopped_at.is_(None),
    ClockRow.target_seconds.is_not(None),
)
DUE = sa.select(sa.func.min(ClockRow.due_at)).where(*_WANTED).correlate(HandOff).scalar_subquery()


def inbox(
    session: Session,
    person: Person,
    asked: Asked,
    setup: Directory,
    now: datetime,
    after: str | None = None,
) -> Inbox:
    """Read a page of a box of the inbox, from a cursor on."""
    within = _within(person, asked, setup, now)
    query, order = selected(person, asked, setup, now)
    rows, following = cursors.read_page(session, query, order, HandOff.id, after, PAGE)
    total = session.scalar(_count(asked.q, *within)) or 0
    dues = _dues(session, rows, setup, now)
    lines = [Line(r, dues.get((r.incident_id, r.n)), _wished(r, setup, now)) for r in rows]
    return Inbox(lines, following, total)


def selected(
    person: Person, asked: Asked, setup: Directory, now: datetime
) -> tuple[sa.Select[Any], cursors.Order]:
    """Give what reads a box of the inbox, and its order."""
    query = sa.select(HandOff).join(Incident).where(*_within(person, asked, setup, now))
    return query.options(contains_eager(HandOff.incident)), _order(asked.order)


def _within(
    person: Person, asked: Asked, setup: Directory, now: datetime
) -> list[sa.ColumnElement[bool]]:
    return [_found(asked.q, person), _box(asked.box), *_narrowed(asked, setup, now)]


def _order(sort: str) -> cursors.Order:
    """Give an order of the inbox; what has no date comes last, whichever way round."""
    name, down = sort.removeprefix("-"), sort.startswith("-")
    if name == "ended":  # all of them have an end
        return HandOff.__table__.c.ended_at, down
    dates: dict[str, Any] = {
        "sent": HandOff.sent_at,
        "answer": HandOff.answer_by,
        "due": DUE,
        "next": _first(DUE, HandOff.answer_by),
    }
    return (dated.downwards if down else dated.upwards)(dates[name]), down


def _first(one: Any, other: Any) -> Any:
    """Give the earlier of two dates, each of which may be missing."""
    later = sa.or_(one.is_(None), other < one)
    return sa.case((sa.and_(other.is_not(None), later), other), else_=one)


def _narrowed(asked: Asked, setup: Directory, now: datetime) -> Iterator[sa.ColumnElement[bool]]:
    """Give what an address asks of the two dates; what nobody can ask for counts as nothing."""
    wanted = sa.exists().where(*_WANTED)
    if asked.answer in WHEN:
        late = HandOff.answer_by < now
        yield _when(HandOff.answer_by, asked.answer, late, HandOff.answer_by.is_(None), setup, now)
    if asked.due in WHEN:
        late = wanted.where(ClockRow.late_from <= now).correlate(HandOff)
        yield _when(DUE, asked.due, late, sa.not_(wanted.correlate(HandOff)), setup, now)


def _when(
    column: Any, when: str, late: Any, none: Any, setup: Directory, now: datetime
) -> sa.ColumnElement[bool]:
    if when in spans.NAMED:
        days = spans.named(when, times.local_day(now, setup.zone))
        return sa.and_(*dated.bounds(column, days, setup.zone))
    found: sa.ColumnElement[bool] = late if when == "overdue" else none
    return found


def _wished(handoff: HandOff, setup: Directory, now: datetime) -> Due | None:
    """Say when the sender asked for the answer, and what of the receiver's time is left."""
    if handoff.answer_by is None:
        return None
    calendar = setup.calendar_of(handoff.receiver, handoff.sent_at)
    left = left_between(calendar, now, handoff.answer_by)
    tone = "late" if handoff.answer_by < now else "soon" if left <= SOON else "quiet"
    shown = tone if handoff.ended_at is None else "quiet"
    return Due("wished", handoff.answer_by, left, shown, day_length(calendar))


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
        .options(joinedload(Comment.author), joinedload(Comment.partner))
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


def words_before(session: Session, person: Person, number: int, n: int, act: str) -> str:
    """H2: give what is answered or refused: the question that waits, or the last answer."""
    query = sa.select(HandOff).join(Incident).where(Incident.number == number, HandOff.n == n)
    handoff = session.scalar(query.where(visible(person, Act.WORK_INCIDENT)))
    if handoff is None or act not in ("reply", "refuse-answer"):
        return ""
    if act == "refuse-answer":
        return handoff.outcome_text or ""
    asked = sa.select(Comment.body).where(
        Comment.incident_id == handoff.incident_id,
        Comment.written_at == handoff.asked_at,
        Comment.kind.in_(("partner", "note")),
        visible_comments(person),
    )
    return session.scalar(asked.order_by(Comment.id.desc()).limit(1)) or ""


def to_partner(session: Session, person: Person, number: int, n: int) -> HandOff | None:
    """Give a hand-off to a partner company, of an incident that a person works on."""
    query = sa.select(HandOff).join(Incident).where(Incident.number == number, HandOff.n == n)
    query = query.where(HandOff.receiver.startswith("partner:"))
    query = query.where(visible(person, Act.WORK_INCIDENT)).options(joinedload(HandOff.incident))
    return session.scalar(query)


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
