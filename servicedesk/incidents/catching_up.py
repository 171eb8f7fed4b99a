"""C7: brings what is open up to a changed set-up, in batches that block nobody for long.

Every set-up has a revision; an incident's rows say by which they were derived. What is behind is
brought up by whoever comes first: the scheduler, a command, or an act on the incident itself.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from servicedesk.db import db, dialect, transaction
from servicedesk.incidents import bulk, derived, lifecycle, record, rules
from servicedesk.incidents.acts import Act
from servicedesk.incidents.bulk import Done, Kept
from servicedesk.incidents.clocks import ClockState, Clockwork, follow
from servicedesk.incidents.models import OPEN, Incident
from servicedesk.setup.directory import Directory
from servicedesk.setup.models import Desk
from servicedesk.setup.snapshot import directory
from servicedesk.times import iso

AT_ONCE = 100  # incidents in a transaction
PAUSE = 0.01  # seconds; SQLite gives its one write lock to who asks first, not to who waits
# Resolved ones are among them, because they close by themselves after working days.
ALIVE = (*OPEN, lifecycle.RESOLVED)


def catch_up(
    now: datetime, *, most: int | None = None, progress: Callable[[int], object] | None = None
) -> int:
    """Bring all that is behind up to the set-up, or about so many; gives how many."""
    count = 0
    while (most is None or count < most) and is_behind():
        some = _some(now)
        count += some
        if not some:
            break  # others are at it
        if progress:
            progress(some)
        pause()
    return count


def pause() -> None:
    """Leave room for people between two batches."""
    if dialect(db.session()) == "sqlite":
        time.sleep(PAUSE)


def is_behind() -> bool:
    """Look without a lock: most of the time nothing is behind."""
    session: Session = db.session()
    session.rollback()
    revision = session.scalar(sa.select(Desk.revision))
    found = session.scalar(sa.select(Incident.id).where(behind(revision or 0)).limit(1))
    session.rollback()
    return found is not None


def behind(revision: int) -> sa.ColumnElement[bool]:
    """Narrow to what is to be brought up to a revision of the set-up."""
    return sa.and_(Incident.state.in_(ALIVE), Incident.setup_revision < revision)


def how_many(session: Session) -> int:
    """Count what is behind."""
    revision = session.scalar(sa.select(Desk.revision)) or 0
    count = sa.select(sa.func.count()).select_from(Incident).where(behind(revision))
    return session.scalar(count) or 0


def _some(now: datetime) -> int:
    with transaction() as session:
        setup = directory(session)
        query = sa.select(*bulk.COLUMNS).where(behind(setup.revision)).order_by(Incident.id)
        some = bulk.read(session, query.limit(AT_ONCE).with_for_update(skip_locked=True))
        _bring(session, some, setup, now)
        return len(some)


def catch_up_with(session: Session, ids: Sequence[int], setup: Directory, now: datetime) -> bool:
    """Step: bring locked incidents up to the set-up before anything is done with them.

    Says whether any of them was behind.
    """
    query = sa.select(*bulk.COLUMNS).where(Incident.id.in_(ids), behind(setup.revision))
    some = bulk.read(session, query)
    _bring(session, some, setup, now)
    return bool(some)


def catch_up_one(session: Session, incident: Incident, now: datetime) -> None:
    """Step: bring a locked incident up to the set-up before an act on it."""
    setup = directory(session)
    if incident.setup_revision < setup.revision and catch_up_with(
        session, [incident.id], setup, now
    ):
        session.refresh(incident)


def _bring(session: Session, some: Sequence[Kept], setup: Directory, now: datetime) -> None:
    done: list[Done] = []
    for kept in some:
        work = follow(kept.events, setup)
        act = Act(work, max(now, kept.changed_at))
        coming = rules.to_come(work)
        if passed := rules.passed(coming, work):
            record.note_passed(act, passed)
            record.keep_passed(session, kept.id, work.story, passed)
            coming = rules.to_come(work)
        if moved := list(_moved(kept, work, act.now)):
            act.record("clocks.moved", clocks=moved)
        done.append(Done(kept, act, derived.next_steps(work, coming)))
    if done:
        bulk.write(session, done, now)


def _moved(kept: Kept, work: Clockwork, now: datetime) -> Iterator[dict[str, Any]]:
    """Say which deadlines are no longer when they were."""
    for state in work.states(now):
        row = kept.clocks.get(state.name)
        if row is not None and state.target is not None and row.due_at != state.due_at:
            yield _said(state, row.due_at, work.directory)


def _said(state: ClockState, before: datetime | None, setup: Directory) -> dict[str, Any]:
    said = {
        "kind": state.kind,
        "party": state.party,
        "handoff": state.handoff,
        "calendar": state.calendar,
        "version": len(setup.calendars[state.calendar or ""].versions),
        "from": iso(before),
        "to": iso(state.due_at),
    }
    return {name: value for name, value in said.items() if value is not None}
