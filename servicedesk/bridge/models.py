"""Reply addresses, and mails that came in, as tables."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from servicedesk.db import Model
from servicedesk.incidents.models import Incident
from servicedesk.people.models import Person

TAKEN, SET_ASIDE, DROPPED, THROWN_AWAY = "taken", "set_aside", "dropped", "thrown_away"
HANDOFF, REQUEST, INCIDENT = "handoff", "request", "incident"  # what a reply address is about


class ReplyAddress(Model):
    """H7: an address for the replies of one reader about one thing; its token is kept nowhere."""

    __tablename__ = "reply_address"
    __table_args__ = (sa.UniqueConstraint("incident_id", "purpose", "n", "reader"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    purpose: Mapped[str] = mapped_column(sa.String(10))  # handoff, request, incident
    incident_id: Mapped[int] = mapped_column(sa.ForeignKey("incident.id"))
    n: Mapped[int]  # of the hand-off or work request; 0: the incident itself
    reader: Mapped[str] = mapped_column(sa.String(24))  # "person:7", or the company "partner:2"
    secret: Mapped[str] = mapped_column(sa.String(43))
    digest: Mapped[str] = mapped_column(sa.String(32), unique=True)  # of the token
    made_at: Mapped[datetime]

    incident: Mapped[Incident] = relationship()


class ReceivedMail(Model):
    """A mail that came in, and what became of it; the mail itself is a file."""

    __tablename__ = "received_mail"

    id: Mapped[int] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(sa.String(64), unique=True)  # the same by whatever way
    kept: Mapped[str] = mapped_column(sa.String(64))  # its name on disk
    message_id: Mapped[str | None] = mapped_column(sa.String(250))
    sender: Mapped[str | None] = mapped_column(sa.String(254))  # as it says
    subject: Mapped[str] = mapped_column(sa.String(300), default="")
    received_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(sa.String(12))
    reason: Mapped[str | None] = mapped_column(sa.String(40))  # a code: words.reason
    detail: Mapped[str | None] = mapped_column(sa.String(300))  # what the desk said against it
    # what it is about, or became; who may not see that doesn't see the mail
    incident_id: Mapped[int | None] = mapped_column(sa.ForeignKey("incident.id"), index=True)
    purpose: Mapped[str | None] = mapped_column(sa.String(10))  # as a reply address has it
    n: Mapped[int | None]
    comment_id: Mapped[int | None] = mapped_column(sa.ForeignKey("comment.id"))
    decided_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    decided_at: Mapped[datetime | None]
    pruned_at: Mapped[datetime | None]  # its file is gone

    incident: Mapped[Incident | None] = relationship()
    decided_by: Mapped[Person | None] = relationship()


sa.Index("ix_received_mail_state", ReceivedMail.state, ReceivedMail.received_at, ReceivedMail.id)
_decided = sa.text("decided_at IS NOT NULL")
sa.Index(
    "ix_received_mail_decided", ReceivedMail.received_at, ReceivedMail.id,
    sqlite_where=_decided, postgresql_where=_decided,
)  # fmt: skip
sa.Index("ix_received_mail_sender_received_at", ReceivedMail.sender, ReceivedMail.received_at)
_kept = sa.text("pruned_at IS NULL")
sa.Index(
    "ix_received_mail_kept", ReceivedMail.kept, sqlite_where=_kept, postgresql_where=_kept
)  # fmt: skip
