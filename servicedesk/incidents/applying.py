"""C8: applies an agreement's latest version to open incidents, in batches that block nobody."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from servicedesk.db import db, transaction
from servicedesk.errors import NotFound, Refused
from servicedesk.incidents import bulk, derived
from servicedesk.incidents.acts import Act
from servicedesk.incidents.catching_up import AT_ONCE, catch_up, catch_up_with, pause
from servicedesk.incidents.clocks import Clockwork, follow
from servicedesk.incidents.models import OPEN, Incident
from servicedesk.people.models import Person
from servicedesk.setup.directory import Directory
from servicedesk.setup.snapshot import directory
from servicedesk.sla.clock import Phase
from servicedesk.sla.models import Agreement, Application

Progress = Callable[[Application], object]


def apply(
    kind: str, key: str, *, actor: Person | None, now: datetime, progress: Progress | None = None
) -> int:
    """Apply an agreement (kind sla, ola or uc) to what is open; gives how many it concerned."""
    id = begin(kind, key, actor=actor, now=now)
    catch_up(now)
    while go_on(now):
        if progress:
            progress(db.session().get_one(Application, id))
        pause()
    return db.session().get_one(Application, id).applied


def begin(kind: str, key: str, *, actor: Person | None, now: datetime) -> int:
    """Note that an agreement is to be applied; what goes on from there may be interrupted.

    Gives the id of its Application; raises NotFound or Refused.
    """
    actor_id = actor.id if actor else None
    with transaction() as session:
        query = sa.select(Agreement).where(Agreement.kind == kind, Agreement.key == key)
        agreement = session.scalar(query.with_for_update())
        if agreement is None:
            raise NotFound(_("There is no such agreement."))
        if unfinished(session, agreement.id):
            raise Refused(_("This agreement is being applied already."))
        total = sa.select(sa.func.count()).select_from(Incident).where(Incident.state.in_(OPEN))
        row = Application(
            agreement_id=agreement.id,
            version=len(directory(session).agreements[agreement.id].versions),
            asked_by_id=actor_id,
            asked_at=now,
            total=session.scalar(total) or 0,
        )
        session.add(row)
        session.flush()
        return row.id


def unfinished(session: Session, agreement_id: int | None = None) -> Application | None:
    """Give an application that is under way, of one agreement or of any."""
    query = sa.select(Application).where(Application.finished_at.is_(None))
    if agreement_id is not None:
        query = query.where(Application.agreement_id == agreement_id)
    return session.scalars(query.order_by(Application.id).limit(1)).first()


def work_off(now: datetime) -> int:
    """Do all that is behind a changed set-up or under way; gives how many batches there were."""
    batches = 1 if catch_up(now) else 0
    while go_on(now):
        batches += 1
        pause()
    return batches


def go_on(now: datetime) -> bool:
    """Do the next batch of what is under way; says whether there was any."""
    session: Session = db.session()
    session.rollback()
    there = unfinished(session) is not None
    session.rollback()
    if there:
        with transaction() as session:
            _go_on(session, now)
    return there


def _go_on(session: Session, now: datetime) -> None:
    under_way = sa.select(Application).where(Application.finished_at.is_(None))
    query = under_way.order_by(Application.id).limit(1).with_for_update(skip_locked=True)
    row = session.scalars(query).first()
    if row is None:
        return  # another worker is at it
    setup = directory(session)
    some = sa.select(Incident.id).where(Incident.state.in_(OPEN), Incident.id > row.through)
    some = some.order_by(Incident.id).limit(AT_ONCE).with_for_update(of=Incident)
    ids = session.scalars(some).all()
    catch_up_with(session, ids, setup, now)
    kept = bulk.read(session, sa.select(*bulk.COLUMNS).where(Incident.id.in_(ids)))
    row.applied += _apply(session, kept, setup, row, now)
    row.looked_at += len(ids)
    if ids:
        row.through = ids[-1]
    else:
        row.finished_at = now


def _apply(
    session: Session, some: Sequence[bulk.Kept], setup: Directory, row: Application, now: datetime
) -> int:
    done = []
    for kept in some:
        work = follow(kept.events, setup)
        if concerns(work, row.agreement_id, row.version):
            act = Act(work, max(now, kept.changed_at), row.asked_by_id)
            record_application(act, row.agreement_id, row.version)
            done.append(bulk.Done(kept, act, derived.next_steps(work)))
    if done:
        bulk.write(session, done, now)
    return len(done)


def concerns(work: Clockwork, agreement_id: int, version: int | None = None) -> bool:
    """Say whether an open incident has clocks that still go by an earlier version."""
    version = version or _latest(work.directory, agreement_id)
    if work.story.applied.get(agreement_id, 0) >= version:
        return False
    return any(
        entry.terms.number < version
        for name, entry in work.entries.items()
        if entry.clock.phase in (Phase.RUN, Phase.PAUSE) or name[0] == "holding"
        if work.agreement_of(name) == agreement_id
    )


def record_application(act: Act, agreement_id: int, version: int | None = None) -> None:
    """Step: note on an incident that a version applies to it from now on (C9 re-targets)."""
    version = version or _latest(act.directory, agreement_id)
    act.record("agreement.applied", agreement=agreement_id, version=version)


def _latest(setup: Directory, agreement_id: int) -> int:
    return len(setup.agreements[agreement_id].versions)
