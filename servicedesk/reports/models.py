"""Sealed reports and their revisions; what is drafted beside the figures; approval."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from servicedesk.db import Model


class Report(Model):
    """F6: a report as it was sealed: its file is kept and served as it is."""

    __tablename__ = "report"
    __table_args__ = (sa.UniqueConstraint("period", "scope", "zone", "language", "revision"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    period: Mapped[str] = mapped_column(sa.String(20))  # 2026-10 or 2026-04..2026-09
    scope: Mapped[str] = mapped_column(sa.String(220))
    zone: Mapped[str] = mapped_column(sa.String(64))
    language: Mapped[str] = mapped_column(sa.String(8))
    revision: Mapped[int]
    definitions: Mapped[str] = mapped_column(sa.String(20))
    digest: Mapped[str] = mapped_column(sa.String(64))  # of its figures and their cases
    cutoff_event: Mapped[int]  # F6: id of the last event known
    cutoff_at: Mapped[datetime]  # when that event was recorded
    sealed_at: Mapped[datetime]
    sealed_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    figures: Mapped[dict[str, Any]]  # its JSON, whole
    sha256: Mapped[str] = mapped_column(sa.String(64))
    stored: Mapped[str] = mapped_column(sa.String(64))  # its name on disk
    # F6: the same with name and day in the approval boxes; the sealed file stays beside it
    approved_sha256: Mapped[str | None] = mapped_column(sa.String(64))
    approved_stored: Mapped[str | None] = mapped_column(sa.String(64))


class Remark(Model):
    """What managers draft to say on the first page of a report."""

    __tablename__ = "report_remark"
    __table_args__ = (sa.UniqueConstraint("period", "scope"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    period: Mapped[str] = mapped_column(sa.String(20))
    scope: Mapped[str] = mapped_column(sa.String(220))
    comment: Mapped[str] = mapped_column(sa.String(400))
    wanted: Mapped[str] = mapped_column(sa.String(400))  # decisions
    approver_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))  # of this report
    version: Mapped[int] = mapped_column(default=1)
    changed_at: Mapped[datetime]
    changed_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))


class Action(Model):
    """What is to be done, as a report says; the reports after it say what became of it."""

    __tablename__ = "report_action"
    __table_args__ = (sa.Index("ix_report_action_scope_ends", "scope", "ends"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    period: Mapped[str] = mapped_column(sa.String(20))
    scope: Mapped[str] = mapped_column(sa.String(220))
    ends: Mapped[date]  # the first day after its period
    what: Mapped[str] = mapped_column(sa.String(300))
    who: Mapped[str] = mapped_column(sa.String(80))
    until: Mapped[date | None]
    state: Mapped[str] = mapped_column(sa.String(8))  # open, done, dropped
    note: Mapped[str] = mapped_column(sa.String(300))
    settled_on: Mapped[date | None]  # since when it is no longer open
    version: Mapped[int] = mapped_column(default=1)
    made_at: Mapped[datetime]
    made_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    changed_at: Mapped[datetime]
    changed_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))


class Approval(Model):
    """Who is asked to approve a revision, and what they said; never part of its figures."""

    __tablename__ = "report_approval"
    __table_args__ = (sa.UniqueConstraint("period", "scope", "zone", "revision"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    period: Mapped[str] = mapped_column(sa.String(20))
    scope: Mapped[str] = mapped_column(sa.String(220))
    zone: Mapped[str] = mapped_column(sa.String(64))
    revision: Mapped[int]
    approver_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    asked_at: Mapped[datetime]
    asked_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    state: Mapped[str] = mapped_column(sa.String(8))  # asked, approved, refused
    reason: Mapped[str] = mapped_column(sa.String(400), default="")
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))  # or a deputy


class FactRow(Model):
    """An incident's fact as its journal up to an event tells it: a cache, see `keeping`."""

    __tablename__ = "fact"
    __table_args__ = (
        sa.Index("ix_fact_span", "generation", "reach", "since", "until", "event"),
        sa.Index("ix_fact_event", "event", "born"),
    )

    incident_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    generation: Mapped[int]  # of all facts that follow from one set-up and program
    event: Mapped[int]  # id of the last event that it knows
    born: Mapped[int]  # id of the first
    reach: Mapped[int]  # `kept.reach` of the two that follow
    since: Mapped[int] = mapped_column(sa.BigInteger)  # seconds since 1970
    until: Mapped[int | None] = mapped_column(sa.BigInteger)  # None: it has no end yet
    part_of: Mapped[int | None] = mapped_column(index=True)  # id of its major incident
    body: Mapped[str | None] = mapped_column(sa.Text)  # None: only its journal can tell


class FactState(Model):
    """What facts are kept by, and up to which event all that there were are kept: one row."""

    __tablename__ = "fact_state"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    generation: Mapped[int]
    basis: Mapped[str] = mapped_column(sa.String(64))
    event: Mapped[int]


class PeriodTally(Model):
    """A past period's figures over what had ended in it, as known at an event: see `tallies`."""

    __tablename__ = "period_tally"

    first: Mapped[date] = mapped_column(primary_key=True)
    after: Mapped[date] = mapped_column(primary_key=True)
    zone: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    scope: Mapped[str] = mapped_column(sa.String(220), primary_key=True)
    generation: Mapped[int]
    event: Mapped[int]
    incidents: Mapped[int]  # how many facts there were to be read
    body: Mapped[str] = mapped_column(sa.Text)
