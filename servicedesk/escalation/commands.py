"""Hand-offs as commands: each is one transaction and one act."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from servicedesk import journal
from servicedesk.db import transaction
from servicedesk.errors import BadInput, NotAllowed, NotFound, Refused
from servicedesk.escalation import handoffs
from servicedesk.incidents import record, words
from servicedesk.incidents.doing import (
    TEXT_LENGTH,
    Doing,
    add_comment,
    check_version,
    continuing,
    doing,
)
from servicedesk.incidents.files import Upload
from servicedesk.incidents.models import HandOff, Incident
from servicedesk.incidents.visibility import handed, visible
from servicedesk.people.models import Person
from servicedesk.people.permissions import Act as Right

REASONS = ("skill", "rights", "capacity", "on_site", "vendor", "wrong_group", "other")
TICKET_LENGTH = 120


def hand_off(
    number: int,
    to: str,
    *,
    actor: Person,
    now: datetime,
    note: str,
    reason: str = "other",
    answer_by: datetime | None = None,
    share_requester: bool = False,
    share_files: bool = False,
    version: int | None = None,
    uploads: tuple[Upload, ...] = (),
) -> int:
    """Hand an incident to a group or partner by key; gives the number of the hand-off."""
    text = words.text(note, TEXT_LENGTH, _("Say in a sentence what you tried and what you need."))
    if reason not in REASONS:
        raise BadInput(_("Please choose a reason."))
    with doing(number, actor=actor, now=now, version=version) as it:
        receiver = it.act.directory.by_key.get(to)
        if receiver is None:
            raise BadInput(_("Please choose a group or a partner company."))
        sent = handoffs.send(
            it.act,
            receiver,
            reason=reason,
            note=journal.digest(text),
            answer_by=answer_by,
            share=share_requester,
        )
        row = _row(it, sent.n)
        row.reason, row.note = reason, text
        row.share_requester, row.share_files = share_requester, share_files
        if uploads:
            _write(it, row, text, uploads)
        return sent.n


def _row(it: Doing, n: int) -> HandOff:
    """Step: give the row of a hand-off, brought up to the story."""
    record.bring_up(it.session, it.incident, it.act.work, it.act.now)
    query = sa.select(HandOff).where(HandOff.incident_id == it.incident.id, HandOff.n == n)
    return it.session.scalars(query).one()


def _write(it: Doing, row: HandOff, body: str, uploads: tuple[Upload, ...]) -> None:
    """Step: add a line to the thread of a hand-off to a partner, or a note for a group."""
    if row.receiver.startswith("partner:"):
        add_comment(it, "partner", body, desk=True, handoff_id=row.id, n=row.n, uploads=uploads)
    else:
        add_comment(it, "note", body, desk=True, uploads=uploads)


def _lock(
    session: Session, number: int, n: int, actor: Person, version: int | None
) -> tuple[Incident, HandOff]:
    """Step: lock the incident of a hand-off that a person may answer."""
    query = sa.select(HandOff).join(Incident).where(Incident.number == number, HandOff.n == n)
    seen = sa.or_(handed(actor), visible(actor, Right.WORK_INCIDENT))
    row = session.scalar(query.where(seen))
    if row is None:
        raise NotFound(_("There is no such hand-off, or it is not for you."))
    locked = sa.select(Incident).where(Incident.id == row.incident_id)
    incident = session.scalars(locked.with_for_update(of=Incident)).one()
    session.refresh(row)
    check_version(session, incident, version)
    _check_receiver(actor, row)
    return incident, row


def _check_receiver(actor: Person, row: HandOff) -> None:
    """§9: only the partner's own people answer for a partner; the desk's for a group."""
    kind, _colon, id = row.receiver.partition(":")
    if kind == "partner":
        if int(id) not in {partner.id for partner in actor.partners}:
            raise NotAllowed(_("Only the partner company can do this."))
    elif not actor.has("agent", "lead"):
        raise NotAllowed(_("You may not do this."))


def accept(
    number: int, n: int, *, actor: Person, now: datetime, version: int | None = None
) -> None:
    """Accept a hand-off."""
    _receive(number, n, actor, now, version, lambda it, row: handoffs.accept(it.act, n))


def answer(
    number: int,
    n: int,
    text: str,
    *,
    actor: Person,
    now: datetime,
    version: int | None = None,
    uploads: tuple[Upload, ...] = (),
) -> None:
    """H4: answer a hand-off; the sender has the incident again."""
    body = words.text(text, TEXT_LENGTH, _("Please write the answer."))

    def act(it: Doing, row: HandOff) -> None:
        _write(it, row, body, uploads)
        handoffs.answer(it.act, n, journal.digest(body))
        row.outcome_text = body

    _receive(number, n, actor, now, version, act)


def send_back(
    number: int,
    n: int,
    reason: str,
    *,
    actor: Person,
    now: datetime,
    version: int | None = None,
) -> None:
    """H4: send a hand-off back, with a reason."""
    body = words.text(reason, TEXT_LENGTH, _("Please say why you send it back."))

    def act(it: Doing, row: HandOff) -> None:
        _write(it, row, body, ())
        handoffs.send_back(it.act, n, journal.digest(body))
        row.outcome_text = body

    _receive(number, n, actor, now, version, act)


def write(
    number: int,
    n: int,
    body: str,
    *,
    actor: Person,
    now: datetime,
    uploads: tuple[Upload, ...] = (),
) -> None:
    """Write into the thread of a hand-off to a partner, from either side."""
    text = words.text(body, TEXT_LENGTH, _("Please write something first."))
    actor_id = actor.id
    with transaction() as session:
        person = session.get_one(Person, actor_id)
        query = sa.select(HandOff).join(Incident).where(Incident.number == number, HandOff.n == n)
        seen = sa.or_(handed(person), visible(person, Right.WRITE_TO_PARTNER))
        row = session.scalar(query.where(seen))
        if row is None or not row.receiver.startswith("partner:"):
            raise NotFound(_("There is no such hand-off, or it is not for you."))
        if row.ended_at and not visible_to_desk(person):
            raise Refused(_("This hand-off has ended already."))
        locked = sa.select(Incident).where(Incident.id == row.incident_id)
        incident = session.scalars(locked.with_for_update(of=Incident)).one()
        with continuing(session, incident, actor=person, now=now) as act:
            it = Doing(session, incident, act, person)
            _write(it, row, text, uploads)


def visible_to_desk(person: Person) -> bool:
    """Say whether a person writes as the desk."""
    return person.has("agent", "lead")


def note_ticket(number: int, n: int, ticket: str, *, actor: Person, now: datetime) -> None:
    """H7: keep the partner's own ticket number."""
    said = words.line(ticket, TICKET_LENGTH, _("Please write your ticket number."))

    def act(it: Doing, row: HandOff) -> None:
        row.partner_ticket = said
        it.act.record("handoff.ticket_noted", n=n, ticket=journal.digest(said))

    _receive(number, n, actor, now, None, act)


def recall(
    number: int,
    n: int,
    *,
    actor: Person,
    now: datetime,
    reason: str = "",
    version: int | None = None,
) -> None:
    """H4: the desk takes back what is not yet answered."""
    text = words.text(reason, TEXT_LENGTH)
    with doing(number, actor=actor, now=now, version=version) as it:
        row = _row(it, n) if any(h.n == n for h in it.act.story.handoffs) else None
        if row is None:
            raise NotFound(_("There is no such hand-off, or it is not for you."))
        handoffs.recall(it.act, n, journal.digest(text) if text else None)
        row.outcome_text = text or None


def _receive(
    number: int,
    n: int,
    actor: Person,
    now: datetime,
    version: int | None,
    do: Callable[[Doing, HandOff], None],
) -> None:
    """Run one act of a hand-off's receiver in its transaction."""
    actor_id = actor.id
    with transaction() as session:
        person = session.get_one(Person, actor_id)
        incident, row = _lock(session, number, n, person, version)
        with continuing(session, incident, actor=person, now=now) as act:
            do(Doing(session, incident, act, person), row)
