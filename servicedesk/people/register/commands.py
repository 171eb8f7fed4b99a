"""What an administrator does with somebody: let them in no more, or again."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from servicedesk.db import transaction
from servicedesk.errors import NotFound, Refused
from servicedesk.people import companies, links
from servicedesk.people.models import Person, new_token
from servicedesk.people.sources import SET_UP, released, sources_of


def disable(*, key: str, actor: str, now: datetime) -> Person:
    """Let somebody in no more, whatever files say; raises NotFound and Refused."""
    if key == actor:
        raise Refused(_("You can't disable yourself."))
    with transaction() as session:
        person = _person(session, key)
        person.active, person.barred = False, True
        person.session_token = new_token()
        links.revoke_all(session, [person.id], now)
        _note(session, person, companies.DISABLED, actor, now)
    return person


def enable(*, key: str, actor: str, now: datetime) -> Person:
    """Let somebody in again who was disabled, by hand or by a file; raises NotFound.

    Who left the set-up or a list does not come back to it: no file disables them a second time.
    """
    with transaction() as session:
        person = _person(session, key)
        if not person.active and not person.barred:
            person.sources = released(sources_of(person), SET_UP)
            person.listed = person.imported = False
        person.active, person.barred = True, False
        _note(session, person, companies.ENABLED, actor, now)
    return person


def _note(session: Session, person: Person, what: str, actor: str, now: datetime) -> None:
    """Step: let the partner companies of somebody see who did what."""
    by = session.scalar(sa.select(Person.id).where(Person.key == actor))
    theirs = companies.of_person(session, person.id)
    companies.note(session, theirs, person.id, what, by=by, now=now)


def _person(session: Session, key: str) -> Person:
    person = session.scalar(sa.select(Person).where(Person.key == key).with_for_update())
    if person is None:
        raise NotFound(_("There is no person with the key “%(key)s”.", key=key))
    return person
