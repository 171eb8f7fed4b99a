"""Messages that are not sent yet: kept back for a while, or failed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from servicedesk.incidents.cursors import Order, read_page
from servicedesk.outbox import FAILED, MIXED, SUMMARY, Notification
from servicedesk.people.models import Partner, Person
from servicedesk.rulebook.about import About, abouts, names
from servicedesk.setup.models import Hook

SIZE = 50  # rows of a page
TOGETHER = "together"  # it is in one mail with others, which is not sent yet

Mixed = aliased(Notification)
_GOING = sa.select(Mixed.id).where(Mixed.kind.in_(MIXED), Mixed.waits_until.is_not(None))

HELD = (
    Notification.sent_at.is_(None),
    sa.or_(
        Notification.bundle_at.is_not(None),
        Notification.digest_at.is_not(None),
        Notification.digest_id.in_(_GOING),
    ),
)


@dataclass(frozen=True)
class Message:
    """What somebody, a partner company or a webhook is to be told."""

    id: int
    kind: str
    event: str | None  # that a webhook tells
    to: str
    about: About | None
    made_at: datetime


@dataclass(frozen=True)
class Unsent(Message):
    """A message that could not be sent, of whatever kind."""

    tries: int
    error: str
    next_at: datetime | None  # None: given up
    holds: int  # messages that are in it


@dataclass(frozen=True)
class Held(Message):
    """A message that is kept back, or waits in one mail with others."""

    why: str
    until: datetime | None
    others: int  # that it goes out with


def unsent(session: Session, person: Person, after: str | None) -> tuple[list[Unsent], str | None]:
    """List the messages of all kinds that could not be sent, the last made first."""
    rows, following = _page(session, FAILED, after)
    mixed = [row.id for row in rows if row.kind in MIXED]
    messages, holds = _messages(session, person, rows), _counts(session, mixed)
    found = [
        Unsent(
            **vars(message),
            tries=row.tries,
            error=row.error or "",
            next_at=None if row.failed_at else row.waits_until,
            holds=holds[row.id],
        )
        for row, message in zip(rows, messages, strict=True)
    ]
    return found, following


def held(session: Session, person: Person, after: str | None) -> tuple[list[Held], str | None]:
    """List the messages that are kept back, the last made first."""
    rows, following = _page(session, HELD, after)
    ids = {row.digest_id for row in rows if row.digest_id}
    query = sa.select(Notification.id, Notification.waits_until).where(Notification.id.in_(ids))
    going = {row.id: row.waits_until for row in session.execute(query)} if ids else {}
    messages, counts = _messages(session, person, rows), _counts(session, ids)
    found = [
        Held(
            **vars(message),
            why=_why(row),
            until=row.bundle_at or row.digest_at or going.get(row.digest_id or 0),
            others=max(counts[row.digest_id or 0] - 1, 0),
        )
        for row, message in zip(rows, messages, strict=True)
    ]
    return found, following


def _why(row: Notification) -> str:
    if row.digest_id:
        return TOGETHER
    return SUMMARY if row.digest_at else row.held_for or TOGETHER


def _page(
    session: Session, where: Sequence[sa.ColumnElement[bool]], after: str | None
) -> tuple[list[Notification], str | None]:
    order: Order = (Notification.__table__.c.id, True)
    rows, following = read_page(
        session, sa.select(Notification).where(*where), order, Notification.id, after, SIZE
    )
    return list(rows), following


def _messages(session: Session, person: Person, rows: Sequence[Notification]) -> list[Message]:
    known = abouts(session, person, {row.incident_id for row in rows if row.incident_id})
    people = names(session, {row.person_id for row in rows})
    companies = names(session, {row.partner_id for row in rows}, Partner)
    hooks = names(session, {row.hook_id for row in rows}, Hook)
    return [
        Message(
            id=row.id,
            kind=row.kind,
            event=row.data.get("event", "") if row.hook_id else None,
            to=people.get(row.person_id or 0)
            or companies.get(row.partner_id or 0)
            or hooks.get(row.hook_id or 0, ""),
            about=known.get(row.incident_id or 0),
            made_at=row.made_at,
        )
        for row in rows
    ]


def _counts(session: Session, ids: Collection[int]) -> Counter[int]:
    """Count what is in mails that hold several messages."""
    if not ids:
        return Counter()
    query = sa.select(Notification.digest_id, sa.func.count()).group_by(Notification.digest_id)
    rows = session.execute(query.where(Notification.digest_id.in_(ids)))
    return Counter({row[0]: row[1] for row in rows if row[0]})
