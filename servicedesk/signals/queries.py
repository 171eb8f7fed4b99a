"""What the pages show of webhooks: how each does, and its last calls."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from servicedesk.incidents.models import Incident, label
from servicedesk.outbox import Notification
from servicedesk.setup.directory import Directory
from servicedesk.setup.models import Hook as HookRow
from servicedesk.setup.signals import Hook
from servicedesk.signals.models import Receiver
from servicedesk.signals.payload import TEST

SHOWN = 50
SENT, WAITS, AGAIN, FAILED = "sent", "waits", "again", "failed"


@dataclass(frozen=True)
class Row:
    """A webhook with how it does."""

    hook: Hook
    receiver: Receiver | None
    waiting: int
    failed: int
    steps: tuple[str, ...]  # of policies, that name it

    @property
    def state(self) -> str:
        """Say how it does: `unset`, `off`, `failing`, `fine` or `new`."""
        if self.receiver is None:
            return "unset"
        if not self.receiver.is_ready:
            return "off"
        if self.receiver.failing_since:
            return "failing"
        return "fine" if self.receiver.sent_at else "new"


@dataclass(frozen=True)
class Delivery:
    """A call, and what became of it."""

    id: int
    kind: str
    number: int | None
    label: str
    at: datetime
    became: str
    when: datetime | None  # sent, or tried next
    tries: int
    error: str | None


def rows(session: Session, setup: Directory) -> list[Row]:
    """List the webhooks in use: a fixed number of queries."""
    receivers = {row.hook_id: row for row in session.scalars(sa.select(Receiver))}
    waiting = _count(session, Notification.waits_until.is_not(None))
    failed = _count(session, Notification.failed_at.is_not(None))
    return [
        Row(hook, receivers.get(hook.id), waiting.get(hook.id, 0), failed.get(hook.id, 0), steps)
        for hook in setup.hooks.values()
        for steps in [calling(setup, hook.key)]
    ]


def one(session: Session, setup: Directory, key: str) -> Row | None:
    """Give a webhook in use."""
    hook = setup.hooks.get(key)
    if hook is None:
        return None
    receiver = session.get(Receiver, hook.id)
    own = Notification.hook_id == hook.id
    waiting = _count(session, own, Notification.waits_until.is_not(None))
    failed = _count(session, own, Notification.failed_at.is_not(None))
    found = (waiting.get(hook.id, 0), failed.get(hook.id, 0))
    return Row(hook, receiver, *found, calling(setup, key))


def left(session: Session) -> list[tuple[str, str]]:
    """List keys and addresses of what is not in use any more and has an address still."""
    query = sa.select(HookRow.key, Receiver.url).join(Receiver, Receiver.hook_id == HookRow.id)
    found = session.execute(query.where(~HookRow.active).order_by(HookRow.key))
    return [(key, url) for key, url in found]


def in_trouble(session: Session) -> int:
    """Count the webhooks in use that fail, or that the desk has switched off for it."""
    bad = sa.select(sa.func.count()).where(Receiver.failing_since.is_not(None), HookRow.active)
    return session.scalar(bad.join_from(Receiver, HookRow)) or 0


def _count(session: Session, *where: sa.ColumnElement[bool]) -> dict[int, int]:
    query = sa.select(Notification.hook_id, sa.func.count()).where(
        Notification.hook_id.is_not(None), *where
    )
    found = session.execute(query.group_by(Notification.hook_id))
    return {hook: count for hook, count in found if hook is not None}


def calling(setup: Directory, key: str) -> tuple[str, ...]:
    """Name the steps of policies that call a webhook."""
    return tuple(
        f"{policy} · {step.key}"
        for policy, steps in setup.policies.items()
        for step in steps
        if key in step.signals
    )


def deliveries(session: Session, hook: int) -> list[Delivery]:
    """List the last calls of a webhook, the newest first."""
    query = (
        sa.select(Notification, Incident.number)
        .outerjoin(Incident, Incident.id == Notification.incident_id)
        .where(Notification.hook_id == hook)
        .order_by(Notification.id.desc())
        .limit(SHOWN)
    )
    return [_delivery(note, number) for note, number in session.execute(query)]


def delivery(session: Session, id: int) -> Delivery:
    """Give one call; raises NoResultFound."""
    note = session.get_one(Notification, id, populate_existing=True)
    return _delivery(note, None)


def _delivery(note: Notification, number: int | None) -> Delivery:
    became, when = WAITS, note.waits_until
    if note.sent_at:
        became, when = SENT, note.sent_at
    elif note.failed_at:
        became, when = FAILED, None
    elif note.error:
        became = AGAIN
    return Delivery(
        note.id,
        note.data.get("event", TEST),
        number,
        label(number) if number is not None else "",
        note.made_at,
        became,
        when,
        note.tries,
        note.error,
    )
