"""How people get in: invitations, forgotten passwords, and the links that both send."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from servicedesk import outbox
from servicedesk.db import db, transaction
from servicedesk.errors import DeskError, NotFound, Refused
from servicedesk.people import attempts, links, passwords
from servicedesk.people.commands import give_password, tidy
from servicedesk.people.links import INVITATION, RESET
from servicedesk.people.models import Person

LASTS = {INVITATION: timedelta(days=14), RESET: timedelta(hours=1)}
AT_ONCE = 500
LONGEST = 254  # a key or a mail address


class LinkOver(DeskError):
    """The link was used, has ended, or never was one."""

    status = 410


def invite(*, now: datetime, key: str | None = None, again: bool = False) -> int:
    """Invite one person, or everybody who can be and was not yet; gives how many.

    Raises NotFound, and Refused for one who can't be invited.
    """
    with transaction() as session:
        if key is None:
            ids = list(session.scalars(invitable(again=again)))
        else:
            ids = [_invited_one(session, key)]
        for start in range(0, len(ids), AT_ONCE):
            _invite(session, ids[start : start + AT_ONCE], now)
        return len(ids)


def invitable(*, again: bool = False) -> sa.Select[Any]:
    """Select who has an address, but no password and, unless `again`, no invitation yet."""
    who = (Person.active, Person.mail.is_not(None), Person.password_hash.is_(None))
    query = sa.select(Person.id).where(*who).order_by(Person.id)
    return query if again else query.where(Person.invited_at.is_(None))


def _invited_one(session: Session, key: str) -> int:
    person = session.scalar(sa.select(Person).where(Person.key == key))
    if person is None:
        raise NotFound(_("There is no person with the key “%(key)s”.", key=key))
    check_invitable(person)
    return person.id


def check_invitable(person: Person) -> None:
    """Refuse to invite who cannot come in by it; raises Refused."""
    if not person.active:
        raise Refused(_("%(name)s is disabled.", name=person.name))
    if not person.mail:
        raise Refused(_("%(name)s has no mail address.", name=person.name))
    if person.password_hash:
        raise Refused(_("%(name)s has a password already.", name=person.name))


def send_invitation(session: Session, person: int, now: datetime) -> None:
    """Step: send somebody a link of their own; older ones end."""
    _invite(session, [person], now)


def _invite(session: Session, ids: Sequence[int], now: datetime) -> None:
    """Step: send each of some people a link of their own; older ones end."""
    of_them = sa.update(Person).where(Person.id.in_(ids)).values(invited_at=now)
    session.execute(of_them)
    _send(session, INVITATION, ids, now)


def _send(session: Session, purpose: str, ids: Collection[int], now: datetime) -> None:
    links.revoke_all(session, ids, now, purpose)
    made = links.make_many(session, purpose, ids, now=now, lasts=LASTS[purpose])
    for link in made:
        outbox.queue(session, purpose, now=now, person=link.person_id, link=link.id)
    session.flush()


def ask_reset(*, said: str, address: str, now: datetime) -> None:
    """Send whoever has this key or mail address a link to a new password; raises TooManyAttempts.

    Whether there is anybody shows neither in the answer nor in the time that it takes: for nobody
    the same is written, and undone.
    """
    said = said.strip()[:LONGEST].replace("\0", "")
    with transaction() as session:
        attempts.count(session, key=f"reset {said.lower()}", address=address, now=now)
        anybody = session.scalar(sa.select(sa.func.min(Person.id)))
        found = _meant(session, said)
        if anybody is None:
            return  # an empty desk has nothing to hide
        kept = session.begin_nested()
        _send(session, RESET, [found or anybody], now)
        if found:
            kept.commit()
        else:
            kept.rollback()


def _meant(session: Session, said: str) -> int | None:
    """Give whose key or mail address it is; an address that several share is nobody's."""
    by_mail = sa.func.lower(Person.mail) == said.lower()
    query = sa.select(Person.id, Person.key).where(sa.or_(Person.key == tidy(said), by_mail))
    reached = query.where(Person.active, Person.mail.is_not(None)).order_by(Person.id).limit(3)
    found = session.execute(reached).all()
    named = [id for id, key in found if key == tidy(said)]
    if named:
        return named[0]
    return found[0].id if len(found) == 1 else None


def behind(session: Session, token: str, purpose: str, now: datetime) -> Person:
    """Step: give for whom a link is that can still be used; raises LinkOver."""
    link = links.find(session, token, purpose, now)
    person = session.get(Person, link.person_id) if link and link.person_id else None
    if person is None or not person.active:
        raise LinkOver(_("This link was used already, or its time is over."))
    return person


def enter(*, token: str, purpose: str, password: str, now: datetime) -> Person:
    """Set the password that a link is for, and use the link up; raises LinkOver and BadInput."""
    id = behind(db.session(), token, purpose, now).id
    hashed = passwords.hashed(password)
    with transaction() as session:
        # the person first, as whoever disables people does: the second of two waits here
        session.execute(sa.select(Person.id).where(Person.id == id).with_for_update())
        person = behind(session, token, purpose, now)
        give_password(session, person, hashed)
        person.signed_in_at = now
        links.revoke_all(session, [id], now, *links.FOR_PASSWORDS)
        return person
