"""When the desk last did what it does by itself: for the administrator's page and for watchers."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from servicedesk.db import Model, dialect, transaction

BEGUN = "init"  # when this desk began


class Pulse(Model):
    """The last time that a piece of work was done."""

    __tablename__ = "pulse"

    name: Mapped[str] = mapped_column(sa.String(40), primary_key=True)  # sweep, mail, backup, init
    at: Mapped[datetime]


def beat(name: str, now: datetime) -> None:
    """Note that a piece of work was done just now."""
    with transaction() as session:
        insert = postgresql.insert if dialect(session) == "postgresql" else sqlite.insert
        values = insert(Pulse).values(name=name, at=now)  # two first beats may meet
        session.execute(values.on_conflict_do_update(index_elements=["name"], set_={"at": now}))


def last(session: Session, name: str) -> datetime | None:
    """Say when a piece of work was last done."""
    return session.scalar(sa.select(Pulse.at).where(Pulse.name == name))
