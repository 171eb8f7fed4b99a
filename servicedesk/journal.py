"""The journal: append-only events of each incident, chained by hashes."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask import current_app
from sqlalchemy.orm import Mapped, Session, mapped_column

from servicedesk.db import Model
from servicedesk.event import Event
from servicedesk.times import iso

BEGINNING = "0" * 64


class EventRow(Model):
    """A line of the journal."""

    __tablename__ = "event"
    __table_args__ = (sa.UniqueConstraint("incident_id", "seq"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(sa.ForeignKey("incident.id"))
    seq: Mapped[int]
    kind: Mapped[str] = mapped_column(sa.String(40))
    happened_at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    actor_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    data: Mapped[dict[str, Any]]
    before: Mapped[str] = mapped_column(sa.String(64))  # hash of the incident's previous line

    def event(self) -> Event:
        """Give the line as the plain event."""
        return Event(self.seq, self.kind, self.happened_at, self.actor_id, self.data)


_prioritised = sa.text("kind = 'incident.prioritised'")
sa.Index(
    "ix_event_prioritised", EventRow.happened_at, EventRow.incident_id,
    sqlite_where=_prioritised, postgresql_where=_prioritised,
)  # fmt: skip


def line_hash(before: str, number: int, event: Event, recorded_at: datetime) -> str:
    """Hash one line together with the hash of the line before it (SHA-256, hex)."""
    line = [before, number, event.seq, event.kind, iso(event.at), iso(recorded_at), event.actor]
    text = json.dumps([*line, event.data], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def chain(
    head: str, incident_id: int, number: int, events: Iterable[Event], recorded_at: datetime
) -> tuple[str, list[dict[str, Any]]]:
    """Chain events after `head`; give the new head and the rows to insert."""
    rows = []
    for event in events:
        rows.append(
            {
                "incident_id": incident_id,
                "seq": event.seq,
                "kind": event.kind,
                "happened_at": event.at,
                "recorded_at": recorded_at,
                "actor_id": event.actor,
                "data": dict(event.data),
                "before": head,
            }
        )
        head = line_hash(head, number, event, recorded_at)
    return head, rows


def insert(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    """Append lines to the journal."""
    if rows:
        session.execute(sa.insert(EventRow), rows)


def read(session: Session, incident_id: int, after: int = 0) -> list[Event]:
    """Read one incident's events in order, from those after sequence number `after` on."""
    query = (
        sa.select(
            EventRow.seq, EventRow.kind, EventRow.happened_at, EventRow.actor_id, EventRow.data
        )
        .where(EventRow.incident_id == incident_id, EventRow.seq > after)
        .order_by(EventRow.seq)
    )
    return [Event(*row) for row in session.execute(query)]


def digest(text: str) -> str:
    """Give the keyed digest of a text (HMAC-SHA-256, 32 hex digits), so that it can be erased."""
    key = str(current_app.config["SECRET_KEY"]).encode()
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()[:32]
