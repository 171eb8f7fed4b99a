"""§4: *Is it solved?* answered from the mail without signing in, and going on once closed."""

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
from servicedesk.errors import NotFound, Refused
from servicedesk.incidents import acts, approvals, lifecycle, record, words
from servicedesk.incidents.acts import Act
from servicedesk.incidents.clocks import Clockwork
from servicedesk.incidents.doing import TEXT_LENGTH, Doing, Right, acting, add_comment, doing
from servicedesk.incidents.models import Incident
from servicedesk.people import links
from servicedesk.people.models import Person

PURPOSE = "solved"  # of the link in the mail


@dataclass(frozen=True)
class Asked:
    """What a link asks, as things stand."""

    incident: Incident
    person: Person
    can_be_answered: bool  # it is still that resolution
    can_go_on: bool  # it is closed, and the link was not used


def read(session: Session, token: str, now: datetime) -> Asked | None:
    """Give what a link asks about; None where it says nothing (any more)."""
    link = links.look(session, token, PURPOSE)
    if link is None or link.incident_id is None or link.person_id is None:
        return None
    incident = session.get_one(Incident, link.incident_id)
    person = session.get_one(Person, link.person_id)
    if incident.requester_id != person.id or not person.active:
        return None
    usable = link.used_at is None and link.ends_at > now
    same = incident.state == lifecycle.RESOLVED and incident.reopened == link.data["cycle"]
    closed = incident.state == lifecycle.CLOSED
    return Asked(incident, person, usable and same, usable and closed)


def confirm(token: str, *, now: datetime, version: int | None = None) -> None:
    """The requester says by the link that it is solved; raises NotFound, Refused or Stale."""
    with _by_link(token, now, Right.CONFIRM_INCIDENT, version) as it:
        acts.close(it.act)


def object_to(token: str, text: str, *, now: datetime, version: int | None = None) -> None:
    """The requester says by the link that it is not; raises NotFound, Refused or Stale."""
    with _by_link(token, now, Right.REOPEN_INCIDENT, version) as it:
        reopen(it, text)


def reopen(it: Doing, text: str) -> None:
    """Step: open it again, with what is still wrong if that is said."""
    acts.reopen(it.act)
    if body := words.text(text, TEXT_LENGTH):
        add_comment(it, "reply", body, desk=it.incident.requester_id != it.actor.id)


def go_on_by_link(token: str, text: str, *, now: datetime, version: int | None = None) -> int:
    """The requester goes on by the link with what is closed; gives the new number."""
    with _by_link(token, now, Right.REOPEN_INCIDENT, version, cycle=False) as it:
        return go_on(it, text)


def continue_(
    number: int, *, actor: Person, now: datetime, text: str, version: int | None = None
) -> int:
    """§4: go on with a closed incident by a new one that is linked with it; gives its number."""
    with doing(number, actor=actor, now=now, right=Right.REOPEN_INCIDENT, version=version) as it:
        return go_on(it, text)


def go_on(it: Doing, text: str) -> int:
    """Step: log the new one as the old one was, and note it there (F4: it counts as reopened)."""
    it.act.check("continue")
    old = it.incident
    body = words.text(text, TEXT_LENGTH, _("Please say what is wrong."))
    new = Act(Clockwork(it.act.directory), it.act.now, it.actor.id)
    own = old.requester_id == it.actor.id
    acts.log(
        new,
        requester=old.requester_id,
        service=it.act.directory.services[old.service_id],
        impact=old.impact,
        urgency=old.urgency,
        type=old.type,
        channel="portal" if own else "desk",
        confidential=old.confidential,
        parent=old.id,
        title=journal.digest(old.title),
        description=journal.digest(body),
    )
    approvals.ask(it.session, new)
    added = record.add(
        it.session,
        new,
        it.act.now,
        title=old.title,
        description=body,
        department=old.requester.department,
        category=old.category,
    )
    acts.continue_(it.act, added.id)
    return added.number


@contextmanager
def _by_link(
    token: str, now: datetime, right: Right, version: int | None, *, cycle: bool = True
) -> Iterator[Doing]:
    """Act once as the requester whom a link was sent to; `cycle`: on that resolution alone."""
    with transaction() as session:
        link = links.find(session, token, PURPOSE, now, lock=True)
        if link is None or link.person_id is None:
            raise NotFound(_("This link was used already, or its time is over."))
        person = session.get_one(Person, link.person_id)
        query = sa.select(Incident.number).where(
            Incident.id == link.incident_id, Incident.requester_id == person.id
        )
        number = session.scalar(query)
        if number is None:
            raise NotFound(_("There is no such incident, or it is not for you."))
        with acting(session, number, person, now=now, right=right, version=version) as it:
            if cycle and it.act.story.reopened != link.data["cycle"]:
                raise Refused(_("It was opened again since: please use the newer mail."))
            yield it
            link.used_at = now
