"""Links for who is not signed in: unguessable, used once, for a limited time."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask import current_app
from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy.orm import Mapped, Session, mapped_column

from servicedesk.db import Model


class Link(Model):
    """What a link may be used for; the token itself is kept nowhere."""

    __tablename__ = "link"

    id: Mapped[int] = mapped_column(primary_key=True)
    purpose: Mapped[str] = mapped_column(sa.String(20))  # invitation, reset, solved, approval
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
    link = Link(
        purpose=purpose,
        person_id=person,
        incident_id=incident,
        data=data,
        secret=secrets.token_urlsafe(32),
        made_at=now,
        ends_at=now + lasts,
    )
    session.add(link)
    session.flush()
    return link


def token(link: Link) -> str:
    """Write the token of a link: the same each time, so that a message sent again still fits."""
    said: str = _signer(link.purpose).dumps([link.id, link.secret])
    return said


def find(
    session: Session, token: str, purpose: str, now: datetime, *, lock: bool = False
) -> Link | None:
    """Step: give the link of a token if it can still be used; locked, for who will use it."""
    try:
        id, secret = _signer(purpose).loads(token)
    except (BadSignature, ValueError, TypeError):
        return None
    query = sa.select(Link).where(Link.id == id, Link.purpose == purpose)
    link = session.scalar(query.with_for_update() if lock else query)
    if link is None or link.used_at or link.ends_at <= now:
        return None
    return link if secrets.compare_digest(link.secret, str(secret)) else None


def revoke(session: Session, purpose: str, *, person: int, now: datetime) -> None:
    """Step: let a person's unused links for a purpose end."""
    session.execute(
        sa.update(Link)
        .where(Link.purpose == purpose, Link.person_id == person, Link.used_at.is_(None))
        .values(used_at=now)
    )


def _signer(purpose: str) -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt=f"link-{purpose}")
