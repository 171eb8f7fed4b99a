"""Hand-offs as commands: each is one transaction and one act."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from servicedesk.db import transaction
from servicedesk.errors import BadInput, NotAllowed, NotFound, Refused
from servicedesk.escalation import handing, handoffs, returns
from servicedesk.escalation.handing import Handing
from servicedesk.incidents import handoff_reasons, words
from servicedesk.incidents.doing import TEXT_LENGTH, Doing, check_version, continuing, doing
from servicedesk.incidents.files import Upload
from servicedesk.incidents.models import HandOff, Incident
from servicedesk.incidents.visibility import handed, visible
from servicedesk.journal import digest
from servicedesk.people.models import Person
from servicedesk.people.permissions import Act as Right


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
) -> int | None:
    """Hand an incident to a group or partner by key; gives the number of the hand-off.

    None where it waits for the lead (H5).
    """
    text = words.text(note, TEXT_LENGTH, _("Say in a sentence what you tried and what you need."))
    said = Handing(reason, text, answer_by, share_requester, share_files)
    with doing(number, actor=actor, now=now, version=version) as it:
        receiver = it.act.directory.by_key.get(to)
        if receiver is None:
            raise BadInput(_("Please choose a group or a partner company."))
        if not handoff_reasons.is_offered(it.act.directory, reason):
            raise BadInput(_("Please choose a reason."))
        if returns.waits(it, receiver):
            returns.propose(it, receiver, said, uploads)
            return None
        return handing.send(it, receiver, said, uploads)


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
    _receive(number, n, actor, now, version, handing.accept)


def ask(
    number: int,
    n: int,
    text: str,
    *,
    actor: Person,
    now: datetime,
    version: int | None = None,
    uploads: tuple[Upload, ...] = (),
) -> None:
    """H2: ask the sender something; it holds the incident until it has answered."""

    def act(it: Doing, row: HandOff) -> None:
        handing.ask(it, row, text, uploads)

    _receive(number, n, actor, now, version, act)


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

    def act(it: Doing, row: HandOff) -> None:
        handing.answer(it, row, text, uploads)

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

    def act(it: Doing, row: HandOff) -> None:
        handing.send_back(it, row, reason)

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
            handing.write(Doing(session, incident, act, person), row, text, uploads)


def visible_to_desk(person: Person) -> bool:
    """Say whether a person writes as the desk."""
    return person.has("agent", "lead")


def note_ticket(number: int, n: int, ticket: str, *, actor: Person, now: datetime) -> None:
    """H7: keep the partner's own ticket number."""

    def act(it: Doing, row: HandOff) -> None:
        handing.note_ticket(it, row, ticket)

    _receive(number, n, actor, now, None, act)


def recall(
    number: int,
    n: int,
    reason: str = "",
    *,
    actor: Person,
    now: datetime,
    version: int | None = None,
) -> None:
    """H4: the desk takes back what is not yet answered."""
    text = words.text(reason, TEXT_LENGTH)

    def act(it: Doing, row: HandOff) -> None:
        handoffs.recall(it.act, n, digest(text) if text else None)
        row.outcome_text = text or None

    _send(number, n, actor, now, version, act)


def reply(
    number: int,
    n: int,
    text: str,
    *,
    actor: Person,
    now: datetime,
    version: int | None = None,
    uploads: tuple[Upload, ...] = (),
) -> None:
    """H2: the desk answers what the receiver asked; the receiver holds it again."""

    def act(it: Doing, row: HandOff) -> None:
        handing.reply(it, row, text, uploads)

    _send(number, n, actor, now, version, act)


def refuse_answer(
    number: int,
    n: int,
    text: str,
    *,
    actor: Person,
    now: datetime,
    version: int | None = None,
    uploads: tuple[Upload, ...] = (),
) -> None:
    """H2: the desk does not take an answer, and says what is missing; the hand-off goes on."""

    def act(it: Doing, row: HandOff) -> None:
        handing.refuse_answer(it, row, text, uploads)

    _send(number, n, actor, now, version, act)


def nudge(number: int, n: int, *, actor: Person, now: datetime, version: int | None = None) -> None:
    """Press for an answer (催促), once in a working day of the receiver's."""

    def act(it: Doing, row: HandOff) -> None:
        handoffs.nudge(it.act, n)

    _send(number, n, actor, now, version, act)


def _send(
    number: int,
    n: int,
    actor: Person,
    now: datetime,
    version: int | None,
    do: Callable[[Doing, HandOff], None],
) -> None:
    """Run one act of the desk's on a hand-off in its transaction."""
    with doing(number, actor=actor, now=now, version=version) as it:
        if all(handoff.n != n for handoff in it.act.story.handoffs):
            raise NotFound(_("There is no such hand-off, or it is not for you."))
        do(it, handing.row(it, n))


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
