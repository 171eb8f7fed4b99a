"""Templates for frequent requests as a table."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from servicedesk.db import Model
from servicedesk.people.models import Person


class Template(Model):
    """What a frequent request begins with."""

    __tablename__ = "template"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(120))
    service_id: Mapped[int] = mapped_column(sa.ForeignKey("service.id"))
    type: Mapped[str] = mapped_column(sa.String(10))  # incident, request
    title: Mapped[str] = mapped_column(sa.String(300), default="")
    description: Mapped[str] = mapped_column(sa.Text, default="")  # with blanks to fill in
    impact: Mapped[int]
    urgency: Mapped[int]
    desk_only: Mapped[bool] = mapped_column(default=False)
    place: Mapped[int] = mapped_column(default=0)  # the lowest comes first
    active: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column(default=1)
    changed_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    changed_at: Mapped[datetime]

    changed_by: Mapped[Person | None] = relationship()
