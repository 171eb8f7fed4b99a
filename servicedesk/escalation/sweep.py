"""E2 to E4: does what is due by itself, once, however many sweep at the same time."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.orm import Session

from servicedesk import pulse, times
from servicedesk.db import db, dialect, transaction
from servicedesk.escalation.firing import fire
from servicedesk.incidents import bulk, derived, record, rules, timetable
from servicedesk.incidents.acts import Act
from servicedesk.incidents.bulk import Done
from servicedesk.incidents.catching_up import catch_up_with
from servicedesk.incidents.clocks import Clockwork, follow
from servicedesk.incidents.models import Incident, NextStep
from servicedesk.incidents.rules import StepDue
from servicedesk.incidents.sweep import perform
from servicedesk.incidents.timetable import Duty
from servicedesk.people.models import Person
from servicedesk.setup.directory import Directory
from servicedesk.setup.snapshot import directory

log = logging.getLogger(__name__)
AT_ONCE = 100  # incidents in a transaction
FIRED = "step.fired"
STOPPED = 9_000  # milliseconds without a word, after which the database lets others go on
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
    swept, alone = Swept(), 0  # so many are done one by one, to find the one that fails
    while _is_due(now):
        try:
            there = _some(now, 1 if alone else AT_ONCE, swept)
        except (OperationalError, InterfaceError):
            raise  # the database, not an incident
        except Exception as error:  # noqa: BLE001 - one bad incident must not stop the others
            if alone:
                _postpone(now, error, swept)
            alone = 0 if alone else AT_ONCE
            continue
        alone = max(alone - 1, 0)
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
        _give_back_when_stopped(session)
        claimed = _claimed(session, now, count)
        if claimed:
            work_off(session, claimed, now, done)
    swept.fired += done.fired
    swept.done += done.done
    return len(claimed)


def _give_back_when_stopped(session: Session) -> None:
    """Let others have what this one has claimed soon, should its process be stopped (E3)."""
    if dialect(session) == "postgresql":
        session.execute(sa.text(f"SET LOCAL idle_in_transaction_session_timeout = {STOPPED}"))


def work_off(session: Session, claimed: Sequence[Incident], now: datetime, done: Swept) -> None:
    """Step: do what the journal says is due (E4); else only the stored instant is corrected.

    What only tells somebody is kept together for all of them: an outage makes thousands due.
    """
    setup, ids = directory(session), [incident.id for incident in claimed]
    if catch_up_with(session, ids, setup, now):
        for incident in claimed:
            session.refresh(incident)
    kept = {one.id: one for one in bulk.read(session, sa.select(*bulk.COLUMNS).where(_ids(ids)))}
    together: list[Done] = []
    people = _likely(session, claimed, setup)  # a session forgets whom nobody names
    for incident in claimed:
        act = Act(follow(kept[incident.id].events, setup), max(now, incident.changed_at))
        _do(session, incident, act, now, done)
        if {event.kind for event in act.events} <= {FIRED}:
            together.append(Done(kept[incident.id], act, derived.next_steps(act.work)))
            if act.events:
                record.follow(session, incident, act)
        else:
            record.save(session, incident, act, now)
    if together:
        session.flush()
        bulk.write(session, together, now)
        record.keep_firings(session, [(one.kept.id, one.act) for one in together if one.act.events])
    _forget_failures(session, ids)
    del people


def _likely(session: Session, claimed: Sequence[Incident], setup: Directory) -> Sequence[Person]:
    """Read those who will probably be told with one query, and not each by one for each step."""
    leads = {party.lead for party in setup.parties.values()}
    owners = {service.owner for service in setup.services.values()}
    ids = leads | owners | {incident.assignee_id for incident in claimed}
    return session.scalars(sa.select(Person).where(Person.id.in_(ids - {None}))).all()


def _ids(ids: Sequence[int]) -> sa.ColumnElement[bool]:
    return Incident.id.in_(ids)


def _do(session: Session, incident: Incident, act: Act, now: datetime, done: Swept) -> None:
    """Do all that is due for one incident, one after the other."""
    for _ in range(MOST):
        first = _first(act.work, now)
        if first is None:
            return
        if isinstance(first, Duty):
            perform(session, incident, act, first, now)
            done.done += 1
        else:
            act.now = max(now, act.story.changed_at)
            fire(session, incident, act, first)
            done.fired += 1
    raise RuntimeError("what is due by itself goes round in a circle")


def _first(work: Clockwork, now: datetime) -> Duty | StepDue | None:
    """Choose what comes first; what comes by itself before any rule, at its own instant."""
    duties = timetable.duties(work)
    if duties and duties[0].at <= now:
        return duties[0]
    steps = rules.to_come(work)
    return steps[0] if steps and steps[0].at <= now else None


def _forget_failures(session: Session, ids: Sequence[int]) -> None:
    failed = sa.update(NextStep).where(NextStep.incident_id.in_(ids), NextStep.failures > 0)
    session.execute(failed.values(failures=0, not_before=None))


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
