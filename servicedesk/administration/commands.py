"""What the administrator can do about messages that could not be sent."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from servicedesk.db import transaction
from servicedesk.errors import Refused
from servicedesk.outbox import FAILED, Notification
from servicedesk.setup.models import Hook
from servicedesk.signals import words
from servicedesk.signals.models import Receiver


def try_again(*, now: datetime, message: int | None = None) -> int:
    """Have messages tried again at once: one, or all that failed; gives how many.

    One that is just being sent is left to whoever sends it; what a webhook cannot tell stays given
    up. Raises Refused where it is that one.
    """
    failed: list[sa.ColumnElement[bool]] = [*FAILED, Notification.lease.is_(None)]
    called = sa.select(Receiver.hook_id).join(Hook, Hook.id == Receiver.hook_id)
    called = called.where(Hook.active, Receiver.disabled_at.is_(None))
    failed.append(sa.or_(Notification.hook_id.is_(None), Notification.hook_id.in_(called)))
    with transaction() as session:
        if message is not None:
            _refuse(session, message)
            failed.append(Notification.id == message)
        hooks = sa.select(Notification.hook_id).where(*failed, Notification.hook_id.is_not(None))
        resting = sa.update(Receiver).where(Receiver.hook_id.in_(hooks))
        session.execute(resting.values(rests_until=None))
        again = sa.update(Notification).where(*failed)
        done = session.execute(again.values(waits_until=now, failed_at=None, tries=0))
        return int(done.rowcount)  # type: ignore[attr-defined]


def _refuse(session: Session, message: int) -> None:
    """Refuse what would be told by a webhook that is not called."""
    query = sa.select(Hook.active, Receiver.hook_id, Receiver.disabled_at)
    query = query.join(Notification, Notification.hook_id == Hook.id)
    query = query.outerjoin(Receiver, Receiver.hook_id == Hook.id)
    hook = session.execute(query.where(Notification.id == message)).one_or_none()
    if hook is None:
        return
    if not hook.active:
        raise Refused(words.why("not in use"))
    if hook.hook_id is None:
        raise Refused(words.why("no address"))
    if hook.disabled_at:
        raise Refused(words.why("off"))
