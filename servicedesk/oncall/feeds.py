"""Private addresses for calendars: made once, kept as a hash alone, ended by whoever made them."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from servicedesk.db import transaction
from servicedesk.errors import NotFound, Refused
from servicedesk.oncall.models import CalendarFeed
from servicedesk.people.models import Group, Person
from servicedesk.people.permissions import Act, may

MOST = 20  # of a person
OFTEN = timedelta(hours=1)  # how exactly it is noted when one was read
LONGEST = 100  # letters of a token


def make(*, actor: Person, now: datetime, group: str = "") -> str:
    """Make an address of one's own turns or of a group's; gives its token, which is kept nowhere.

    Raises NotFound and Refused.
    """
    actor_id, token = actor.id, secrets.token_urlsafe(32)
    with transaction() as session:
        person = session.get_one(Person, actor_id, with_for_update=True)
        if not may(person, Act.SEE_ROTA):
            raise NotFound(_("There is no such calendar, or it is not for you."))
        if len(of_person(session, person)) >= MOST:
            raise Refused(_("You have %(n)d addresses already: please end one first.", n=MOST))
        of_group = _group(session, group) if group else None
        row = CalendarFeed(
            person_id=person.id,
            group_id=of_group,
            secret=_hashed(token),
            made_at=now,
            changed_at=now,
        )
        session.add(row)
    return token


def _group(session: Session, key: str) -> int:
    found = session.scalar(sa.select(Group.id).where(Group.key == key, Group.active))
    if found is None:
        raise NotFound(_("There is no such group."))
    return found


def _hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def revoke(id: int, *, actor: Person, now: datetime) -> None:
    """End an address of one's own; raises NotFound."""
    actor_id = actor.id
    with transaction() as session:
        mine = sa.select(CalendarFeed).where(
            CalendarFeed.id == id, CalendarFeed.person_id == actor_id
        )
        row = session.scalar(mine)
        if row is None:
            raise NotFound(_("There is no such calendar, or it is not for you."))
        row.revoked_at = row.revoked_at or now


def of_person(session: Session, person: Person) -> list[CalendarFeed]:
    """Step: list somebody's addresses that work."""
    query = sa.select(CalendarFeed).where(
        CalendarFeed.person_id == person.id, CalendarFeed.revoked_at.is_(None)
    )
    return list(session.scalars(query.order_by(CalendarFeed.id)))


def behind(session: Session, token: str) -> CalendarFeed | None:
    """Step: give what an address opens; None where it is none, has ended, or nobody's any more."""
    if len(token) > LONGEST:
        return None
    secret = CalendarFeed.secret == _hashed(token)
    row = session.scalar(sa.select(CalendarFeed).where(secret, CalendarFeed.revoked_at.is_(None)))
    person = session.get(Person, row.person_id) if row else None
    return row if person and may(person, Act.SEE_ROTA) else None


def note(id: int, digest: str, *, now: datetime) -> datetime:
    """Note that a calendar was read, and what: gives since when it says what it says."""
    with transaction() as session:
        row = session.get_one(CalendarFeed, id)
        if row.digest != digest:
            row.digest, row.changed_at = digest, now
        row.read_at = now
        return row.changed_at


def is_news(row: CalendarFeed, digest: str, now: datetime) -> bool:
    """Say whether there is anything to note; a calendar that is read all day writes seldom."""
    return row.digest != digest or row.read_at is None or now - row.read_at >= OFTEN
