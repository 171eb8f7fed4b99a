"""Meetings with partner companies as tables: the sheet, its lines, what was decided."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from servicedesk.db import Model
from servicedesk.incidents.models import Incident
from servicedesk.people.models import Partner, Person

DRAFT, HELD = "draft", "held"
HANDOFF, REQUEST = "handoff", "request"  # what a line of the sheet is about
US, THEM = "us", "them"  # whose turn it is: the desk's, the company's


class Meeting(Model):
    """A regular meeting with a partner company; once it was held it stays as it was."""

    __tablename__ = "meeting"
    __table_args__ = (
        sa.UniqueConstraint("partner_id", "n"),
        sa.Index(
            "ix_meeting_draft", "partner_id", unique=True,
            sqlite_where=sa.text("state = 'draft'"), postgresql_where=sa.text("state = 'draft'"),
        ),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    partner_id: Mapped[int] = mapped_column(sa.ForeignKey("partner.id"))
    n: Mapped[int]  # of the company's meetings
    state: Mapped[str] = mapped_column(sa.String(8), default=DRAFT)
    day: Mapped[date]
    since: Mapped[date]  # the first day that its score is about
    participants: Mapped[str] = mapped_column(sa.Text, default="")
    version: Mapped[int] = mapped_column(default=1)
    contents: Mapped[dict[str, Any] | None]  # what the sheet said when it was held
    created_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    created_at: Mapped[datetime]
    changed_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    changed_at: Mapped[datetime]
    held_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    held_at: Mapped[datetime | None]

    partner: Mapped[Partner] = relationship()
    changed_by: Mapped[Person | None] = relationship(foreign_keys=[changed_by_id])

    @property
    def is_draft(self) -> bool:
        """Say whether it is still being prepared."""
        return self.state == DRAFT


class MeetingItem(Model):
    """What was said of one hand-off or work request: the next action, by when, and whose."""

    __tablename__ = "meeting_item"
    __table_args__ = (sa.UniqueConstraint("meeting_id", "kind", "incident_id", "n"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = mapped_column(sa.ForeignKey("meeting.id"))
    kind: Mapped[str] = mapped_column(sa.String(8))  # handoff, request
    incident_id: Mapped[int] = mapped_column(sa.ForeignKey("incident.id"))
    n: Mapped[int]  # of the hand-off or the request within its incident
    next_action: Mapped[str] = mapped_column(sa.Text, default="")
    next_day: Mapped[date | None]
    who: Mapped[str] = mapped_column(sa.String(4), default="")  # us, them or not said

    incident: Mapped[Incident] = relationship()


class Decision(Model):
    """What was decided in a meeting; it comes up again in each one until it is done."""

    __tablename__ = "meeting_decision"

    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = mapped_column(sa.ForeignKey("meeting.id"), index=True)
    text: Mapped[str] = mapped_column(sa.Text)
    owner: Mapped[str] = mapped_column(sa.String(120), default="")
    due: Mapped[date | None]
    done_in_id: Mapped[int | None] = mapped_column(sa.ForeignKey("meeting.id"))

    meeting: Mapped[Meeting] = relationship(foreign_keys=[meeting_id])
