"""E5: sent at least once with the same Message-ID, however many send, and whatever breaks."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from random import Random
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import event as sqlalchemy_event
from sqlalchemy.exc import OperationalError

from servicedesk import outbox, pulse, times
from servicedesk.db import db, transaction
from servicedesk.mail import deliver as delivery
from servicedesk.mail import letters, post
from servicedesk.mail.deliver import AT_ONCE, deliver
from servicedesk.mail.envelope import Mail
from servicedesk.outbox import LEASE, WAITS, Notification
from tests.cast import Desk, at
from tests.mail import post_office
from tests.mail.mailbox import Mailroom, without_limit
from tests.mail.post_office import BREAKS, PostOffice
from tests.support.checkout import ROOT
from tests.support.clock import Clock

sqlite = pytest.mark.backends("sqlite")


def fill(desk: Desk, count: int) -> None:
    """Queue so many mails about one incident, to somebody who gets them all at once."""
    without_limit(desk)
    n = desk.log()
    with desk.app.app_context(), transaction() as session:
        session.execute(sa.delete(Notification))
        incident = session.scalars(
            sa.text("select id from incident where number = :n"), {"n": n}
        ).one()
        for _ in range(count):
            outbox.queue(
                session, "approved", now=at("09:30"), person=desk.id("emi"), incident=incident
            )


def ids(room: Mailroom) -> list[str]:
    return [row.message_id for row in room.queued()]


def unsent(room: Mailroom) -> int:
    return sum(row.sent_at is None for row in room.queued())


def arrived(office: PostOffice) -> Counter[str]:
    return Counter(mail.id.strip("<>").partition("@")[0] for mail in office.mails)


def test_what_waits_is_sent_once(desk: Desk, mailroom: Mailroom, clock: Clock) -> None:
    fill(desk, 45)
    assert mailroom.deliver().sent == 45
    assert mailroom.deliver().sent == 0
    assert unsent(mailroom) == 0
    assert len(mailroom.files()) == 45
    with desk.session() as session:
        assert pulse.last(session, "mail") == clock.now


def test_what_is_not_due_yet_waits(desk: Desk, mailroom: Mailroom, clock: Clock) -> None:
    fill(desk, 1)
    clock.now = at("2026-11-20 09:00")
    assert mailroom.deliver().sent == 0


def test_several_that_send_at_once_send_each_mail_once(
    desk: Desk, mailroom: Mailroom, clock: Clock
) -> None:
    """E5: any number of workers, on both databases."""
    fill(desk, 120)
    with post_office.opened() as office:
        desk.app.config["MAIL_SERVER"] = office.said()

        def work(_worker: int) -> int:
            with desk.app.app_context():
                return deliver(times.now()).sent

        with ThreadPoolExecutor(3) as workers:
            assert sum(workers.map(work, range(3))) == 120
        assert arrived(office) == Counter(ids(mailroom))
    assert unsent(mailroom) == 0


def test_a_line_that_breaks_loses_no_mail(
    desk: Desk, mailroom: Mailroom, clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    """E5: 300 mails, the server cut off at random; copies carry the same Message-ID."""
    seed = int(os.environ.get("SEED", "20261126"))
    dice = Random(seed)
    fill(desk, 300)
    with post_office.opened() as office:
        desk.app.config["MAIL_SERVER"] = office.said()
        office.breaks = lambda: dice.choices(BREAKS, (80, 8, 6, 6))[0]
        for _round in range(60):
            mailroom.deliver()
            clock.advance(minutes=5)
            if not unsent(mailroom):
                break
        found = arrived(office)
    assert unsent(mailroom) == 0, seed
    assert found.keys() == set(ids(mailroom)), seed
    assert sum(found.values()) > 300, "it never broke off after it had the mail"
    print(f"seed {seed}: {sum(found.values())} copies of 300 mails")


class Killed(BaseException):
    """Ends a process at that instant, in a test that goes on."""


@sqlite
def test_who_is_killed_between_sending_and_marking_leaves_the_rest_to_others(
    desk: Desk, mailroom: Mailroom, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(desk, 12)
    real, sent = post.Folder.send, []

    def send(folder: post.Folder, mail: Mail) -> None:
        real(folder, mail)
        sent.append(mail.message_id)
        if len(sent) == 8:
            raise Killed

    monkeypatch.setattr(post.Folder, "send", send)
    with pytest.raises(Killed):
        mailroom.deliver()
    assert mailroom.deliver().sent == 0  # leased, as far as anybody knows
    clock.advance(seconds=LEASE.total_seconds())
    assert mailroom.deliver().sent == 7
    assert len(sent) == 8 + 7  # five were marked; three are sent again
    assert set(sent) == set(ids(mailroom))
    assert len(mailroom.files()) == 12  # and are the same mails


KILLED = """
import os, signal, sys
from servicedesk import times
from servicedesk.app import create_app
from servicedesk.mail import deliver, post
real, left = post.Folder.send, [int(sys.argv[1])]
def send(folder, mail):
    real(folder, mail)
    left[0] -= 1
    if not left[0]:
        os.kill(os.getpid(), signal.SIGKILL)
post.Folder.send = send
with create_app().app_context():
    deliver.deliver(times.now())
"""


@pytest.mark.slow
def test_a_process_that_is_killed_loses_nothing(
    desk: Desk, mailroom: Mailroom, settings: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """E5: kill -9 in the middle, on both databases; real time, so the lease is ended by hand."""
    monkeypatch.setattr("servicedesk.outbox.times.now", lambda: at("2026-01-01 09:00"))
    fill(desk, 30)
    monkeypatch.undo()
    told = {name: str(settings[name]) for name in ("DATABASE_URL", "DESK_VAR", "SECRET_KEY")}
    command = [sys.executable, "-c", KILLED, "13"]
    how: dict[str, Any] = {"cwd": ROOT, "env": {**os.environ, **told}, "capture_output": True}
    done = subprocess.run(command, check=False, **how)
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert unsent(mailroom) == 20  # ten were marked
    with desk.app.app_context(), transaction() as session:
        session.execute(
            sa.update(Notification)
            .where(Notification.waits_until.is_not(None))
            .values(waits_until=at("2026-01-01 09:00"))
        )
    assert mailroom.deliver().sent == 20
    assert len(mailroom.files()) == 30


@sqlite
def test_a_letter_that_can_not_be_written_does_not_stop_the_others(
    desk: Desk,
    mailroom: Mailroom,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def bad(_matter: object) -> None:
        raise ValueError("zqsecret")

    fill(desk, 3)
    mailroom.queue("reply", "emi", 1)
    monkeypatch.setitem(letters.LETTERS, "reply", bad)
    done = mailroom.deliver()
    assert (done.sent, done.failed) == (3, 1)
    assert [row.error for row in mailroom.queued("reply")] == ["letter: ValueError"]
    assert "zqsecret" not in caplog.text
    monkeypatch.undo()
    clock.advance(minutes=1)
    monkeypatch.setattr("servicedesk.times.now", clock)
    assert mailroom.deliver().sent == 1


@sqlite
def test_a_kind_of_a_newer_version_waits_for_it(
    desk: Desk, mailroom: Mailroom, clock: Clock
) -> None:
    desk.log()
    mailroom.queue("something_new", "emi", 1)
    assert mailroom.deliver().failed == 1
    assert [row.error for row in mailroom.queued("something_new")] == ["letter: KeyError"]


@sqlite
@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"mail": None}, "no address"),
        ({"active": False}, "disabled"),
        ({"mail": "emi@kita.example, x@y.example"}, "bad address"),
    ],
)
def test_who_can_not_be_written_to_is_not_tried_again(
    desk: Desk, mailroom: Mailroom, clock: Clock, values: dict[str, Any], reason: str
) -> None:
    fill(desk, 1)
    mailroom.change("emi", **values)
    done = mailroom.deliver()
    assert (done.sent, done.failed, done.given_up) == (0, 0, 1)
    (row,) = mailroom.queued()
    assert (row.error, row.failed_at, row.waits_until) == (reason, clock.now, None)


@sqlite
def test_it_is_tried_for_two_days_then_given_up(
    desk: Desk, mailroom: Mailroom, clock: Clock
) -> None:
    fill(desk, 1)
    began = clock.now
    desk.app.config["MAIL_SERVER"] = PostOffice(port=1).said()  # nobody listens there
    for wait in WAITS:
        assert mailroom.deliver().failed == 1
        (row,) = mailroom.queued()
        assert row.failed_at is None
        assert row.waits_until == clock.now + wait
        clock.now += wait
    mailroom.deliver()
    (row,) = mailroom.queued()
    assert row.failed_at == clock.now
    assert clock.now - began > timedelta(days=2)


@sqlite
def test_when_nothing_can_be_sent_nothing_more_is_tried(
    desk: Desk, mailroom: Mailroom, clock: Clock
) -> None:
    """One look at the server for each round, and the watchers see that no mail goes out."""
    fill(desk, AT_ONCE + 5)
    desk.app.config["MAIL_SERVER"] = PostOffice(port=1).said()
    assert mailroom.deliver().failed == AT_ONCE
    assert [row.tries for row in mailroom.queued()] == [1] * AT_ONCE + [0] * 5
    with desk.session() as session:
        assert pulse.last(session, "mail") is None


@sqlite
def test_a_lease_that_ends_soon_is_left_to_who_comes_next(
    desk: Desk, mailroom: Mailroom, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A slow server: what would be sent after the lease's end might be sent twice."""
    fill(desk, 4)
    real = post.Folder.send

    def slow(folder: post.Folder, mail: Mail) -> None:
        real(folder, mail)
        clock.advance(minutes=3)

    monkeypatch.setattr(post.Folder, "send", slow)
    done = mailroom.deliver()
    assert done.sent == 2
    assert unsent(mailroom) == 2
    clock.advance(minutes=5)
    assert mailroom.deliver().sent == 2


@sqlite
def test_nothing_is_sent_from_inside_a_transaction(
    desk: Desk, mailroom: Mailroom, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """E5: while mail goes out, no lock is held and no snapshot is kept."""
    fill(desk, 3)
    open_ones: list[bool] = []
    monkeypatch.setattr(
        post.Folder, "send", lambda folder, mail: open_ones.append(db.session().in_transaction())
    )
    mailroom.deliver()
    assert open_ones == [False] * 3


@sqlite
def test_marking_takes_few_transactions(desk: Desk, mailroom: Mailroom, clock: Clock) -> None:
    """300 mails must not hold the write lock long, nor take it for each of them."""
    fill(desk, 60)
    writes: list[str] = []
    with desk.app.app_context():

        def count(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
            if statement.startswith("BEGIN IMMEDIATE"):
                writes.append(statement)

        sqlalchemy_event.listen(db.engine, "before_cursor_execute", count)
    mailroom.deliver()
    marks = 60 / delivery.MARKED_TOGETHER
    claims = 60 / AT_ONCE + 1
    assert len(writes) == marks + claims + 1  # and the pulse


@sqlite
def test_a_database_that_does_not_answer_is_not_the_letters_fault(
    desk: Desk, mailroom: Mailroom, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(desk, 2)

    def down(*_more: object) -> None:
        raise OperationalError("select", {}, Exception("gone"))

    monkeypatch.setattr(letters, "gather", down)
    with pytest.raises(OperationalError):
        mailroom.deliver()
    assert [row.error for row in mailroom.queued()] == [None, None]


@sqlite
def test_who_lost_the_lease_takes_nothing_back(
    desk: Desk, mailroom: Mailroom, clock: Clock
) -> None:
    """A late failure does not set the message free while somebody else sends it."""
    fill(desk, 1)
    with desk.app.app_context():
        (id,) = outbox.claim(clock.now, "first")
        clock.advance(minutes=6)
        assert outbox.claim(clock.now, "second") == [id]
        outbox.settle([outbox.Outcome(id, "late")], clock.now, "first")
        (row,) = mailroom.queued()
        assert (row.lease, row.error) == ("second", None)
        outbox.settle([outbox.Outcome(id)], clock.now)
        outbox.settle([outbox.Outcome(id, "later still")], clock.now)
        (row,) = mailroom.queued()
        assert (row.sent_at, row.error) == (clock.now, None)
