"""Calendars and agreements with their versions, and the clock rows."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from servicedesk.db import Model


class CalendarRow(Model):
    """A working calendar (稼働カレンダー)."""

    __tablename__ = "calendar"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(sa.String(64), unique=True)
    active: Mapped[bool] = mapped_column(default=True)

    versions: Mapped[list[CalendarVersion]] = relationship(order_by="CalendarVersion.number")


class CalendarVersion(Model):
    """C7: what a calendar says from an instant on."""

    __tablename__ = "calendar_version"
    __table_args__ = (sa.UniqueConstraint("calendar_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    calendar_id: Mapped[int] = mapped_column(sa.ForeignKey("calendar.id"))
    number: Mapped[int]
    valid_from: Mapped[datetime | None]  # empty: from the beginning of time
    definition: Mapped[dict[str, Any]]  # as in DESK.yaml
    holidays: Mapped[list[str]]  # C7: the holiday dates it was published with


class Agreement(Model):
    """Targets: a customer's agreement (SLA), a group's (OLA) or a partner's contract (UC)."""

    __tablename__ = "agreement"
    __table_args__ = (sa.UniqueConstraint("kind", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(sa.String(3))  # sla, ola, uc
    key: Mapped[str] = mapped_column(sa.String(64))  # its own, its group's or its partner's key
    active: Mapped[bool] = mapped_column(default=True)

    versions: Mapped[list[AgreementVersion]] = relationship(order_by="AgreementVersion.number")


class AgreementVersion(Model):
    """C8: what an agreement says for what starts from an instant on."""

    __tablename__ = "agreement_version"
    __table_args__ = (sa.UniqueConstraint("agreement_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    agreement_id: Mapped[int] = mapped_column(sa.ForeignKey("agreement.id"))
    number: Mapped[int]
    valid_from: Mapped[datetime | None]  # empty: from the beginning of time
    # {"calendar": key, "pauses": […], "targets": …} with targets as in DESK.yaml
    definition: Mapped[dict[str, Any]]


class ClockRow(Model):
    """C6: a clock as last computed from the journal: a cache."""

    __tablename__ = "clock"
    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(sa.ForeignKey("incident.id"), index=True)
    kind: Mapped[str] = mapped_column(sa.String(12))
    party: Mapped[str | None] = mapped_column(sa.String(20))  # "group:3"; empty: the customer's
    handoff: Mapped[int | None]  # its number within the incident
    calendar: Mapped[str | None] = mapped_column(sa.String(64))
    priority: Mapped[str | None] = mapped_column(sa.String(8))
    target_seconds: Mapped[int | None]
    state: Mapped[str] = mapped_column(sa.String(10))  # running paused met breached cancelled
    running: Mapped[bool]  # counts on, breached or not
    started_at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    late_from: Mapped[datetime | None]  # C10: the first instant that is too late, if it runs on
    breaches_at: Mapped[datetime | None]  # the instant that a breach would carry, if it runs on
    counted_seconds: Mapped[int | None]
    counted_at: Mapped[datetime]  # the instant up to which time was counted
    stopped_at: Mapped[datetime | None]
    breached_at: Mapped[datetime | None]
    # C11: without what is excluded; empty where nothing is
    excluded_seconds: Mapped[int] = mapped_column(default=0, server_default="0")
    net_state: Mapped[str | None] = mapped_column(sa.String(10))
    net_late_from: Mapped[datetime | None]
    net_breaches_at: Mapped[datetime | None]
    net_breached_at: Mapped[datetime | None]


_answers = sa.text("kind = 'answer' AND stopped_at IS NULL")
sa.Index(
    "ix_clock_answer", ClockRow.incident_id, ClockRow.handoff, ClockRow.late_from,
    ClockRow.breached_at, sqlite_where=_answers, postgresql_where=_answers,
)  # fmt: skip


class Application(Model):
    """C8: a version of an agreement that is being applied to open incidents, or was."""

    __tablename__ = "application"

    id: Mapped[int] = mapped_column(primary_key=True)
    agreement_id: Mapped[int] = mapped_column(sa.ForeignKey("agreement.id"))
    version: Mapped[int]
    asked_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    asked_at: Mapped[datetime]
    total: Mapped[int]  # open incidents to look at
    looked_at: Mapped[int] = mapped_column(default=0)
    applied: Mapped[int] = mapped_column(default=0)  # those that it concerned
    through: Mapped[int] = mapped_column(default=0)  # id of the last incident looked at
    finished_at: Mapped[datetime | None]
