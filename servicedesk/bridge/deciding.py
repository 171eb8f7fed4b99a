"""What a person decides about a mail that was set aside: each is one transaction, and noted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from servicedesk.bridge import looking, placing, queries, sandbox, store
from servicedesk.bridge.incoming import Incoming, Unreadable
from servicedesk.bridge.models import (
    INCIDENT,
    SET_ASIDE,
    TAKEN,
    THROWN_AWAY,
    ReceivedMail,
)
from servicedesk.bridge.placing import Content, Placed
from servicedesk.bridge.taking import note_placed
from servicedesk.db import db, transaction
from servicedesk.errors import BadInput, NotFound, Refused
from servicedesk.escalation import handing, handoffs
from servicedesk.escalation.work import working
from servicedesk.incidents import solved
from servicedesk.incidents.doing import Doing, Right, acting, add_comment
from servicedesk.incidents.models import Comment, HandOff, Incident
from servicedesk.incidents.visibility import visible
from servicedesk.journal import digest
from servicedesk.people.models import Person


@dataclass(frozen=True)
class Deciding:
    """A decision under way: its transaction, the mail, and who decides."""

    session: Session
    row: ReceivedMail
    mail: Incoming
    actor: Person
    now: datetime

    def on(self, number: int, right: Right = Right.WORK_INCIDENT) -> Incident:
        """Step: give an incident by number that the person may work on, locked."""
        query = sa.select(Incident).where(Incident.number == number, visible(self.actor, right))
        incident = self.session.scalar(query.with_for_update(of=Incident))
        if incident is None:
            raise NotFound(_("There is no such incident, or it is not for you."))
        return incident


def into_thread(id: int, number: int, about: str, n: int, *, actor: Person, now: datetime) -> None:
    """Put a mail into the thread of a partner's hand-off or work request, as its line."""
    with _deciding(id, actor, now) as it:
        incident = it.on(number)
        work = looking.work_of(it.session, incident, about, n)
        if work is None or not work.receiver.startswith("partner:"):
            raise NotFound(_("There is no such hand-off or work request, or it is not for you."))

        def act(doing: Doing, kept: Content) -> Comment:
            if isinstance(work, HandOff):
                comment = handing.write(doing, work, kept.body, kept.uploads)
            else:
                comment = working.write(doing, work, kept.body, kept.uploads)
            _sign(it, comment, work.receiver)
            return comment

        _put(it, incident, act)
        it.row.purpose, it.row.n = about, n


def _sign(it: Deciding, comment: Comment, receiver: str) -> None:
    """Let a line be by the company's person with the sender's address, else by the company."""
    people = looking.with_address(it.session, it.mail.sender)
    person, _company = looking.speaks(it.session, receiver, it.mail.sender, people)
    comment.author_id, comment.by_mail = (person.id if person else None), True
    comment.partner_id = None if person else int(receiver.partition(":")[2])


def as_reply(id: int, number: int, *, actor: Person, now: datetime) -> None:
    """Put a mail into an incident as a reply of its requester; it ends the waiting for them."""
    with _deciding(id, actor, now) as it:
        incident = it.on(number)

        def act(doing: Doing, kept: Content) -> Comment:
            comment = add_comment(doing, "reply", kept.body, desk=False, uploads=kept.uploads)
            comment.author_id, comment.by_mail = incident.requester_id, True
            return comment

        _put(it, incident, act)
        it.row.purpose, it.row.n = INCIDENT, 0


def _put(it: Deciding, incident: Incident, act: Callable[[Doing, Content], Comment]) -> None:
    """Step: write it into an incident, without its files where these are refused."""
    kept = placing.content(it.mail, it.mail.text)
    number = incident.number

    def way(what: Content) -> Callable[[], Placed]:
        def go() -> Placed:
            with _acting(it, number) as doing:
                return Placed(doing.incident, act(doing, what).id)

        return go

    note_placed(it.row, placing.first_that_goes(it.session, [way(kept), way(kept.without_files)]))


@contextmanager
def _acting(it: Deciding, number: int, right: Right = Right.WORK_INCIDENT) -> Iterator[Doing]:
    with acting(it.session, number, it.actor, now=it.now, right=right) as doing:
        doing.act.by_mail = True
        yield doing


def as_new(id: int, person: str, service: str, *, actor: Person, now: datetime) -> int:
    """Log a new incident for a person (by sign-in name, mail or name); gives its number."""
    with _deciding(id, actor, now) as it:
        who = _person(it.session, person)
        placed = placing.log_for(
            it.session, it.actor, it.mail, now, requester=who.id, service=service
        )
        note_placed(it.row, placed)
        return placed.incident.number


def _person(session: Session, said: str) -> Person:
    said = said.strip()
    named = sa.or_(Person.key == said, Person.name == said, sa.func.lower(Person.mail) == said)
    found = session.scalars(sa.select(Person).where(named, Person.active).limit(2)).all()
    if not said or not found:
        raise BadInput(_("There is nobody of this name."))
    if len(found) > 1:
        raise BadInput(_("Several people have this name: please use the sign-in name."))
    return found[0]


def go_on(id: int, *, actor: Person, now: datetime) -> int:
    """§4: go on with the closed incident that it is about under a new number; gives that."""
    with _deciding(id, actor, now) as it:
        if it.row.incident is None:
            raise Refused(_("This mail is about no incident."))
        with _acting(it, it.row.incident.number, Right.REOPEN_INCIDENT) as doing:
            number = solved.go_on(doing, placing.content(it.mail, it.mail.text).without_files.body)
        query = sa.select(Incident).where(Incident.number == number)
        note_placed(it.row, Placed(it.session.scalars(query).one()))
        return number


def throw_away(id: int, *, actor: Person, now: datetime) -> None:
    """Decide that nothing comes of a mail."""
    with _row(id, actor, now) as (_session, row, _person):
        row.state = THROWN_AWAY


@contextmanager
def _row(id: int, actor: Person, now: datetime) -> Iterator[tuple[Session, ReceivedMail, Person]]:
    """Open a decision on a mail; raises NotFound or Refused."""
    actor_id = actor.id
    with transaction() as session:
        person = session.get_one(Person, actor_id)
        query = sa.select(ReceivedMail).where(ReceivedMail.id == id, queries.seen(person))
        row = session.scalar(query.with_for_update(of=ReceivedMail))
        if row is None:
            raise NotFound(_("There is no such mail, or it is not for you."))
        if row.state != SET_ASIDE:
            raise Refused(_("This was decided already."))
        row.state, row.decided_by_id, row.decided_at = TAKEN, person.id, now
        yield session, row, person


@contextmanager
def _deciding(id: int, actor: Person, now: datetime) -> Iterator[Deciding]:
    """Read the mail again before the transaction, and open a decision on it."""
    mail = read(db.session.scalar(sa.select(ReceivedMail.kept).where(ReceivedMail.id == id)))
    if mail is None:
        raise Refused(_("This mail can't be read: open the file, and log by hand what it says."))
    with _row(id, actor, now) as (session, row, person):
        yield Deciding(session, row, mail, person, now)


def read(kept: str | None) -> Incoming | None:
    """Read a mail that was kept; None where it can't be read, or is there no longer."""
    raw = store.content(kept) if kept else None
    try:
        return sandbox.read(raw, None) if raw else None
    except Unreadable:
        return None


def take_as_answer(
    number: int, comment: int, *, actor: Person, now: datetime, version: int | None = None
) -> None:
    """H4: the desk takes a line that a partner has mailed as the answer to its hand-off."""
    actor_id = actor.id
    with transaction() as session:
        person = session.get_one(Person, actor_id)
        right = Right.WORK_INCIDENT
        with acting(session, number, person, now=now, right=right, version=version) as it:
            line = session.get(Comment, comment)
            handoff = it.act.story.handoff
            row = handing.row(it, handoff.n) if handoff and handoff.to_partner else None
            if line is None or not line.by_mail or row is None or line.handoff_id != row.id:
                raise Refused(_("This line can't be taken as the answer any more."))
            handoffs.answer(it.act, row.n, digest(line.body))
            row.outcome_text = line.body
