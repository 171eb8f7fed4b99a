"""Links for who is not signed in: unguessable, used once, for a limited time."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask import current_app
from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy.orm import Mapped, Session, mapped_column

from servicedesk.db import Model, transaction
from servicedesk.outbox import Notification

INVITATION, RESET = FOR_PASSWORDS = ("invitation", "reset")
KEPT = timedelta(days=30)
AT_ONCE = 1000


class Link(Model):
    """What a link may be used for; the token itself is kept nowhere."""

    __tablename__ = "link"

    id: Mapped[int] = mapped_column(primary_key=True)
    purpose: Mapped[str] = mapped_column(sa.String(20))  # reset, solved, promise …
    person_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"), index=True)
    incident_id: Mapped[int | None] = mapped_column(sa.ForeignKey("incident.id"), index=True)
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)
    secret: Mapped[str] = mapped_column(sa.String(43))
    made_at: Mapped[datetime]
    ends_at: Mapped[datetime] = mapped_column(index=True)
    used_at: Mapped[datetime | None]


def make(
    session: Session,
    purpose: str,
    *,
    now: datetime,
    lasts: timedelta,
    person: int | None = None,
    incident: int | None = None,
    **data: Any,
) -> Link:
    """Step: make a link that can be used once until its time is over."""
    link = _new(purpose, now, lasts, person_id=person, incident_id=incident, data=data)
    session.add(link)
    session.flush()
    return link


def make_many(
    session: Session, purpose: str, people: Iterable[int], *, now: datetime, lasts: timedelta
) -> list[Link]:
    """Step: make a link for each of many people."""
    found = [_new(purpose, now, lasts, person_id=person, data={}) for person in people]
    session.add_all(found)
    session.flush()
    return found


def _new(purpose: str, now: datetime, lasts: timedelta, **more: Any) -> Link:
    secret = secrets.token_urlsafe(32)
    return Link(purpose=purpose, secret=secret, made_at=now, ends_at=now + lasts, **more)


def token(link: Link) -> str:
    """Write the token of a link: the same each time, so that a message sent again still fits."""
    said: str = _signer(link.purpose).dumps([link.id, link.secret])
    return said


def find(
    session: Session, token: str, purpose: str, now: datetime, *, lock: bool = False
) -> Link | None:
    """Step: give the link of a token if it can still be used; locked, for who will use it."""
    link = look(session, token, purpose, lock=lock)
    return None if link is None or link.used_at or link.ends_at <= now else link


def look(session: Session, token: str, purpose: str, *, lock: bool = False) -> Link | None:
    """Step: give the link of a token, though it was used or its time is over."""
    try:
        id, secret = _signer(purpose).loads(token)
    except (BadSignature, ValueError, TypeError):
        return None
    query = sa.select(Link).where(Link.id == id, Link.purpose == purpose)
    link = session.scalar(query.with_for_update() if lock else query)
    return link if link and secrets.compare_digest(link.secret, str(secret)) else None


def revoke(session: Session, purpose: str, *, person: int, now: datetime) -> None:
    """Step: let a person's unused links for a purpose end."""
    _revoke(session, now, Link.purpose == purpose, Link.person_id == person)


def revoke_all(session: Session, people: Collection[int], now: datetime, *purposes: str) -> None:
    """Step: let all unused links of people end, or those for some purposes."""
    those = [Link.purpose.in_(purposes)] if purposes else []
    for some in _chunks(list(people)):
        _revoke(session, now, Link.person_id.in_(some), *those)


def _revoke(session: Session, now: datetime, *those: sa.ColumnElement[bool]) -> None:
    ended = sa.update(Link).where(Link.used_at.is_(None), *those).values(used_at=now)
    session.execute(ended.execution_options(synchronize_session=False))


def _chunks(ids: list[int]) -> Iterator[list[int]]:
    for start in range(0, len(ids), AT_ONCE):
        yield ids[start : start + AT_ONCE]


def prune(now: datetime) -> None:
    """Throw away links that ended, or were used, so long ago that nobody asks any more."""
    with transaction() as session:
        old = sa.select(Link.id).where(
            Link.ends_at <= now - KEPT, sa.or_(Link.used_at.is_(None), Link.used_at <= now - KEPT)
        )
        ids = list(session.scalars(old.with_for_update(skip_locked=True)))
        for some in _chunks(ids):
            session.execute(
                sa.update(Notification).where(Notification.link_id.in_(some)).values(link_id=None)
            )
            session.execute(sa.delete(Link).where(Link.id.in_(some)))


def _signer(purpose: str) -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt=f"link-{purpose}")
