"""E5: makes the summaries that are due, each once, however many make them or are killed."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from servicedesk import outbox
from servicedesk.db import snapshot, transaction
from servicedesk.mail import channels, slots
from servicedesk.outbox import Notification
from servicedesk.people.models import Person
from servicedesk.setup.snapshot import directory

AT_ONCE = 100


def summarize(now: datetime) -> int:
    """Queue the summaries that are due at an instant; gives how many.

    A summary and the marking of the messages that it holds are one transaction; it is unique for
    its reader and day.
    """
    made = 0
    while ids := _due(now):
        for id in ids:
            with transaction() as session:
                made += _summarize(session, session.get_one(Person, id), now)
    return made


def _due(now: datetime) -> list[int]:
    """List some of those whose messages wait for a summary that is due."""
    with snapshot() as session:
        query = sa.select(Notification.person_id).where(Notification.digest_at <= now).distinct()
        return list(session.scalars(query.limit(AT_ONCE)))


def _summarize(session: Session, person: Person, now: datetime) -> bool:
    """Step: put all that waits into one summary; off hours, or after today's, it waits on."""
    setup, said = directory(session), person.channels or {}
    when = channels.hour(said), person.zone or setup.zone, setup.desk_calendar
    day = slots.day_due(now, *when)
    summary = outbox.queue_summary(session, person.id, day, now=now) if day else None
    waiting = sa.update(Notification).where(
        Notification.person_id == person.id, Notification.digest_at.is_not(None)
    )
    if summary is None:
        session.execute(waiting.values(digest_at=slots.next_slot(now, *when)))
        return False
    session.execute(waiting.values(digest_at=None, digest_id=summary))
    return True
