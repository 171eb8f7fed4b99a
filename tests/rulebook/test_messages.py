"""E5: messages that are kept back or failed, on the rules' board, and sending them again."""

from __future__ import annotations

from datetime import timedelta

import pytest

from servicedesk import outbox
from servicedesk.db import transaction
from servicedesk.outbox import Notification
from servicedesk.people.models import Person
from servicedesk.rulebook import messages
from servicedesk.signals.models import Receiver as Line
from tests.administration.filling import words
from tests.cast import Desk, at
from tests.mail.mailbox import Mailroom
from tests.mail.storms import RULE, opened
from tests.rulebook.test_today import climbing, fail
from tests.signals import receiver
from tests.signals.hooked import Hooked
from tests.support.clock import Clock

HELD, UNSENT = "/rules/today?show=held", "/rules/today?show=unsent"


def queue(desk: Desk, number: int, count: int) -> list[int]:
    """Queue warnings to Sato that wait for nothing."""
    with desk.session(), transaction() as session:
        said = {"person": desk.id("sato"), "incident": desk.incident(number).id, **RULE}
        rows = [outbox.queue(session, "rule", now=at("13:00"), **said) for _n in range(count)]
        session.flush()
        ids = [row.id for row in rows]
        outbox.release(session, ids, at("13:00"))
        return ids


def held(desk: Desk, ids: list[int]) -> list[tuple[str, object, int]]:
    with desk.session() as session:
        rows, _more = messages.held(session, session.get_one(Person, desk.id("ueda")), None)
        return [(row.why, row.until, row.others) for row in rows if row.id in ids]


def test_what_is_kept_back_says_why_and_until_when(desk: Desk, clock: Clock) -> None:
    """E5: quiet hours, many in an hour, the summary, one mail with others; until that is sent."""
    n = climbing(desk, clock)
    ids = queue(desk, n, 6)
    night, limit, summary, *two, _free = ids
    with desk.session(), transaction() as session:
        outbox.hold(session, [night], at("Fri 07:00"), "quiet")
        outbox.hold(session, [limit], at("14:10"), "limit")
        row = session.get_one(Notification, summary)
        row.channel, row.waits_until, row.digest_at = "digest", None, at("Fri 09:00")
        bundle = outbox.queue_bundle(session, desk.id("sato"), two, now=at("13:39")).id
    assert held(desk, ids) == [
        ("together", at("13:39"), 1),
        ("together", at("13:39"), 1),
        ("digest", at("Fri 09:00"), 0),
        ("limit", at("14:10"), 0),
        ("quiet", at("Fri 07:00"), 0),
    ]
    said = words(desk.visit("ueda").get(HELD))
    for text in ("quiet hours of who gets it", "many mails within an hour", "goes into the summ"):
        assert said.count(text) == 1
    assert said.count("Sato Yui INC-00000001 No network in one mail with 1 other") == 2
    with desk.session():
        outbox.settle([outbox.Outcome(bundle)], at("13:40"))
    assert len(held(desk, ids)) == 3


@pytest.mark.backends("sqlite")
def test_what_went_with_others_is_told_of_once(desk: Desk, clock: Clock) -> None:
    """E5: failed alone, put into one mail with another: that mail is what could not be sent."""
    n = climbing(desk, clock)
    one, two = fail(desk, n), queue(desk, n, 1)
    with desk.session(), transaction() as session:
        outbox.hold(session, [*one, *two], at("13:30"), "limit")
        row = outbox.queue_bundle(session, desk.id("sato"), [*one, *two], now=at("13:30"))
        row.error, row.failed_at, row.waits_until = "mailbox full", at("13:35"), None
    ueda = desk.visit("ueda")
    said = words(ueda.get(UNSENT))
    assert "Could not be sent 1 1 given up" in said
    assert "Several messages in one mail 2 messages Sato Yui – mailbox full" in said
    assert held(desk, [*one, *two]) == []
    assert ueda.post("/rules/messages/again").status_code == 303
    assert held(desk, [*one, *two]) == [("together", at("13:40"), 1)] * 2
    with desk.session() as session:
        assert session.get_one(Notification, one[0]).waits_until is None


@pytest.mark.backends("sqlite")
def test_what_is_kept_back_again_is_not_given_up(desk: Desk, clock: Clock) -> None:
    """E5: what failed once and now waits for the morning stands among what waits."""
    (id,) = fail(desk, climbing(desk, clock))
    with desk.session(), transaction() as session:
        outbox.hold(session, [id], at("Fri 07:00"), "quiet")
    assert "Everything could be sent" in words(desk.visit("ueda").get(UNSENT))
    assert [why for why, _until, _others in held(desk, [id])] == ["quiet"]


@pytest.mark.backends("sqlite")
def test_a_mail_that_was_given_up_is_sent_again(desk: Desk, clock: Clock) -> None:
    """E5: with one press, at the next delivery."""
    n, room = climbing(desk, clock), Mailroom(desk)
    room.change("sato", mail="sato@kita.example")
    (id,) = fail(desk, n)
    with desk.session(), transaction() as session:
        row = session.get_one(Notification, id)
        row.failed_at, row.waits_until = at("13:20"), None
    with opened(desk) as office:
        room.deliver()
        before = len(office.mails)
        assert desk.visit("ueda").post("/rules/messages/again", message=str(id)).status_code == 303
        assert room.deliver().sent == 1
        assert len(office.mails) == before + 1


@pytest.mark.backends("sqlite")
def test_a_call_that_failed_is_made_again(desk: Desk, clock: Clock) -> None:
    """E5: at once, even if its receiver is left alone after a failure."""
    hooked, ueda = Hooked(desk), desk.visit("ueda")
    with receiver.opened() as there:
        hooked.ready(there)
        hooked.fill(1)
        there.status, there.answer = 503, {"Retry-After": "3600"}
        assert hooked.deliver().failed == 1
        clock.now += timedelta(minutes=1)
        said = words(ueda.get(UNSENT))
        assert "Logged ops INC-00000001 No network It answered 503. 1 try" in said
        there.status = 204
        assert hooked.deliver().sent == 0
        ueda.post("/rules/messages/again", message=str(hooked.queued()[0].id))
        assert hooked.deliver().sent == 1
    assert "Everything could be sent" in words(ueda.get(UNSENT))


@pytest.mark.backends("sqlite")
def test_what_a_webhook_cannot_tell_says_why(desk: Desk, clock: Clock) -> None:
    """E5: one that is switched off is not called; trying it again changes nothing and says so."""
    hooked, ueda = Hooked(desk), desk.visit("ueda")
    with receiver.opened() as there:
        hooked.ready(there)
        hooked.fill(1)
        there.status = 500
        hooked.deliver()
        with desk.session(), transaction() as session:
            session.get_one(Line, hooked.id()).disabled_at = clock.now
        before = hooked.queued()[0].waits_until
        for said in ({"message": str(hooked.queued()[0].id)}, {}):
            page = ueda.post("/rules/messages/again", **said)
            assert page.status_code == 303
            assert hooked.queued()[0].waits_until == before
            sentence = "The webhook is switched off." if said else "There is nothing to try again"
            assert sentence in ueda.get(UNSENT).text
