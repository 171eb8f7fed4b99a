"""Keeps how the calls of a webhook go; one that has failed for days is switched off."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from servicedesk import outbox, times
from servicedesk.db import transaction
from servicedesk.outbox import Notification, Outcome
from servicedesk.people.models import Person
from servicedesk.signals.models import Receiver

PATIENCE = timedelta(days=5)  # nothing went through: then it is switched off
LULL = timedelta(days=3)  # without a try: what failed before says nothing of now
OFF = "off"  # the reason of what is given up then
SWITCHED_OFF = "hook_off"  # what administrators are told


def keep(hook: int, outcome: Outcome, rest: timedelta | None, *, gone: bool = False) -> None:
    """Note what came of a call, and for how long the receiver is left alone.

    `gone`: it says that it is none any more.
    """
    now = times.now()
    with transaction() as session:
        row = session.get(Receiver, hook, with_for_update=True)
        if row is None:
            return
        if outcome.error is None:
            row.sent_at, row.failing_since, row.error, row.rests_until = now, None, None, None
            return
        row.rests_until = now + rest if rest else None
        if row.failing_since is None or (row.failed_at and now - row.failed_at > LULL):
            row.failing_since = now
        row.failed_at, row.error = now, outcome.error[:200]
        if row.is_ready and (gone or now - row.failing_since >= PATIENCE):
            switch_off(session, row, now)
            _tell(session, row, now)


def switch_off(session: Session, row: Receiver, now: datetime) -> None:
    """Step: stop calling, and give up what waits."""
    row.disabled_at = now
    give_up(session, row.hook_id, OFF, now)


def _tell(session: Session, row: Receiver, now: datetime) -> None:
    """Step: tell the administrators that the desk has switched it off."""
    is_admin = sa.cast(Person.roles, sa.Text).contains('"admin"')
    for person in session.scalars(sa.select(Person.id).where(Person.active, is_admin)):
        since = times.iso(row.failing_since)
        outbox.queue(
            session, SWITCHED_OFF, now=now, person=person, webhook=row.hook_id, since=since
        )


def forget(session: Session, hook: int, now: datetime) -> None:
    """Step: forget an address and its secrets, and give up what waits for it."""
    give_up(session, hook, "no address", now)
    session.execute(sa.delete(Receiver).where(Receiver.hook_id == hook))


def give_up(session: Session, hook: int, why: str, now: datetime) -> None:
    """Step: give up what waits for a webhook; it can be tried again by hand."""
    waiting = (Notification.hook_id == hook, Notification.waits_until.is_not(None))
    said = {"waits_until": None, "lease": None, "failed_at": now, "error": why}
    session.execute(sa.update(Notification).where(*waiting).values(**said))


def give_back(ids: list[int], lease: str, now: datetime) -> None:
    """Leave messages to others that were leased and not tried; that is not counted as a try."""
    if not ids:
        return
    mine = (Notification.id.in_(ids), Notification.lease == lease)
    said = {"waits_until": now, "lease": None, "tries": Notification.tries - 1}
    with transaction() as session:
        session.execute(sa.update(Notification).where(*mine).values(**said))
