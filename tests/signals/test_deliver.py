"""E5: called at least once with the same id, whatever breaks; a slow receiver holds up itself."""

from __future__ import annotations

import json
import os
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from random import Random
from threading import Event, Thread
from typing import Any

import pytest
import sqlalchemy as sa

from servicedesk import outbox, times
from servicedesk.db import db, transaction
from servicedesk.incidents.models import Incident
from servicedesk.mail.deliver import deliver as deliver_mail
from servicedesk.outbox import LEASE, WAITS, Notification
from servicedesk.people.models import Person
from servicedesk.setup import editing
from servicedesk.signals import calling, commands, keeping, writing
from servicedesk.signals import deliver as delivery
from servicedesk.signals.calling import Terms
from servicedesk.signals.deliver import LEASED, REST
from tests.cast import Desk, marks
from tests.mail.mailbox import Mailroom
from tests.signals import receiver
from tests.signals.hooked import Hooked
from tests.signals.receiver import BREAKS, Receiver
from tests.support.clock import Clock

sqlite = pytest.mark.backends("sqlite")


def ids(hooked: Hooked) -> list[str]:
    return [f"msg_{row.message_id}" for row in hooked.queued(None)]


def unsent(hooked: Hooked) -> int:
    return sum(row.sent_at is None for row in hooked.queued(None))


def test_what_waits_is_called_once(hooked: Hooked, there: Receiver, clock: Clock) -> None:
    """E5: on both databases."""
    hooked.ready(there)
    hooked.fill(25)
    assert hooked.deliver().sent == 25
    assert hooked.deliver().sent == 0
    assert there.arrived() == Counter(ids(hooked))
    assert hooked.line().sent_at == clock.now


def test_several_workers_call_each_once(hooked: Hooked, there: Receiver) -> None:
    """E5: any number of workers, on both databases."""
    hooked.ready(there)
    hooked.fill(60)
    workers = [Thread(target=hooked.deliver) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert there.arrived() == Counter(ids(hooked))
    assert unsent(hooked) == 0


def test_a_line_that_breaks_loses_nothing(
    hooked: Hooked, there: Receiver, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """E5: 50 calls, cut at random; copies have the same id and say the same."""
    seed = int(os.environ.get("SEED", "20261126"))
    dice = Random(seed)
    hooked.ready(there)
    hooked.fill(50)
    monkeypatch.setattr(delivery, "REST", timedelta(0))
    monkeypatch.setattr(keeping, "PATIENCE", timedelta(days=99))
    there.breaks = lambda: dice.choices(BREAKS, (70, 10, 10, 10))[0]
    for _round in range(200):
        hooked.deliver()
        clock.advance(minutes=5)
        if not unsent(hooked):
            break
    assert unsent(hooked) == 0, seed
    assert there.arrived().keys() == set(ids(hooked)), seed
    assert len(there.got) > 50, "it never broke off after it had it"
    assert len({(got.id, got.body) for got in there.got}) == 50, "copies differ"
    print(f"seed {seed}: {len(there.got)} copies of 50")


class Killed(BaseException):
    """Ends a process at that instant, in a test that goes on."""


@sqlite
def test_who_is_killed_between_calling_and_marking_leaves_the_rest_to_others(
    hooked: Hooked, there: Receiver, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    hooked.ready(there)
    hooked.fill(12)
    real = outbox.settle

    def settle(*said: Any) -> None:
        if len(there.got) == 5:
            raise Killed
        real(*said)

    monkeypatch.setattr(outbox, "settle", settle)
    with pytest.raises(Killed):
        hooked.deliver()
    monkeypatch.undo()
    monkeypatch.setattr("servicedesk.times.now", clock)
    hooked.deliver()
    assert unsent(hooked) == LEASED - 4  # leased, as far as anybody knows
    clock.advance(seconds=LEASE.total_seconds())
    hooked.deliver()
    assert unsent(hooked) == 0
    assert sorted(there.arrived().values()) == [1] * 11 + [2]


@sqlite
def test_nothing_is_called_from_inside_a_transaction(
    hooked: Hooked, there: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """E5: while a call is made, no lock is held and no snapshot is kept."""
    hooked.ready(there)
    hooked.fill(3)
    inside: list[bool] = []

    def call(*_: Any) -> int:
        inside.append(db.session().in_transaction())
        return 204

    monkeypatch.setattr(delivery, "call", call)
    assert hooked.deliver().sent == 3
    assert inside == [False] * 3


# What fails


@sqlite
def test_it_is_tried_for_two_days_then_given_up(
    hooked: Hooked, there: Receiver, clock: Clock
) -> None:
    hooked.ready(there)
    hooked.fill(1)
    there.status = 500
    for wait in WAITS:
        assert hooked.deliver().failed == 1
        (row,) = hooked.queued()
        assert (row.failed_at, row.error) == (None, "answer: 500")
        assert row.waits_until == clock.now + wait
        clock.now += wait
    hooked.deliver()
    (row,) = hooked.queued()
    assert row.failed_at == clock.now
    there.status = 200
    with hooked.desk.session():
        assert commands.try_again("ops", now=clock.now) == 1
    assert hooked.deliver().sent == 1
    assert len({got.body for got in there.got}) == 1


@sqlite
def test_of_a_receiver_that_cannot_be_reached_one_is_tried_and_the_others_come_first_next(
    hooked: Hooked, clock: Clock
) -> None:
    """What is not tried is not counted as tried; what it may stumble over waits longest."""
    hooked.give("ops: {kinds: [incident.logged]}")
    hooked.lead_here()
    hooked.call_at(receiver.nobody())
    hooked.fill(3)
    for tried in ([1, 0, 0], [1, 1, 0], [1, 1, 1], [2, 1, 1]):
        assert hooked.deliver().failed == 1
        assert [row.tries for row in hooked.queued()] == tried
        clock.advance(seconds=REST.total_seconds())
    assert hooked.line().error == "line: ConnectionRefusedError"


@sqlite
def test_what_one_call_stumbles_over_does_not_stop_the_others(
    hooked: Hooked, there: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    hooked.ready(there)
    hooked.fill(3)
    real = writing.write

    def write(session: Any, note: Notification, now: Any) -> Any:
        if note.data["seq"] == 1:
            raise ValueError("zqsecret")
        return real(session, note, now)

    monkeypatch.setattr(delivery, "write", write)
    done = hooked.deliver()
    assert (done.sent, done.failed) == (2, 1)
    assert [row.error for row in hooked.queued()] == ["signal: ValueError", None, None]
    assert hooked.line().failing_since is None


@sqlite
@pytest.mark.parametrize(
    ("wait", "seconds"), [("120", 120), ("5", 30), ("", 30), ("Wed, 21 Oct 2026", 30)]
)
def test_who_wants_to_be_left_alone_is(
    hooked: Hooked, there: Receiver, clock: Clock, wait: str, seconds: int
) -> None:
    hooked.ready(there)
    hooked.fill(2)
    there.status, there.answer = 429, {"Retry-After": wait}
    hooked.deliver()
    assert len(there.got) == 1
    assert hooked.line().rests_until == clock.now + timedelta(seconds=seconds)
    assert [row.tries for row in hooked.queued()] == [1, 0]
    clock.advance(seconds=seconds - 1)
    hooked.deliver()
    assert len(there.got) == 1
    there.status = 200
    clock.advance(seconds=1)
    hooked.deliver()
    assert there.got[1].id == ids(hooked)[1]


@sqlite
@pytest.mark.parametrize(
    ("what", "error"),
    [("confidential", "confidential"), ("gone", "not in use"), ("forgotten", "no address")],
)
def test_what_must_not_be_called_any_more_is_given_up(
    hooked: Hooked, there: Receiver, desk: Desk, clock: Clock, what: str, error: str
) -> None:
    """§9: what has become confidential after it happened stays here."""
    hooked.ready(there)
    hooked.fill(1)
    (row,) = hooked.queued()
    if what == "gone":
        hooked.give()
    with desk.app.app_context(), transaction() as session:
        if what == "confidential":
            session.execute(sa.update(Incident).values(confidential=True))
        if what == "forgotten":
            session.delete(session.merge(hooked.line()))
    hooked.deliver()
    with desk.session() as session:
        row = session.get_one(Notification, row.id)
        assert (row.error, row.failed_at) == (error, clock.now)
    assert there.calls == 0
    desk.tampered = what == "confidential"


@sqlite
def test_what_left_the_set_up_meanwhile_is_still_named(
    hooked: Hooked, there: Receiver, desk: Desk
) -> None:
    """E5: its service and its policy are gone by the time at which it is called."""
    hooked.ready(there)
    desk.log(service="printing")
    with desk.session() as session:
        data = editing.document(session)
        del data["services"]["printing"]
        editing.publish(data, times.now())
    assert hooked.deliver().sent == 1
    assert json.loads(there.got[0].body)["service"] == {"key": "printing", "name": "Printing"}


# Slow ones


@contextmanager
def under_way(hooked: Hooked, there: Receiver) -> Iterator[Thread]:
    """Deliver in a thread; go on once the receiver is being called, and lets it wait."""
    there.gate = Event()
    thread = Thread(target=hooked.deliver)
    thread.start()
    while not there.calls:
        time.sleep(0.01)
    yield thread
    there.gate.set()
    thread.join()
    assert not unsent(hooked)


@sqlite
def test_a_slow_receiver_holds_up_no_mail(hooked: Hooked, there: Receiver, desk: Desk) -> None:
    hooked.ready(there)
    hooked.fill(1)
    Mailroom(desk).queue("approved", "emi", 1)
    with under_way(hooked, there) as thread:
        with desk.app.app_context():
            assert deliver_mail(times.now()).sent == 1
        assert thread.is_alive(), "the slow one was done first: this shows nothing"


@sqlite
def test_mail_that_cannot_be_sent_holds_up_no_webhook(
    hooked: Hooked, there: Receiver, desk: Desk
) -> None:
    hooked.ready(there)
    hooked.fill(1)
    Mailroom(desk).queue("approved", "emi", 1)
    assert hooked.deliver().sent == 1
    assert [row.tries for row in Mailroom(desk).queued("approved")] == [0]


@sqlite
def test_a_slow_receiver_holds_up_no_other(hooked: Hooked, there: Receiver) -> None:
    with receiver.opened() as slow:
        hooked.give(*(f"{key}: {{kinds: [incident.logged]}}" for key in ("ops", "slow")))
        hooked.lead_here()
        hooked.call_at(there.url(), "ops")
        hooked.call_at(slow.url(), "slow")
        hooked.desk.log()
        with under_way(hooked, slow) as thread:
            end = time.monotonic() + 10
            while not there.got and time.monotonic() < end:
                time.sleep(0.01)
            assert there.got
            assert thread.is_alive()
    assert [len(hooked.events(key)) for key in ("ops", "slow")] == [1, 1]


# Switching off


def failing_for(hooked: Hooked, clock: Clock, days: int) -> None:
    """Let something happen each day, and nothing go through."""
    for _day in range(days):
        clock.advance(days=1)
        hooked.desk.log()
        hooked.deliver()


def test_after_five_days_of_failures_it_is_switched_off_and_administrators_are_told(
    hooked: Hooked, there: Receiver, desk: Desk, clock: Clock
) -> None:
    hooked.ready(there)
    there.status = 503
    failing_for(hooked, clock, 5)
    assert hooked.line().disabled_at is None
    failing_for(hooked, clock, 1)
    assert hooked.line().disabled_at == clock.now
    assert {row.error for row in hooked.queued() if row.failed_at} <= {"answer: 503", "off"}
    assert not [row for row in hooked.queued() if row.waits_until]
    room = Mailroom(desk)
    (note,) = room.queued("hook_off")
    assert note.person_id == desk.id("root")
    count = len(hooked.queued())
    desk.log()
    assert len(hooked.queued()) == count


@sqlite
def test_the_letter_says_which_and_leads_to_its_page(
    hooked: Hooked, there: Receiver, desk: Desk, clock: Clock
) -> None:
    """E6: what, why, and one button to act."""
    hooked.ready(there)
    with desk.app.app_context(), transaction() as session:
        session.execute(sa.update(Person).values(mail="root@kita.example"))
    there.status = 503
    failing_for(hooked, clock, 6)
    room = Mailroom(desk)
    (note,) = room.queued("hook_off")
    letter = room.write(note.id)
    assert letter.subject == "Webhook switched off: ops - Kita Electric IT"
    assert letter.link.endswith("/admin/webhooks/ops")
    assert not marks(letter.text + letter.html)


@sqlite
def test_a_success_begins_anew(hooked: Hooked, there: Receiver, clock: Clock) -> None:
    hooked.ready(there)
    there.status = 503
    failing_for(hooked, clock, 4)
    there.status = 200
    failing_for(hooked, clock, 1)
    assert hooked.line().failing_since is None
    there.status = 503
    failing_for(hooked, clock, 4)
    assert hooked.line().disabled_at is None


@sqlite
def test_a_failure_after_days_without_a_call_begins_anew(
    hooked: Hooked, there: Receiver, desk: Desk, clock: Clock
) -> None:
    hooked.ready(there)
    there.status = 503
    failing_for(hooked, clock, 1)
    with desk.app.app_context(), transaction() as session:
        keeping.give_up(session, hooked.id(), "answer: 503", clock.now)
    clock.advance(days=9)
    failing_for(hooked, clock, 1)
    assert hooked.line().failing_since == clock.now
    assert hooked.line().disabled_at is None


@sqlite
def test_a_receiver_that_is_gone_is_switched_off_at_once(
    hooked: Hooked, there: Receiver, clock: Clock
) -> None:
    hooked.ready(there)
    there.status = 410
    failing_for(hooked, clock, 1)
    assert hooked.line().disabled_at == clock.now


# What stays secret


@sqlite
def test_neither_address_nor_secret_comes_into_the_log(
    hooked: Hooked, there: Receiver, desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    """The address of a chat's webhook is its key."""
    caplog.set_level("DEBUG")
    secret = hooked.ready(there)
    hooked.fill(2)
    there.status, there.text = 500, b"zqanswer"
    hooked.deliver()
    there.breaks = lambda: "after"
    hooked.deliver()
    said = caplog.text + repr(hooked.line()) + str([row.error for row in hooked.queued()])
    assert there.got
    assert "zq" not in said
    assert secret not in said


@sqlite
def test_a_call_takes_ten_seconds_at_most(desk: Desk) -> None:
    with desk.session():
        assert delivery._terms() == Terms((), False, 10.0)
    assert calling.LONGEST == 10.0


@sqlite
def test_what_goes_out_is_what_was_written(hooked: Hooked, there: Receiver) -> None:
    hooked.ready(there)
    hooked.desk.log()
    hooked.deliver()
    (got,) = there.got
    assert got.headers["content-type"] == "application/json"
    assert got.headers["content-length"] == str(len(got.body))
    assert json.loads(got.body)["id"] == got.id == ids(hooked)[0]
