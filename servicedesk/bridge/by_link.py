"""H7, H8: a hand-off or work request by the link in its mail.

For a partner company of which nobody can sign in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from servicedesk.bridge.looking import lock, work_of
from servicedesk.bridge.models import HANDOFF
from servicedesk.db import transaction
from servicedesk.errors import BadInput, NotFound, Refused
from servicedesk.escalation import handing, queries
from servicedesk.escalation.work import queries as asked_for
from servicedesk.escalation.work import working
from servicedesk.incidents import words
from servicedesk.incidents.doing import TEXT_LENGTH, Deed, continuing
from servicedesk.incidents.files import Upload
from servicedesk.incidents.models import Attachment, Comment, HandOff, Incident, WorkRequest
from servicedesk.incidents.visibility import visible_files
from servicedesk.people import links
from servicedesk.people.links import Link
from servicedesk.people.models import Partner, Person, partner_member
from servicedesk.setup.snapshot import directory

PURPOSE = "handed"
LASTS = timedelta(days=90)
Given = HandOff | WorkRequest


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


def make(
    session: Session, incident: int, purpose: str, n: int, partner: int, now: datetime
) -> Link:
    """Step: make a company's link to one hand-off or work request; it serves while that is open."""
    said: dict[str, Any] = {"about": purpose, "n": n, "partner": partner}
    return links.make(session, PURPOSE, now=now, lasts=LASTS, incident=incident, **said)


@dataclass(frozen=True)
class Found:
    """What a link leads to, and whom."""

    company: Company
    incident: Incident
    row: Given

    @property
    def ref(self) -> str:
        """Give how the journal names the company."""
        return f"partner:{self.company.partner.id}"


def find(session: Session, token: str, now: datetime, *, locked: bool = False) -> Found | None:
    """Step: give what a link leads to; None where it says nothing (any more)."""
    link = links.find(session, token, PURPOSE, now)
    if link is None or link.incident_id is None:
        return None
    partner = session.get(Partner, link.data["partner"])
    if partner is None or not partner.active:
        return None
    id = link.incident_id
    incident = lock(session, id) if locked else session.get_one(Incident, id)
    row = work_of(session, incident, link.data.get("about", HANDOFF), int(link.data["n"]))
    if row is None or row.receiver != f"partner:{partner.id}":
        return None
    return Found(Company(partner), incident, row)


def read(session: Session, found: Found, now: datetime) -> queries.Sheet | asked_for.Sheet | None:
    """Give exactly what it shows its partner; nothing any more once it has ended."""
    if found.row.ended_at:
        return None
    reads: Callable[..., Any] = queries.read if _is_handoff(found.row) else asked_for.read
    company, setup = found.company.reader, directory(session)
    sheet: queries.Sheet | asked_for.Sheet | None = reads(
        session, company, found.incident.number, found.row.n, setup, now
    )
    return sheet


def _is_handoff(row: Given) -> bool:
    return isinstance(row, HandOff)


def file(session: Session, token: str, id: int, now: datetime) -> Attachment | None:
    """Give a file that the page of a link shows."""
    found = find(session, token, now)
    if found is None or found.row.ended_at:
        return None
    query = sa.select(Attachment).where(
        Attachment.id == id,
        Attachment.incident_id == found.incident.id,
        visible_files(found.company.reader),
        _belongs(found.row),
    )
    return session.scalar(query)


def _belongs(row: Given) -> sa.ColumnElement[bool]:
    """H8: a hand-off has the files of its thread, and of the incident those that it shares."""
    of = Comment.handoff_id if _is_handoff(row) else Comment.work_request_id
    thread = sa.exists().where(Comment.id == Attachment.comment_id, of == row.id)
    thread = thread.correlate(Attachment)
    return sa.or_(thread, Attachment.comment_id.is_(None)) if _is_handoff(row) else thread


def act(token: str, said: Said, *, now: datetime) -> None:
    """Do what the company says, on that alone; raises NotFound, Refused or BadInput."""
    with transaction() as session:
        found = find(session, token, now, locked=True)
        if found is None:
            raise NotFound(_("This link says nothing (any more)."))
        if found.row.ended_at:
            raise Refused(
                _("This hand-off has ended already.")
                if _is_handoff(found.row)
                else _("This work request has ended already.")
            )
        does = (OF_HANDOFF if _is_handoff(found.row) else OF_REQUEST).get(said.act)
        if does is None:
            raise BadInput(_("Please choose one of the buttons."))
        with _as_company(session, found, now) as it:
            does(it, found.row, said)


@contextmanager
def _as_company(session: Session, found: Found, now: datetime) -> Iterator[Deed]:
    with continuing(session, found.incident, actor=None, now=now) as acting:
        acting.company = found.ref
        acting.by_mail = True
        yield Deed(session, found.incident, acting)


def _text(said: Said) -> str:
    return words.text(said.text, TEXT_LENGTH, _("Please write something first."))


Does = Callable[[Deed, Any, Said], Any]  # the row is that of what the table is for
OF_HANDOFF: dict[str, Does] = {
    "accept": lambda it, row, said: handing.accept(it, row),
    "ask": lambda it, row, said: handing.ask(it, row, said.text, said.uploads),
    "answer": lambda it, row, said: handing.answer(it, row, said.text, said.uploads),
    "send-back": lambda it, row, said: handing.send_back(it, row, said.text),
    "write": lambda it, row, said: handing.write(it, row, _text(said), said.uploads),
    "ticket": lambda it, row, said: handing.note_ticket(it, row, said.ticket),
}
OF_REQUEST: dict[str, Does] = {
    "accept": lambda it, row, said: working.accept(it, row),
    "finish": lambda it, row, said: working.finish(it, row, said.text, said.uploads),
    "send-back": lambda it, row, said: working.send_back(it, row, said.text, said.uploads),
    "write": lambda it, row, said: working.write(it, row, _text(said), said.uploads),
    "ticket": lambda it, row, said: working.note_ticket(it, row, said.ticket),
}
