"""E5: gives each message its channel when it is queued, by what its reader has chosen."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask import current_app
from sqlalchemy.orm import Session

from servicedesk import outbox, times
from servicedesk.incidents.models import Incident
from servicedesk.mail import calm, channels, slots
from servicedesk.mail.calm import Told
from servicedesk.mail.channels import DIGEST, MAIL, Floor, Reader
from servicedesk.outbox import Notification
from servicedesk.people.absence import stands_in_for
from servicedesk.people.models import Person
from servicedesk.people.queries import desk_zone
from servicedesk.setup.snapshot import directory


@outbox.routed_by
def route(session: Session, note: Notification) -> None:
    """Step: choose the channel of a message; whoever has chosen nothing gets a mail."""
    if note.person_id is None or note.kind in channels.ACCOUNT.kinds:
        return
    with session.no_autoflush:
        person = session.get(Person, note.person_id)
        if person is None:
            return
        if person.channels:
            _choose(session, person, person.channels, note)
        if note.waits_until and note.kind in calm.STORMS:
            _let_settle(session, person, note)


def _choose(session: Session, person: Person, said: dict[str, Any], note: Notification) -> None:
    found = channels.channel(note.kind, _reader(session, person, note), said)
    if found != MAIL:
        note.channel, note.waits_until = found, None
    if found == DIGEST:
        note.digest_at = next_summary(session, person)


def _let_settle(session: Session, person: Person, note: Notification) -> None:
    """Let a message wait for those that come with it; what is urgent waits less."""
    incident = session.get(Incident, note.incident_id) if note.incident_id else None
    told = Told(
        note.kind,
        incident.priority if incident else "",
        to_partner="partner" in person.roles,
    )
    if seconds := calm.settling(told, current_app.config["MAIL_SETTLE"]):
        note.bundle_at = times.now() + timedelta(seconds=seconds)
        note.held_for, note.waits_until = calm.SETTLES, None


def next_summary(session: Session, person: Person) -> datetime:
    """Step: give when somebody's next summary goes out."""
    setup = directory(session)
    hour, zone = channels.hour(person.channels or {}), person.zone or setup.zone
    return slots.next_slot(times.now(), hour, zone, setup.desk_calendar)


def reader_of(session: Session, person: Person) -> Reader:
    """Step: give somebody with everything that says what they must get at present."""
    return Reader(person.held_roles, _places(session, person), is_only_one(person))


def floor_of(session: Session, person: Person, note: Notification) -> Floor:
    """Step: give what somebody gets at least of what a message is one of, and why."""
    reader = _reader(session, person, note)
    group = channels.group_of(note.kind, reader)
    return channels.floor(group, reader) if group else Floor()


def group_key(session: Session, person: Person, note: Notification) -> str:
    """Step: give the group that a message to somebody belongs to; empty: it is in none."""
    group = channels.group_of(note.kind, _reader(session, person, note))
    return group.key if group else ""


def _reader(session: Session, person: Person, note: Notification) -> Reader:
    """Give the reader of a message; what does not matter for its kind is not looked up."""
    requester = sa.select(Incident.requester_id).where(Incident.id == note.incident_id)
    about = note.incident_id and (note.kind in channels.OF_REQUEST or note.kind == "rule")
    return Reader(
        person.held_roles,
        _places(session, person) if note.kind in channels.RULES.kinds else (),
        is_only_one(person) if note.kind in channels.HANDOFFS.kinds else False,
        session.scalar(requester) == person.id if about else True,
    )


def _places(session: Session, person: Person) -> frozenset[str]:
    """Give the roles of those for whom somebody is asked today."""
    today = times.local_day(times.now(), desk_zone())
    others = stands_in_for(session, person, today) - {person.id}
    found = session.scalars(sa.select(Person).where(Person.id.in_(others))) if others else ()
    return frozenset(role for one in found for role in one.held_roles)


def is_only_one(person: Person) -> bool:
    """H7: say whether a company would get no hand-offs by mail if this person did not."""
    companies = (one for one in person.partners if one.active and not one.mail)
    return any(not any(_gets_them(p) for p in c.members if p.id != person.id) for c in companies)


def _gets_them(person: Person) -> bool:
    said = person.channels or {}
    return person.active and bool(person.mail) and said.get(channels.HANDOFFS.key, MAIL) == MAIL
