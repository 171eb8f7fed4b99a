"""Sealed reports and their revisions."""

from __future__ import annotations

from datetime import datetime
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
