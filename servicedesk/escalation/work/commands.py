"""H6: work asked of groups and partners while the incident stays where it is."""

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
from servicedesk.escalation import handoffs
from servicedesk.escalation.work import working
from servicedesk.incidents import words
from servicedesk.incidents.acts import Act
from servicedesk.incidents.doing import (
    TEXT_LENGTH,
    TITLE_LENGTH,
    Doing,
    continuing,
    doing,
)
from servicedesk.incidents.episodes import WorkRequest as Asked
from servicedesk.incidents.files import Upload
from servicedesk.incidents.models import Incident, WorkRequest
from servicedesk.incidents.visibility import requested, visible
from servicedesk.journal import digest
from servicedesk.people.models import Person
from servicedesk.people.permissions import Act as Right
from servicedesk.setup.directory import Party
from servicedesk.times import iso


def request(
    number: int,
    to: str,
    title: str,
    body: str = "",
    *,
    actor: Person,
    now: datetime,
    due: datetime | None = None,
    must_finish: bool = False,
    version: int | None = None,
    uploads: tuple[Upload, ...] = (),
) -> int:
    """Ask a group or partner (by key) for some work beside; gives the number of the request."""
    head = words.line(title, TITLE_LENGTH, _("Please say in a few words what is to be done."))
    text = words.text(body, TEXT_LENGTH)
    with doing(number, actor=actor, now=now, version=version) as it:
        receiver = it.act.directory.by_key.get(to)
        if receiver is None:
            raise BadInput(_("Please choose a group or a partner company."))
        asked = _record(it.act, receiver, head, text, due, must_finish)
        row = working.row(it, asked.n)
        row.title, row.body = head, text
        if uploads:
            working.write(it, row, text or head, uploads)
        return asked.n


def _record(
    act: Act, to: Party, title: str, text: str, due: datetime | None, must_finish: bool
) -> Asked:
    act.check("hand_off")
    handoffs.check_receiver(act, to)
    if to.ref == act.story.given_to:
        raise Refused(_("%(name)s has this incident already.", name=to.name))
    if not working.reads(act.story, to):
        raise Refused(_("This incident is confidential: %(name)s can't open it.", name=to.name))
    if due and due <= act.now:
        raise BadInput(_("The date must lie ahead."))
    here = act.story.given_to
    act.record(
        "work.requested",
        **{"from": here if here.startswith("group:") else act.story.desk_group},
        to=to.ref,
        title=digest(title),
        text=digest(text) if text else None,
        due=iso(due),
        must_finish=must_finish or None,
    )
    return act.story.requests[-1]


class Command(Protocol):
    """What somebody does with a work request; its words and files are those that its step takes."""

    def __call__(
        self, number: int, n: int, *words: str, actor: Person, now: datetime, **more: Any
    ) -> None:
        """Do it in a transaction; raises NotFound, NotAllowed, Refused or BadInput."""


Step = Callable[..., None]  # takes a Doing, the request's row, and what is said
Opening = Callable[..., Any]


def _command(step: Step, opened: Opening) -> Command:
    def command(
        number: int, n: int, *words: str, actor: Person, now: datetime, **more: Any
    ) -> None:
        with opened(number, n, actor, now) as (it, row):
            step(it, row, *words, **more)

    return command


@contextmanager
def _asked(
    number: int, n: int, actor: Person, now: datetime
) -> Iterator[tuple[Doing, WorkRequest]]:
    """Open an act of the desk's on what it has asked for."""
    with doing(number, actor=actor, now=now) as it:
        if all(asked.n != n for asked in it.act.story.requests):
            raise NotFound(_("There is no such work request, or it is not for you."))
        yield it, working.row(it, n)


@contextmanager
def _given(
    number: int, n: int, actor: Person, now: datetime
) -> Iterator[tuple[Doing, WorkRequest]]:
    """Open an act on a work request of who is asked, or works on the incident."""
    actor_id = actor.id
    with transaction() as session:
        person = session.get_one(Person, actor_id)
        incident, row = _lock(session, number, n, person)
        with continuing(session, incident, actor=person, now=now) as act:
            yield Doing(session, incident, act, person), row


@contextmanager
def _received(
    number: int, n: int, actor: Person, now: datetime
) -> Iterator[tuple[Doing, WorkRequest]]:
    """Open an act of a request's receiver: for a group the desk's people, for a partner its own."""
    with _given(number, n, actor, now) as (it, row):
        kind, _colon, id = row.receiver.partition(":")
        if kind == "partner":
            if int(id) not in {partner.id for partner in it.actor.partners}:
                raise NotAllowed(_("Only the partner company can do this."))
        elif not it.actor.has("agent", "lead"):
            raise NotAllowed(_("You may not do this."))
        yield it, row


def _lock(session: Session, number: int, n: int, actor: Person) -> tuple[Incident, WorkRequest]:
    query = sa.select(WorkRequest).join(Incident)
    query = query.where(Incident.number == number, WorkRequest.n == n)
    row = session.scalar(query.where(sa.or_(requested(actor), visible(actor, Right.WORK_INCIDENT))))
    if row is None:
        raise NotFound(_("There is no such work request, or it is not for you."))
    locked = sa.select(Incident).where(Incident.id == row.incident_id)
    incident = session.scalars(locked.with_for_update(of=Incident)).one()
    session.refresh(row)
    return incident, row


def _write(it: Doing, row: WorkRequest, body: str, uploads: tuple[Upload, ...] = ()) -> None:
    text = words.text(body, TEXT_LENGTH, _("Please write something first."))
    if row.ended_at and not it.actor.has("agent", "lead"):
        raise Refused(_("This work request has ended already."))
    working.write(it, row, text, uploads)


# Of the receiver
accept = _command(working.accept, _received)
finish = _command(working.finish, _received)
send_back = _command(working.send_back, _received)
# Of the desk
withdraw = _command(working.withdraw, _asked)
# Of both sides; H7: the desk notes the number for a company that works by mail alone
write = _command(_write, _given)
note_ticket = _command(working.note_ticket, _given)
