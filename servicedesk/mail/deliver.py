"""E5: sends what waits in the outbox; any number may do so at once, and be killed at any time."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.exc import InterfaceError, OperationalError

from servicedesk import outbox, pulse, times
from servicedesk.bridge import addresses as replies
from servicedesk.db import snapshot
from servicedesk.mail import letters
from servicedesk.mail.bundling import bundle
from servicedesk.mail.envelope import Mail
from servicedesk.mail.holding import gate
from servicedesk.mail.letter import NotToBeSent
from servicedesk.mail.post import NotSent, OutOfOrder, Post, Refused, opened
from servicedesk.outbox import Notification, Outcome

log = logging.getLogger(__name__)
AT_ONCE = 20  # leased together
MARKED_TOGETHER = 5  # sent twice at most, if this process is killed between sending and marking
LONGEST = timedelta(minutes=5)  # of one delivery; the rest waits for the next
MARGIN = timedelta(minutes=1)  # before a lease ends nothing is begun any more


@dataclass
class Delivered:
    """What a delivery came to."""

    sent: int = 0
    failed: int = 0  # tried again later
    given_up: int = 0

    def count(self, outcomes: Sequence[Outcome]) -> None:
        """Add what came of some messages."""
        for outcome in outcomes:
            self.sent += outcome.error is None
            self.failed += outcome.error is not None and not outcome.for_good
            self.given_up += outcome.for_good


def deliver(now: datetime) -> Delivered:
    """Send what waits, each at least once with the same Message-ID; nothing in a transaction.

    Leases and waiting run on real time, whatever instant is swept for.
    """
    done, end, in_order = Delivered(), times.now() + LONGEST, True
    bundle(times.now())
    with opened() as post:
        while in_order and times.now() < end:
            claimed_at, lease = times.now(), secrets.token_hex(16)
            ids = outbox.claim(claimed_at, lease, AT_ONCE, gate=gate)
            if not ids:
                break
            in_order = _deliver_some(post, ids, lease, claimed_at + outbox.LEASE - MARGIN, done)
    if done.sent or done.failed or done.given_up:
        said = (done.sent, done.failed, done.given_up)
        log.info("mail: %d sent, %d to be tried again, %d given up", *said)
    if in_order:
        pulse.beat("mail", times.now())
    return done


def _deliver_some(
    post: Post, ids: Sequence[int], lease: str, until: datetime, done: Delivered
) -> bool:
    """Send what is leased, and mark a few at a time; says whether anything can be sent."""
    outcomes: list[Outcome] = []
    for n, id in enumerate(ids):
        if times.now() >= until:
            break  # whoever comes after the lease's end goes on
        try:
            outcomes.append(_send(post, id))
        except OutOfOrder as reason:
            log.warning("mail: nothing can be sent: %s", reason)
            _mark([*outcomes, *(Outcome(left, str(reason)) for left in ids[n:])], lease, done)
            return False
        if len(outcomes) == MARKED_TOGETHER:
            _mark(outcomes, lease, done)
            outcomes = []
    _mark(outcomes, lease, done)
    return True


def _mark(outcomes: Sequence[Outcome], lease: str, done: Delivered) -> None:
    if outcomes:
        outbox.settle(outcomes, times.now(), lease)
        done.count(outcomes)


def _send(post: Post, id: int) -> Outcome:
    """Write one message out and send it; raises OutOfOrder."""
    try:
        mail = _written(id)
    except NotToBeSent as reason:
        return Outcome(id, str(reason), for_good=True)
    except (OperationalError, InterfaceError):
        raise  # the database, not a letter
    except Exception as error:  # noqa: BLE001 - one bad letter must not stop the others
        name = type(error).__name__  # what it says may hold texts
        log.error("mail: a letter could not be written: %s", name)
        return Outcome(id, f"letter: {name}")
    try:
        post.send(mail)
    except OutOfOrder:
        raise
    except Refused as reason:
        return Outcome(id, str(reason), for_good=True)
    except NotSent as reason:
        return Outcome(id, str(reason))
    return Outcome(id)


def _written(id: int) -> Mail:
    """Read and write in one short look at the database, which is over before anything is sent."""
    replies.prepare(id, times.now())
    with snapshot() as session:
        return letters.write(session, session.get_one(Notification, id))
