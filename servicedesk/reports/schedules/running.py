"""F9: makes and mails what is due by schedules: once, however many do it or are killed."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.orm import Session

from servicedesk import outbox
from servicedesk.db import db, dialect, transaction
from servicedesk.errors import DeskError
from servicedesk.people.models import Person
from servicedesk.people.permissions import Act, may
from servicedesk.reports import approvals, commands
from servicedesk.reports import queries as reports
from servicedesk.reports.commands import Asked
from servicedesk.reports.models import Report
from servicedesk.reports.periods import Period
from servicedesk.reports.schedules import due, queries
from servicedesk.reports.schedules.models import Run, Schedule
from servicedesk.setup.directory import Directory
from servicedesk.setup.schedules import APPROVED
from servicedesk.setup.snapshot import directory, directory_if_any

log = logging.getLogger(__name__)

FAILED, WAITING = "report_failed", "report_waiting"
SEAL = "seal"  # what is waited for, beside an approval's states
LEASE = timedelta(minutes=30)  # longer than making takes; done twice at once it does no harm
# Between tries; the last again and again.
PAUSES = tuple(timedelta(minutes=m) for m in (5, 15, 60, 240, 720, 1440))
TOLD_AFTER = 3  # failures
LOOKED = timedelta(minutes=10)  # between looks whether somebody has sealed it
ROUNDS = 4  # until all languages are of one revision
AT_ONCE = 20  # runs in one round of the scheduler


@dataclass
class Done:
    """What a round came to."""

    planned: int = 0
    sent: int = 0
    failed: int = 0
    waiting: int = 0


class NotEnded(DeskError):
    """The period has not ended: there is only a draft of it."""


class Waits(Exception):
    """It cannot be sent before somebody has done something."""

    def __init__(self, why: str) -> None:
        self.why = why


def run(now: datetime) -> Done:
    """Plan what has become due, then make and send it; the scheduler's job, never a page's."""
    done = Done(planned=plan(now))
    for _n in range(AT_ONCE):
        id = claim(now)
        if id is None:
            break
        _work(id, now, done)
    return done


def plan(now: datetime) -> int:
    """F9: note each period that has become due, once; what was missed is noted now."""
    setup = directory_if_any(db.session())
    calendar = setup.desk_calendar if setup else None
    if setup is None or calendar is None:
        return 0
    latest = _latest(db.session())
    found = [
        (schedule.id, schedule.scope, each)
        for schedule in queries.schedules(db.session())
        if schedule.paused_at is None
        for since in [max(schedule.since, latest.get(schedule.id, schedule.since))]
        for each in due.dues(queries.plan_of(schedule, setup), calendar, since, now)
    ]
    gone = _of_removed(db.session())
    if not found and not gone:
        return 0
    with transaction() as session:
        if gone:
            session.execute(sa.update(Run).where(Run.id.in_(gone)).values(next_at=None))
        return sum(note(session, id, scope, it.period, it.at, now) for id, scope, it in found)


def _latest(session: Session) -> dict[int, datetime]:
    """Say when the latest run of each schedule was due: what comes is due after it."""
    query = sa.select(Run.schedule_id, sa.func.max(Run.due_at)).group_by(Run.schedule_id)
    return {id: due for id, due in session.execute(query)}  # noqa: C416, typed rows


def _of_removed(session: Session) -> list[int]:
    """Give the runs that nobody waits for any more."""
    query = sa.select(Run.id).join(Schedule, Schedule.id == Run.schedule_id)
    query = query.where(Run.next_at.is_not(None), Schedule.active.is_(False))
    return list(session.scalars(query))


def note(
    session: Session, schedule: int, scope: str, period: Period, at: datetime, now: datetime
) -> bool:
    """Step: note a run unless there is one for that period; says whether."""
    insert = postgresql.insert if dialect(session) == "postgresql" else sqlite.insert
    row = insert(Run).values(
        schedule_id=schedule, period=period.name, scope=scope, zone=period.zone, due_at=at,
        next_at=now, tries=0, count=0, reports={},
    )  # fmt: skip
    once = row.on_conflict_do_nothing(index_elements=("schedule_id", "period"))
    return session.scalar(once.returning(Run.id)) is not None


def claim(now: datetime) -> int | None:
    """Lease the run that waits longest; gives its id. Who is killed has tried too."""
    with transaction() as session:
        query = sa.select(Run).join(Schedule, Schedule.id == Run.schedule_id)
        query = query.where(Run.next_at <= now, Schedule.active, Schedule.paused_at.is_(None))
        query = query.order_by(Run.next_at, Run.id).limit(1)
        row = session.scalar(query.with_for_update(skip_locked=True, of=Run))
        if row is None:
            return None
        if row.tries >= TOLD_AFTER:  # whoever tried before may have been killed each time
            _tell(session, row, now)
        row.tries, row.next_at = row.tries + 1, now + LEASE
        return row.id


def _work(id: int, now: datetime, done: Done) -> None:
    """Make and send one run; what fails is tried again."""
    try:
        done.sent += send(id, _reports(id, now), now)
    except Waits as it:
        done.waiting += wait(id, it.why, now)
    except (OperationalError, InterfaceError):
        raise  # the database, not the report
    except DeskError as error:
        _failed(id, str(error), now, done)
    except Exception as error:  # one report must not stop the others
        log.exception("a scheduled report could not be made")
        _failed(id, type(error).__name__, now, done)


def _failed(id: int, why: str, now: datetime, done: Done) -> None:
    db.session().rollback()
    fail(id, why, now)
    done.failed += 1


def _reports(id: int, now: datetime) -> Mapping[str, int]:
    """Give the sealed reports by language, made if need be; raises Waits."""
    session = db.session()
    row, setup = session.get_one(Run, id), directory(session)
    said = [_asked(row, setup, language) for language in row.schedule.languages]
    waits = row.schedule.seal == APPROVED
    for _round in range(ROUNDS):
        session = db.session()
        there = newest(session, said[0])
        missing = [one for one in said if one.language not in there]
        if waits and not there and not _is_asked(session, setup, said[0]):
            raise Waits(SEAL)
        if not missing:
            kept = {one.language: there[one.language].id for one in said}
            _check(session, there[said[0].language], waits=waits)
            return kept
        if commands.make(missing[0], now=now).revision is None:
            raise NotEnded(NotEnded.__doc__ or "")
    raise DeskError("it was sealed again and again meanwhile")


def _is_asked(session: Session, setup: Directory, asked: Asked) -> bool:
    """Say whether somebody will be asked to approve a report once it is sealed."""
    period, scope, _zone = commands.place(asked)
    return approvals.approver_of(session, setup, period, scope) is not None


def _check(session: Session, row: Report, *, waits: bool) -> None:
    """Refuse to send what was not approved, and what is not approved yet if that is waited for."""
    found = approvals.of(session, row)
    if found is None:
        return
    if found.state == approvals.APPROVED:
        commands.stamp(found.id)  # whoever approved it may have been cut off before that
    elif waits or found.state == approvals.REFUSED:
        raise Waits(found.state)


def _asked(row: Run, setup: Directory, language: str) -> Asked:
    """Say what a run asks for; raises BadInput."""
    return commands.read(setup, row.period, row.scope, row.zone, language)


def newest(session: Session, asked: Asked) -> dict[str, Report]:
    """Give the latest revision that was sealed, by language."""
    there = reports.sealed(session, *commands.place(asked))
    return {row.language: row for row in there if row.revision == there[0].revision}


def send(id: int, found: Mapping[str, int], now: datetime) -> bool:
    """F9: queue a mail to each reader and mark the run done, both or neither; says whether."""
    with transaction() as session:
        row = session.get(Run, id, with_for_update=True)
        if row is None or row.done_at:
            return False  # somebody else did meanwhile
        readers = queries.readers_of(session, directory(session), row.schedule, row.scope)
        for reader in readers:
            outbox.queue(session, queries.READY, now=now, person=reader.id, run=row.id)
        row.reports, row.count = dict(found), len(readers)
        row.done_at, row.next_at, row.error, row.waits = now, None, None, None
    return True


def wait(id: int, why: str, now: datetime) -> bool:
    """Look again later; who can seal it is told once, if it is for them to do so."""
    with transaction() as session:
        row = session.get(Run, id, with_for_update=True)
        if row is None or row.done_at:
            return False
        is_new, row.waits = row.waits != why, why
        row.tries, row.error, row.next_at = 0, None, now + LOOKED
        if is_new and why == SEAL:  # of all else an approval tells
            for person in _sealers(session, row.schedule):
                outbox.queue(session, WAITING, now=now, person=person, run=row.id)
    return True


def _sealers(session: Session, schedule: Schedule) -> list[int]:
    """Give who is asked to seal a report: its owner if they may, else everybody who may."""
    found = [person for person in _active(session) if may(person, Act.MAKE_REPORT)]
    owner = [person.id for person in found if person.id == schedule.owner_id]
    return owner or [person.id for person in found]


def fail(id: int, why: str, now: datetime) -> None:
    """Note a failure and when it is tried again; the third one is told."""
    with transaction() as session:
        row = session.get(Run, id, with_for_update=True)
        if row is None or row.done_at:
            return
        row.error = " ".join(why.split())[:300]
        row.next_at = now + PAUSES[min(row.tries, len(PAUSES)) - 1]
        if row.tries >= TOLD_AFTER:
            _tell(session, row, now)


def _tell(session: Session, row: Run, now: datetime) -> None:
    """Step: tell the owner and the administrators, once."""
    if row.told_at is None:
        row.told_at = now
        for person in _concerned(session, row.schedule):
            outbox.queue(session, FAILED, now=now, person=person, run=row.id)


def _concerned(session: Session, schedule: Schedule) -> Iterator[int]:
    for person in _active(session):
        if person.id == schedule.owner_id or may(person, Act.SET_UP):
            yield person.id


def _active(session: Session) -> list[Person]:
    return list(session.scalars(sa.select(Person).where(Person.active).order_by(Person.id)))
