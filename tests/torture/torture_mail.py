"""E5: the line to the mail server is cut and senders are killed at random; nothing is lost."""

from __future__ import annotations

import multiprocessing
import os
import random
import secrets
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from multiprocessing.process import BaseProcess
from typing import Any

import sqlalchemy as sa
from aiosmtpd.controller import Controller

from servicedesk import outbox, times
from servicedesk.db import transaction
from servicedesk.incidents.models import Incident
from servicedesk.mail.deliver import MARKED_TOGETHER
from servicedesk.outbox import Notification
from servicedesk.people.models import Person
from tests.cast import Desk, at, cast_in_postgres, cast_in_sqlite, database_url, desk
from tests.mail.mailbox import without_limit
from tests.torture.cutting import Cutter, cut
from tests.torture.sender import LEASE, send

__all__ = ["cast_in_postgres", "cast_in_sqlite", "database_url", "desk"]

SENDERS = 3
MESSAGES = int(os.environ.get("MESSAGES", "5000"))
KILLS = int(os.environ.get("KILLS", "40"))
SEED = int(os.environ.get("SEED") or secrets.randbelow(10**6))
READERS, OF_EACH = 20, 15  # whoever gets a summary, and as many a bundle, and what is in it
RULE: dict[str, Any] = {
    "policy": "usual",
    "step": "half",
    "kind_of_clock": "resolution",
    "amount": 50,
    "due": "2026-11-26T01:00:00Z",
}
LONGEST = 3600  # seconds


class Sink:
    """A mail server that keeps the Message-ID and the digest of what it is given."""

    def __init__(self) -> None:
        self.taken: Counter[str] = Counter()
        self.seen: set[tuple[str, str]] = set()

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        head = envelope.content.decode("utf-8", "replace").partition("\r\n\r\n")[0]
        lines = (line for line in head.split("\r\n") if line.lower().startswith("message-id:"))
        id = next(lines).partition(":")[2].strip().strip("<>").partition("@")[0]
        self.taken[id] += 1
        self.seen.add((id, sha256(envelope.content).hexdigest()))
        return "250 OK"


class _OnAnyPort(Controller):
    def _trigger_server(self) -> None:
        listening: Any = self.server
        self.port = listening.sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]


@contextmanager
def server() -> Iterator[tuple[Sink, int]]:
    sink = Sink()
    controller = _OnAnyPort(sink, hostname="127.0.0.1", port=0)
    controller.start()
    try:
        yield sink, controller.port
    finally:
        controller.stop()


def fill(desk: Desk) -> None:
    """Queue the messages, and others that wait for a summary or a bundle that is due."""
    without_limit(desk)
    number = desk.log()
    with desk.app.app_context(), transaction() as session:
        session.execute(sa.delete(Notification))
        incident = session.scalars(sa.select(Incident.id).filter_by(number=number)).one()
        said: dict[str, Any] = {"now": at("09:30"), "incident": incident}
        for _ in range(MESSAGES):
            outbox.queue(session, "approved", person=desk.id("emi"), **said)
        for n in range(READERS):
            person = Person(key=f"r{n}", name=f"Reader {n}", mail=f"r{n}@kita.example")
            person.channels, person.zone = {"watched": "digest", "hour": 0}, "UTC"
            session.add(person)
            session.flush()
            for _ in range(OF_EACH):
                outbox.queue(session, "reply", person=person.id, **said)
            agent = Person(key=f"a{n}", name=f"Agent {n}", mail=f"a{n}@kita.example")
            agent.roles = ["agent"]
            session.add(agent)
            session.flush()
            for _ in range(OF_EACH):
                outbox.queue(session, "rule", person=agent.id, **said, **RULE)
        for column in (Notification.digest_at, Notification.bundle_at):
            due = sa.update(Notification).where(column.is_not(None))
            session.execute(due.values({column: times.now()}))


def start(settings: dict[str, str]) -> BaseProcess:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.torture.sender"])
    process = context.Process(target=send, args=(settings,), daemon=True)
    process.start()
    return process


def left(desk: Desk) -> int:
    with desk.session() as session:
        waits = (Notification.waits_until, Notification.digest_at, Notification.bundle_at)
        unsent = sa.or_(*(column.is_not(None) for column in waits))
        return session.scalar(sa.select(sa.func.count()).where(unsent)) or 0


def torment(desk: Desk, settings: dict[str, str], dice: random.Random) -> int:
    """Kill a sender now and then until nothing is left; gives how many were killed."""
    senders, killed = [start(settings) for _ in range(SENDERS)], 0
    end = time.monotonic() + LONGEST
    try:
        while left(desk) and time.monotonic() < end:
            time.sleep(dice.uniform(0.2, 2.5))
            if killed < KILLS:
                unlucky = dice.randrange(SENDERS)
                senders[unlucky].kill()
                senders[unlucky].join()
                senders[unlucky] = start(settings)
                killed += 1
    finally:
        for sender in senders:
            sender.kill()
    return killed


def test_whatever_breaks_each_mail_is_sent_and_each_copy_is_the_same(
    desk: Desk, backend: str
) -> None:
    """E5: at least once with the same Message-ID; what comes twice is bounded by what broke."""
    dice = random.Random(SEED)
    print(f"\nSEED={SEED} MESSAGES={MESSAGES} KILLS={KILLS} on {backend}")
    names = ("DATABASE_URL", "DESK_VAR", "SECRET_KEY")
    settings = {name: str(desk.app.config[name]) for name in names} | {"LOG_LEVEL": "CRITICAL"}
    fill(desk)
    began = time.monotonic()
    with server() as (sink, port), cut(port, dice) as line:
        posted = {
            "MAIL_SERVER": f"smtp+plain://127.0.0.1:{line.port}",
            "MAIL_FROM": "desk@desk.example",
        }
        killed = torment(desk, settings | posted, dice)
        seconds = time.monotonic() - began
        _verify(desk, sink, line, killed, seconds)


def _verify(desk: Desk, sink: Sink, line: Cutter, killed: int, seconds: float) -> None:
    with desk.session() as session:
        rows = session.scalars(sa.select(Notification)).all()
        held = [row for row in rows if row.digest_id]
        mailed = {row.message_id: row for row in rows if not row.digest_id}
    twice = sum(sink.taken.values()) - len(sink.taken)
    print(
        f"{len(mailed)} messages in {seconds:.0f} s: {sum(sink.taken.values())} copies, {twice} "
        f"sent again; {line.cuts} of {line.calls} connections cut, {killed} senders killed"
    )
    assert len(mailed) == MESSAGES + 2 * READERS
    assert not [row for row in mailed.values() if row.sent_at is None or row.failed_at]
    assert sink.taken.keys() == mailed.keys(), "lost, or under another Message-ID"
    assert len(sink.seen) == len(sink.taken), "copies of one mail differ"
    assert twice <= MARKED_TOGETHER * killed + line.cuts
    assert line.cuts
    mixed = [row.id for row in mailed.values() if row.kind in outbox.MIXED]
    assert Counter(row.digest_id for row in held) == dict.fromkeys(mixed, OF_EACH)
    print(f"{len(held)} messages in {len(mixed)} summaries and bundles, lease {LEASE.seconds} s")
