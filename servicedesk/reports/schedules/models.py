"""Runs of schedules, and who wants what they send; the schedules themselves are set up."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from servicedesk.db import Model
from servicedesk.setup.models import Schedule

__all__ = ["Run", "Schedule", "Wish"]


class Run(Model):
    """F9: a period of a schedule: it is made and mailed once, whoever does it or is killed."""

    __tablename__ = "report_run"
    __table_args__ = (
        sa.UniqueConstraint("schedule_id", "period"),
        sa.Index(
            "ix_report_run_next_at",
            "next_at",
            sqlite_where=sa.text("next_at IS NOT NULL"),
            postgresql_where=sa.text("next_at IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    schedule_id: Mapped[int] = mapped_column(sa.ForeignKey("report_schedule.id"))
    period: Mapped[str] = mapped_column(sa.String(20))
    scope: Mapped[str] = mapped_column(sa.String(220))  # as it was then
    zone: Mapped[str] = mapped_column(sa.String(64))
    due_at: Mapped[datetime]
    next_at: Mapped[datetime | None]  # when it is tried; nothing once it is done, or given up
    tries: Mapped[int] = mapped_column(default=0)
    error: Mapped[str | None] = mapped_column(sa.String(300))  # of the last try
    told_at: Mapped[datetime | None]  # that it fails
    waits: Mapped[str | None] = mapped_column(sa.String(8))  # to be sealed, or approved
    done_at: Mapped[datetime | None]
    count: Mapped[int] = mapped_column(default=0)  # of those it was sent to
    reports: Mapped[dict[str, Any]] = mapped_column(default=dict)  # ids by language

    schedule: Mapped[Schedule] = relationship()

    def report_in(self, language: str) -> int | None:
        """Give the id of its sealed report in a language, else of its first."""
        found = self.reports.get(language) or next(iter(self.reports.values()), None)
        return int(found) if found else None


class Wish(Model):
    """Who subscribed to a schedule, or wants nothing of it though named there."""

    __tablename__ = "report_wish"

    schedule_id: Mapped[int] = mapped_column(sa.ForeignKey("report_schedule.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), primary_key=True, index=True)
    wants: Mapped[bool]
