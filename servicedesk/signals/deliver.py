"""E5: calls what webhooks have to tell, beside the mail: neither holds up the other."""

from __future__ import annotations

import logging
import secrets
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from flask import Flask, current_app
from sqlalchemy.exc import InterfaceError, OperationalError

from servicedesk import outbox, times
from servicedesk.db import db, snapshot
from servicedesk.outbox import Notification, Outcome
from servicedesk.signals import keeping
from servicedesk.signals.calling import Answered, NotCalled, Terms, call
from servicedesk.signals.models import Receiver
from servicedesk.signals.writing import Call, NotToBeCalled, write

log = logging.getLogger(__name__)
AT_ONCE = 8  # receivers that are called side by side
LEASED = 10  # messages of one, leased together
LONGEST = timedelta(seconds=60)  # for one receiver; the rest waits for the next time
MARGIN = timedelta(minutes=1)  # before a lease ends nothing is begun any more
REST = timedelta(seconds=30)  # for a receiver that cannot be reached
GONE = 410


@dataclass
class Delivered:
    """What a delivery came to."""

    sent: int = 0
    failed: int = 0  # tried again later
    given_up: int = 0

    def count(self, outcome: Outcome) -> None:
        """Add what came of a message."""
        self.sent += outcome.error is None
        self.failed += outcome.error is not None and not outcome.for_good
        self.given_up += outcome.for_good

    def add(self, other: Delivered) -> None:
        """Add what another delivery came to."""
        self.sent += other.sent
        self.failed += other.failed
        self.given_up += other.given_up


def deliver(now: datetime) -> Delivered:
    """Call what waits, each at least once with the same id; nothing in a transaction.

    Each receiver has a thread of its own, so that a slow one holds up itself alone. Leases and
    waiting run on real time, whatever instant is swept for.
    """
    hooks, done = _waiting(), Delivered()
    if not hooks:
        return done
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    with ThreadPoolExecutor(min(len(hooks), AT_ONCE), "signals") as pool:
        for one in pool.map(lambda hook: _within(app, hook), hooks):
            done.add(one)
    if done.sent or done.failed or done.given_up:
        said = (done.sent, done.failed, done.given_up)
        log.info("signals: %d sent, %d to be tried again, %d given up", *said)
    return done


def _waiting() -> list[int]:
    """Name the webhooks with something to tell, who has waited longest first."""
    query = sa.select(Notification.hook_id).where(
        Notification.waits_until <= times.now(), Notification.hook_id.is_not(None)
    )
    resting = sa.select(Receiver.hook_id).where(Receiver.rests_until > times.now())
    query = query.where(Notification.hook_id.not_in(resting))
    query = query.group_by(Notification.hook_id).order_by(sa.func.min(Notification.waits_until))
    with snapshot() as session:
        return [hook for hook in session.scalars(query) if hook is not None]


def _within(app: Flask, hook: int) -> Delivered:
    with app.app_context():
        try:
            return deliver_one(hook)
        finally:
            db.session.remove()


def deliver_one(hook: int) -> Delivered:
    """Call what waits for one webhook, until there is nothing, or no time any more."""
    done, end, goes_on = Delivered(), times.now() + LONGEST, True
    while goes_on and times.now() < end:
        claimed_at, lease = times.now(), secrets.token_hex(16)
        ids = outbox.claim(claimed_at, lease, LEASED, hook)
        if not ids:
            break
        goes_on = _some(hook, ids, lease, claimed_at + outbox.LEASE - MARGIN, done)
    return done


def _some(hook: int, ids: list[int], lease: str, until: datetime, done: Delivered) -> bool:
    """Make the calls that are leased, marking each; says whether to go on at once."""
    for n, id in enumerate(ids):
        if times.now() >= until:
            keeping.give_back(ids[n:], lease, times.now())
            return False
        outcome, problem = _tell(id)
        outbox.settle([outcome], times.now(), lease)
        done.count(outcome)
        if outcome.error is not None and problem is None:
            continue  # nobody was called
        rest = _rest(problem)
        gone = isinstance(problem, Answered) and problem.status == GONE
        keeping.keep(hook, outcome, rest, gone=gone)
        if rest is not None:
            # tried before this one then: it may be this one that it stumbles over
            keeping.give_back(ids[n + 1 :], lease, times.now())
            return False
    return True


def _rest(problem: NotCalled | None) -> timedelta | None:
    """Say for how long a receiver is left alone; None: the next call may go through."""
    if problem is None or not problem.out_of_order:
        return None
    wanted = problem.wait if isinstance(problem, Answered) else 0
    return max(REST, timedelta(seconds=wanted))


def _tell(id: int) -> tuple[Outcome, NotCalled | None]:
    """Make one call; while it is made, nothing is locked and no snapshot is kept."""
    try:
        said = _written(id)
    except NotToBeCalled as reason:
        return Outcome(id, str(reason), for_good=True), None
    except (OperationalError, InterfaceError):
        raise  # the database, not a message
    except Exception as error:  # noqa: BLE001 - one bad message must not stop the others
        name = type(error).__name__  # what it says may hold texts
        log.error("signals: one could not be written: %s", name)
        return Outcome(id, f"signal: {name}"), None
    try:
        call(said.url, said.headers, said.body, _terms())
    except NotCalled as reason:
        return Outcome(id, str(reason)), reason
    return Outcome(id), None


def _written(id: int) -> Call:
    with snapshot() as session:
        return write(session, session.get_one(Notification, id), times.now())


def _terms() -> Terms:
    settings = current_app.config
    return Terms(networks=settings["HOOK_NETWORKS"], http=settings["HOOK_HTTP"])
