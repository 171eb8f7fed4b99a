"""What somebody was told, or would have been: the last messages, and what became of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from servicedesk import outbox
from servicedesk.incidents.models import Incident, label
from servicedesk.incidents.visibility import asked, visible
from servicedesk.mail import channels
from servicedesk.mail.channels import DIGEST, NONE, Reader
from servicedesk.outbox import Notification
from servicedesk.people.models import Person
from servicedesk.people.queries import desk_zone
from servicedesk.times import local_day

MOST = 100
SENT, WAITS, FAILED, IN_SUMMARY, FOR_SUMMARY, UNSENT, IN_BUNDLE, FOR_BUNDLE = (
    "sent", "waits", "failed", "in_summary", "for_summary", "unsent", "in_bundle", "for_bundle",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Message:
    """A message with what became of it; the title is empty where it may not be known."""

    kind: str
    at: datetime
    group: str | None
    data: Mapping[str, Any]
    became: str
    when: datetime | None  # it was sent, or is to be
    number: int | None
    label: str
    title: str
    sees: bool  # its page opens
    held_for: str | None = None  # why it waits for others


@dataclass(frozen=True, slots=True)
class Page:
    """Some of somebody's messages, the newest first."""

    messages: list[Message]
    older: int | None = None  # before which id the next page begins


@dataclass(frozen=True, slots=True)
class _About:
    number: int
    requester: int
    title: str
    sees: bool


def some_messages(
    session: Session,
    person: Person,
    now: datetime,
    mail: int | None = None,
    before: int | None = None,
    most: int = MOST,
) -> Page:
    """Step: list somebody's messages, the newest first; §9: as they may know them now.

    All of them, or those that went in one mail; older ones than a message.
    """
    summary = aliased(Notification)
    query = (
        sa.select(Notification, summary)
        .outerjoin(summary, Notification.digest_id == summary.id)
        .where(Notification.person_id == person.id, Notification.kind.not_in(outbox.MIXED))
        .order_by(Notification.id.desc())
        .limit(most + 1)
    )
    if mail is not None:
        query = query.where(Notification.digest_id == mail)
    if before is not None:
        query = query.where(Notification.id < before)
    found = [(row, within) for row, within in session.execute(query)]
    rows = found[:most]
    abouts = _abouts(session, person, {row.incident_id for row, _in in rows}, now)
    messages = [_message(person, row, within, abouts.get(row.incident_id)) for row, within in rows]
    return Page(messages, rows[-1][0].id if len(found) > most else None)


def _abouts(
    session: Session, person: Person, ids: set[int | None], now: datetime
) -> dict[int | None, _About]:
    wanted = [id for id in ids if id is not None]
    if not wanted:
        return {}
    day = local_day(now, desk_zone())
    sees = sa.or_(visible(person), asked(person, day))
    query = sa.select(
        Incident.id, Incident.number, Incident.requester_id, Incident.title, sees.label("sees")
    ).where(Incident.id.in_(wanted))
    return {
        row.id: _About(row.number, row.requester_id, row.title if row.sees else "", bool(row.sees))
        for row in session.execute(query)
    }


def _message(
    person: Person, row: Notification, within: Notification | None, about: _About | None
) -> Message:
    reader = Reader(person.held_roles, is_requester=about is None or about.requester == person.id)
    group = channels.group_of(row.kind, reader)
    became, when = _became(row, within)
    return Message(
        row.kind,
        row.made_at,
        group.key if group else None,
        row.data,
        became,
        when,
        about.number if about else None,
        label(about.number) if about else "",
        about.title if about else "",
        about.sees if about else False,
        row.held_for,
    )


def _became(row: Notification, within: Notification | None) -> tuple[str, datetime | None]:
    if row.channel == NONE:
        return UNSENT, None
    if row.channel == DIGEST and within is None:
        return FOR_SUMMARY, row.digest_at
    if row.bundle_at:
        return FOR_BUNDLE, row.bundle_at
    mail = within or row
    if mail.failed_at:
        return FAILED, None
    if mail.sent_at:
        return _within(within), mail.sent_at
    return WAITS, mail.waits_until


def _within(mail: Notification | None) -> str:
    if mail is None:
        return SENT
    return IN_SUMMARY if mail.kind == outbox.SUMMARY else IN_BUNDLE
