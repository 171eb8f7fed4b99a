"""Signing in and passwords."""

from __future__ import annotations

import ipaddress
import secrets
import unicodedata
from datetime import datetime, timedelta

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from servicedesk import journal
from servicedesk.db import db, dialect, transaction
from servicedesk.errors import BadInput, DeskError, NotFound
from servicedesk.people import passwords
from servicedesk.people.models import Person, SignInAttempt

WINDOW = timedelta(minutes=15)
PER_KEY, PER_ADDRESS = 5, 50  # failures within the window


class WrongNameOrPassword(DeskError):
    """Signing in failed; the message does not say why."""

    status = 422


class TooManyAttempts(DeskError):
    """Signing in failed too often in a short time."""

    status = 429


def sign_in(*, key: str, password: str, address: str, now: datetime) -> Person:
    """Give the person whose key and password these are.

    Raises WrongNameOrPassword and TooManyAttempts. An attempt is counted before the password is
    looked at, so that many at once are not free, and hashing holds no lock.
    """
    key = _tidy(key)
    _count_attempt(key=key, address=address, now=now)
    stored = db.session.scalar(sa.select(Person.password_hash).where(Person.key == key))
    if not passwords.matches(stored, password) or stored is None:
        raise _wrong()
    renewed = passwords.hashed(password) if passwords.outdated(stored) else stored
    return _admit(key=key, stored=stored, renewed=renewed)


def _tidy(key: str) -> str:
    """Read a key as it was meant; one that cannot be a key is nobody's."""
    key = unicodedata.normalize("NFKC", key).strip().lower()
    return key if key.isprintable() and len(key) <= 64 else ""


def _wrong() -> WrongNameOrPassword:
    return WrongNameOrPassword(_("Name or password is wrong."))


def _count_attempt(*, key: str, address: str, now: datetime) -> None:
    """Take note of an attempt; raises TooManyAttempts."""
    row = SignInAttempt(key=journal.digest(key), address=_network(address), at=now)
    with transaction() as session:
        _wait_for_others(session, row)
        _prune(session, now - WINDOW)
        of_key = _count(session, now - WINDOW, SignInAttempt.key == row.key)
        of_address = _count(session, now - WINDOW, SignInAttempt.address == row.address)
        if of_key < PER_KEY and of_address < PER_ADDRESS:
            session.add(row)
            return
    raise TooManyAttempts(_("Too many attempts: please wait a few minutes."))


def _wait_for_others(session: Session, row: SignInAttempt) -> None:
    """Let one attempt at a key, and from an address, be counted at a time."""
    if dialect(session) != "postgresql":
        return  # SQLite has one writer
    for kind, text in enumerate((row.key, row.address), start=1):
        lock = sa.func.pg_advisory_xact_lock(kind, sa.func.hashtext(text))
        session.execute(sa.select(lock))


def _prune(session: Session, until: datetime) -> None:
    """Throw old attempts away, but those that somebody else is throwing away just now."""
    old = sa.select(SignInAttempt.id).where(SignInAttempt.at <= until)
    free = old.with_for_update(skip_locked=True)
    session.execute(sa.delete(SignInAttempt).where(SignInAttempt.id.in_(free)))


def _count(session: Session, after: datetime, those: sa.ColumnElement[bool]) -> int:
    query = sa.select(sa.func.count()).select_from(SignInAttempt)
    return session.scalar(query.where(SignInAttempt.at > after, those)) or 0


def _network(address: str) -> str:
    """Give the address that is counted: for IPv6 the network that one subscriber has."""
    try:
        read = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address[:64]
    if isinstance(read, ipaddress.IPv4Address):
        return str(read)
    return str(read.ipv4_mapped or ipaddress.ip_network((read, 64), strict=False))


def _admit(*, key: str, stored: str, renewed: str) -> Person:
    """Forget the failures of who gave the right password."""
    with transaction() as session:
        person = session.scalar(sa.select(Person).where(Person.key == key).with_for_update())
        if person is None or not person.active or person.password_hash != stored:
            raise _wrong()
        person.password_hash = renewed
        _forget_attempts(session, key)
    return person


def _forget_attempts(session: Session, key: str) -> None:
    session.execute(sa.delete(SignInAttempt).where(SignInAttempt.key == journal.digest(key)))


def set_password(*, key: str, password: str) -> None:
    """Set a person's password and sign them out everywhere; raises NotFound, BadInput."""
    with transaction() as session:
        person = session.scalar(sa.select(Person).where(Person.key == key))
        if person is None:
            raise NotFound(_("There is no person with the key “%(key)s”.", key=key))
        give_password(session, person, password)


def give_password(session: Session, person: Person, password: str) -> None:
    """Step: set a password, and sign the person out everywhere; raises BadInput."""
    person.password_hash = passwords.hashed(password)
    person.session_token = secrets.token_urlsafe(32)
    _forget_attempts(session, person.key)


def choose_language(*, person_id: int, language: str) -> None:
    """Keep the language that a person reads the desk in."""
    with transaction() as session:
        person = session.get(Person, person_id)
        if person is None:
            raise BadInput(_("There is no such person."))
        person.language = language
