"""When the desk last did what it does by itself: for the administrator's page and for watchers."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from servicedesk.db import Model, transaction


class Pulse(Model):
    """The last time that a piece of work was done."""

    __tablename__ = "pulse"

    name: Mapped[str] = mapped_column(sa.String(40), primary_key=True)  # sweep, mail, backup
    at: Mapped[datetime]


def beat(name: str, now: datetime) -> None:
    """Note that a piece of work was done just now."""
    with transaction() as session:
        there = session.execute(sa.update(Pulse).where(Pulse.name == name).values(at=now))
        if not there.rowcount:  # type: ignore[attr-defined]
            session.execute(sa.insert(Pulse).values(name=name, at=now))


def last(session: Session, name: str) -> datetime | None:
    """Say when a piece of work was last done."""
    return session.scalar(sa.select(Pulse.at).where(Pulse.name == name))
