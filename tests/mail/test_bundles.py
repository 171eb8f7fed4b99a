"""E5: what comes together is one mail, and nothing of it is lost or doubled."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import sqlalchemy as sa

from servicedesk import outbox, times
from servicedesk.db import transaction
from servicedesk.incidents.models import Incident
from servicedesk.mail import for_bundle, post
from servicedesk.mail.bundling import bundle
from servicedesk.mail.calm import SETTLES
from servicedesk.mail.deliver import deliver
from servicedesk.outbox import LEASE
from tests.cast import Desk, at
from tests.mail.mailbox import Mailroom
from tests.mail.post_office import PostOffice
from tests.mail.storms import fire, log, opened, round_of
from tests.support.clock import Clock

sqlite = pytest.mark.backends("sqlite")


@pytest.fixture(autouse=True)
def _at_nine(clock: Clock) -> None:
    clock.now = at("09:00")


def test_many_firings_at_once_become_one_message(
    desk: Desk, room: Mailroom, clock: Clock, office: PostOffice
) -> None:
    """E5, E6: one mail with each number, what, the rule, and a button to its page."""
    numbers = log(desk, 3)
    fire(room, "sato", *numbers)
    assert round_of(room, clock, "09:00:59") == 0
    assert round_of(room, clock, "09:01") == 1
    (mail,) = office.mails
    assert mail.subject == "3 messages at once - Kita Electric IT"
    for n in numbers:
        assert f"INC-0000000{n} · P3 · No network {n - 1}" in mail.text
        assert f"http://127.0.0.1:8000/incidents/INC-0000000{n}" in mail.text
        assert f"Open INC-0000000{n}" in mail.shown
    for form in (mail.text, mail.shown):
        assert form.count("50 % of the time for “Resolution” is used.") == 3
        assert "by the rule “half” of “usual” on the clock “Resolution”" in form
        assert "You get these in one mail" in form
    (bundle,) = room.queued("bundle")
    assert {row.digest_id for row in room.queued("rule")} == {bundle.id}
    assert mail.link == f"http://127.0.0.1:8000/profile/messages?mail={bundle.id}"
    assert round_of(room, clock, "10:00") == 0


@sqlite
def test_one_alone_goes_as_it_is(
    desk: Desk, room: Mailroom, clock: Clock, office: PostOffice
) -> None:
    fire(room, "sato", *log(desk))
    assert room.queued("rule")[0].held_for == SETTLES
    assert round_of(room, clock, "09:01") == 1
    assert office.mails[0].subject == "[INC-00000001] Resolution: 50 % used - No network 0"
    assert room.queued("bundle") == []


@sqlite
def test_what_is_urgent_waits_twenty_seconds_and_what_waits_goes_along(
    desk: Desk, room: Mailroom, clock: Clock, office: PostOffice
) -> None:
    fire(room, "sato", *log(desk, 2), *log(desk, 1, impact=1, urgency=1))
    assert round_of(room, clock, "09:00:19") == 0
    assert round_of(room, clock, "09:00:20") == 1
    (mail,) = office.mails
    assert mail.subject == "3 messages at once (P1) - Kita Electric IT"
    assert mail.text.index("INC-00000003 · P1") < mail.text.index("INC-00000001 · P3")


@sqlite
def test_nothing_is_put_together_across_people(
    desk: Desk, room: Mailroom, clock: Clock, office: PostOffice
) -> None:
    numbers = log(desk, 2)
    fire(room, "sato", *numbers)
    fire(room, "abe", *numbers)
    fire(room, "ueda", numbers[0])
    round_of(room, clock, "09:01")
    assert sorted((mail.to.partition("@")[0], mail.subject[:2]) for mail in office.mails) == [
        ("abe", "2 "),
        ("sato", "2 "),
        ("ueda", "[I"),
    ]


@sqlite
def test_access_is_asked_again_for_each_of_them(
    desk: Desk, room: Mailroom, clock: Clock, office: PostOffice
) -> None:
    """§9: what became confidential meanwhile shows its number and figures alone."""
    fire(room, "ueda", *log(desk, 2))
    with desk.app.app_context(), transaction() as session:
        session.execute(sa.update(Incident).where(Incident.number == 1).values(confidential=True))
    desk.tampered = True
    round_of(room, clock, "09:01")
    (mail,) = office.mails
    said = mail.text + mail.html + mail.subject
    assert "INC-00000001" in said
    assert "No network 0" not in said
    assert "No network 1" in said


@sqlite
def test_a_long_one_ends_and_leads_to_the_list(
    desk: Desk, room: Mailroom, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(for_bundle, "MOST", 3)
    fire(room, "sato", *log(desk, 5))
    clock.now = at("09:01")
    with desk.app.app_context():
        bundle(clock.now)
    mail = room.write(room.queued("bundle")[0].id)
    assert mail.subject.startswith("5 messages at once")
    assert "And 2 more messages" in mail.text
    assert "INC-00000004" not in mail.text
    page = desk.visit("sato").get(mail.link.removeprefix("http://127.0.0.1:8000")).text
    assert page.count("No network") == 5
    assert "These went in one mail." in page
    assert "No network" not in desk.visit("abe").get("/profile/messages?mail=6").text


@sqlite
def test_what_a_partner_answers_by_mail_is_not_put_together(
    desk: Desk, room: Mailroom, clock: Clock
) -> None:
    """H7: each has an address for the answer of its own."""
    room.change("park", mail="park@printco.example")
    numbers = log(desk, 2)
    for n in numbers:
        room.queue("nudged", "park", n, n=1)
    assert [row.held_for for row in room.queued("nudged")] == [None, None]


@sqlite
def test_without_settling_nothing_waits(desk: Desk, room: Mailroom, clock: Clock) -> None:
    desk.app.config["MAIL_SETTLE"] = 0
    fire(room, "sato", *log(desk, 2))
    assert round_of(room, clock, "09:00") == 2


# Guarantees


class Killed(BaseException):
    """Ends a process at that instant, in a test that goes on."""


def test_who_is_killed_while_bundling_leaves_it_to_the_next(
    desk: Desk, room: Mailroom, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """E3: the bundle and the marking of what is in it are one transaction."""
    fire(room, "sato", *log(desk, 3))
    clock.now = at("09:01")
    real = outbox.queue_bundle

    def killed(*what: Any, **how: Any) -> None:
        real(*what, **how)
        raise Killed

    monkeypatch.setattr(outbox, "queue_bundle", killed)
    with pytest.raises(Killed):
        room.deliver()
    assert room.queued("bundle") == []
    assert {row.bundle_at for row in room.queued("rule")} == {at("09:01")}
    monkeypatch.setattr(outbox, "queue_bundle", real)
    assert room.deliver().sent == 1


@sqlite
def test_who_is_killed_after_sending_sends_the_same_mail_again(
    desk: Desk, room: Mailroom, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """E5: at least once, with the same Message-ID and the same messages in it."""
    fire(room, "sato", *log(desk, 3))
    clock.now = at("09:01")
    real, sent = post.Folder.send, []

    def send(folder: post.Folder, mail: Any) -> None:
        real(folder, mail)
        sent.append(mail)
        if len(sent) == 1:
            raise Killed

    monkeypatch.setattr(post.Folder, "send", send)
    with pytest.raises(Killed):
        room.deliver()
    fire(room, "sato", 1)  # comes too late for that one
    clock.advance(seconds=LEASE.total_seconds())
    assert room.deliver().sent == 2
    first, again = (mail.content for mail in sent if mail.message_id == sent[0].message_id)
    assert first == again


def test_any_number_may_bundle_at_once(desk: Desk, room: Mailroom, clock: Clock) -> None:
    """E5: each message goes in one mail, whoever makes it, on both databases."""
    numbers = log(desk, 4)
    keys = ("sato", "ito", "abe", "ueda")
    for key in keys:
        fire(room, key, *numbers)
    clock.now = at("09:01")

    def work(_worker: int) -> int:
        with desk.app.app_context():
            return deliver(times.now()).sent

    with opened(desk) as office:
        with ThreadPoolExecutor(3) as workers:
            sent = sum(workers.map(work, range(3)))
        sent += room.deliver().sent  # whom all of them left to each other
        assert sent == len(keys) == len(office.mails)
    rows = room.queued("rule")
    assert all(row.digest_id and row.bundle_at is None for row in rows)
    assert sorted(Counter(row.digest_id for row in rows).values()) == [4, 4, 4, 4]
