"""C7, C8: which open deadlines would move, and which verdicts would differ, before it is done."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from servicedesk.incidents import bulk, lifecycle
from servicedesk.incidents.acts import Act
from servicedesk.incidents.applying import concerns, record_application
from servicedesk.incidents.clocks import ClockState, follow
from servicedesk.incidents.models import OPEN, Incident
from servicedesk.setup.directory import Directory
from servicedesk.sla.calendar import Calendar, NoWorkingTime
from servicedesk.sla.judging import judged
from servicedesk.sla.models import ClockRow

AT_ONCE = 500
ALIVE = (*OPEN, lifecycle.RESOLVED)


@dataclass(frozen=True, slots=True)
class Moved:
    """A clock of an open incident that would be due at another time, or judged otherwise."""

    incident_id: int
    number: int
    kind: str
    party: str | None
    handoff: int | None
    priority: str
    due_before: datetime | None
    due_after: datetime | None
    state_before: str
    state_after: str
    target_before: int | None  # working seconds
    target_after: int | None

    @property
    def differs(self) -> bool:
        """Say whether the verdict would be another."""
        return self.state_before != self.state_after


def by_calendars(
    session: Session, before: Directory, after: Directory, now: datetime
) -> list[Moved]:
    """C7: say what other versions of calendars would move, the earliest due first.

    What is counted up to now stays, so the kept rows say all that is needed: no journal is read.
    """
    changed = {
        key
        for key, calendar in after.calendars.items()
        if key in before.calendars and calendar.versions != before.calendars[key].versions
    }
    found = []
    if changed:
        query = sa.select(ClockRow.__table__, Incident.number).join(
            Incident, Incident.id == ClockRow.incident_id
        )
        query = query.where(
            Incident.state.in_(ALIVE), ClockRow.running, ClockRow.calendar.in_(changed)
        )
        for row in session.execute(query.execution_options(yield_per=1000)):
            moved = _moved(row, before, after, now)
            if moved.due_before != moved.due_after:
                found.append(moved)
    return sorted(found, key=_order)


def _moved(
    row: sa.Row[tuple[object, ...]], before: Directory, after: Directory, now: datetime
) -> Moved:
    stood = judged(row, before.calendars, now)
    due = row.due_at
    if row.target_seconds is not None and (due is None or due > now):
        due = _due(after.calendars[row.calendar], row.target_seconds - (stood.counted or 0), now)
    return Moved(
        row.incident_id, row.number, row.kind, row.party, row.handoff, row.priority,
        row.due_at, due, stood.state, stood.state, row.target_seconds, row.target_seconds,
    )  # fmt: skip


def _due(calendar: Calendar, left: int, now: datetime) -> datetime | None:
    try:
        return calendar.reach(now, left)
    except NoWorkingTime:
        return None


def by_agreement(
    session: Session, setup: Directory, agreement_id: int, now: datetime
) -> list[Moved]:
    """C8: say what the latest version of an agreement would change if it were applied now."""
    found: list[Moved] = []
    last = 0
    while some := bulk.read(session, _open_after(last)):
        for kept in some:
            found += _applied(kept, setup, agreement_id, now)
        last = some[-1].id
    return sorted(found, key=_order)


def _open_after(last: int) -> bulk.Query:
    query = sa.select(*bulk.COLUMNS).where(Incident.state.in_(OPEN), Incident.id > last)
    return query.order_by(Incident.id).limit(AT_ONCE)


def _applied(
    kept: bulk.Kept, setup: Directory, agreement_id: int, now: datetime
) -> Iterator[Moved]:
    work = follow(kept.events, setup)
    act = Act(work, max(now, kept.changed_at))
    if not concerns(work, agreement_id):
        return
    before = {state.name: state for state in work.states(act.now)}
    record_application(act, agreement_id)
    for after in work.states(act.now):
        if moved := _differing(kept, before.get(after.name), after):
            yield moved


def _differing(kept: bulk.Kept, before: ClockState | None, after: ClockState) -> Moved | None:
    stood = (before.due_at, before.state, before.target) if before else (None, "–", None)
    if stood == (after.due_at, after.state, after.target):
        return None
    due, state, target = stood
    return Moved(
        kept.id, kept.number, after.kind, after.party, after.handoff, after.priority,
        due, after.due_at, state, after.state, target, after.target,
    )  # fmt: skip


def _order(moved: Moved) -> tuple[bool, datetime | None, int]:
    due = moved.due_before or moved.due_after
    return due is None, due, moved.number
