"""What was chosen and is to be done, so that each act is done exactly once."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from servicedesk.db import Model
from servicedesk.incidents.models import Incident

WAITING, DONE, ASKED, NOT_DONE = "waiting", "done", "asked", "not_done"


class Selection(Model):
    """Incidents chosen by somebody for one act; its token is that of the preview it came from."""

    __tablename__ = "selection"

    id: Mapped[int] = mapped_column(primary_key=True)
    token: Mapped[str] = mapped_column(sa.String(32), unique=True)
    act: Mapped[str] = mapped_column(sa.String(12))  # take, assign, hand_off, nudge
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    at: Mapped[datetime]
    asked: Mapped[dict[str, Any]]  # what the act needs: to whom, why, until when


class Chosen(Model):
    """One incident of a selection, and what became of it."""

    __tablename__ = "chosen"
    __table_args__ = (sa.UniqueConstraint("selection_id", "incident_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    selection_id: Mapped[int] = mapped_column(sa.ForeignKey("selection.id"), index=True)
    incident_id: Mapped[int] = mapped_column(sa.ForeignKey("incident.id"), index=True)
    version: Mapped[int]  # of the incident as the preview read it
    state: Mapped[str] = mapped_column(sa.String(10))  # waiting, done, asked, not_done
    why: Mapped[str] = mapped_column(sa.Text, default="", server_default="")  # it was not done

    incident: Mapped[Incident] = relationship()
    selection: Mapped[Selection] = relationship()


_waiting = sa.text("state = 'waiting'")
sa.Index("ix_chosen_waiting", Chosen.id, sqlite_where=_waiting, postgresql_where=_waiting)
