"""H7: addresses for replies: an unguessable token for one reader and one hand-off or incident."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from base64 import b32encode
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask import current_app
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from servicedesk import journal
from servicedesk.bridge.models import HANDOFF, INCIDENT, REQUEST, ReplyAddress
from servicedesk.db import db, dialect, transaction
from servicedesk.incidents.models import HandOff, Incident, WorkRequest, watcher
from servicedesk.outbox import Notification

BYTES = 20  # of a token: 160 bits, in letters that no mail system's folding of case changes
ABOUT = {  # which messages ask for replies to what; others go to requester and watchers
    "handed_off": HANDOFF,
    "partner_wrote": HANDOFF,
    "nudged": HANDOFF,
    "work_requested": REQUEST,
    "work_wrote": REQUEST,
}
Key = tuple[str, int, int, str]  # purpose, incident, number, reader


def inbox() -> str:
    """Give the address at which the desk gets mail; empty: nowhere."""
    said: str = current_app.config["MAIL_INBOX"]
    return said


def prepare(id: int, now: datetime) -> None:
    """See to it that a message which waits has an address for its replies."""
    if not inbox():
        return
    session = db.session()
    note = session.get(Notification, id)
    key = _key(session, note) if note else None
    if key is None or _there(session, key):
        return
    with transaction() as writing:
        _add(writing, key, now)


def reply_to(session: Session, note: Notification) -> str | None:
    """Step: give the address for replies to a message, the same each time; None: it has none."""
    if not inbox():
        return None
    key = _key(session, note)
    row = _there(session, key) if key else None
    return address(token(row)) if row else None


def address(said: str) -> str:
    """Write the address that carries a token."""
    local, _at, host = inbox().rpartition("@")
    return f"{local}+{said}@{host}"


def token(row: ReplyAddress) -> str:
    """Write the token of an address; a copy of the database alone does not give it."""
    key = str(current_app.config["SECRET_KEY"]).encode()
    said = hmac.new(key, f"reply {row.secret}".encode(), hashlib.sha256).digest()
    return b32encode(said[:BYTES]).decode().lower()


def tokens_in(recipients: Iterable[str]) -> list[str]:
    """Give the different tokens among the addresses of a mail."""
    local, _at, host = inbox().casefold().rpartition("@")
    found: dict[str, None] = {}
    for one in recipients:
        name, _at, there = one.casefold().rpartition("@")
        if there == host and name.startswith(f"{local}+"):
            found[name.removeprefix(f"{local}+")] = None
    return list(found)


def find(session: Session, said: str) -> ReplyAddress | None:
    """Step: give what a token is for."""
    query = sa.select(ReplyAddress).where(ReplyAddress.digest == journal.digest(said))
    return session.scalar(query)


def _there(session: Session, key: Key) -> ReplyAddress | None:
    purpose, incident, n, reader = key
    query = sa.select(ReplyAddress).where(
        ReplyAddress.incident_id == incident,
        ReplyAddress.purpose == purpose,
        ReplyAddress.n == n,
        ReplyAddress.reader == reader,
    )
    return session.scalar(query)


def _add(session: Session, key: Key, now: datetime) -> None:
    """Step: add an address; whoever does the same at once has the same."""
    row = ReplyAddress(secret=secrets.token_urlsafe(32))
    names = ("purpose", "incident_id", "n", "reader")
    values = dict(zip(names, key, strict=True))
    values |= {"secret": row.secret, "digest": journal.digest(token(row)), "made_at": now}
    insert = postgresql.insert if dialect(session) == "postgresql" else sqlite.insert
    session.execute(insert(ReplyAddress).values(values).on_conflict_do_nothing())


def _key(session: Session, note: Notification) -> Key | None:
    """Say what replies to a message are about; None where nobody is to reply."""
    if note.incident_id is None:
        return None
    purpose, n = ABOUT.get(note.kind), int(note.data.get("n", 0))
    if purpose and _is_partners(session, purpose, note.incident_id, n):
        reader = f"partner:{note.partner_id}" if note.partner_id else f"person:{note.person_id}"
        return purpose, note.incident_id, n, reader
    if note.person_id and _is_told(session, note.incident_id, note.person_id):
        return INCIDENT, note.incident_id, 0, f"person:{note.person_id}"
    return None


def _is_partners(session: Session, purpose: str, incident: int, n: int) -> bool:
    """Say whether a hand-off or work request went to a partner company."""
    model: Any = HandOff if purpose == HANDOFF else WorkRequest
    query = sa.select(model.id).where(
        model.incident_id == incident, model.n == n, model.receiver.startswith("partner:")
    )
    return session.scalar(query) is not None


def _is_told(session: Session, incident: int, person: int) -> bool:
    """Say whether a person is an incident's requester or watches it."""
    watching = sa.exists().where(watcher.c.incident_id == incident, watcher.c.person_id == person)
    query = sa.select(Incident.id).where(
        Incident.id == incident, sa.or_(Incident.requester_id == person, watching)
    )
    return session.scalar(query) is not None
