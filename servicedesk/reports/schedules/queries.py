"""Reads schedules: what is due, who gets it, what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from servicedesk.outbox import FAILED, Notification
from servicedesk.people.models import Person
from servicedesk.people.permissions import Act, HasRoles, Reach, reaches
from servicedesk.reports.models import Report
from servicedesk.reports.periods import Period, fiscal_from, read_period
from servicedesk.reports.schedules import due
from servicedesk.reports.schedules.due import Due, Plan
from servicedesk.reports.schedules.models import Run, Schedule, Wish
from servicedesk.reports.scopes import ALL, NoScope, Scope, read_scope
from servicedesk.setup.directory import Directory

PARTNER = "partner"
OWN_EDITION = 4  # the first definitions with an edition of a company's own
READY = "report_ready"  # the kind of the mails that bring a report


@dataclass(frozen=True)
class Row:
    """A schedule as it is listed for somebody."""

    schedule: Schedule
    scope: Scope | None  # None: what it is about is no longer there
    next: Due | None
    last: Run | None
    readers: Sequence[Person]
    wants: bool  # the person who looks at it


def plan_of(schedule: Schedule, setup: Directory) -> Plan:
    """Say when a schedule is due."""
    at = time.fromisoformat(schedule.at)
    return Plan(schedule.every, schedule.day, at, setup.zone, fiscal_from(setup))


def period_of(run: Run, setup: Directory) -> Period:
    """Give the period that a run is for."""
    return read_period(run.period, run.zone, fiscal_from(setup))


def scope_of(said: str, setup: Directory) -> Scope | None:
    """Read a scope; None where what it names is no longer there."""
    try:
        return read_scope(said, setup)
    except NoScope:
        return None


def may_receive(person: HasRoles, companies: Sequence[int], scope: Scope | None) -> bool:
    """Say whether somebody of some companies may have the reports of a scope.

    People of a partner company may have those of their own company alone.
    """
    found = reaches(person, Act.RECEIVE_REPORT)
    if scope is None or not found:
        return False
    own = scope.kind == PARTNER and scope.party in {f"partner:{id}" for id in companies}
    return Reach.ALL in found or (Reach.HANDED in found and own)


def may_have(person: Person, scope: Scope | None) -> bool:
    """Say whether a person may have the reports of a scope at present."""
    return may_receive(person, [one.id for one in person.partners if one.active], scope)


def may_open(person: Person, row: Report, setup: Directory) -> bool:
    """§9: say whether a sealed report is for a person; one that names others is for no partner."""
    inside = Reach.ALL in reaches(person, Act.RECEIVE_REPORT)
    is_own = inside or int(row.definitions) >= OWN_EDITION
    return is_own and may_have(person, scope_of(row.scope, setup))


def schedules(session: Session) -> list[Schedule]:
    """List the schedules in use."""
    query = sa.select(Schedule).where(Schedule.active).order_by(Schedule.name, Schedule.id)
    return list(session.scalars(query))


def is_there_for(session: Session, person: Person) -> bool:
    """Say whether there is a schedule about a company of somebody's."""
    scopes = [f"{PARTNER}:{company.key}" for company in person.partners if company.active]
    if not scopes:
        return False
    query = sa.select(Schedule.id).where(Schedule.active, Schedule.scope.in_(scopes))
    return session.scalar(query.limit(1)) is not None


def one(session: Session, key: str) -> Schedule | None:
    """Find a schedule in use."""
    return session.scalar(sa.select(Schedule).where(Schedule.active, Schedule.key == key))


def rows(session: Session, setup: Directory, person: Person, now: datetime) -> list[Row]:
    """List the schedules whose reports somebody may have."""
    scoped = [(it, scope_of(it.scope, setup)) for it in schedules(session)]
    there = [(it, scope) for it, scope in scoped if _may_see(person, scope)]
    return [row_of(session, setup, it, scope, person, now) for it, scope in there]


def row(session: Session, setup: Directory, key: str, person: Person, now: datetime) -> Row | None:
    """Say how a schedule does to who may see it; None for others."""
    found = one(session, key)
    scope = scope_of(found.scope, setup) if found else None
    if found is None or not _may_see(person, scope):
        return None
    return row_of(session, setup, found, scope, person, now)


def _may_see(person: Person, scope: Scope | None) -> bool:
    return Reach.ALL in reaches(person, Act.SEE_SCHEDULES) or may_have(person, scope)


def row_of(
    session: Session,
    setup: Directory,
    schedule: Schedule,
    scope: Scope | None,
    person: Person,
    now: datetime,
) -> Row:
    """Say how a schedule does."""
    coming = None
    if schedule.paused_at is None and (calendar := setup.desk_calendar):
        coming = due.next_due(plan_of(schedule, setup), calendar, now)
    last = sa.select(Run).where(Run.schedule_id == schedule.id).order_by(Run.due_at.desc())
    readers = readers_of(session, setup, schedule, schedule.scope)
    wants = person.id in {reader.id for reader in readers}
    return Row(schedule, scope, coming, session.scalar(last.limit(1)), readers, wants)


def runs(session: Session, schedule: Schedule, most: int, *, done: bool = False) -> list[Run]:
    """List the runs of a schedule, the latest first: all, or those that were sent."""
    query = sa.select(Run).where(Run.schedule_id == schedule.id).order_by(Run.due_at.desc())
    query = query.where(Run.done_at.is_not(None)) if done else query
    return list(session.scalars(query.limit(most)))


def missed(session: Session, ids: Sequence[int]) -> list[tuple[int, str, str]]:
    """Give the run, the reader and the reason of each mail that did not go out."""
    query = sa.select(Notification, Person.name).join(Person, Person.id == Notification.person_id)
    query = query.where(*FAILED, Notification.kind == READY).order_by(Person.name)
    found = (
        (row.data.get("run", 0), name, row.error or "") for row, name in session.execute(query)
    )
    return [(run, name, error) for run, name, error in found if run in ids]


def readers_of(session: Session, setup: Directory, schedule: Schedule, said: str) -> list[Person]:
    """Give who gets a report of a scope: named or subscribed, and allowed to have it."""
    wishes = sa.select(Wish.person_id, Wish.wants).where(Wish.schedule_id == schedule.id)
    wanted = {row.person_id: row.wants for row in session.execute(wishes)}
    ids = {id for id in schedule.people if wanted.get(id, True)}
    ids |= {id for id, wants in wanted.items() if wants}
    query = sa.select(Person).where(Person.id.in_(ids), Person.active).order_by(Person.name)
    scope = scope_of(said, setup)
    return [person for person in session.scalars(query) if may_have(person, scope)]


def is_wanted(session: Session, schedule: Schedule, person: Person) -> bool:
    """Say whether somebody still wants what a schedule sends."""
    wish = session.get(Wish, (schedule.id, person.id))
    return wish.wants if wish else person.id in schedule.people


def candidates(session: Session) -> list[Person]:
    """Give the people whom a schedule can name."""
    query = sa.select(Person).where(Person.active).order_by(Person.name, Person.id)
    people = session.scalars(query.options(selectinload(Person.leads)))
    return [one for one in people if reaches(one, Act.RECEIVE_REPORT)]


def file_name(row: Report) -> str:
    """Name the file of a sealed report."""
    scope = "" if row.scope == ALL else f"-{row.scope.replace(':', '-')}"
    return f"report-{row.period}{scope}-{row.language}-r{row.revision}.pdf"


def report(session: Session, id: int | None) -> Report | None:
    """Find a sealed report."""
    return session.get(Report, id) if id else None
