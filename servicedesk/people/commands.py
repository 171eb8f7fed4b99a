"""Signing in and passwords."""

from __future__ import annotations

import unicodedata
from datetime import datetime

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from servicedesk.db import db, transaction
from servicedesk.errors import BadInput, DeskError, NotFound
from servicedesk.people import attempts, links, passwords
from servicedesk.people.models import Person, new_token
from servicedesk.people.sources import OWN, sources_of


class WrongNameOrPassword(DeskError):
    """Signing in failed; the message does not say why."""

    status = 422


def sign_in(*, key: str, password: str, address: str, now: datetime) -> Person:
    """Give the person whose key and password these are.

    Raises WrongNameOrPassword and TooManyAttempts. An attempt is counted before the password is
    looked at, so that many at once are not free, and hashing holds no lock.
    """
    key = tidy(key)
    with transaction() as session:
        attempts.count(session, key=key, address=address, now=now)
    stored = db.session.scalar(sa.select(Person.password_hash).where(Person.key == key))
    if not passwords.matches(stored, password) or stored is None:
        raise _wrong()
    renewed = passwords.hashed(password) if passwords.outdated(stored) else stored
    return _admit(key=key, stored=stored, renewed=renewed, now=now)


def tidy(key: str) -> str:
    """Read a key as it was meant; one that cannot be a key is nobody's."""
    key = unicodedata.normalize("NFKC", key).strip().lower()
    return key if key.isprintable() and len(key) <= 64 else ""


def _wrong() -> WrongNameOrPassword:
    return WrongNameOrPassword(_("Name or password is wrong."))


def _admit(*, key: str, stored: str, renewed: str, now: datetime) -> Person:
    """Forget the failures of who gave the right password."""
    with transaction() as session:
        person = session.scalar(sa.select(Person).where(Person.key == key).with_for_update())
        if person is None or not person.active or person.password_hash != stored:
            raise _wrong()
        person.password_hash, person.signed_in_at = renewed, now
        attempts.forget(session, key)
    return person


def set_password(*, key: str, password: str, now: datetime) -> None:
    """Set a person's password and sign them out everywhere; raises NotFound, BadInput."""
    hashed = passwords.hashed(password)
    with transaction() as session:
        query = sa.select(Person).where(Person.key == key).with_for_update()
        person = session.scalar(query)
        if person is None:
            raise NotFound(_("There is no person with the key “%(key)s”.", key=key))
        give_password(session, person, hashed)
        links.revoke_all(session, [person.id], now, *links.FOR_PASSWORDS)


def change_password(*, key: str, old: str, new: str, address: str, now: datetime) -> Person:
    """Let somebody who is signed in choose a new password; all their other sessions end.

    Raises WrongPassword, BadInput and TooManyAttempts.
    """
    with transaction() as session:
        attempts.count(session, key=key, address=address, now=now)
    stored = db.session.scalar(sa.select(Person.password_hash).where(Person.key == key))
    if not passwords.matches(stored, old):
        raise WrongPassword(_("This is not your present password."))
    hashed = passwords.hashed(new)
    with transaction() as session:
        person = session.scalar(sa.select(Person).where(Person.key == key).with_for_update())
        if person is None or not person.active or person.password_hash != stored:
            raise WrongPassword(_("This is not your present password."))
        give_password(session, person, hashed)
        links.revoke_all(session, [person.id], now, *links.FOR_PASSWORDS)
    return person


class WrongPassword(DeskError):
    """Who wants a new password has not given the present one."""

    status = 422


def give_password(session: Session, person: Person, hashed: str) -> None:
    """Step: set a password by its hash, and sign the person out everywhere."""
    person.password_hash = hashed
    person.session_token = new_token()
    attempts.forget(session, person.key)


def choose_language(*, person_id: int, language: str) -> None:
    """Keep the language that a person reads the desk in."""
    with transaction() as session:
        person = session.get(Person, person_id)
        if person is None:
            raise BadInput(_("There is no such person."))
        person.language = language
        person.sources = {**sources_of(person), "language": OWN}
