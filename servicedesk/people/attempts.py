"""How often somebody may try: to sign in, to change a password, to be sent a link."""

from __future__ import annotations

import ipaddress
from datetime import datetime, timedelta

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from servicedesk import journal
from servicedesk.db import dialect, transaction
from servicedesk.errors import DeskError
from servicedesk.people.models import SignInAttempt

WINDOW = timedelta(minutes=15)
PER_KEY, PER_ADDRESS = 5, 50  # attempts within the window


class TooManyAttempts(DeskError):
    """Somebody tried too often in a short time."""

    status = 429


def count(session: Session, *, key: str, address: str, now: datetime) -> None:
    """Step: take note of an attempt; raises TooManyAttempts."""
    row = SignInAttempt(key=journal.digest(key), address=network(address), at=now)
    _wait_for_others(session, row)
    _prune(session, now - WINDOW)
    of_key = _count(session, now - WINDOW, SignInAttempt.key == row.key)
    of_address = _count(session, now - WINDOW, SignInAttempt.address == row.address)
    if of_key >= PER_KEY or of_address >= PER_ADDRESS:
        raise TooManyAttempts(_("Too many attempts: please wait a few minutes."))
    session.add(row)
    session.flush()


def forget(session: Session, key: str) -> None:
    """Step: forget the attempts with a key, whose owner has shown to be there."""
    session.execute(sa.delete(SignInAttempt).where(SignInAttempt.key == journal.digest(key)))


def prune(now: datetime) -> None:
    """Throw away the attempts that no longer count."""
    with transaction() as session:
        _prune(session, now - WINDOW)


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


def network(address: str) -> str:
    """Give the address that is counted: for IPv6 the network that one subscriber has."""
    try:
        read = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address[:64]
    if isinstance(read, ipaddress.IPv4Address):
        return str(read)
    return str(read.ipv4_mapped or ipaddress.ip_network((read, 64), strict=False))
