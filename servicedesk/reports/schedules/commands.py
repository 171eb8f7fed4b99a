"""What people do with schedules: subscribe, run now, pause, try the mail."""

from __future__ import annotations

from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from servicedesk import outbox
from servicedesk.db import transaction
from servicedesk.errors import NotAllowed, NotFound, Refused
from servicedesk.people.models import Person
from servicedesk.people.permissions import Act, may
from servicedesk.reports.schedules import due, queries, running
from servicedesk.reports.schedules.models import Run, Schedule, Wish
from servicedesk.setup.snapshot import directory

TEST = "report_test"


def subscribe(key: str, person: Person, *, wants: bool) -> None:
    """F9: subscribe somebody to what a schedule sends, or not any more; raises NotFound."""
    with transaction() as session:
        row = _schedule(session, key)
        reader = session.get_one(Person, person.id)
        if wants and not queries.may_have(reader, queries.scope_of(row.scope, directory(session))):
            raise NotFound(_("There is no such schedule."))
        session.merge(Wish(schedule_id=row.id, person_id=reader.id, wants=wants))


def run_now(key: str, actor: Person, now: datetime) -> Run:
    """Have the period that ended last made at once, in the background; raises Refused."""
    _check(actor)
    running.plan(now)  # what was missed before is noted first
    with transaction() as session:
        row, setup = _schedule(session, key), directory(session)
        if row.paused_at:
            raise Refused(_("It is paused: go on with it first."))
        period = due.last_ended(queries.plan_of(row, setup), now)
        running.note(session, row.id, row.scope, period, now, now)
        run = session.query(Run).filter_by(schedule_id=row.id, period=period.name).one()
        if run.done_at:
            raise Refused(_("It was sent for this period already. A test mail comes to you alone."))
        if run.tries and not run.error and not run.waits and run.next_at:
            raise Refused(_("It is being made already."))
        run.next_at = min(now, run.next_at or now)
        return run


def pause(key: str, actor: Person, now: datetime, *, paused: bool) -> None:
    """Stop a schedule, or let it go on: what was due meanwhile is not made up."""
    _check(actor)
    with transaction() as session:
        row = _schedule(session, key)
        if paused == bool(row.paused_at):
            return
        row.paused_at = now if paused else None
        if not paused:
            row.since = now


def send_test(key: str, person: Person, now: datetime) -> None:
    """Send somebody the mail as it would come, with the latest report that there is."""
    with transaction() as session:
        row = _schedule(session, key)
        reader = session.get_one(Person, person.id)
        if not queries.may_have(reader, queries.scope_of(row.scope, directory(session))):
            raise NotFound(_("There is no such schedule."))
        outbox.queue(session, TEST, now=now, person=reader.id, schedule=row.id)


def _schedule(session: Session, key: str) -> Schedule:
    row = queries.one(session, key)
    if row is None:
        raise NotFound(_("There is no such schedule."))
    return row


def _check(actor: Person) -> None:
    if not may(actor, Act.KEEP_SCHEDULES):
        raise NotAllowed(_("You may not do this."))
