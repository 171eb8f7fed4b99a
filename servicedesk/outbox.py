"""E5: what is to be told to whom; written with what happened, sent afterwards."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from servicedesk.db import Model, transaction

LEASE = timedelta(minutes=5)
WAITS = tuple(timedelta(minutes=m) for m in (1, 5, 15, 60, 240, 480, 960, 1440))  # after failures


class Notification(Model):
    """A message that waits or was sent: ids and values, never texts; written out when sent."""

    __tablename__ = "notification"

    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[str] = mapped_column(sa.String(64), unique=True)  # left of the @
    kind: Mapped[str] = mapped_column(sa.String(40))
    person_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"), index=True)
    partner_id: Mapped[int | None] = mapped_column(sa.ForeignKey("partner.id"))
    incident_id: Mapped[int | None] = mapped_column(sa.ForeignKey("incident.id"), index=True)
    link_id: Mapped[int | None] = mapped_column(sa.ForeignKey("link.id"))
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)
    made_at: Mapped[datetime]
    # far ahead once it is sent or given up: what waits is found by this alone
    waits_until: Mapped[datetime | None] = mapped_column(index=True)
    lease: Mapped[str | None] = mapped_column(sa.String(32))
    tries: Mapped[int] = mapped_column(default=0)
    sent_at: Mapped[datetime | None] = mapped_column(index=True)
    failed_at: Mapped[datetime | None]  # given up
    error: Mapped[str | None] = mapped_column(sa.String(200))  # of the last try, without texts


def queue(
    session: Session,
    kind: str,
    *,
    now: datetime,
    person: int | None = None,
    partner: int | None = None,
    incident: int | None = None,
    link: int | None = None,
    **data: Any,
) -> Notification:
    """Step: note that a person, or a partner company at its address, is to be told something."""
    row = Notification(
        message_id=secrets.token_hex(16),
        kind=kind,
        person_id=person,
        partner_id=partner,
        incident_id=incident,
        link_id=link,
        data={name: value for name, value in data.items() if value is not None},
        made_at=now,
        waits_until=now,
    )
    session.add(row)
    return row


def claim(now: datetime, lease: str, count: int = 20) -> list[int]:
    """Lease the messages that wait longest, in real time; gives their ids."""
    with transaction() as session:
        waiting = (
            sa.select(Notification.id)
            .where(Notification.waits_until <= now)
            .order_by(Notification.waits_until, Notification.id)
            .limit(count)
            .with_for_update(skip_locked=True)
        )
        ids = list(session.scalars(waiting))
        _set(session, ids, waits_until=now + LEASE, lease=lease, tries=Notification.tries + 1)
        return ids


def mark_sent(ids: Collection[int], now: datetime) -> None:
    """Note that messages were sent."""
    with transaction() as session:
        _set(session, ids, waits_until=None, lease=None, sent_at=now, error=None)


def mark_failed(id: int, now: datetime, error: str, *, for_good: bool = False) -> None:
    """Note that a message could not be sent; it is tried again later, or given up."""
    with transaction() as session:
        row = session.get(Notification, id, with_for_update=True)
        if row is None or row.sent_at:
            return
        row.error, row.lease = error[:200], None
        if for_good or row.tries > len(WAITS):
            row.waits_until, row.failed_at = None, now
        else:
            row.waits_until = now + WAITS[row.tries - 1]


def _set(session: Session, ids: Collection[int], **values: Any) -> None:
    if ids:
        session.execute(sa.update(Notification).where(Notification.id.in_(ids)).values(**values))
