"""H7: reply addresses: unguessable, the same each time, for one reader and one thing."""

from __future__ import annotations

import logging
import re

import pytest
import sqlalchemy as sa

from servicedesk.bridge import addresses
from servicedesk.bridge.models import ReplyAddress
from servicedesk.escalation import commands as escalation
from servicedesk.incidents import commands
from servicedesk.outbox import Notification
from tests.bridge.letterbox import NETONE, Letterbox

HEADER = re.compile(r"Kita Electric IT <desk\+([a-z2-7]{32})@kita\.example>")


def reply_to(letterbox: Letterbox, kind: str, reader: str) -> str:
    return str(letterbox.sent(kind, reader).message["Reply-To"])


def test_a_mail_carries_the_address_for_its_replies(letterbox: Letterbox) -> None:
    """H7: of a hand-off for the partner, of the incident for requester and watcher: all others."""
    desk, number = letterbox.desk, letterbox.desk.log()
    letterbox.change("taro", mail="taro@kita.example")
    desk.do(commands.watch, number, desk.id("taro"), by="ito", when="09:10")
    desk.do(commands.comment, number, "reply", "Hello", by="ito", when="09:20")
    desk.do(escalation.hand_off, number, "netone", by="ito", when="09:30", note="Look")
    said = [
        reply_to(letterbox, "handed_off", "netone"),
        reply_to(letterbox, "received", "emi"),
        reply_to(letterbox, "reply", "taro"),
    ]
    assert all(HEADER.fullmatch(one) for one in said)
    assert len(set(said)) == 3
    assert reply_to(letterbox, "reply", "emi") == said[1]  # the same for the same reader


@pytest.mark.backends("sqlite")
def test_a_message_sent_again_is_the_same(letterbox: Letterbox) -> None:
    """E5: a copy of a message is the same to the last byte."""
    desk, number = letterbox.desk, letterbox.desk.log()
    desk.do(escalation.hand_off, number, "netone", by="ito", when="09:30", note="Look")
    first, again = (letterbox.sent("handed_off", "netone").message.as_bytes() for _ in range(2))
    assert first == again


@pytest.mark.backends("sqlite")
def test_the_next_hand_off_to_the_same_partner_has_another(letterbox: Letterbox) -> None:
    """H7: a token for that one hand-off."""
    desk, number = letterbox.desk, letterbox.desk.log()
    for when, back in (("09:30", "09:40"), ("09:50", "09:55")):
        desk.do(escalation.hand_off, number, "netone", by="ito", when=when, note="Look")
        n = len(desk.story(number).handoffs)
        desk.do(escalation.recall, number, n, by="ito", when=back)
    one, two = (letterbox.address(number, "netone", n) for n in (1, 2))
    assert one != two


@pytest.mark.backends("sqlite")
def test_without_an_inbox_there_is_none(letterbox: Letterbox) -> None:
    letterbox.desk.app.config["MAIL_INBOX"] = ""
    letterbox.desk.log()
    received = letterbox.sent("received", "emi")
    assert received.message["Reply-To"] is None
    assert "answers to this mail are not read" in received.text


@pytest.mark.backends("sqlite")
def test_a_mail_says_how_it_is_answered(letterbox: Letterbox) -> None:
    """H7: a line above which one writes; to a partner the first lines in short."""
    desk, number = letterbox.desk, letterbox.desk.log()
    desk.do(escalation.hand_off, number, "netone", by="ito", when="09:30", note="Look")
    text = letterbox.sent("handed_off", "netone").text
    assert text.startswith("-=-=- Please write your answer above this line -=-=-")
    assert all(word in text for word in ("#answer", "#ask", "#back", "#ticket"))
    assert "You can simply answer this mail" in letterbox.sent("received", "emi").text


@pytest.mark.backends("sqlite")
def test_the_token_stands_in_no_row_and_in_no_log(
    letterbox: Letterbox, caplog: pytest.LogCaptureFixture
) -> None:
    """H7: whoever reads the database or the log cannot write in a partner's name."""
    caplog.set_level(logging.DEBUG)
    desk, number = letterbox.desk, letterbox.desk.log()
    desk.do(escalation.hand_off, number, "netone", by="ito", when="09:30", note="Look")
    address = letterbox.address(number, "netone")
    token = address.partition("+")[2].partition("@")[0]
    letterbox.write(NETONE, address, "Hello")
    with desk.session() as session:
        assert addresses.find(session, token) is not None
        tables = sa.inspect(session.get_bind()).get_table_names()
        for table in tables:
            rows = session.execute(sa.text(f'SELECT * FROM "{table}"')).all()
            assert token not in repr(rows), table
    assert token not in caplog.text


@pytest.mark.backends("sqlite")
def test_mail_of_the_desks_own_people_has_none(letterbox: Letterbox) -> None:
    """H7: whoever works on it answers on the page."""
    desk, number = letterbox.desk, letterbox.desk.log()
    with desk.session() as session:
        ids = set(session.scalars(sa.select(Notification.id)))
    desk.do(commands.comment, number, "note", "x", by="ito", when="09:30")
    with desk.app.app_context(), desk.session() as session:
        note = Notification(kind="rule", incident_id=desk.incident(number).id, data={})
        note.person_id = desk.id("sato")
        assert addresses.reply_to(session, note) is None
        assert ids == set(session.scalars(sa.select(Notification.id)))
        assert session.query(ReplyAddress).count() == 0
