"""The outside of a mail: who it is from and for, what it belongs to, and nothing slipped in."""

from __future__ import annotations

from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from config import Mailbox
from servicedesk.mail.envelope import checked, named, plain
from servicedesk.mail.letter import NotToBeSent
from tests.cast import Desk
from tests.mail.mailbox import Mailroom

WORDS = st.text(max_size=200)
sqlite = pytest.mark.backends("sqlite")


def sent(name: str, subject: str) -> EmailMessage:
    raw = named(Mailbox("Desk", "desk@kita.example"), Mailbox(name, "emi@kita.example"), subject)
    assert all(len(line) < 180 for line in raw.split(b"\r\n"))
    read = message_from_bytes(raw + b"\r\nx\r\n", policy=default)
    assert isinstance(read, EmailMessage)
    return read


@given(WORDS, WORDS)
@example("Emi\r\nBcc: all@kita.example", "No network\r\n\r\n<script>")
@example("Emi <boss@kita.example>, ", "[INC-00000001] 受付 - ネットワークにつながらない " * 4)
@example('"Emi, the" \\ (one); x', "=?utf-8?q?Bcc=3A?=")
@example("遠藤 恵美" * 20, "No network\u2028Bcc: x@y.example\u0085X: y")
def test_names_and_titles_stay_what_they_are(name: str, subject: str) -> None:
    """Nothing that anybody is called, or writes, becomes a header or an address."""
    read = sent(name, subject)
    assert read.keys() == ["From", "To", "Subject"]
    assert [a.addr_spec for a in read["To"].addresses] == ["emi@kita.example"]
    assert read.get_payload() == "x\r\n"
    assert str(read["Subject"]).split() == plain(subject, 160).split()


@pytest.mark.parametrize(
    "subject",
    [
        "[INC-00000001] Received - No network",
        "[INC-00000001] 受付 - ネットワークにつながらない、3階の会議室と受付のプリンターも同じです",
        "[INC-00000001] Answer - Drucker im 3. Stock: Papierstau, bitte prüfen – wie letzte Woche",
    ],
)
def test_a_subject_arrives_as_it_was_written(subject: str) -> None:
    assert str(sent("遠藤 恵美", subject)["Subject"]) == subject


@pytest.mark.parametrize("name", ["Endo Emi", "遠藤 恵美", "O'Brien-Ito J.", "Jürgen Groß"])
def test_a_name_arrives_as_it_was_written(name: str) -> None:
    assert sent(name, "x")["To"].addresses[0].display_name == name


@pytest.mark.parametrize(
    "address",
    [
        "a@b@c", "a b@c.example", "a@b.example\r\nBcc: x@y.example", "<a@b.example>", "a@",
        "@b.example", "a@corp.example <evil@x.example>", "a,b@c.example", "恵@kita.example", "a@-b",
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused_rather_than_guessed_at(address: str) -> None:
    with pytest.raises(NotToBeSent, match="bad address"):
        checked(address)


def test_a_long_title_is_cut() -> None:
    assert plain("word " * 100, 160) == ("word " * 32)[:159] + "…"


@sqlite
@pytest.mark.usefixtures("clock")
def test_it_says_that_a_machine_wrote_it(desk: Desk, mailroom: Mailroom) -> None:
    """Automatic answers to it, out of office and the like, are not asked for."""
    desk.log()
    message = mailroom.write(mailroom.queued()[0].id).message
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["X-Auto-Response-Suppress"] == "All"
    assert message["Date"].datetime.isoformat() == "2026-11-26T00:00:00+00:00"  # it happened then
    assert str(message["From"]) == "Kita Electric IT <service-desk@localhost>"


@sqlite
@pytest.mark.usefixtures("clock")
def test_the_sender_is_the_one_that_is_set(desk: Desk, mailroom: Mailroom) -> None:
    desk.app.config["MAIL_FROM"] = Mailbox("", "desk@kita.example")
    desk.log()
    message = mailroom.write(mailroom.queued()[0].id).message
    assert str(message["From"]) == "Kita Electric IT <desk@kita.example>"


@sqlite
@pytest.mark.usefixtures("clock")
def test_all_about_one_incident_stays_together(desk: Desk, mailroom: Mailroom) -> None:
    """Mail programs thread by what a message answers to."""
    one, other = desk.log(), desk.log()
    mails = [mailroom.letter("approved", "emi", n).message for n in (one, one, other)]
    threads = [mail["References"] for mail in mails]
    assert threads[0] == threads[1] != threads[2]
    assert [mail["In-Reply-To"] for mail in mails] == threads
    assert len({mail["Message-ID"] for mail in mails}) == 3


@sqlite
@pytest.mark.usefixtures("clock")
def test_an_invitation_belongs_to_no_thread(desk: Desk, mailroom: Mailroom) -> None:
    assert mailroom.letter("invitation", "emi", link="invitation").message["References"] is None
