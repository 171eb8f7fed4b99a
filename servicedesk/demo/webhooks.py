"""The demo's webhooks: one was called until nobody answered there, the other has no address yet.

Neither is called: what was once kept of calls is written down here, and nothing goes out.
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from servicedesk import outbox
from servicedesk.db import transaction
from servicedesk.demo.case import Script
from servicedesk.demo.going_on import Affair
from servicedesk.demo.tale import soon
from servicedesk.outbox import Notification, Outcome
from servicedesk.setup.models import Hook
from servicedesk.signals import commands as signals
from servicedesk.signals import keeping, signing
from servicedesk.signals.models import Receiver

CHAT = "ops-chat"
ADDRESS = "https://chat.asagiri.example/hooks/it-operations"
NO_ANSWER = "address: no such host"
DAY = 24 * 60  # minutes


def _receiver(it: Affair) -> Receiver:
    query = sa.select(Receiver).join(Hook, Hook.id == Receiver.hook_id).where(Hook.key == CHAT)
    return it.stage.session.scalars(query).one()


def _called(it: Affair, error: str | None) -> None:
    """Note a test, and what came of it."""
    id = signals.send_test(CHAT, now=it.at)
    with transaction() as session:
        session.get_one(Notification, id).tries = len(outbox.WAITS) + 1 if error else 1
    outbox.settle([Outcome(id, error, for_good=error is not None)], it.at)


def chat_that_is_gone(it: Affair) -> Script:
    """Its calls failed for five days, and the desk has switched it off."""
    yield soon(it.stage.now, -20 * DAY)
    with transaction() as session:
        hook = session.scalars(sa.select(Hook).where(Hook.key == CHAT)).one()
        said = {"url": ADDRESS, "secret": signing.new_secret()}
        by = it.person("okano").id
        session.add(Receiver(hook_id=hook.id, set_at=it.at, set_by_id=by, sent_at=it.at, **said))
    _called(it, None)
    yield soon(it.stage.now, -6.2 * DAY)
    since: datetime = it.at
    _called(it, NO_ANSWER)
    yield soon(it.stage.now, -1.2 * DAY)
    _called(it, NO_ANSWER)
    with transaction() as session:
        row = session.merge(_receiver(it))
        row.failing_since, row.failed_at, row.error = since, it.at, NO_ANSWER
        keeping.switch_off(session, row, it.at)


COURSES = (chat_that_is_gone,)
