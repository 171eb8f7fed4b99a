"""Hand-offs as commands: each is one transaction and one act."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Protocol

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from servicedesk.db import transaction
from servicedesk.errors import BadInput, NotAllowed, NotFound, Refused
from servicedesk.escalation import handing, returns
from servicedesk.escalation.handing import Handing
from servicedesk.incidents import handoff_reasons, words
from servicedesk.incidents.doing import TEXT_LENGTH, Doing, check_version, continuing, doing
from servicedesk.incidents.files import Upload
from servicedesk.incidents.models import HandOff, Incident
from servicedesk.incidents.visibility import handed, visible
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


class Command(Protocol):
    """What somebody does with a hand-off; its words and files are those that its step takes."""

    def __call__(
        self,
        number: int,
        n: int,
        *words: str,
        actor: Person,
        now: datetime,
        version: int | None = None,
        **more: Any,
    ) -> None:
        """Do it in a transaction; raises NotFound, NotAllowed, Stale, Refused or BadInput."""


Step = Callable[..., None]  # takes a Doing, the hand-off's row, and what is said
Opening = Callable[..., Any]


def _command(step: Step, opened: Opening) -> Command:
    def command(
        number: int,
        n: int,
        *words: str,
        actor: Person,
        now: datetime,
        version: int | None = None,
        **more: Any,
    ) -> None:
        with opened(number, n, actor, now, version) as (it, row):
            step(it, row, *words, **more)

    return command


@contextmanager
def _sent(
    number: int, n: int, actor: Person, now: datetime, version: int | None
) -> Iterator[tuple[Doing, HandOff]]:
    """Open an act of the desk's on what it has handed off."""
    with doing(number, actor=actor, now=now, version=version) as it:
        if all(handoff.n != n for handoff in it.act.story.handoffs):
            raise NotFound(_("There is no such hand-off, or it is not for you."))
        yield it, handing.row(it, n)


@contextmanager
def _given(
    number: int, n: int, actor: Person, now: datetime, version: int | None
) -> Iterator[tuple[Doing, HandOff]]:
    """Open an act on a hand-off of who may answer it, or works on the incident."""
    actor_id = actor.id
    with transaction() as session:
        person = session.get_one(Person, actor_id)
        seen = sa.or_(handed(person), visible(person, Right.WORK_INCIDENT))
        incident, row = _lock(session, number, n, seen)
        check_version(session, incident, version)
        with continuing(session, incident, actor=person, now=now) as act:
            yield Doing(session, incident, act, person), row


@contextmanager
def _received(
    number: int, n: int, actor: Person, now: datetime, version: int | None
) -> Iterator[tuple[Doing, HandOff]]:
    """Open an act of a hand-off's receiver."""
    with _given(number, n, actor, now, version) as (it, row):
        _check_receiver(it.actor, row)
        yield it, row


def _lock(
    session: Session, number: int, n: int, seen: sa.ColumnElement[bool]
) -> tuple[Incident, HandOff]:
    """Step: lock the incident of a hand-off that a person may see."""
    query = sa.select(HandOff).join(Incident).where(Incident.number == number, HandOff.n == n)
    row = session.scalar(query.where(seen))
    if row is None:
        raise NotFound(_("There is no such hand-off, or it is not for you."))
    locked = sa.select(Incident).where(Incident.id == row.incident_id)
    incident = session.scalars(locked.with_for_update(of=Incident)).one()
    session.refresh(row)
    return incident, row


def _check_receiver(actor: Person, row: HandOff) -> None:
    """§9: only the partner's own people answer for a partner; the desk's for a group."""
    kind, _colon, id = row.receiver.partition(":")
    if kind == "partner":
        if int(id) not in {partner.id for partner in actor.partners}:
            raise NotAllowed(_("Only the partner company can do this."))
    elif not writes_as_desk(actor):
        raise NotAllowed(_("You may not do this."))


# Of the receiver (H2, H4)
accept = _command(handing.accept, _received)
ask = _command(handing.ask, _received)
answer = _command(handing.answer, _received)
send_back = _command(handing.send_back, _received)
# Of the desk, on what it has handed off (H2, H4)
recall = _command(handing.recall, _sent)
reply = _command(handing.reply, _sent)
refuse_answer = _command(handing.refuse_answer, _sent)
nudge = _command(handing.nudge, _sent)
# H7: of the partner, or of the desk for one that works by mail alone
note_ticket = _command(handing.note_ticket, _given)


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
        seen = sa.or_(handed(person), visible(person, Right.WRITE_TO_PARTNER))
        incident, row = _lock(session, number, n, seen)
        handing.check_partners(row)
        if row.ended_at and not writes_as_desk(person):
            raise Refused(_("This hand-off has ended already."))
        with continuing(session, incident, actor=person, now=now) as act:
            handing.write(Doing(session, incident, act, person), row, text, uploads)


def writes_as_desk(person: Person) -> bool:
    """Say whether a person writes as the desk."""
    return person.has("agent", "lead")
