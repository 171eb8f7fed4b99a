"""Keeps the journal and the rows that follow from it: every write goes through here."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from servicedesk import journal
from servicedesk.db import Model
from servicedesk.incidents.acts import Act
from servicedesk.incidents.clocks import Clockwork
from servicedesk.incidents.derived import Row, Rows, firing_row, rows
from servicedesk.incidents.models import (
    DateChange,
    Exclusion,
    Firing,
    HandOff,
    Incident,
    MajorIncident,
    ReturnProposal,
    WorkRequest,
)
from servicedesk.incidents.rules import StepDue
from servicedesk.incidents.story import Story
from servicedesk.setup.models import Counter
from servicedesk.times import iso

Follower = Callable[[Session, Incident, Act], None]
BulkFollower = Callable[[Session, Sequence[int]], None]
# Of these an incident never has fewer rows than before: each is an event of its journal.
GROWING = frozenset(
    {HandOff, DateChange, Firing, Exclusion, ReturnProposal, WorkRequest, MajorIncident}
)
_followers: list[Follower] = []
_bulk_followers: list[BulkFollower] = []


def followed_by(follower: Follower) -> Follower:
    """Register a step that is taken with each act, in its transaction, once its rows are kept."""
    if follower not in _followers:
        _followers.append(follower)
    return follower


def followed_in_bulk_by(follower: BulkFollower) -> BulkFollower:
    """Register a step that is taken with the ids of many incidents imported at once."""
    if follower not in _bulk_followers:
        _bulk_followers.append(follower)
    return follower


def save(session: Session, incident: Incident, act: Act, recorded_at: datetime) -> None:
    """Append an act's events to the journal and bring the incident's rows up to them."""
    head, lines = journal.chain(
        incident.head, incident.id, incident.number, act.events, recorded_at
    )
    journal.insert(session, lines)
    incident.head = head
    _bring_up(session, incident, act.work, act.now, GROWING)
    follow(session, incident, act)


def follow(session: Session, incident: Incident, act: Act) -> None:
    """Step: take the steps that follow an act, once its rows are kept, or about to be."""
    for follower in _followers:
        follower(session, incident, act)


def bring_up(session: Session, incident: Incident, work: Clockwork, now: datetime) -> None:
    """Bring an incident's rows up to its story and clocks."""
    _bring_up(session, incident, work, now)


def _bring_up(
    session: Session,
    incident: Incident,
    work: Clockwork,
    now: datetime,
    growing: Collection[type[Model]] = (),
) -> None:
    """Where there is none of what only grows, the table is not asked."""
    derived = rows(work, now)
    _set(incident, derived.incident | {"setup_revision": work.directory.revision})
    for model, names, wanted in derived.by_model():
        if wanted or model not in growing:
            _merge(session, incident.id, model, names, wanted)
    session.flush()


def _merge(
    session: Session, incident_id: int, model: type[Any], names: tuple[str, ...], wanted: list[Row]
) -> None:
    query = sa.select(model).where(model.incident_id == incident_id)
    there = {tuple(getattr(row, n) for n in names): row for row in session.scalars(query)}
    for values in wanted:
        row = there.pop(tuple(values[n] for n in names), None)
        if row is None:
            session.add(model(incident_id=incident_id, **values))
        else:
            _set(row, values)
    for row in there.values():
        session.delete(row)


def _set(row: Model, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        if getattr(row, name) != value:
            setattr(row, name, value)


def note_passed(act: Act, dues: Sequence[StepDue]) -> None:
    """Note that steps were due already: they are not done any more."""
    if dues:
        act.record("steps.passed", steps=[[*due.identity, iso(due.at)] for due in dues])


def keep_passed(session: Session, incident_id: int, story: Story, dues: Sequence[StepDue]) -> None:
    """Step: keep the rows of steps that were just noted as passed."""
    session.execute(
        sa.insert(Firing),
        [firing_row(due.identity, story) | {"incident_id": incident_id} for due in dues],
    )


def keep_firings(session: Session, acts: Sequence[tuple[int, Act]]) -> None:
    """Step: keep the rows of steps that incidents (by their ids) have just fired, if any."""
    fired = [
        firing_row(name, act.story) | {"incident_id": id}
        for id, act in acts
        for event in act.events
        for name in [(event.data["policy"], event.data["step"], event.data["cycle"])]
    ]
    if fired:
        session.execute(sa.insert(Firing), fired)


def next_numbers(session: Session, count: int = 1) -> int:
    """Take the next incident numbers; give the first. The row lock keeps them without doubles."""
    changed = session.execute(
        sa.update(Counter)
        .where(Counter.name == "incident")
        .values(last=Counter.last + count)
        .returning(Counter.last)
    ).scalar_one()
    return changed - count + 1


def add(
    session: Session, act: Act, recorded_at: datetime, *, number: int | None = None, **texts: Any
) -> Incident:
    """Keep a newly logged incident with its texts."""
    number = number or next_numbers(session)
    derived = rows(act.work, act.now).incident
    incident = Incident(number=number, head=journal.BEGINNING, **texts, **derived)
    incident.setup_revision = act.directory.revision
    session.add(incident)
    session.flush()
    save(session, incident, act, recorded_at)
    return incident


def add_many(
    session: Session,
    works: Sequence[Act],
    texts: Sequence[Mapping[str, Any]],
    first_number: int,
    recorded_at: datetime,
) -> None:
    """Keep many newly imported incidents with one statement for each table."""
    derived = [rows(act.work, act.story.changed_at) for act in works]
    incidents = [
        {
            **said,
            **one.incident,
            "number": first_number + n,
            "head": journal.BEGINNING,
            "setup_revision": act.directory.revision,
        }
        for n, (said, one, act) in enumerate(zip(texts, derived, works, strict=True))
    ]
    session.execute(sa.insert(Incident), incidents)
    numbers = [row["number"] for row in incidents]
    query = sa.select(Incident.number, Incident.id).where(Incident.number.in_(numbers))
    ids: dict[int, int] = dict(session.execute(query).all())
    heads, lines = [], []
    for number, act in zip(numbers, works, strict=True):
        head, chained = journal.chain(
            journal.BEGINNING, ids[number], number, act.events, recorded_at
        )
        heads.append({"id": ids[number], "head": head})
        lines.extend(chained)
    journal.insert(session, lines)
    session.execute(sa.update(Incident), heads)
    _insert_rows(session, derived, [ids[number] for number in numbers])
    for follower in _bulk_followers:
        follower(session, [ids[number] for number in numbers])


def _insert_rows(session: Session, derived: Sequence[Rows], ids: Sequence[int]) -> None:
    together: dict[type[Model], list[Row]] = {}
    for incident_id, one in zip(ids, derived, strict=True):
        for model, _names, wanted in one.by_model():
            there = together.setdefault(model, [])
            there.extend({"incident_id": incident_id, **values} for values in wanted)
    for model, values in together.items():
        if values:
            session.execute(sa.insert(model), values)
