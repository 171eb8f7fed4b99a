"""What an administrator does with a webhook: its address, its secret, a test, another try."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa
from flask import current_app
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from servicedesk import outbox
from servicedesk.db import transaction
from servicedesk.errors import BadInput, NotFound, Refused
from servicedesk.outbox import Notification
from servicedesk.setup.models import Hook
from servicedesk.signals import keeping, signing, words
from servicedesk.signals.calling import NotCalled, Terms, look
from servicedesk.signals.following import KIND
from servicedesk.signals.models import Receiver
from servicedesk.times import iso

BOTH = timedelta(days=1)  # in which the former secret signs too
SETTING = 5.0  # seconds that looking an address up may take


def set_address(key: str, url: str, *, by: int | None, now: datetime) -> str | None:
    """Have a webhook call an address; gives the secret where one was made, to be shown once.

    The address is looked up first; raises BadInput. What was switched off is called again.
    """
    _check(url)
    with transaction() as session:
        hook = _hook(session, key)
        row, made = session.get(Receiver, hook.id, with_for_update=True), None
        if row is None:
            made = signing.new_secret()
            row = Receiver(hook_id=hook.id, secret=made)
            session.add(row)
        row.url, row.set_at, row.set_by_id = url, now, by
        _forget_failures(row)
        return made


def _check(url: str) -> None:
    settings = current_app.config
    terms = Terms(settings["HOOK_NETWORKS"], settings["HOOK_HTTP"], SETTING)
    try:
        look(url, terms)
    except NotCalled as reason:
        raise BadInput(words.why(str(reason))) from None


def rotate(key: str, *, by: int | None, now: datetime) -> str:
    """Make a new secret and give it, to be shown once; a former one signs too for a day."""
    with transaction() as session:
        row = _receiver(session, key)
        row.former = row.still(now) | {row.secret: iso(now + BOTH)}
        row.secret = signing.new_secret()
        row.set_at, row.set_by_id = now, by
        return row.secret


def send_test(key: str, *, now: datetime) -> int:
    """Queue a test; gives the message's id. Raises Refused where nothing is called."""
    with transaction() as session:
        row = _receiver(session, key)
        if not row.is_ready:
            raise Refused(_("The webhook is switched off: switch it on first."))
        row.rests_until = None
        note = outbox.queue(session, KIND, now=now, hook=row.hook_id)
        session.flush()
        return note.id


def switch_on(key: str) -> None:
    """Call again what was switched off; what was given up stays so until it is tried again."""
    with transaction() as session:
        _forget_failures(_receiver(session, key))


def switch_off(key: str, *, now: datetime) -> None:
    """Call it no more until it is switched on; what waits is given up."""
    with transaction() as session:
        row = _receiver(session, key)
        if row.is_ready:
            _forget_failures(row)  # not for these: by hand
            keeping.switch_off(session, row, now)


def forget(key: str, *, now: datetime) -> None:
    """Forget the address and secrets of a webhook, in use or not; what waits is given up."""
    with transaction() as session:
        hook = session.scalar(sa.select(Hook.id).where(Hook.key == key))
        if hook is None:
            raise NotFound(_("There is no such webhook."))
        keeping.forget(session, hook, now)


def try_again(key: str, *, now: datetime, message: int | None = None) -> int:
    """Have calls tried again at once: one, or all that failed; gives how many.

    One that is just being made is left to whoever makes it.
    """
    with transaction() as session:
        row = _receiver(session, key)
        if not row.is_ready:
            raise Refused(_("The webhook is switched off: switch it on first."))
        row.rests_until = None
        failed = sa.update(Notification).where(
            Notification.hook_id == row.hook_id,
            Notification.error.is_not(None),
            Notification.sent_at.is_(None),
            Notification.lease.is_(None),
        )
        if message is not None:
            failed = failed.where(Notification.id == message)
        done = session.execute(failed.values(waits_until=now, failed_at=None, tries=0))
        return int(done.rowcount)  # type: ignore[attr-defined]


def _hook(session: Session, key: str) -> Hook:
    row = session.scalar(sa.select(Hook).where(Hook.key == key, Hook.active))
    if row is None:
        raise NotFound(_("There is no such webhook."))
    return row


def _receiver(session: Session, key: str) -> Receiver:
    row = session.get(Receiver, _hook(session, key).id, with_for_update=True)
    if row is None:
        raise Refused(_("The webhook has no address yet."))
    return row


def _forget_failures(row: Receiver) -> None:
    row.failing_since = row.failed_at = row.disabled_at = row.rests_until = None
    row.error = None
