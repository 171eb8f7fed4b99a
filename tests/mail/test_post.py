"""How mail goes away: a real mail server, or files."""

from __future__ import annotations

import logging
import socket
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from servicedesk.incidents import commands
from servicedesk.mail import post
from tests.cast import Desk
from tests.mail import post_office
from tests.mail.mailbox import Mailroom
from tests.mail.post_office import PASSWORD, USER, PostOffice
from tests.support.clock import Clock

pytestmark = [
    pytest.mark.backends("sqlite"),
    pytest.mark.usefixtures("clock"),
    pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS"),
]


@pytest.fixture
def office() -> Iterator[PostOffice]:
    with post_office.opened() as office:
        yield office


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return post_office.certificate(tmp_path_factory.mktemp("tls"))


def error(room: Mailroom, kind: str = "received") -> tuple[str | None, bool]:
    """Give why a message was not sent, and whether it was given up."""
    (row,) = room.queued(kind)
    return row.error, row.failed_at is not None


def test_mails_are_handed_to_the_server_that_is_set(
    desk: Desk, mailroom: Mailroom, office: PostOffice
) -> None:
    desk.app.config["MAIL_SERVER"] = office.said()
    n = desk.log(title="ネットワークにつながらない")
    desk.do(commands.comment, n, "reply", "Sehen wir uns an – 見ています", by="ito", when="09:10")
    assert mailroom.deliver().sent == 2
    assert [mail.subject for mail in office.mails] == [
        "[INC-00000001] Received - ネットワークにつながらない",
        "[INC-00000001] Answer - ネットワークにつながらない",
    ]
    assert "> Sehen wir uns an – 見ています" in office.mails[1].text
    assert office.calls == 1  # one connection for all
    assert not mailroom.files()


@pytest.mark.parametrize(
    ("answer", "wanted"),
    [
        ("550 5.1.1 <emi@kita.example>: no such person", ("address: 550 5.1.1", True)),
        ("553 never heard of", ("address: 553", True)),
        ("450 4.2.1 greylisted, zqsecret", ("address: 450 4.2.1", False)),
        ("550 5.7.1 relaying denied", ("address: 550 5.7.1", False)),  # of us, not of the address
        ("530 5.7.0 sign in first", ("address: 530 5.7.0", False)),
        ("421 4.3.2 closing down", ("address: 421 4.3.2", False)),
    ],
)
def test_an_address_that_is_none_is_given_up_all_else_is_tried_again(
    desk: Desk, mailroom: Mailroom, office: PostOffice, answer: str, wanted: tuple[str, bool]
) -> None:
    desk.app.config["MAIL_SERVER"] = office.said()
    office.refuses["emi@kita.example"] = answer
    mailroom.change("taro", mail="taro@kita.example")
    desk.log()
    desk.log(by="taro")
    done = mailroom.deliver()
    assert (done.sent, done.failed + done.given_up) == (1, 1)
    assert [(r.error, r.failed_at is not None) for r in mailroom.queued()] == [
        wanted,
        (None, False),
    ]


def test_a_text_that_is_refused_is_tried_again(
    desk: Desk, mailroom: Mailroom, office: PostOffice
) -> None:
    """It may be the server's settings, or ours: nothing is lost at once."""
    desk.app.config["MAIL_SERVER"] = office.said()
    office.refuses_text = "554 5.6.0 looks like zqspam"
    desk.log()
    mailroom.deliver()
    assert error(mailroom) == ("server: 554 5.6.0", False)


def test_where_nobody_listens_all_waits(desk: Desk, mailroom: Mailroom) -> None:
    with socket.socket() as taken:  # bound, but it does not listen
        taken.bind(("127.0.0.1", 0))
        office = PostOffice(port=taken.getsockname()[1])
        desk.app.config["MAIL_SERVER"] = office.said()
        for _ in range(3):
            desk.log()
        done = mailroom.deliver()
    assert (done.sent, done.failed, done.given_up) == (0, 3, 0)
    assert {row.error for row in mailroom.queued()} == {"server: ConnectionRefusedError"}


def test_a_server_that_says_nothing_is_left_after_a_while(
    desk: Desk, mailroom: Mailroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(post, "TIMEOUT", 0.2)
    with socket.socket() as mute:
        mute.bind(("127.0.0.1", 0))
        mute.listen()
        desk.app.config["MAIL_SERVER"] = PostOffice(port=mute.getsockname()[1]).said()
        desk.log()
        mailroom.deliver()
    assert error(mailroom) == ("server: SMTPServerDisconnected", False)


@pytest.mark.parametrize("security", ["smtp", "smtps"])
def test_the_password_goes_over_tls(
    desk: Desk, mailroom: Mailroom, tls: Any, security: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    context, trusted = tls
    how: dict[str, Any] = {"authenticator": post_office.authenticated, "auth_required": True}
    # smtps: TLS at once; smtp: TLS before anything else is said
    how |= {"ssl_context": context} if security == "smtps" else {"tls_context": context}
    how |= {"auth_require_tls": security == "smtp"}
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    with post_office.opened(**how) as office:
        desk.app.config["MAIL_SERVER"] = office.said(security, USER, PASSWORD)
        desk.log()
        assert mailroom.deliver().sent == len(office.mails) == 1


@pytest.mark.parametrize("security", ["smtp", "smtps"])
def test_a_certificate_that_nobody_vouches_for_is_no_good(
    desk: Desk, mailroom: Mailroom, tls: Any, security: str
) -> None:
    context, _trusted = tls
    how = {"ssl_context": context} if security == "smtps" else {"tls_context": context}
    with post_office.opened(**how) as office:
        desk.app.config["MAIL_SERVER"] = office.said(security)
        desk.log()
        mailroom.deliver()
        assert office.mails == []
    assert error(mailroom) == ("server: SSLCertVerificationError", False)


def test_no_password_goes_where_there_is_no_tls(desk: Desk, mailroom: Mailroom) -> None:
    how = {"authenticator": post_office.authenticated, "auth_require_tls": False}
    with post_office.opened(**how) as office:
        desk.app.config["MAIL_SERVER"] = office.said("smtp", USER, PASSWORD)
        desk.log()
        mailroom.deliver()
        assert office.mails == []
    assert error(mailroom) == ("server: offers no TLS, so the password is not sent", False)


def test_it_does_where_that_is_said(desk: Desk, mailroom: Mailroom) -> None:
    how: dict[str, Any] = {"authenticator": post_office.authenticated, "auth_require_tls": False}
    with post_office.opened(auth_required=True, **how) as office:
        desk.app.config["MAIL_SERVER"] = office.said("smtp+plain", USER, PASSWORD)
        desk.log()
        assert mailroom.deliver().sent == 1


def test_the_password_is_in_no_log_and_no_error(
    desk: Desk, mailroom: Mailroom, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    how: dict[str, Any] = {"authenticator": post_office.authenticated, "auth_require_tls": False}
    with post_office.opened(auth_required=True, **how) as office:
        said = office.said("smtp+plain", USER, PASSWORD + "-wrong")
        desk.app.config["MAIL_SERVER"] = said
        desk.log()
        mailroom.deliver()
        assert office.mails == []
    assert error(mailroom) == ("server: 535 5.7.8", False)
    ours = [r.getMessage() for r in caplog.records if r.name.startswith("servicedesk")]
    assert ours
    assert not [line for line in (*ours, repr(said), repr(desk.app.config)) if PASSWORD in line]


def test_without_a_server_each_mail_is_a_file(
    desk: Desk, mailroom: Mailroom, settings: dict[str, Any]
) -> None:
    desk.log()
    assert mailroom.deliver().sent == 1
    (path,) = (Path(settings["DESK_VAR"]) / "mail").iterdir()
    (row,) = mailroom.queued()
    assert path.name == f"{row.message_id}.eml"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600  # its links open doors
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert mailroom.files()[0].id.startswith(f"<{row.message_id}@")


def test_a_folder_that_can_not_be_written_keeps_all_waiting(
    desk: Desk, mailroom: Mailroom, clock: Clock, settings: dict[str, Any]
) -> None:
    place = Path(settings["DESK_VAR"]) / "mail"
    place.write_text("in the way")
    desk.log()
    assert mailroom.deliver().failed == 1
    place.unlink()
    clock.advance(minutes=1)
    assert mailroom.deliver().sent == 1
