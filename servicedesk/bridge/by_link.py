"""H7, H8: a hand-off by the link in its mail, for a partner company without people on the desk."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from servicedesk.bridge.looking import lock, work_of
from servicedesk.bridge.models import HANDOFF
from servicedesk.db import transaction
from servicedesk.errors import BadInput, NotFound, Refused
from servicedesk.escalation import handing, queries
from servicedesk.escalation.queries import Sheet
from servicedesk.incidents import words
from servicedesk.incidents.doing import TEXT_LENGTH, Deed, continuing
from servicedesk.incidents.files import Upload
from servicedesk.incidents.models import Attachment, HandOff, Incident
from servicedesk.incidents.visibility import visible_files
from servicedesk.people import links
from servicedesk.people.links import Link
from servicedesk.people.models import Partner, Person, partner_member
from servicedesk.setup.snapshot import directory

PURPOSE = "handed"
LASTS = timedelta(days=90)
ACTS = ("accept", "ask", "answer", "send-back", "write", "ticket")


@dataclass(frozen=True)
class Company:
    """Stands in for a person where a company without people is asked what it may see."""

    partner: Partner

    id = 0
    is_active = True
    held_roles = frozenset({"partner"})

    @property
    def partners(self) -> list[Partner]:
        """Give the one company."""
        return [self.partner]

    @property
    def reader(self) -> Person:
        """Give it as what asks for the rights of a person: nothing but these is asked."""
        return cast(Person, self)


@dataclass(frozen=True)
class Said:
    """What a company does on the page."""

    act: str
    text: str = ""
    ticket: str = ""
    uploads: tuple[Upload, ...] = ()


def needs_link(session: Session, partner: int) -> bool:
    """Step: say whether nobody of a company can sign in."""
    query = sa.select(Person.id).join(partner_member, partner_member.c.person_id == Person.id)
    query = query.where(
        partner_member.c.partner_id == partner, Person.active, Person.password_hash.is_not(None)
    )
    return session.scalar(query.limit(1)) is None


def make(session: Session, incident: int, n: int, partner: int, now: datetime) -> Link:
    """Step: make the link to one hand-off for a company; it serves as long as that is open."""
    return links.make(
        session, PURPOSE, now=now, lasts=LASTS, incident=incident, n=n, partner=partner
    )


def read(session: Session, token: str, now: datetime) -> Sheet | None:
    """Give exactly what a hand-off shows its partner; None where the link says nothing any more."""
    found = _found(session, token, now)
    if found is None:
        return None
    company, incident, n = found
    return queries.read(session, company.reader, incident.number, n, directory(session), now)


def file(session: Session, token: str, id: int, now: datetime) -> Attachment | None:
    """Give a file that the hand-off shows."""
    found = _found(session, token, now)
    if found is None:
        return None
    company, incident, _n = found
    query = sa.select(Attachment).where(
        Attachment.id == id, Attachment.incident_id == incident.id, visible_files(company.reader)
    )
    return session.scalar(query)


def _found(session: Session, token: str, now: datetime) -> tuple[Company, Incident, int] | None:
    link = links.find(session, token, PURPOSE, now)
    if link is None or link.incident_id is None:
        return None
    partner = session.get(Partner, link.data["partner"])
    if partner is None or not partner.active:
        return None
    return Company(partner), session.get_one(Incident, link.incident_id), int(link.data["n"])


def act(token: str, said: Said, *, now: datetime) -> None:
    """Do what the company says, on that hand-off alone; raises NotFound, Refused or BadInput."""
    with transaction() as session:
        found = _found(session, token, now)
        if found is None:
            raise NotFound(_("This link says nothing (any more)."))
        company, incident, n = found
        incident = lock(session, incident.id)
        row = work_of(session, incident, HANDOFF, n)
        ref = f"partner:{company.partner.id}"
        if not isinstance(row, HandOff) or row.receiver != ref:
            raise NotFound(_("This link says nothing (any more)."))
        if row.ended_at:
            raise Refused(_("This hand-off has ended already."))
        with _as_company(session, incident, ref, now) as it:
            _do(it, row, said)


@contextmanager
def _as_company(session: Session, incident: Incident, ref: str, now: datetime) -> Iterator[Deed]:
    with continuing(session, incident, actor=None, now=now) as acting:
        acting.company = ref
        acting.by_mail = True
        yield Deed(session, incident, acting)


def _do(it: Deed, row: HandOff, said: Said) -> None:
    if said.act == "accept":
        handing.accept(it, row)
    elif said.act == "ask":
        handing.ask(it, row, said.text, said.uploads)
    elif said.act == "answer":
        handing.answer(it, row, said.text, said.uploads)
    elif said.act == "send-back":
        handing.send_back(it, row, said.text)
    elif said.act == "ticket":
        handing.note_ticket(it, row, said.ticket)
    elif said.act == "write":
        text = words.text(said.text, TEXT_LENGTH, _("Please write something first."))
        handing.write(it, row, text, said.uploads)
    else:
        raise BadInput(_("Please choose one of the buttons."))
