"""E5: gives each message its channel when it is queued, by what its reader has chosen."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from servicedesk import outbox, times
from servicedesk.incidents.models import Incident
from servicedesk.mail import channels, slots
from servicedesk.mail.channels import DIGEST, MAIL, Reader
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
        if person is None or not person.channels:
            return
        reader = _reader(session, person, note)
        found = channels.channel(note.kind, reader, person.channels)
        if found != MAIL:
            note.channel, note.waits_until = found, None
        if found == DIGEST:
            note.digest_at = next_summary(session, person)


def next_summary(session: Session, person: Person) -> datetime:
    """Step: give when somebody's next summary goes out."""
    setup = directory(session)
    hour, zone = channels.hour(person.channels or {}), person.zone or setup.zone
    return slots.next_slot(times.now(), hour, zone, setup.desk_calendar)


def reader_of(session: Session, person: Person) -> Reader:
    """Step: give somebody with everything that says what they must get at present."""
    return Reader(person.held_roles, _places(session, person), is_only_one(person))


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
