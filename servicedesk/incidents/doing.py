"""How an act on an incident is done: one transaction, one lock, what was added kept at its end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from servicedesk import journal
from servicedesk.db import transaction
from servicedesk.errors import NotAllowed, NotFound, Refused, Stale
from servicedesk.incidents import acts, files, lifecycle, record, words
from servicedesk.incidents.acts import Act
from servicedesk.incidents.catching_up import catch_up_one
from servicedesk.incidents.clocks import follow
from servicedesk.incidents.files import Upload
from servicedesk.incidents.models import Comment, Incident
from servicedesk.incidents.visibility import visible
from servicedesk.people import permissions
from servicedesk.people.models import Person
from servicedesk.setup.snapshot import directory

Right = permissions.Act
TITLE_LENGTH, TEXT_LENGTH = 300, 20_000

# What changes nothing for somebody who is filling in a form meanwhile.
QUIET = frozenset(
    {
        "step.fired",
        "step.acknowledged",
        "steps.passed",
        "major.update_missed",
        "requester.reminded",
        "approver.reminded",
        "watcher.added",
        "clocks.moved",
    }
)


@dataclass
class Deed:
    """An act under way: its transaction and its incident; who acts may be a mail's company."""

    session: Session
    incident: Incident
    act: Act


@dataclass
class Doing(Deed):
    """An act under way by a person."""

    actor: Person


@contextmanager
def doing(
    number: int,
    *,
    actor: Person,
    now: datetime,
    right: Right = Right.WORK_INCIDENT,
    version: int | None = None,
) -> Iterator[Doing]:
    """Open one act on an incident; raises NotFound, NotAllowed, Stale or Refused."""
    actor_id = actor.id
    with transaction() as session:
        person = session.get_one(Person, actor_id)
        with acting(session, number, person, now=now, right=right, version=version) as it:
            yield it


@contextmanager
def acting(
    session: Session,
    number: int,
    person: Person,
    *,
    now: datetime,
    right: Right,
    version: int | None = None,
) -> Iterator[Doing]:
    """Step: open one act on an incident in a transaction that has begun; raises as `doing`."""
    incident = _lock(session, number, person, right)
    check_version(session, incident, version)
    with continuing(session, incident, actor=person, now=now) as act:
        yield Doing(session, incident, act, person)


@contextmanager
def continuing(
    session: Session,
    incident: Incident,
    *,
    actor: Person | None,
    now: datetime,
    recorded_at: datetime | None = None,
) -> Iterator[Act]:
    """Step: act on a locked incident and keep what was added."""
    catch_up_one(session, incident, now)
    work = follow(journal.read(session, incident.id), directory(session))
    # time does not run backwards within an incident, whatever the machine's clock says
    act = Act(work, max(now, work.story.changed_at), actor.id if actor else None)
    try:
        yield act
    except lifecycle.IllegalMove as error:
        raise Refused(words.illegal_move(error)) from None
    if act.events:
        record.save(session, incident, act, recorded_at or now)


def check_version(session: Session, incident: Incident, version: int | None) -> None:
    """Step: refuse what is based on an older version, but for quiet changes; raises Stale."""
    if version is None or version == incident.version:
        return
    ahead = version > incident.version  # nobody has read that
    if ahead or {event.kind for event in journal.read(session, incident.id, version)} - QUIET:
        raise Stale(_("Somebody changed this incident meanwhile."), version)


def _lock(session: Session, number: int, person: Person, right: Right) -> Incident:
    query = sa.select(Incident).where(Incident.number == number, visible(person))
    incident = session.scalar(query.with_for_update(of=Incident))
    if incident is None:
        raise NotFound(_("There is no such incident, or it is not for you."))
    allowed = sa.select(Incident.id).where(Incident.id == incident.id, visible(person, right))
    if session.scalar(allowed) is None:
        raise NotAllowed(_("You may not do this."))
    return incident


def add_comment(
    it: Deed,
    kind: str,
    body: str,
    *,
    desk: bool,
    handoff_id: int | None = None,
    n: int | None = None,
    work_request_id: int | None = None,
    uploads: tuple[Upload, ...] = (),
) -> Comment:
    """Step: keep a comment with its event and files."""
    row = Comment(
        incident_id=it.incident.id,
        handoff_id=handoff_id,
        work_request_id=work_request_id,
        kind=kind,
        author_id=it.act.actor,
        partner_id=int(it.act.company.partition(":")[2]) if it.act.company else None,
        by_mail=it.act.by_mail,
        written_at=it.act.now,
        body=body,
    )
    it.session.add(row)
    it.session.flush()
    about = {"handoff": n} if work_request_id is None else {"request": n}
    acts.comment(it.act, row.id, kind, journal.digest(body), desk=desk, **about)
    for upload in uploads:
        file = files.keep(it.session, it.incident, upload, it.act.actor, it.act.now, row.id)
        acts.attach(it.act, file.id, file.sha256, row.id)
    return row
