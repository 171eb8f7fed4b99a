"""What was changed of a rota by hand, swaps that were asked for, and calendars' addresses."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from servicedesk.db import Model

OVERRIDE, SWAP = ("override", "swap")  # how a change came about
ASKED, AGREED, REFUSED, WITHDRAWN = ("asked", "agreed", "refused", "withdrawn")


class DutyChange(Model):
    """Somebody takes over from one instant to another; withdrawn, what is past of it stays."""

    __tablename__ = "duty_change"
    __table_args__ = (sa.Index("ix_duty_change_group_id_end_at", "group_id", "end_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    group_id: Mapped[int] = mapped_column(sa.ForeignKey("support_group.id"))
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    start_at: Mapped[datetime]
    end_at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(sa.String(10))
    reason: Mapped[str | None] = mapped_column(sa.String(500))
    swap_id: Mapped[int | None] = mapped_column(sa.ForeignKey("duty_swap.id"), index=True)
    made_by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    made_at: Mapped[datetime]
    withdrawn_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    withdrawn_at: Mapped[datetime | None]

    @property
    def ends_at(self) -> datetime:
        """Give until when it holds: withdrawn before it began, it never did."""
        return min(self.end_at, self.withdrawn_at) if self.withdrawn_at else self.end_at


class DutySwap(Model):
    """One asks another to take a turn, for one of theirs or for nothing."""

    __tablename__ = "duty_swap"

    id: Mapped[int] = mapped_column(primary_key=True)
    group_id: Mapped[int] = mapped_column(sa.ForeignKey("support_group.id"), index=True)
    asker_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    other_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    start_at: Mapped[datetime]  # the asker's turn
    end_at: Mapped[datetime]
    other_start_at: Mapped[datetime | None]  # the other's; None: nothing for it
    other_end_at: Mapped[datetime | None]
    note: Mapped[str | None] = mapped_column(sa.String(500))
    state: Mapped[str] = mapped_column(sa.String(10), default=ASKED)
    asked_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class CalendarFeed(Model):
    """A private address that a calendar reads: of one's own turns, or of a group's."""

    __tablename__ = "calendar_feed"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    group_id: Mapped[int | None] = mapped_column(sa.ForeignKey("support_group.id"))
    secret: Mapped[str] = mapped_column(sa.String(64), unique=True)  # SHA-256 of the token
    made_at: Mapped[datetime]
    read_at: Mapped[datetime | None]  # about when it was last read
    digest: Mapped[str | None] = mapped_column(sa.String(64))  # of what was read last
    changed_at: Mapped[datetime]  # when that changed
    revoked_at: Mapped[datetime | None]
