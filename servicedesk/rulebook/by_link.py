"""E1: taking responsibility by the link in a mail, without signing in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from servicedesk import journal
from servicedesk.db import transaction
from servicedesk.errors import NotFound, Refused
from servicedesk.escalation.acknowledging import PURPOSE
from servicedesk.incidents import acts
from servicedesk.incidents.clocks import Clockwork, follow
from servicedesk.incidents.doing import Right, acting
from servicedesk.incidents.episodes import Acknowledgement
from servicedesk.incidents.models import Incident
from servicedesk.incidents.rules import Appeal, appeals
from servicedesk.incidents.story import Fired
from servicedesk.incidents.visibility import visible
from servicedesk.people import links
from servicedesk.people.links import Link
from servicedesk.people.models import Person
from servicedesk.setup.snapshot import directory


@dataclass(frozen=True)
class Question:
    """What a link asks, as things stand; nothing in it is confidential."""

    number: int
    label: str
    rule: Fired  # policy, step, cycle
    reader: Person
    holder: str  # who has it: a group, a company; empty: nobody any more
    assignee: str
    rounds: int
    most: int
    is_open: bool  # it can still be answered
    is_over: bool  # the link's time is over
    taken: Acknowledgement | None
    taken_by: str


def read(session: Session, token: str, now: datetime) -> Question | None:
    """Give what a link asks; None where it says nothing, or what is no longer for its reader."""
    link = links.look(session, token, PURPOSE)
    if link is None or link.incident_id is None or link.person_id is None:
        return None
    person = session.get_one(Person, link.person_id)
    seen = visible(person, Right.TAKE_RESPONSIBILITY)
    query = sa.select(Incident).where(Incident.id == link.incident_id, seen)
    incident = session.scalar(query) if person.active else None
    if incident is None:
        return None
    work = follow(journal.read(session, incident.id), directory(session))
    return _question(session, link, incident, work, person, now)


def rule_of(data: Mapping[str, str]) -> Fired:
    """Read what is acknowledged from the data of a link."""
    return data["policy"], data["step"], data["cycle"]


def _question(
    session: Session, link: Link, incident: Incident, work: Clockwork, person: Person, now: datetime
) -> Question:
    rule = rule_of(link.data)
    appeal, taken = _appeal(work, rule), work.story.acknowledged.get(rule)
    taker = session.get(Person, taken.by) if taken and taken.by else None
    party = work.directory.parties.get(work.story.given_to) if work.story.is_open else None
    usable = link.used_at is None and link.ends_at > now
    return Question(
        number=incident.number,
        label=incident.label,
        rule=rule,
        reader=person,
        holder=party.name if party else "",
        assignee=incident.assignee.name if incident.assignee else "",
        rounds=appeal.rounds if appeal else 0,
        most=appeal.step.most if appeal else 0,
        is_open=usable and appeal is not None,
        is_over=link.ends_at <= now,
        taken=taken,
        taken_by=taker.name if taker else "",
    )


def _appeal(work: Clockwork, rule: Fired) -> Appeal | None:
    return next((it for it in appeals(work) if it.identity == rule), None)


def acknowledge(token: str, *, now: datetime) -> None:
    """Take responsibility as whom the link was sent to, once; raises NotFound or Refused."""
    with transaction() as session:
        link = links.find(session, token, PURPOSE, now, lock=True)
        person = session.get(Person, link.person_id) if link and link.person_id else None
        if link is None or person is None or not person.active:
            raise NotFound(_("This link was used already, or its time is over."))
        query = sa.select(Incident.number).where(Incident.id == link.incident_id)
        number, right = session.scalar(query) or 0, Right.TAKE_RESPONSIBILITY
        with acting(session, number, person, now=now, right=right) as it:
            if not acts.acknowledge(it.act, rule_of(link.data)):
                raise Refused(
                    _("Somebody has taken responsibility already, or it is no longer due.")
                )
        link.used_at = now
