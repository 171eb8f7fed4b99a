"""The hand-offs to a partner as a list: in boxes, narrowed, by cursor, and as a file."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, contains_eager, joinedload

from servicedesk import times
from servicedesk.history.export import plain_text
from servicedesk.incidents import cursors, dated
from servicedesk.incidents.models import HandOff, Incident, WorkRequest
from servicedesk.incidents.priority import PRIORITIES
from servicedesk.incidents.spans import Span, between
from servicedesk.incidents.visibility import may_be_passed_on
from servicedesk.setup.directory import Directory
from servicedesk.sla.models import ClockRow

PAGE = 50
BOXES = ("open", "overdue", "to-accept", "in-work", "ended", "all")
SORTED_BY = ("sent", "answer", "ended")
SORTS = (*SORTED_BY, *(f"-{name}" for name in SORTED_BY))
Condition = sa.ColumnElement[bool]


@dataclass(frozen=True)
class Asked:
    """Which hand-offs an address asks for."""

    box: str = "open"
    priority: str = ""
    sent_from: str = ""
    sent_to: str = ""
    sort: str = "-sent"

    @property
    def days(self) -> Span:
        """Give the days on which they were sent."""
        return between(self.sent_from, self.sent_to)

    @property
    def is_narrowed(self) -> bool:
        """Say whether it leaves something of its box out."""
        return bool(self.priority or self.sent_from or self.sent_to)

    def said(self, **changes: str) -> dict[str, str]:
        """Give what an address carries; what is usual is left out."""
        usual, wanted = vars(Asked()), vars(replace(self, **changes))
        return {name: text for name, text in wanted.items() if text != usual[name]}


def read(args: Mapping[str, str]) -> Asked:
    """Read an address; what makes no sense counts as not said."""
    box, sort, priority = (args.get(name, "") for name in ("box", "sort", "priority"))
    days = between(args.get("sent_from", ""), args.get("sent_to", ""))
    return Asked(
        box if box in BOXES else "open",
        priority if priority in PRIORITIES else "",
        days.first.isoformat() if days.first else "",
        days.last.isoformat() if days.last else "",
        sort if sort in SORTS else "-sent",
    )


def is_overdue(now: datetime) -> Condition:
    """C10: take open hand-offs of which the contract, or who sent it, wanted something by now."""
    wanted = sa.exists().where(
        ClockRow.incident_id == HandOff.incident_id,
        ClockRow.party == HandOff.receiver,
        sa.or_(ClockRow.handoff == HandOff.n, ClockRow.kind == "holding"),
        ClockRow.stopped_at.is_(None),
        sa.or_(ClockRow.late_from <= now, ClockRow.breached_at.is_not(None)),
    )
    late = sa.or_(HandOff.answer_by < now, wanted.correlate(HandOff))
    return sa.and_(HandOff.ended_at.is_(None), late)


def _box(name: str, now: datetime) -> Condition:
    boxes: dict[str, Condition] = {
        "open": HandOff.ended_at.is_(None),
        "overdue": is_overdue(now),
        "to-accept": HandOff.state == "sent",
        "in-work": HandOff.state == "accepted",
        "ended": HandOff.ended_at.is_not(None),
        "all": sa.true(),
    }
    return boxes[name]


@dataclass(frozen=True)
class Held:
    """What a company has open now."""

    open: int = 0
    overdue: int = 0
    oldest: datetime | None = None
    requests: int = 0
    late_requests: int = 0


def held(session: Session, refs: Iterable[str], now: datetime) -> dict[str, Held]:
    """Count what some companies have open and overdue now, in two queries."""
    wanted = list(refs)
    found = {ref: Held() for ref in wanted}
    overdue = sa.func.count().filter(is_overdue(now))
    query = sa.select(HandOff.receiver, sa.func.count(), overdue, sa.func.min(HandOff.sent_at))
    query = query.where(HandOff.receiver.in_(wanted), HandOff.ended_at.is_(None))
    for ref, count, late, oldest in session.execute(query.group_by(HandOff.receiver)):
        found[ref] = Held(count, late, oldest)
    past = sa.func.count().filter(WorkRequest.due < now)
    asked = sa.select(WorkRequest.receiver, sa.func.count(), past)
    asked = asked.where(WorkRequest.receiver.in_(wanted), WorkRequest.ended_at.is_(None))
    for ref, count, late in session.execute(asked.group_by(WorkRequest.receiver)):
        found[ref] = replace(found[ref], requests=count, late_requests=late)
    return found


@dataclass(frozen=True)
class Page:
    """Some hand-offs of a list."""

    rows: Sequence[HandOff]
    overdue: frozenset[int]  # their ids
    next: str | None
    total: int


def page(
    session: Session, setup: Directory, ref: str, asked: Asked, now: datetime,
    after: str | None = None, size: int = PAGE,
) -> Page:  # fmt: skip
    """Read a page of a company's hand-offs, from a cursor on."""
    where = _within(setup, ref, asked, now)
    query = sa.select(HandOff).join(Incident).where(where).options(joinedload(HandOff.incident))
    order = _order(asked.sort)
    rows, following = cursors.read_page(session, query, order, HandOff.id, after, size)
    count = sa.select(sa.func.count()).select_from(HandOff).join(Incident).where(where)
    ids = [row.id for row in rows]
    late = session.scalars(sa.select(HandOff.id).where(HandOff.id.in_(ids), is_overdue(now)))
    return Page(rows, frozenset(late), following, session.scalar(count) or 0)


def _within(setup: Directory, ref: str, asked: Asked, now: datetime) -> Condition:
    parts = [HandOff.receiver == ref, _box(asked.box, now)]
    if asked.priority:
        parts.append(Incident.priority == asked.priority)
    return sa.and_(*parts, *dated.bounds(HandOff.sent_at, asked.days, setup.zone))


def _order(sort: str) -> cursors.Order:
    columns: dict[str, Any] = {
        "sent": HandOff.sent_at,
        "answer": HandOff.answer_by,
        "ended": HandOff.ended_at,
    }
    down, column = sort.startswith("-"), columns[sort.removeprefix("-")]
    return (dated.downwards if down else dated.upwards)(column), down


def selected(
    setup: Directory, ref: str, asked: Asked, now: datetime
) -> tuple[sa.Select[HandOff, bool], cursors.Order]:
    """Give what reads a whole list, each with whether it is overdue, and its order."""
    query = sa.select(HandOff, is_overdue(now)).join(Incident)
    query = query.where(_within(setup, ref, asked, now)).options(contains_eager(HandOff.incident))
    return query, _order(asked.sort)


COLUMNS = (
    "number", "handoff", "priority", "state", "sent_at", "accepted_at", "ended_at", "answer_by",
    "overdue", "questions", "answers_refused", "nudges", "partner_ticket",
)  # fmt: skip


def to_csv(session: Session, setup: Directory, ref: str, asked: Asked, now: datetime) -> str:
    """Write a whole list as CSV, in its order; no titles, so that it can be passed on."""
    query, order = selected(setup, ref, asked, now)
    out = io.StringIO("\ufeff", newline="")  # the mark by which spreadsheets know UTF-8
    out.seek(0, io.SEEK_END)
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for row, late in session.execute(query.order_by(*cursors.ordered(order, HandOff.id))):
        writer.writerow(_cell(value) for value in _record(row, bool(late)))
    return out.getvalue()


def _record(row: HandOff, late: bool) -> Sequence[object]:
    return (
        row.incident.label, row.n, row.incident.priority, row.state, row.sent_at, row.accepted_at,
        row.ended_at, row.answer_by, int(late), row.questions, row.refusals, row.nudges,
        row.partner_ticket if may_be_passed_on(row.incident) else None,
    )  # fmt: skip


def _cell(value: object) -> object:
    if isinstance(value, datetime):
        return times.iso(value)
    return "" if value is None else plain_text(value)
