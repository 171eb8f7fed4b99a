"""E2 to E4: does what is due by itself, once, however many sweep at the same time."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.orm import Session

from servicedesk import journal, pulse, times
from servicedesk.db import db, dialect, transaction
from servicedesk.escalation.firing import fire
from servicedesk.incidents import record, rules, timetable
from servicedesk.incidents.acts import Act
from servicedesk.incidents.catching_up import catch_up_one
from servicedesk.incidents.clocks import Clockwork, follow
from servicedesk.incidents.models import Incident, NextStep
from servicedesk.incidents.rules import StepDue
from servicedesk.incidents.sweep import perform
from servicedesk.incidents.timetable import Duty
from servicedesk.setup.snapshot import directory

log = logging.getLogger(__name__)
AT_ONCE = 10  # incidents in a transaction
PAUSE = 0.01  # seconds; SQLite gives its one write lock to who asks first, not to who waits
MOST = 100  # things due for one incident; more would be a circle
WAIT = timedelta(minutes=1)  # after a failure, doubled each time
LONGEST_WAIT = timedelta(hours=1)


@dataclass
class Swept:
    """What a sweep came to."""

    fired: int = 0
    done: int = 0  # other things that come by themselves
    failed: int = 0


def sweep(now: datetime) -> Swept:
    """Do all that is due at an instant; what fails is tried again later and holds up nothing."""
    swept, at_once = Swept(), AT_ONCE
    while _is_due(now):
        try:
            there = _some(now, at_once, swept)
        except (OperationalError, InterfaceError):
            raise  # the database, not an incident
        except Exception as error:  # noqa: BLE001 - one bad incident must not stop the others
            if at_once == 1:
                _postpone(now, error, swept)
            at_once = 1
            continue
        if not there:
            break  # others are at it
        if dialect(db.session()) == "sqlite":
            time.sleep(PAUSE)
    pulse.beat("sweep", times.now())
    return swept


def _due(now: datetime) -> sa.ColumnElement[bool]:
    ready = sa.or_(NextStep.not_before.is_(None), NextStep.not_before <= times.now())
    return sa.and_(NextStep.at <= now, ready)


def _is_due(now: datetime) -> bool:
    """Look without a lock: most of the time there is nothing to do."""
    session: Session = db.session()
    session.rollback()
    found = session.scalar(sa.select(NextStep.incident_id).where(_due(now)).limit(1))
    session.rollback()
    return found is not None


def _claimed(session: Session, now: datetime, count: int) -> list[Incident]:
    """Lock the incidents that wait longest; those that another worker holds are left to it.

    The incident is locked and not its next step: whoever acts on it locks it in the same order.
    """
    query = sa.select(Incident).join(NextStep, NextStep.incident_id == Incident.id)
    query = query.where(_due(now)).order_by(NextStep.at, NextStep.incident_id).limit(count)
    return list(session.scalars(query.with_for_update(of=Incident, skip_locked=True)))


def _some(now: datetime, count: int, swept: Swept) -> int:
    """Work off some incidents in one transaction; gives how many."""
    done = Swept()
    with transaction() as session:
        claimed = _claimed(session, now, count)
        for incident in claimed:
            work_off(session, incident, now, done)
    swept.fired += done.fired
    swept.done += done.done
    return len(claimed)


def work_off(
    session: Session,
    incident: Incident,
    now: datetime,
    done: Swept,
    recorded_at: datetime | None = None,
) -> None:
    """Step: do what the journal says is due (E4); else only the stored instant is corrected."""
    catch_up_one(session, incident, now)
    work = follow(journal.read(session, incident.id), directory(session))
    act = Act(work, max(now, work.story.changed_at))
    for _ in range(MOST):
        first = _first(work, now)
        if first is None:
            break
        if isinstance(first, Duty):
            perform(session, incident, act, first, now)
            done.done += 1
        else:
            act.now = max(now, work.story.changed_at)
            fire(session, incident, act, first)
            done.fired += 1
    else:
        raise RuntimeError("what is due by itself goes round in a circle")
    if act.events:
        record.save(session, incident, act, recorded_at or now)
    else:
        record.bring_up(session, incident, work, act.now)
    _forget_failures(session, incident)


def _first(work: Clockwork, now: datetime) -> Duty | StepDue | None:
    """Choose what comes first; what comes by itself before any rule, at its own instant."""
    duties = timetable.duties(work)
    if duties and duties[0].at <= now:
        return duties[0]
    steps = rules.to_come(work)
    return steps[0] if steps and steps[0].at <= now else None


def _forget_failures(session: Session, incident: Incident) -> None:
    row = session.get(NextStep, incident.id)
    if row and row.failures:
        row.failures, row.not_before = 0, None


def _postpone(now: datetime, error: Exception, swept: Swept) -> None:
    """Let the incident that waits longest wait, so that it doesn't hold up the others."""
    with transaction() as session:
        claimed = _claimed(session, now, 1)
        for incident in claimed:
            row = session.get_one(NextStep, incident.id)
            wait = min(WAIT * 2**row.failures, LONGEST_WAIT)
            row.failures += 1
            row.not_before = times.now() + wait
            swept.failed += 1
            log.error("sweep: %s: %s", incident.label, type(error).__name__, exc_info=error)
