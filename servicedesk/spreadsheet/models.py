"""Imports that were done, and mappings kept for the next time."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from servicedesk.db import Model
from servicedesk.people.models import Person


class KeptMapping(Model):
    """How the sheets of one ledger are read."""

    __tablename__ = "kept_mapping"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(120), unique=True)
    data: Mapped[dict[str, Any]]
    changed_at: Mapped[datetime]


class MoveIn(Model):
    """A ledger that was imported: written in the transaction that brought its lines in."""

    __tablename__ = "move_in"

    id: Mapped[int] = mapped_column(primary_key=True)
    token: Mapped[str] = mapped_column(sa.String(32), unique=True)  # of its draft
    person_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    file_name: Mapped[str] = mapped_column(sa.String(255))
    at: Mapped[datetime]
    rows: Mapped[int]  # below the head, all of them
    imported: Mapped[int]
    there: Mapped[int]  # before
    left_out: Mapped[int]
    passed_over: Mapped[int]  # rows that were no lines

    person: Mapped[Person | None] = relationship()
