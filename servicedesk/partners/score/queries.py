"""Reads what a partner's score is made of: the journals of what was handed to it, and no other."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from servicedesk.event import Event
from servicedesk.incidents.models import OPEN, HandOff, Incident, WorkRequest
from servicedesk.journal import EventRow
from servicedesk.partners.score import rows
from servicedesk.partners.score.measures import Dealt, dealt
from servicedesk.partners.score.score import Score, course_since
from servicedesk.reports import shelf
from servicedesk.reports.facts import About, derive, follow
from servicedesk.reports.periods import Period
from servicedesk.setup.directory import Directory, Party

AT_ONCE = 500


def score(
    session: Session, setup: Directory, party: Party, period: Period, at: datetime,
    *, course: bool = False,
) -> Score:  # fmt: skip
    """Give a company's score of a period, as judged at an instant; `course`: over the months too.

    Histories are followed for what lasted into the period, or the one before it; the months before
    these are told by the rows.
    """
    found = facts(session, setup, [party.ref], period, at=at)
    past = _past(session, setup, party, at, course_since(period, at)) if course else None
    return Score(party, setup, period, at, found, past, first_logged(session, party.ref))


def facts(
    session: Session, setup: Directory, refs: Collection[str], period: Period, *, at: datetime
) -> list[Dealt]:
    """Derive the facts of what was handed to some companies and lasted into a period.

    Into the one before it as well. Worked out once a minute and for each new event; clocks that
    run are judged at `at`.
    """
    key = _key(session, setup, refs, at, period)
    return shelf.keep(key, lambda: list(_derived(session, setup, refs, at, period)), len)


def _past(
    session: Session, setup: Directory, party: Party, at: datetime, since: datetime
) -> list[Dealt]:
    key = _key(session, setup, [party.ref], at, since)
    return shelf.keep(key, lambda: rows.facts(session, setup, party, at, since), len)


def _key(
    session: Session, setup: Directory, refs: Collection[str], at: datetime, what: object
) -> tuple[object, ...]:
    last = session.scalar(sa.select(sa.func.max(EventRow.id))) or 0
    place = str(session.get_bind().engine.url)
    return ("score", place, setup.revision, tuple(sorted(refs)), last, at, what)


def _derived(
    session: Session, setup: Directory, refs: Collection[str], at: datetime, period: Period
) -> Iterator[Dealt]:
    columns = (Incident.id, Incident.number, Incident.head, Incident.state)
    query = sa.select(*columns).where(_given(refs, period)).order_by(Incident.id)
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


def forget() -> None:
    """Forget what is kept in memory, as after a start."""
    _ended.clear()


def _given(refs: Collection[str], period: Period) -> sa.ColumnElement[bool]:
    """H2, H6: take incidents that were handed to one of them, or of which it was asked work.

    All that a figure counts of a hand-off lies between its being sent and its end; of a work
    request its due date may lie after its end.
    """
    stretch = period.before.start, period.end
    mine, theirs = HandOff.receiver.in_(refs), WorkRequest.receiver.in_(refs)
    lasting = rows.reaches(mine, HandOff.sent_at, HandOff.ended_at, *stretch)
    asking = rows.reaches(theirs, WorkRequest.asked_at, WorkRequest.ended_at, *stretch)
    due = sa.and_(theirs, WorkRequest.due >= stretch[0], WorkRequest.due < stretch[1])
    handed = sa.select(HandOff.incident_id).where(lasting)
    asked = sa.select(WorkRequest.incident_id).where(sa.or_(asking, due))
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


def first_logged(session: Session, ref: str) -> datetime | None:
    """Give when the first incident was logged of which a company was ever given anything."""
    found = [_first_of(session, table, ref) for table in (HandOff, WorkRequest)]
    return min((at for at in found if at), default=None)


def _first_of(session: Session, table: type[HandOff | WorkRequest], ref: str) -> datetime | None:
    given = sa.select(table.incident_id).where(table.receiver == ref)
    return session.scalar(sa.select(sa.func.min(Incident.logged_at)).where(Incident.id.in_(given)))
