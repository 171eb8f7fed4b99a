"""Reads what a period is judged again from: the journals of the incidents that can matter to it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import groupby

import sqlalchemy as sa
from sqlalchemy.orm import Session

from servicedesk.event import Event
from servicedesk.incidents.models import Incident
from servicedesk.journal import EventRow
from servicedesk.reports.facts import About
from servicedesk.reports.periods import Period
from servicedesk.reports.queries import Knowledge, matters

AT_ONCE = 2000
_ZONES = timedelta(days=2)  # a day ends up to so much earlier or later elsewhere


def newest(session: Session) -> Knowledge:
    """Give the last event of a snapshot."""
    query = sa.select(EventRow.id, EventRow.recorded_at).order_by(EventRow.id.desc()).limit(1)
    row = session.execute(query).first()
    return Knowledge(*row) if row else Knowledge()


def size(session: Session, period: Period) -> int:
    """Count the incidents that are read for a period."""
    query = sa.select(sa.func.count()).select_from(Incident).where(_looked_at(period))
    return session.scalar(query) or 0


def histories(
    session: Session, known: Knowledge, period: Period
) -> Iterator[tuple[About, list[Event]]]:
    """Stream the journals of the incidents that can matter to a period, by number."""
    query = (
        sa.select(
            Incident.number, Incident.category, Incident.department,
            EventRow.seq, EventRow.kind, EventRow.happened_at, EventRow.actor_id, EventRow.data,
        )
        .join(Incident, Incident.id == EventRow.incident_id)
        .where(EventRow.id <= known.event, _looked_at(period))
        .order_by(Incident.number, EventRow.seq)
        .execution_options(yield_per=AT_ONCE)
    )  # fmt: skip
    for about, lines in groupby(session.execute(query), key=lambda line: tuple(line[:3])):
        yield About(*about), [Event(*line[3:]) for line in lines]


def _looked_at(period: Period) -> sa.ColumnElement[bool]:
    """Leave out what ended before, and what came after without a wish in the period."""
    dates = (Incident.requested_due, Incident.first_requested_due)
    came = sa.or_(Incident.logged_at < period.end, *(date < period.end + _ZONES for date in dates))
    return sa.and_(matters(period.start), came)
