"""Reads what a partner's score is made of: the journals of what was handed to it, and no other."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from servicedesk.event import Event
from servicedesk.incidents.models import OPEN, HandOff, Incident, WorkRequest
from servicedesk.journal import EventRow
from servicedesk.partners.score.measures import Dealt, dealt
from servicedesk.reports import shelf
from servicedesk.reports.facts import About, derive, follow
from servicedesk.reports.queries import matters
from servicedesk.setup.directory import Directory

AT_ONCE = 500


def facts(
    session: Session, setup: Directory, refs: Collection[str], *, at: datetime, since: datetime
) -> list[Dealt]:
    """Derive the facts of what was handed to some companies and can matter from an instant on.

    Worked out once a minute and for each new event; clocks that run are judged at `at`.
    """
    last = session.scalar(sa.select(sa.func.max(EventRow.id))) or 0
    place = str(session.get_bind().engine.url)
    key = ("score", place, setup.revision, tuple(sorted(refs)), last, at, since)
    return shelf.keep(key, lambda: list(_derived(session, setup, refs, at, since)), len)


def _derived(
    session: Session, setup: Directory, refs: Collection[str], at: datetime, since: datetime
) -> Iterator[Dealt]:
    columns = (Incident.id, Incident.number, Incident.head, Incident.state)
    query = sa.select(*columns).where(_given(refs), matters(since)).order_by(Incident.id)
    place = str(session.get_bind().engine.url)
    chosen = [
        (About(number), id, (place, setup.revision, id, head) if state not in OPEN else None)
        for id, number, head, state in session.execute(query)
    ]
    kept = {id: fact for _about, id, key in chosen if key and (fact := _ended.get(key))}
    histories = _histories(session, [id for _about, id, _key in chosen if id not in kept])
    for about, id, key in chosen:
        if id in kept:
            yield kept[id]
        elif id in histories:
            yield _keep(key, _derive(histories[id], about, setup, at))


def _derive(events: list[Event], about: About, setup: Directory, at: datetime) -> Dealt:
    work, _waits = follow(events, setup)
    return dealt(derive(work, about, at), work.story, events, setup)


# Of what has ended no clock runs: its fact is the same whenever it is judged.
Key = tuple[str, int, int, str]  # database, revision of the set-up, incident, its last hash
_ended: dict[Key, Dealt] = {}
MOST = 20_000


def _keep(key: Key | None, fact: Dealt) -> Dealt:
    if key is not None:
        if len(_ended) >= MOST:
            _ended.clear()
        _ended[key] = fact
    return fact


def _given(refs: Collection[str]) -> sa.ColumnElement[bool]:
    """H2, H6: take incidents that were handed to one of them, or of which it was asked work."""
    handed = sa.select(HandOff.incident_id).where(HandOff.receiver.in_(refs))
    asked = sa.select(WorkRequest.incident_id).where(WorkRequest.receiver.in_(refs))
    return sa.or_(Incident.id.in_(handed), Incident.id.in_(asked))


def _histories(session: Session, incidents: Sequence[int]) -> dict[int, list[Event]]:
    """Read the events of some incidents, in order."""
    found: dict[int, list[Event]] = {}
    for start in range(0, len(incidents), AT_ONCE):
        query = sa.select(
            EventRow.incident_id, EventRow.seq, EventRow.kind, EventRow.happened_at,
            EventRow.actor_id, EventRow.data,
        ).where(EventRow.incident_id.in_(incidents[start : start + AT_ONCE]))  # fmt: skip
        query = query.order_by(EventRow.incident_id, EventRow.seq)
        for incident, *event in session.execute(query):
            found.setdefault(incident, []).append(Event(*event))
    return found


def began(session: Session, refs: Collection[str]) -> datetime | None:
    """Give the instant at which something was first handed to one of some companies."""
    sent = sa.select(sa.func.min(HandOff.sent_at)).where(HandOff.receiver.in_(refs))
    return session.scalar(sent)
