"""H6: work asked of groups and partners while the incident stays where it is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from servicedesk.db import transaction
from servicedesk.errors import BadInput, NotAllowed, NotFound, Refused
from servicedesk.escalation import handoffs
from servicedesk.escalation.handing import TICKET_LENGTH
from servicedesk.incidents import record, words
from servicedesk.incidents.acts import Act
from servicedesk.incidents.doing import (
    TEXT_LENGTH,
    TITLE_LENGTH,
    Deed,
    Doing,
    add_comment,
    continuing,
    doing,
)
from servicedesk.incidents.episodes import WorkRequest as Asked
from servicedesk.incidents.files import Upload
from servicedesk.incidents.models import Comment, Incident, WorkRequest
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
        row = _row(it, asked.n)
        row.title, row.body = head, text
        if uploads:
            write_line(it, row, text or head, uploads)
        return asked.n


def _record(
    act: Act, to: Party, title: str, text: str, due: datetime | None, must_finish: bool
) -> Asked:
    act.check("hand_off")
    handoffs.check_receiver(act, to)
    if to.ref == act.story.given_to:
        raise Refused(_("%(name)s has this incident already.", name=to.name))
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


def accept(number: int, n: int, *, actor: Person, now: datetime) -> None:
    """Accept a work request."""

    def act(it: Doing, row: WorkRequest) -> None:
        if _open(it.act, n).accepted_at:
            raise Refused(_("This work request is accepted already."))
        it.act.record("work.accepted", n=n)

    _receive(number, n, actor, now, act)


def finish(
    number: int,
    n: int,
    result: str,
    *,
    actor: Person,
    now: datetime,
    uploads: tuple[Upload, ...] = (),
) -> None:
    """Say that it is done, and what was done."""
    text = words.text(result, TEXT_LENGTH, _("Please say what was done."))
    _end(number, n, "work.done", text, actor, now, uploads)


def send_back(number: int, n: int, reason: str, *, actor: Person, now: datetime) -> None:
    """Send a work request back, with a reason."""
    text = words.text(reason, TEXT_LENGTH, _("Please say why you send it back."))
    _end(number, n, "work.sent_back", text, actor, now, ())


def _end(
    number: int,
    n: int,
    kind: str,
    text: str,
    actor: Person,
    now: datetime,
    uploads: tuple[Upload, ...],
) -> None:
    def act(it: Doing, row: WorkRequest) -> None:
        end(it, row, kind, text, uploads)

    _receive(number, n, actor, now, act)


def end(it: Deed, row: WorkRequest, kind: str, text: str, uploads: tuple[Upload, ...]) -> None:
    """Step: end a request (`work.done`, `work.sent_back`), with what the receiver says of it."""
    asked = _open(it.act, row.n)
    write_line(it, row, text, uploads)
    if kind == "work.done" and not asked.accepted_at:
        it.act.record("work.accepted", n=row.n)
    it.act.record(kind, n=row.n, text=digest(text))
    row.result = text


def withdraw(number: int, n: int, reason: str = "", *, actor: Person, now: datetime) -> None:
    """The desk does not want it any more."""
    text = words.text(reason, TEXT_LENGTH)
    with doing(number, actor=actor, now=now) as it:
        if all(asked.n != n for asked in it.act.story.requests):
            raise NotFound(_("There is no such work request, or it is not for you."))
        _open(it.act, n)
        row = _row(it, n)
        it.act.record("work.withdrawn", n=n, text=digest(text) if text else None)
        row.result = text or None


def write(
    number: int,
    n: int,
    body: str,
    *,
    actor: Person,
    now: datetime,
    uploads: tuple[Upload, ...] = (),
) -> None:
    """Write into the thread of a work request, from either side."""
    text = words.text(body, TEXT_LENGTH, _("Please write something first."))

    def act(it: Doing, row: WorkRequest) -> None:
        if row.ended_at and not actor.has("agent", "lead"):
            raise Refused(_("This work request has ended already."))
        write_line(it, row, text, uploads)

    _with(number, n, actor, now, act)


def note_ticket(number: int, n: int, ticket: str, *, actor: Person, now: datetime) -> None:
    """H7: keep the partner's own ticket number."""

    def act(it: Doing, row: WorkRequest) -> None:
        keep_ticket(it, row, ticket)

    _receive(number, n, actor, now, act)


def keep_ticket(it: Deed, row: WorkRequest, ticket: str) -> None:
    """Step, H7: keep the partner's own ticket number."""
    said = words.line(ticket, TICKET_LENGTH, _("Please write your ticket number."))
    row.partner_ticket = said
    it.act.record("work.ticket_noted", n=row.n, ticket=digest(said))


def write_line(it: Deed, row: WorkRequest, body: str, uploads: tuple[Upload, ...] = ()) -> Comment:
    """Step: add a line to a request's thread: a partner sees its own, the desk every one."""
    kind = "partner" if row.receiver.startswith("partner:") else "note"
    about = {"work_request_id": row.id, "n": row.n}
    return add_comment(it, kind, body, desk=True, **about, uploads=uploads)


def _open(act: Act, n: int) -> Asked:
    asked = act.story.requests[n - 1]
    if not asked.is_open:
        raise Refused(_("This work request has ended already."))
    return asked


def _row(it: Deed, n: int) -> WorkRequest:
    record.bring_up(it.session, it.incident, it.act.work, it.act.now)
    query = sa.select(WorkRequest).where(
        WorkRequest.incident_id == it.incident.id, WorkRequest.n == n
    )
    return it.session.scalars(query).one()


def _receive(
    number: int, n: int, actor: Person, now: datetime, do: Callable[[Doing, WorkRequest], None]
) -> None:
    """Run one act of a request's receiver; for a group the desk's people, for a partner its own."""

    def act(it: Doing, row: WorkRequest) -> None:
        kind, _colon, id = row.receiver.partition(":")
        if kind == "partner":
            if int(id) not in {partner.id for partner in it.actor.partners}:
                raise NotAllowed(_("Only the partner company can do this."))
        elif not it.actor.has("agent", "lead"):
            raise NotAllowed(_("You may not do this."))
        do(it, row)

    _with(number, n, actor, now, act)


def _with(
    number: int, n: int, actor: Person, now: datetime, do: Callable[[Doing, WorkRequest], None]
) -> None:
    """Run one act on a work request that a person sees, in its transaction."""
    actor_id = actor.id
    with transaction() as session:
        person = session.get_one(Person, actor_id)
        incident, row = _lock(session, number, n, person)
        with continuing(session, incident, actor=person, now=now) as act:
            do(Doing(session, incident, act, person), row)


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
