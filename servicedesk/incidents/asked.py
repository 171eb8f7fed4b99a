"""What waits for somebody's approval, as they may see it: enough to decide, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from servicedesk import journal
from servicedesk.incidents.approvals import PURPOSE
from servicedesk.incidents.chips import Chip, Chips
from servicedesk.incidents.happenings import tell
from servicedesk.incidents.models import Incident
from servicedesk.incidents.story import APPROVAL, ASKED, Story
from servicedesk.incidents.visibility import approves, asked
from servicedesk.people import absence, links
from servicedesk.people.models import Person
from servicedesk.setup.directory import Directory
from servicedesk.setup.snapshot import directory
from servicedesk.times import local_day


@dataclass(frozen=True)
class Waiting:
    """Who is asked to approve, who in their place today, and since when."""

    approver: Person
    deputy: Person | None
    since: datetime


@dataclass(frozen=True)
class Decision:
    """What was decided, by whom and when."""

    granted: bool
    by: str
    at: datetime


@dataclass(frozen=True)
class Question:
    """An incident whose approval is, or was, asked for."""

    incident: Incident
    reader: Person
    approver: Person
    service: str
    wish: Chip
    decision: Decision | None
    can_be_decided: bool


def count(session: Session, person: Person, day: date) -> int:
    """Count what waits for a person's approval."""
    query = sa.select(sa.func.count()).select_from(Incident).where(asked(person, day))
    return session.scalar(query) or 0


def waiting_for(session: Session, person: Person, day: date) -> Sequence[Incident]:
    """List what waits for a person's approval, the oldest first."""
    query = sa.select(Incident).where(asked(person, day)).options(joinedload(Incident.requester))
    return session.scalars(query.order_by(Incident.logged_at, Incident.id)).all()


def read(session: Session, person: Person, number: int, now: datetime) -> Question | None:
    """Give what a person is, or was, asked to approve; None if it is not for them."""
    return _read(session, person, Incident.number == number, now)


def read_link(session: Session, token: str, now: datetime) -> Question | None:
    """Give what the link in a mail asks about; None where it says nothing (any more)."""
    link = links.look(session, token, PURPOSE)
    person = session.get(Person, link.person_id) if link else None
    if link is None or person is None or link.ends_at <= now:
        return None
    usable = link.used_at is None
    asking = link.data["asking"]
    return _read(session, person, Incident.id == link.incident_id, now, asking, usable)


def _read(
    session: Session,
    person: Person,
    where: sa.ColumnElement[bool],
    now: datetime,
    asking: int | None = None,
    usable: bool = True,
) -> Question | None:
    setup = directory(session)
    query = sa.select(Incident).where(where, approves(person, local_day(now, setup.zone)))
    incident = session.scalar(query.options(joinedload(Incident.requester)))
    if incident is None:
        return None
    events = journal.read(session, incident.id)
    story = tell(events)
    names = _names(session, {event.actor for event in events if event.actor})
    return Question(
        incident,
        person,
        session.get_one(Person, incident.approver_id),
        setup.services[incident.service_id].name,
        Chips(setup, now).requested(incident),
        _decision(story, names),
        usable and story.approval == ASKED and asking in (None, story.asking),
    )


def _names(session: Session, ids: set[int]) -> dict[int, str]:
    query = sa.select(Person.id, Person.name).where(Person.id.in_(ids))
    names: dict[int, str] = dict(session.execute(query).all())
    return names


def _decision(story: Story, names: dict[int, str]) -> Decision | None:
    if story.decided_at is None:
        return None
    granted = story.approval == "granted"
    return Decision(granted, names.get(story.decided_by or 0, ""), story.decided_at)


def waiting(session: Session, setup: Directory, story: Story, now: datetime) -> Waiting | None:
    """Say who is asked to approve an incident, if it waits for that."""
    if story.approval != ASKED or not story.approver:
        return None
    approver = session.get_one(Person, story.approver)
    deputy = absence.asked(session, approver.id, local_day(now, setup.zone))
    if deputy and deputy.id in (approver.id, story.requester):
        deputy = None
    since = next(h.start for h in reversed(story.holds) if h.reason == APPROVAL)
    return Waiting(approver, deputy, since)
