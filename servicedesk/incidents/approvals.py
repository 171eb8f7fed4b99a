"""§4: approval: whom a service asks before the work begins, and what they say."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from servicedesk import journal, outbox
from servicedesk.db import transaction
from servicedesk.errors import NotFound, Refused
from servicedesk.incidents import acts, record, words
from servicedesk.incidents.acts import Act
from servicedesk.incidents.doing import TEXT_LENGTH, Doing, add_comment, check_version, continuing
from servicedesk.incidents.models import Incident
from servicedesk.incidents.story import ASKED, GRANTED, Story
from servicedesk.incidents.visibility import approves
from servicedesk.people import absence, links
from servicedesk.people.models import Person
from servicedesk.people.permissions import Act as Right
from servicedesk.people.permissions import may
from servicedesk.setup.directory import Service
from servicedesk.setup.snapshot import directory
from servicedesk.times import local_day

PURPOSE = "approval"  # of the link in the mail
LASTS = timedelta(days=30)


# asking


def ask(session: Session, act: Act) -> None:
    """Step: ask for the approval that the incident's service wants; then nobody works on it yet.

    What goes on with an approved incident is not asked for again. Where there is nobody to ask,
    that is noted and the work begins.
    """
    service = act.directory.services[act.story.service]
    if not service.more.get("approval") or _approved_before(session, act.story):
        return
    approver = choose(session, act, service)
    if approver is None:
        act.record("approval.skipped")
    else:
        acts.ask_approval(act, approver)


def ask_anew(session: Session, act: Act) -> None:
    """Step: after a change of service what was asked for the old one is asked no more."""
    if act.story.approval == ASKED:
        acts.withdraw_approval(act)
    ask(session, act)


def _approved_before(session: Session, story: Story) -> bool:
    if story.parent is None:
        return False
    parent = session.get_one(Incident, story.parent)
    return parent.approval == GRANTED and parent.service_id == story.service


def choose(session: Session, act: Act, service: Service) -> int | None:
    """Step: choose who approves: manager or owner as the service says, else the other of them,
    else the desk group's lead; never the requester.
    """
    requester = session.get_one(Person, act.story.requester)
    named = {"manager": requester.manager_id, "owner": service.owner}
    wanted = named.pop(service.more["approval"])
    lead = act.directory.party(act.story.desk_group).lead
    candidates = (wanted, *named.values(), lead)
    found = (id for id in candidates if id and id != requester.id)
    return next((id for id in found if _asked(session, act, id)), None)


def _asked(session: Session, act: Act, approver: int) -> Person | None:
    """Step: give who is asked today in an approver's place; nobody if that is the requester."""
    day = local_day(act.now, act.directory.zone)
    person = absence.asked(session, approver, day)
    if person is None or not may(person, Right.DECIDE_APPROVAL):
        return None
    return person if person.id != act.story.requester else None


@record.followed_by
def send_question(session: Session, incident: Incident, act: Act) -> None:
    """Step: tell whoever is asked by what was just done."""
    asking = act.story.asking
    if act.story.approval == ASKED and any(event.seq == asking for event in act.events):
        queue_question(session, incident, act, "approval_asked", act.now)


def queue_question(
    session: Session, incident: Incident, act: Act, kind: str, now: datetime
) -> None:
    """Step: queue a mail with a link to decide, for whoever is asked today."""
    if outbox.is_quiet(session):
        return
    approver = act.story.approver or 0
    person = _asked(session, act, approver) or session.get_one(Person, approver)
    link = links.make(
        session,
        PURPOSE,
        now=now,
        lasts=LASTS,
        person=person.id,
        incident=incident.id,
        asking=act.story.asking,
    )
    in_place_of = approver if person.id != approver else None
    outbox.queue(
        session,
        kind,
        now=now,
        person=person.id,
        incident=incident.id,
        link=link.id,
        in_place_of=in_place_of,
    )


# deciding


@dataclass(frozen=True)
class Answer:
    """What an approver says: yes, or no with a reason that the requester reads."""

    granted: bool
    reason: str = ""


def decide(
    number: int, answer: Answer, *, actor: Person, now: datetime, version: int | None = None
) -> None:
    """Approve or not, as who is asked; raises NotFound, Refused, Stale or BadInput."""
    actor_id = actor.id
    with transaction() as session:
        person = session.get_one(Person, actor_id)
        with _deciding(session, person, Incident.number == number, now, version) as it:
            _say(it, answer)


def decide_by_link(
    token: str, answer: Answer, *, now: datetime, version: int | None = None
) -> None:
    """Approve or not without signing in, once; raises as `decide`."""
    with transaction() as session:
        link = links.find(session, token, PURPOSE, now, lock=True)
        person = session.get(Person, link.person_id) if link else None
        if link is None or person is None:
            raise NotFound(_("This link was used already, or its time is over."))
        where = Incident.id == link.incident_id
        with _deciding(session, person, where, now, version) as it:
            if it.act.story.asking != link.data["asking"]:
                raise Refused(_("This approval is no longer asked for."))
            _say(it, answer)
            link.used_at = now


@contextmanager
def _deciding(
    session: Session,
    person: Person,
    where: sa.ColumnElement[bool],
    now: datetime,
    version: int | None,
) -> Iterator[Doing]:
    """Step: open one act on an incident whose approval a person may be asked for."""
    day = local_day(now, directory(session).zone)
    query = sa.select(Incident).where(where, approves(person, day))
    incident = session.scalar(query.with_for_update(of=Incident))
    if incident is None:
        raise NotFound(_("There is no such incident, or your approval is not asked for."))
    if incident.approval != ASKED:
        raise Refused(_("This was decided already, or is no longer asked for."))
    check_version(session, incident, version)
    with continuing(session, incident, actor=person, now=now) as act:
        yield Doing(session, incident, act, person)


def _say(it: Doing, answer: Answer) -> None:
    """Step: keep the decision; a refusal's reason is a reply, so that the requester reads it."""
    if answer.granted:
        acts.grant_approval(it.act)
        return
    missing = _("Please say why you don't approve it.")
    body = words.text(answer.reason, TEXT_LENGTH, missing)
    comment = add_comment(it, "reply", body, desk=False)
    acts.refuse_approval(it.act, journal.digest(body), comment.id)
