"""Reads what rules are tried on: the journals of what was alive in a span, batch by batch."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from datetime import date, datetime
from itertools import groupby

import sqlalchemy as sa
from sqlalchemy.orm import Session

from servicedesk.event import Event
from servicedesk.incidents.models import OPEN, Firing, Incident
from servicedesk.journal import EventRow
from servicedesk.people.models import Person
from servicedesk.times import local_day

AT_ONCE = 200  # incidents; their journals are in memory together

_EVENT = (
    EventRow.incident_id, EventRow.seq, EventRow.kind, EventRow.happened_at, EventRow.actor_id,
    EventRow.data,
)  # fmt: skip


def alive(start: datetime, end: datetime) -> sa.ColumnElement[bool]:
    """Narrow to what was open at the start of a span or was logged since, with a little more."""
    ended = sa.func.coalesce(Incident.cancelled_at, Incident.resolved_at, Incident.closed_at)
    is_open = Incident.state.in_(OPEN)
    return sa.and_(Incident.logged_at < end, sa.or_(is_open, ended.is_(None), ended >= start))


def size(session: Session, start: datetime, end: datetime) -> int:
    """Count the incidents of a span."""
    query = sa.select(sa.func.count()).select_from(Incident).where(alive(start, end))
    return session.scalar(query) or 0


def histories(
    session: Session, start: datetime, end: datetime
) -> Iterator[tuple[int, list[Event]]]:
    """Give number and journal of each incident of a span; memory holds one batch at a time."""
    last = 0
    query = sa.select(Incident.id, Incident.number).where(alive(start, end)).order_by(Incident.id)
    while some := session.execute(query.where(Incident.id > last).limit(AT_ONCE)).all():
        numbers = {row.id: row.number for row in some}
        last = some[-1].id
        lines = sa.select(*_EVENT).where(
            EventRow.incident_id.in_(numbers), EventRow.happened_at < end
        )
        found = session.execute(lines.order_by(EventRow.incident_id, EventRow.seq))
        for id, rows in groupby(found, key=lambda row: row.incident_id):
            yield numbers[id], [Event(*row[1:]) for row in rows]


def really(
    session: Session, start: datetime, end: datetime, zone: str, services: Collection[int]
) -> Counter[date]:
    """Count what rules did fire for some services, by the local day."""
    query = sa.select(Firing.fired_at).join(Incident, Incident.id == Firing.incident_id)
    query = query.where(Firing.fired_at >= start, Firing.fired_at < end)
    found = session.scalars(
        query.where(Incident.service_id.in_(services)).execution_options(yield_per=5000)
    )
    return Counter(local_day(at, zone) for at in found if at)


def people(session: Session, ids: Collection[int] | None = None) -> dict[int, tuple[str, str]]:
    """Give key and name of people, of everybody where nobody is said."""
    query = sa.select(Person.id, Person.key, Person.name)
    rows = session.execute(query if ids is None else query.where(Person.id.in_(ids)))
    return {id: (key, name) for id, key, name in rows}
