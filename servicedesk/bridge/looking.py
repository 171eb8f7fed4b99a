"""What the desk knows of a mail: whose address it was sent to, and who its sender is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask import current_app
from sqlalchemy.orm import Session

from servicedesk.bridge import addresses
from servicedesk.bridge.incoming import Incoming
from servicedesk.bridge.judging import LINE, REPLY, WORK, About, Known
from servicedesk.bridge.models import DROPPED, HANDOFF, INCIDENT, ReceivedMail, ReplyAddress
from servicedesk.incidents import lifecycle
from servicedesk.incidents.addresses import LARGEST
from servicedesk.incidents.models import HandOff, Incident, WorkRequest
from servicedesk.people.models import Partner, Person, partner_member
from servicedesk.people.permissions import Act, may

HOUR = timedelta(hours=1)
NUMBER = re.compile(r"\bINC-(\d{1,12})\b", re.IGNORECASE)
OVER = (lifecycle.CLOSED, lifecycle.CANCELLED)


@dataclass(frozen=True)
class Seen:
    """A mail as the desk sees it: what it is about, and in whose name it was written."""

    known: Known
    purpose: str | None = None
    n: int | None = None
    incident: Incident | None = None  # locked
    work: HandOff | WorkRequest | None = None
    person: Person | None = None
    company: int | None = None  # the partner in whose name it is, where no person of it is known


def look(session: Session, mail: Incoming, row: ReceivedMail, now: datetime) -> Seen:
    """Step: find out what is known of a mail, with its incident locked."""
    tokens = addresses.tokens_in(mail.recipients)
    people = with_address(session, mail.sender)
    address = addresses.find(session, tokens[0]) if len(tokens) == 1 else None
    if address:
        return _by_address(session, mail, row, address, people, now)
    known = _known(session, mail, row, people, now, tokens=len(tokens))
    person = people[0] if len(people) == 1 else None
    return _by_number(session, mail, known, person) or Seen(known, person=person)


def with_address(session: Session, mail: str | None) -> Sequence[Person]:
    """Step: give the active people who have an address."""
    if not mail:
        return ()
    query = sa.select(Person).where(Person.active, sa.func.lower(Person.mail) == mail.lower())
    return session.scalars(query.order_by(Person.id)).all()


def _known(
    session: Session,
    mail: Incoming,
    row: ReceivedMail,
    people: Sequence[Person],
    now: datetime,
    *,
    tokens: int,
    about: About | None = None,
) -> Known:
    return Known(
        tokens=tokens,
        about=about,
        people=len(people),
        may_log=len(people) == 1 and may(people[0], Act.LOG_INCIDENT),
        recent=_recent(session, row, now),
        trusting=bool(current_app.config["MAIL_TRUST_SENDERS"]),
        own=_is_own(mail.sender),
    )


def _recent(session: Session, row: ReceivedMail, now: datetime) -> int:
    query = sa.select(sa.func.count()).select_from(ReceivedMail)
    query = query.where(
        ReceivedMail.sender == row.sender,
        ReceivedMail.received_at > now - HOUR,
        ReceivedMail.id != row.id,
        ReceivedMail.state != DROPPED,
    )
    return (session.scalar(query) or 0) if row.sender else 0


def _is_own(sender: str | None) -> bool:
    """Say whether a mail comes from the desk itself."""
    if not sender:
        return False
    outgoing = current_app.config["MAIL_FROM"]
    own = {addresses.inbox(), outgoing.address.lower() if outgoing else ""}
    return sender in own or bool(addresses.tokens_in([sender]))


# By the token of a reply address


def _by_address(
    session: Session,
    mail: Incoming,
    row: ReceivedMail,
    address: ReplyAddress,
    people: Sequence[Person],
    now: datetime,
) -> Seen:
    incident = lock(session, address.incident_id)
    if address.purpose == INCIDENT:
        person = _reader(address, people)
        about = about_incident(incident, person)
        known = _known(session, mail, row, people, now, tokens=1, about=about)
        return Seen(known, INCIDENT, 0, incident, None, person)
    work = work_of(session, incident, address.purpose, address.n)
    if work is None:  # the journal is the truth: a hand-off cannot be lost
        return Seen(_known(session, mail, row, people, now, tokens=1), None, None, incident)
    person, company = speaks(session, work.receiver, mail.sender, people)
    becomes = LINE if address.purpose == HANDOFF else WORK
    said = About(becomes, bool(person or company), work.ended_at is not None)
    known = _known(session, mail, row, people, now, tokens=1, about=said)
    return Seen(known, address.purpose, address.n, incident, work, person, company)


def lock(session: Session, incident_id: int) -> Incident:
    """Step: give an incident that nobody else changes until the end of the transaction."""
    query = sa.select(Incident).where(Incident.id == incident_id)
    return session.scalars(query.with_for_update(of=Incident)).one()


def work_of(
    session: Session, incident: Incident, purpose: str, n: int
) -> HandOff | WorkRequest | None:
    """Step: give a hand-off or work request as it stands."""
    model: Any = HandOff if purpose == HANDOFF else WorkRequest
    query = sa.select(model).where(model.incident_id == incident.id, model.n == n)
    found: HandOff | WorkRequest | None = session.scalar(
        query.execution_options(populate_existing=True)
    )
    return found


def _reader(address: ReplyAddress, people: Sequence[Person]) -> Person | None:
    return next((one for one in people if address.reader == f"person:{one.id}"), None)


def about_incident(incident: Incident, person: Person | None) -> About:
    """Say whether a person may write into an incident as its requester."""
    mine = person is not None and incident.requester_id == person.id
    return About(REPLY, person is not None, incident.state in OVER, mine)


def speaks(
    session: Session, receiver: str, sender: str | None, people: Sequence[Person]
) -> tuple[Person | None, int | None]:
    """Step, H7: say in whose name a sender writes: a person of a partner, or the company itself."""
    kind, _colon, id = receiver.partition(":")
    partner = session.get(Partner, int(id)) if kind == "partner" else None
    if partner is None or not partner.active or not sender:
        return None, None
    query = sa.select(partner_member.c.person_id).where(
        partner_member.c.partner_id == partner.id,
        partner_member.c.person_id.in_([person.id for person in people]),
    )
    members = set(session.scalars(query))
    mine = [person for person in people if person.id in members]
    if len(mine) == 1:
        return mine[0], None
    company = bool(mine) or (partner.mail or "").lower() == sender
    return None, partner.id if company else None


# By the number in the subject


def _by_number(
    session: Session, mail: Incoming, known: Known, person: Person | None
) -> Seen | None:
    found = NUMBER.search(mail.subject)
    number = int(found[1]) if found else 0
    if not 0 < number <= LARGEST:
        return None
    id = session.scalar(sa.select(Incident.id).where(Incident.number == number))
    if id is None:
        return None
    incident = lock(session, id)
    mine = person is not None and incident.requester_id == person.id
    about = About(REPLY, mine, incident.state in OVER)
    return Seen(replace(known, numbered=about), INCIDENT, 0, incident, None, person)
