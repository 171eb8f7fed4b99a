"""Keeps the facts of all incidents beside the journal, so that a report need not read it.

They are a cache. `FactState` says by which set-up and program they follow, and up to which event
every incident's fact is kept; what happened later is told from the journal.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from time import monotonic
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from servicedesk.db import db, dialect, snapshot, transaction
from servicedesk.errors import Refused
from servicedesk.event import Event
from servicedesk.journal import EventRow
from servicedesk.reports import kept, queries
from servicedesk.reports.basis import basis
from servicedesk.reports.models import FactRow, FactState, PeriodTally
from servicedesk.reports.queries import Knowledge
from servicedesk.setup.directory import Directory
from servicedesk.setup.snapshot import directory_if_any

EVENTS = 2_000  # taken at once
AT_ONCE = 500  # incidents
# Events: so many a reader keeps before it reads; more are left to the job, and where there are
# even more, nobody waits at a page for a report from the journals.
MOST, MANY = 50_000, 200_000
SECONDS, PATIENCE = 20, 60  # of the job, each time; of a reader
_THE_STATE = 1


@dataclass(frozen=True, slots=True)
class State:
    """Which facts hold, and up to which event all are kept."""

    generation: int
    event: int


def work_off(now: datetime) -> int:
    """Keep what is not kept yet, for some seconds; gives how many facts were."""
    session: Session = db.session()
    setup = directory_if_any(session)
    if setup is None:
        return 0
    try:
        known = queries.latest_knowledge(session, wait=1)
    except Refused:
        return 0  # an import is writing
    return keep(setup, known, seconds=SECONDS)


def keep(setup: Directory, known: Knowledge, seconds: float = float("inf")) -> int:
    """Keep all facts up to a cut-off; gives how many were told for it."""
    ends, done, begun = monotonic() + seconds, 0, False
    while monotonic() < ends:
        with snapshot() as session:
            state = current(session, setup)
            if state is None or state.event >= known.event:
                batch = None
            else:
                until = min(state.event + EVENTS, known.event)
                stale = _stale(session, state, until)
                batch = State(state.generation, until), rows(session, setup, known, stale, state)
        if batch:
            done += len(batch[1])
            _store(setup, *batch)
        elif state or begun:  # all are, or others keep what follows from another set-up meanwhile
            break
        else:
            _begin(setup)
        begun = True
    return done


def behind(session: Session, setup: Directory, known: Knowledge) -> int:
    """Count the events up to a cut-off that are not kept yet."""
    state = current(session, setup)
    return known.event - (state.event if state else 0)


def current(session: Session, setup: Directory) -> State | None:
    """Give the state of what follows from a set-up; None: what is kept is of another."""
    row = session.execute(
        sa.select(FactState.generation, FactState.event).where(FactState.basis == basis(setup))
    ).first()
    return State(*row) if row else None


def _stale(session: Session, state: State, until: int) -> list[int]:
    """List incidents with an event up to some one that their fact does not know."""
    latest = (
        sa.select(EventRow.incident_id, sa.func.max(EventRow.id).label("event"))
        .where(EventRow.id > state.event, EventRow.id <= until)
        .group_by(EventRow.incident_id)
        .subquery()
    )
    knows = sa.and_(
        FactRow.incident_id == latest.c.incident_id,
        FactRow.generation == state.generation,
        FactRow.event >= latest.c.event,
    )
    query = sa.select(latest.c.incident_id).where(~sa.exists().where(knows))
    return list(session.scalars(query))


def rows(
    session: Session, setup: Directory, known: Knowledge, ids: Sequence[int], state: State
) -> list[dict[str, Any]]:
    """Tell the facts of some incidents from their journals, as they are kept."""
    return [row(id, lines, setup, state.generation) for id, lines in journals(session, known, ids)]


Line = tuple[int, Event]  # with its id


def journals(
    session: Session, known: Knowledge, ids: Sequence[int]
) -> Iterator[tuple[int, list[Line]]]:
    """Read the journals of some incidents up to a cut-off, by id."""
    for start in range(0, len(ids), AT_ONCE):
        some = ids[start : start + AT_ONCE]
        query = (
            sa.select(
                EventRow.incident_id, EventRow.id, EventRow.seq, EventRow.kind,
                EventRow.happened_at, EventRow.actor_id, EventRow.data,
            )
            .where(EventRow.incident_id.in_(some), EventRow.id <= known.event)
            .order_by(EventRow.incident_id, EventRow.seq)
        )  # fmt: skip
        for id, lines in groupby(session.execute(query), key=lambda line: int(line[0])):
            yield id, [(line[1], Event(*line[2:])) for line in lines]


def row(id: int, lines: Sequence[Line], setup: Directory, generation: int) -> dict[str, Any]:
    """Write the row that keeps a fact."""
    told = kept.tell((event for _id, event in lines), setup)
    ids = [id for id, _event in lines]
    since, until = told.span if told else (0, None)
    return {
        "incident_id": id,
        "generation": generation,
        "event": max(ids),
        "born": min(ids),
        "reach": kept.reach(since, until),
        "since": since,
        "until": until,
        "part_of": told.fact.part_of if told else None,
        "body": kept.write(told, since) if told else None,
    }


def _begin(setup: Directory) -> None:
    """Begin to keep what follows from another set-up or program."""
    with _locked() as (_session, state):
        if state.basis != basis(setup):
            state.generation, state.basis, state.event = state.generation + 1, basis(setup), 0


def _store(setup: Directory, reached: State, made: Sequence[dict[str, Any]]) -> None:
    """Keep facts, unless those of another set-up are kept meanwhile."""
    with _locked() as (session, state):
        if (state.generation, state.basis) == (reached.generation, basis(setup)):
            put(session, made)
            state.event = max(state.event, reached.event)


@contextmanager
def _locked() -> Iterator[tuple[Session, FactState]]:
    """Let one at a time keep something."""
    with transaction() as session:
        yield session, session.get_one(FactState, _THE_STATE, with_for_update=True)


def put(session: Session, made: Sequence[dict[str, Any]]) -> None:
    """Write rows over what is older."""
    if not made:
        return
    insert = sqlite.insert if dialect(session) == "sqlite" else postgresql.insert
    statement: Any = insert(FactRow)
    new = statement.excluded
    newer = sa.or_(FactRow.generation != new.generation, FactRow.event <= new.event)
    values = {name: new[name] for name in made[0] if name != "incident_id"}
    session.execute(
        statement.on_conflict_do_update(index_elements=["incident_id"], set_=values, where=newer),
        list(made),
    )


def replace(session: Session, made: Sequence[dict[str, Any]]) -> None:
    """Keep facts instead of wrong ones; nothing that was added up of those is left."""
    ids = [row["incident_id"] for row in made]
    session.execute(sa.delete(FactRow).where(FactRow.incident_id.in_(ids)))
    session.execute(sa.delete(PeriodTally))
    put(session, made)


def differing(
    session: Session, setup: Directory, histories: Sequence[tuple[int, list[Line]]]
) -> dict[int, dict[str, Any]]:
    """Find the facts that are kept otherwise than their journals tell them; gives what they are.

    Those that only lack what happened last are told from the journal anyway.
    """
    state = current(session, setup)
    if state is None:
        return {}
    ids = [id for id, _lines in histories]
    query = sa.select(FactRow).where(
        FactRow.incident_id.in_(ids), FactRow.generation == state.generation
    )
    there = {one.incident_id: one for one in session.scalars(query)}
    wrong = {}
    for id, lines in histories:
        wanted = row(id, lines, setup, state.generation)
        found = there.get(id)
        behind = wanted["event"] > state.event and (found is None or found.event < wanted["event"])
        if not behind and (found is None or not _same(found, wanted)):
            wrong[id] = wanted
    return wrong


def _same(found: FactRow, wanted: dict[str, Any]) -> bool:
    return all(getattr(found, name) == value for name, value in wanted.items())
