"""H7: takes a mail in: kept first, then judged and done with in one transaction, once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from flask_babel import force_locale
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from servicedesk.bridge import looking, placing, sandbox, store
from servicedesk.bridge.incoming import Incoming, Unreadable
from servicedesk.bridge.judging import LINE, NEW, WORK, Verdict, judge, unreadable
from servicedesk.bridge.looking import Seen
from servicedesk.bridge.models import SET_ASIDE, TAKEN, ReceivedMail
from servicedesk.bridge.placing import Placed
from servicedesk.db import db, transaction
from servicedesk.errors import DeskError
from servicedesk.outbox import Notification
from servicedesk.setup.snapshot import directory

BOUNCED = "bounced"
FORGOTTEN = timedelta(minutes=10)  # after which what was kept only is taken again


@dataclass(frozen=True)
class Taken:
    """What came of a mail."""

    id: int
    state: str  # taken, set_aside, dropped, thrown_away
    reason: str | None
    number: int | None  # of the incident that it is about, or became
    again: bool = False  # it was there already


def take(raw: bytes, *, now: datetime, recipient: str | None = None) -> Taken:
    """Take a mail in; the same mail taken again, by whatever way, changes nothing.

    `recipient` is the address that the mail server was told, which may stand nowhere in the mail.
    """
    kept = store.keep(raw, recipient)
    mail, verdict = _read(raw, recipient)
    digest = mail.digest if mail else kept
    try:
        with transaction() as session:
            taken = _there(session, digest) or _take(session, kept, digest, mail, verdict, now)
    except IntegrityError:  # somebody else was quicker
        found = _there(db.session(), digest)
        if found is None:
            raise
        taken = found
    if taken.again:
        _forget_copy(kept, taken.id)
    return taken


def retake(now: datetime) -> int:
    """Take what was kept, and then left by a process that was killed; gives how many it was."""
    found = 0
    for raw, recipient in store.untaken(now - FORGOTTEN):
        found += not take(raw, now=now, recipient=recipient).again
    return found


def _read(raw: bytes, recipient: str | None) -> tuple[Incoming | None, Verdict | None]:
    try:
        return sandbox.read(raw, recipient), None
    except Unreadable as error:
        return None, unreadable(error.reason)


def _there(session: Session, digest: str) -> Taken | None:
    row = session.scalar(sa.select(ReceivedMail).where(ReceivedMail.digest == digest))
    return _taken(row, again=True) if row else None


def _taken(row: ReceivedMail, *, again: bool = False) -> Taken:
    number = row.incident.number if row.incident else None
    return Taken(row.id, row.state, row.reason, number, again)


def _forget_copy(kept: str, id: int) -> None:
    """Throw the second copy of a mail away, which came by another way."""
    if db.session.scalar(sa.select(ReceivedMail.kept).where(ReceivedMail.id == id)) != kept:
        store.remove(kept)


def _take(
    session: Session,
    kept: str,
    digest: str,
    mail: Incoming | None,
    verdict: Verdict | None,
    now: datetime,
) -> Taken:
    row = ReceivedMail(
        digest=digest,
        kept=kept,
        message_id=mail.message_id[:250] if mail and mail.message_id else None,
        sender=mail.sender[:254] if mail and mail.sender else None,
        subject=mail.subject[:300] if mail else "",
        received_at=now,
        state=SET_ASIDE,
    )
    session.add(row)
    session.flush()  # from here on nobody else takes it
    if mail is None:
        _settle(row, verdict or unreadable("broken"))
        return _taken(row)
    seen = looking.look(session, mail, row, now)
    verdict = judge(mail, seen.known)
    _settle(row, verdict)
    _note_about(row, seen)
    if row.state == TAKEN:
        _do(session, row, mail, seen, verdict.becomes, now)
    elif mail.automatic == "bounce" and mail.bounced:
        _note_bounce(session, mail.bounced, now)
    session.flush()
    return _taken(row)


def _settle(row: ReceivedMail, verdict: Verdict) -> None:
    row.state, row.reason, row.detail = verdict.state, verdict.reason, verdict.detail


def _note_about(row: ReceivedMail, seen: Seen) -> None:
    """Note what it is about, also where nothing comes of it: it decides who may see it."""
    row.incident_id = seen.incident.id if seen.incident else None
    row.purpose, row.n = seen.purpose, seen.n


def _do(
    session: Session,
    row: ReceivedMail,
    mail: Incoming,
    seen: Seen,
    becomes: str | None,
    now: datetime,
) -> None:
    try:
        with force_locale(directory(session).language):
            note_placed(row, _place(session, mail, seen, becomes, now))
    except DeskError as refusal:
        row.state, row.reason, row.detail = SET_ASIDE, "refused", str(refusal)[:300]


def note_placed(row: ReceivedMail, placed: Placed) -> None:
    """Note what a mail became."""
    row.incident_id, row.comment_id = placed.incident.id, placed.comment


def _place(
    session: Session, mail: Incoming, seen: Seen, becomes: str | None, now: datetime
) -> Placed:
    if becomes in (LINE, WORK):
        return placing.from_partner(session, seen, mail, now)
    if becomes == NEW and seen.person:
        return placing.new(session, seen.person, mail, now)
    return placing.reply(session, seen, mail, now)


def _note_bounce(session: Session, message_id: str, now: datetime) -> None:
    """Note that a message did not arrive: it stands with those that could not be sent."""
    query = sa.select(Notification).where(
        Notification.message_id == message_id.partition("@")[0], Notification.sent_at.is_not(None)
    )
    if note := session.scalar(query.with_for_update()):
        note.sent_at, note.failed_at, note.error = None, now, BOUNCED
