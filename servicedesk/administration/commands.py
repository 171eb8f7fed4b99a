"""What the administrator can do about messages that could not be sent."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from servicedesk.db import transaction
from servicedesk.outbox import Notification


def try_again(*, now: datetime, message: int | None = None) -> int:
    """Have messages tried again at once: one, or all that failed; gives how many.

    One that is just being sent is left to whoever sends it.
    """
    failed = (
        Notification.error.is_not(None),
        Notification.sent_at.is_(None),
        Notification.lease.is_(None),
    )
    again = sa.update(Notification).where(*failed)
    if message is not None:
        again = again.where(Notification.id == message)
    with transaction() as session:
        done = session.execute(again.values(waits_until=now, failed_at=None, tries=0))
        return int(done.rowcount)  # type: ignore[attr-defined]
