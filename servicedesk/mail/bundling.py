"""E5: lets go what was kept back, several messages to a person in one mail."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from flask import current_app
from sqlalchemy.orm import Session

from servicedesk import outbox
from servicedesk.db import snapshot, transaction
from servicedesk.mail import calm
from servicedesk.mail.calm import Held
from servicedesk.mail.holding import Facts, Recipient, lock
from servicedesk.outbox import Notification

AT_ONCE = 100


def bundle(now: datetime) -> int:
    """Let go what was kept back until now; gives how many messages.

    A bundle and the marking of what is in it are one transaction, with its reader locked: any
    number may do it at once, and be killed at any time. What waits for a moment more goes along.
    """
    let_go = last = 0
    while ids := _due(now, last):
        for id in ids:
            with transaction() as session:
                let_go += _let_go(session, id, now)
        last = ids[-1]
    return let_go


def _due(now: datetime, after: int) -> list[int]:
    """List some of those for whom something was kept back until now."""
    with snapshot() as session:
        query = sa.select(Notification.person_id).where(
            Notification.bundle_at <= now, Notification.person_id > after
        )
        query = query.distinct().order_by(Notification.person_id).limit(AT_ONCE)
        return [id for id in session.scalars(query) if id is not None]


def _let_go(session: Session, person: int, now: datetime) -> int:
    reader = lock(session, [person], now).get(person)
    if reader is None:
        return 0  # somebody else is at it
    notes = _waiting(session, person, now)
    facts = Facts(session, notes, now)
    may = {note.id: reader.hold(facts, note) for note in notes}
    due = [note for note in notes if note.bundle_at and note.bundle_at <= now]
    _keep_back(session, [(note.id, found) for note in due if (found := may[note.id])])
    if all(may[note.id] for note in due):
        return 0
    going = [note for note in notes if not may[note.id]]
    _send(session, reader, facts, going)
    return len(going)


def _keep_back(session: Session, notes: Sequence[tuple[int, Held]]) -> None:
    ids: dict[Held, list[int]] = {}
    for id, held in notes:
        ids.setdefault(held, []).append(id)
    for held, some in ids.items():
        outbox.hold(session, some, held.until, held.why)


def _send(session: Session, reader: Recipient, facts: Facts, notes: Sequence[Notification]) -> None:
    """Step: let one message go as it is, several in one mail."""
    told = [(note, facts.told(note, reader.person)) for note in notes]
    alone = [note.id for note, it in told if calm.is_alone(it)]
    together = [(note, it) for note, it in told if not calm.is_alone(it)]
    if len(together) < 2:
        alone += [note.id for note, _it in together]
        together = []
    outbox.release(session, alone, reader.now)
    if together:
        soon = reader.now + calm.HOUR
        urgent = any(calm.is_urgent(it, reader.now, soon) for _note, it in together)
        passes = urgent or bool(reader.quiet or reader.room)  # it may go although others may not
        ids = [note.id for note, _it in together]
        whys = sorted({note.held_for or calm.SETTLES for note, _it in together})
        outbox.queue_bundle(
            session, reader.person.id, ids, now=reader.now, whys=whys, urgent=passes
        )


def _waiting(session: Session, person: int, now: datetime) -> list[Notification]:
    soon = now + timedelta(seconds=current_app.config["MAIL_SETTLE"])
    query = sa.select(Notification).where(
        Notification.person_id == person,
        Notification.bundle_at.is_not(None),
        sa.or_(Notification.bundle_at <= soon, Notification.held_for == calm.LIMIT),
    )
    return list(session.scalars(query.order_by(Notification.id)))
