"""Open incidents read and written many at a time, for what concerns all of them at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from servicedesk import journal
from servicedesk.event import Event
from servicedesk.incidents import derived
from servicedesk.incidents.acts import Act
from servicedesk.incidents.clocks import Name
from servicedesk.incidents.models import Incident, NextStep
from servicedesk.journal import EventRow
from servicedesk.sla.models import ClockRow

Row = dict[str, Any]
COLUMNS = (Incident.id, Incident.number, Incident.head, Incident.changed_at)
Query = sa.Select[int, int, str, datetime]
_CLOCKS = ClockRow.__table__
_ID = Incident.id
_OUTLOOK = (
    _ID, Incident.target_kind, Incident.target_party, Incident.target_due, Incident.target_left,
    Incident.next_due, Incident.late_from,
)  # fmt: skip
# What of a clock's row follows from the set-up; the rest moves on with time alone.
_JUDGED = (
    "calendar", "priority", "target_seconds", "due_at", "late_from", "breaches_at", "net_late_from",
    "net_breaches_at",
)  # fmt: skip


@dataclass(slots=True)
class Kept:
    """An incident as it is kept: its journal, and the rows of its clocks."""

    id: int
    number: int
    head: str
    changed_at: datetime
    events: list[Event] = field(default_factory=list)
    clocks: dict[Name, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Done:
    """What was added to an incident, and when something comes next by itself."""

    kept: Kept
    act: Act
    next_steps: list[Row]  # one, or none


def read(session: Session, query: Query) -> list[Kept]:
    """Read the incidents of a query over COLUMNS, with three queries in all."""
    found = {row[0]: Kept(*row) for row in session.execute(query)}
    if not found:
        return []
    events = sa.select(
        EventRow.incident_id,
        EventRow.seq,
        EventRow.kind,
        EventRow.happened_at,
        EventRow.actor_id,
        EventRow.data,
    ).where(EventRow.incident_id.in_(found))
    for id, *line in session.execute(events.order_by(EventRow.incident_id, EventRow.seq)):
        found[id].events.append(Event(*line))
    for row in session.execute(sa.select(_CLOCKS).where(_CLOCKS.c.incident_id.in_(found))):
        found[row.incident_id].clocks[row.kind, row.party, row.handoff] = row
    return list(found.values())


def write(session: Session, done: Sequence[Done], now: datetime) -> None:
    """Step: keep what was added to incidents, and bring what follows from the set-up up to it.

    For events that tell nobody anything and change no text: nothing follows them.
    """
    lines: list[Row] = []
    heads: list[Row] = []
    for one in done:
        kept, act = one.kept, one.act
        head, chained = journal.chain(kept.head, kept.id, kept.number, act.events, now)
        lines += chained
        if chained:
            said = {"head": head, "version": act.story.seq, "changed_at": act.now}
            heads.append({"id": kept.id, **said})
    journal.insert(session, lines)
    _update(session, Incident, heads)
    _keep_outlooks(session, done)
    _keep_clocks(session, [row for one in done for row in _clocks(one.kept, one.act)])
    _keep_steps(session, done)


def _keep_outlooks(session: Session, done: Sequence[Done]) -> None:
    """Write what lists sort by where it is another, and for all by which set-up it was derived."""
    ids = [one.kept.id for one in done]
    there = {row.id: row for row in session.execute(sa.select(*_OUTLOOK).where(_ID.in_(ids)))}
    changed = []
    for one in done:
        wanted, row = derived.outlook_row(one.act.work), there[one.kept.id]
        if any(getattr(row, name) != value for name, value in wanted.items()):
            changed.append({"id": one.kept.id, **wanted})
    _update(session, Incident, changed)
    revision = done[0].act.directory.revision
    marked = sa.update(Incident).where(_ID.in_(ids)).values(setup_revision=revision)
    session.execute(marked.execution_options(synchronize_session=False))


def _clocks(kept: Kept, act: Act) -> list[Row]:
    """Give an incident's clock rows if any of them is no longer right, or something was added."""
    wanted = derived.clock_rows(act.work, act.now)
    there = {(row["kind"], row["party"], row["handoff"]): row for row in wanted}
    if not act.events and there.keys() == kept.clocks.keys():
        same = (getattr(kept.clocks[n], c) == row[c] for n, row in there.items() for c in _JUDGED)
        if all(same):
            return []
    ids = {name: row.id for name, row in kept.clocks.items()}
    return [{"id": ids.get(name), "incident_id": kept.id, **row} for name, row in there.items()]


def _keep_clocks(session: Session, clocks: Iterable[Row]) -> None:
    rows = list(clocks)
    _update(session, ClockRow, [row for row in rows if row["id"]])
    if new := [row for row in rows if not row["id"]]:
        session.execute(
            sa.insert(ClockRow), [{n: v for n, v in row.items() if n != "id"} for row in new]
        )


def _keep_steps(session: Session, done: Sequence[Done]) -> None:
    ids = [one.kept.id for one in done]
    query = sa.select(NextStep.incident_id, NextStep.at, NextStep.policy, NextStep.what)
    rows = session.execute(query.where(NextStep.incident_id.in_(ids)))
    there = {row.incident_id: row._asdict() for row in rows}
    wanted = {
        one.kept.id: row | {"incident_id": one.kept.id} for one in done for row in one.next_steps
    }
    changed = [row for id, row in wanted.items() if there.get(id) != row]
    _update(session, NextStep, [row for row in changed if row["incident_id"] in there])
    if new := [row | {"failures": 0} for row in changed if row["incident_id"] not in there]:
        session.execute(sa.insert(NextStep), new)
    if gone := [id for id in there if id not in wanted]:
        session.execute(sa.delete(NextStep).where(NextStep.incident_id.in_(gone)))


def _update(session: Session, model: type[Any], rows: Sequence[Row]) -> None:
    if rows:
        session.execute(sa.update(model), rows)
