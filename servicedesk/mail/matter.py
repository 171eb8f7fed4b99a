"""What a mail is about, as far as its reader may know it when it is sent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from servicedesk import times
from servicedesk.incidents.models import Comment, DateChange, HandOff, Incident, WorkRequest
from servicedesk.incidents.visibility import (
    approves,
    handed,
    requested,
    visible,
    visible_comments,
)
from servicedesk.mail import addresses, dates
from servicedesk.mail.letter import Quote, quote
from servicedesk.outbox import Notification
from servicedesk.people.links import Link
from servicedesk.people.models import Partner, Person
from servicedesk.people.permissions import Act
from servicedesk.setup.directory import Directory
from servicedesk.setup.snapshot import directory
from servicedesk.sla.models import ClockRow

APPROVALS = ("approval_asked", "approval_reminder")
HANDED = (
    "handed_off",
    "partner_wrote",
    "handoff_over",
    "nudged",
)  # about a hand-off, by its number
REQUESTED = ("work_wrote", "work_requested", "work_withdrawn")  # about a work request
Given = HandOff | WorkRequest


@dataclass(frozen=True)
class Matter:
    """A notification with everything that its letter is written from.

    Texts are read through the properties: they are empty where the reader may not know them.
    """

    session: Session
    note: Notification
    setup: Directory
    person: Person | None
    partner: Partner | None
    incident: Incident | None
    link: Link | None
    handoff: HandOff | None
    work: WorkRequest | None
    sees: bool  # §9: the reader may know title and texts

    @property
    def data(self) -> dict[str, Any]:
        """Give what was noted with it."""
        return self.note.data

    @property
    def about(self) -> Incident:
        """Give the incident; raises LookupError where the message is about none."""
        if self.incident is None:
            raise LookupError(self.note.kind)
        return self.incident

    @property
    def language(self) -> str:
        """Give the reader's language, else the desk's."""
        return (self.person.language if self.person else None) or self.setup.language

    @property
    def zone(self) -> str:
        """Give the reader's zone, else the desk's."""
        return (self.person.zone if self.person else None) or self.setup.zone

    def is_of(self, receiver: str) -> bool:
        """Say whether the reader is a partner company, or one of its people."""
        own = [self.partner] if self.partner else self.person.partners if self.person else []
        return receiver in {f"partner:{company.id}" for company in own}

    @property
    def is_requester(self) -> bool:
        """Say whether the reader is the requester."""
        return self.person is not None and self.about.requester_id == self.person.id

    @property
    def title(self) -> str:
        """Give the title, if the reader may know it; H8: of a work request its own."""
        if self.work is not None and self.work.receiver.startswith("partner:"):
            return self.work.title if self.sees else ""
        return (self.about.title or str(_("Without title"))) if self.sees else ""

    @property
    def service(self) -> str:
        """Name the service, if the reader may know it."""
        return self.setup.services[self.about.service_id].name if self.sees else ""

    def text(self, text: str | None, by: str = "") -> tuple[Quote, ...]:
        """Quote a text, if the reader may know it."""
        return quote(text, by) if self.sees else ()

    @cached_property
    def comment(self) -> Comment | None:
        """Give the comment that was written, if the reader may read it."""
        if self.person is None or not self.sees or not self.data.get("comment"):
            return None
        query = sa.select(Comment).where(
            Comment.id == self.data["comment"],
            Comment.incident_id == self.about.id,
            visible_comments(self.person),
        )
        return self.session.scalar(query)

    @property
    def line(self) -> str | None:
        """Give what was written in the thread of a hand-off or work request (H7)."""
        found = self.session.get(Comment, self.data.get("comment") or 0)
        if found is None or not self.sees or found.kind != "partner":
            return None
        of_handoff = self.handoff is not None and found.handoff_id == self.handoff.id
        of_work = self.work is not None and found.work_request_id == self.work.id
        return found.body if of_handoff or of_work else None

    @cached_property
    def last_question(self) -> Comment | None:
        """Give what the desk wrote last to the requester, if the reader may read it."""
        if self.person is None or not self.sees:
            return None
        query = sa.select(Comment).where(
            Comment.incident_id == self.about.id,
            Comment.kind == "reply",
            Comment.author_id != self.about.requester_id,
            visible_comments(self.person),
        )
        return self.session.scalar(query.order_by(Comment.id.desc()).limit(1))

    @cached_property
    def change(self) -> DateChange | None:
        """Give the wish or promise that it is about."""
        query = sa.select(DateChange).where(
            DateChange.incident_id == self.about.id, DateChange.n == self.data.get("n")
        )
        return self.session.scalar(query)

    def clock(self, kind: str, handoff: int | None = None) -> ClockRow | None:
        """Give the last clock of a kind, or that of a hand-off."""
        query = sa.select(ClockRow).where(
            ClockRow.incident_id == self.about.id, ClockRow.kind == kind
        )
        if handoff is not None:
            query = query.where(ClockRow.handoff == handoff)
        return self.session.scalar(query.order_by(ClockRow.started_at.desc(), ClockRow.id.desc()))

    def due(self, kind: str, handoff: int | None = None) -> str | None:
        """Write when a clock that runs is due; None where it doesn't."""
        clock = self.clock(kind, handoff)
        return self.at(clock.due_at) if clock and clock.running else None

    def name(self, id: int | None) -> str:
        """Name who did something; without anybody it was the desk by itself."""
        found = self.session.get(Person, id) if id else None
        return found.name if found else self.setup.name

    def party(self, ref: str) -> str:
        """Name a group or partner."""
        return self.setup.party(ref).name if ref in self.setup.parties else ""

    # dates and addresses

    def at(self, instant: datetime | None) -> str | None:
        """Write an instant in the reader's zone."""
        return dates.moment(instant, self.zone) if instant else None

    def day_or_at(self, day: date | None, due: datetime | None) -> str | None:
        """D1: write a wish or promise as it was made: a day, or an instant."""
        return dates.day(day) if day else self.at(due)

    @property
    def requested(self) -> str | None:
        """Write the date asked for."""
        return self.day_or_at(self.about.requested_day, self.about.requested_due)

    @property
    def promised(self) -> str | None:
        """Write the date promised."""
        return self.day_or_at(self.about.promised_day, self.about.promised_due)

    @property
    def page(self) -> str:
        """Give the address of the incident's page; of the first page, where it may not be seen."""
        if not self.sees:
            return addresses.page("home")
        return addresses.page("incidents.page", number=self.about.number)


def gather(session: Session, note: Notification) -> Matter:
    """Step: read what a notification is about, as its reader may know it now."""
    setup = directory(session)
    person = session.get(Person, note.person_id) if note.person_id else None
    partner = session.get(Partner, note.partner_id) if note.partner_id else None
    incident = session.get(Incident, note.incident_id) if note.incident_id else None
    handoff, work = _handoff(session, note), _request(session, note)
    return Matter(
        session,
        note,
        setup,
        person,
        partner,
        incident,
        session.get(Link, note.link_id) if note.link_id else None,
        handoff,
        work,
        incident is None or _sees(session, note, person, partner, handoff or work, setup.zone),
    )


def _handoff(session: Session, note: Notification) -> HandOff | None:
    if note.kind not in HANDED:
        return None
    query = sa.select(HandOff).where(
        HandOff.incident_id == note.incident_id, HandOff.n == note.data.get("n")
    )
    return session.scalar(query)


def _request(session: Session, note: Notification) -> WorkRequest | None:
    if note.kind not in REQUESTED:
        return None
    query = sa.select(WorkRequest).where(
        WorkRequest.incident_id == note.incident_id, WorkRequest.n == note.data.get("n")
    )
    return session.scalar(query)


def _sees(
    session: Session,
    note: Notification,
    person: Person | None,
    partner: Partner | None,
    given: Given | None,
    zone: str,
) -> bool:
    """§9, H8: ask again whether the reader may know title and texts."""
    if partner is not None:
        mine = given is not None and given.receiver == f"partner:{partner.id}"
        return mine and given is not None and given.ended_at is None
    if person is None:
        return False
    if given is not None and given.receiver.startswith("partner:"):
        return session.scalar(_own(note, person)) is not None
    may = visible(person, Act.SEE_NOTES) if given is not None else visible(person)
    if note.kind in APPROVALS:
        may = sa.or_(may, approves(person, times.local_day(times.now(), zone)))
    query = sa.select(Incident.id).where(Incident.id == note.incident_id, may)
    return session.scalar(query) is not None


def _own(note: Notification, person: Person) -> sa.Select[int]:
    if note.kind in REQUESTED:
        return sa.select(WorkRequest.id).where(
            WorkRequest.incident_id == note.incident_id,
            WorkRequest.n == note.data.get("n"),
            requested(person),
        )
    return sa.select(HandOff.id).where(
        HandOff.incident_id == note.incident_id, HandOff.n == note.data.get("n"), handed(person)
    )
