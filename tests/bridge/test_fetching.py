"""Mail is fetched from a real IMAP server: taken first, and only then marked and moved."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Any

import imapclient
import pytest
import sqlalchemy as sa
from imapclient import IMAPClient
from sqlalchemy.exc import OperationalError

import config
from servicedesk import pulse
from servicedesk.bridge import fetching, reading
from servicedesk.bridge.fetching import Fetched, fetch
from servicedesk.bridge.models import SET_ASIDE, ReceivedMail
from servicedesk.bridge.taking import take
from tests.bridge.letterbox import mail
from tests.cast import Desk
from tests.support import imap

Fetch = Callable[[], Fetched]


@pytest.fixture
def box(imap_server: imap.Server) -> str:
    return imap_server.box()


@pytest.fixture
def go(desk: Desk, imap_server: imap.Server, box: str, now: datetime) -> Fetch:
    """Fetch once from the box."""
    use(desk, imap_server.url(box))

    def go() -> Fetched:
        with desk.app.app_context():
            return fetch(now)

    return go


def use(desk: Desk, url: str) -> None:
    desk.app.config["MAIL_IMAP"] = config._mail_folder(url)


def subjects(desk: Desk) -> list[str]:
    with desk.session() as session:
        return list(session.scalars(sa.select(ReceivedMail.subject).order_by(ReceivedMail.id)))


def some(*subjects: str, **more: Any) -> list[bytes]:
    return [mail(subject=each, id=f"{each}@sender.example", **more) for each in subjects]


def test_what_is_there_is_taken_and_moved(
    desk: Desk, go: Fetch, imap_server: imap.Server, box: str
) -> None:
    """H7: fetched by IMAP, each once; the folders are made."""
    imap_server.bring(box, *some("a", "b"), *some("c", vouched="fail"))
    assert go() == Fetched(taken=3)
    assert subjects(desk) == ["a", "b", "c"]
    assert imap_server.subjects(box) == []
    assert imap_server.subjects(box, "Done") == ["a", "b"]
    assert imap_server.subjects(box, "Set aside") == ["c"]
    assert go() == Fetched()
    with desk.session() as session:
        assert pulse.last(session, "mail-in") is not None


def test_what_could_not_be_moved_is_moved_the_next_time(
    desk: Desk, go: Fetch, imap_server: imap.Server, box: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """H7: cut off after it was taken it does not stay in the way, read and never moved."""
    imap_server.bring(box, *some("a"))

    def cut(*_args: object) -> None:
        raise ConnectionResetError

    with monkeypatch.context() as patch:
        patch.setattr(imapclient.IMAPClient, "move", cut)
        assert go() == Fetched(taken=1, broken_off=True)
    assert go() == Fetched(again=1)
    assert (imap_server.subjects(box), imap_server.subjects(box, "Done")) == ([], ["a"])
    assert subjects(desk) == ["a"]


def test_killed_before_it_was_marked_it_is_fetched_again_and_taken_once(
    desk: Desk, go: Fetch, imap_server: imap.Server, box: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """H7: killed between the commit and the mark."""
    imap_server.bring(box, *some("a", "b"))

    def die(*_any: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(fetching.Box, "clear", die)
        with pytest.raises(KeyboardInterrupt):
            go()
    assert imap_server.subjects(box) == ["a", "b"]
    assert go() == Fetched(taken=1, again=1)
    assert subjects(desk) == ["a", "b"]
    assert imap_server.subjects(box, "Done") == ["a", "b"]


def test_nothing_is_marked_while_the_database_is_away(
    go: Fetch, imap_server: imap.Server, box: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    imap_server.bring(box, *some("a"))

    def away(*_any: object, **_more: object) -> None:
        raise OperationalError("x", {}, Exception())

    monkeypatch.setattr(fetching, "take", away)
    with pytest.raises(OperationalError):
        go()
    with imap_server.open(box) as line:
        line.select_folder("INBOX", readonly=True)
        assert len(line.search(["UNSEEN"])) == 1


def test_one_bad_mail_does_not_stop_the_others(
    desk: Desk, go: Fetch, imap_server: imap.Server, box: str, monkeypatch: pytest.MonkeyPatch
) -> None:

    def fail(raw: bytes, **more: Any) -> Any:
        if b"Subject: a" in raw:
            raise RuntimeError("zqsecret")
        return take(raw, **more)

    monkeypatch.setattr(fetching, "take", fail)
    imap_server.bring(box, *some("a", "b"))
    assert go() == Fetched(taken=1, failed=1)
    assert imap_server.subjects(box) == ["a"]


def test_one_that_is_too_large_is_set_aside_by_its_start(
    desk: Desk, go: Fetch, imap_server: imap.Server, box: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """H7: its size is asked for first; only how it begins is fetched."""
    monkeypatch.setattr(reading, "MOST_BYTES", 20_000)
    monkeypatch.setattr(fetching, "START", 3000)
    imap_server.bring(box, *some("big", text="word " * 20_000))
    assert go() == Fetched(taken=1)
    with desk.session() as session:
        row = session.scalars(sa.select(ReceivedMail)).one()
        assert (row.subject, row.state) == ("big", SET_ASIDE)
    assert imap_server.subjects(box, "Set aside") == ["big"]


def test_two_that_fetch_at_once_take_each_mail_once(
    desk: Desk, go: Fetch, imap_server: imap.Server, box: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """H7: `serve` and `worker` side by side; here the other is quicker with each mail."""
    imap_server.bring(box, *some("a", "b"))
    content = fetching.Box.content

    def slow(self: fetching.Box, uid: int, size: int) -> bytes | None:
        found = content(self, uid, size)
        monkeypatch.setattr(fetching.Box, "content", content)
        assert go() == Fetched(taken=2)
        return found

    monkeypatch.setattr(fetching.Box, "content", slow)
    assert go() == Fetched(again=1)
    assert subjects(desk) == ["a", "b"]
    assert sorted(imap_server.subjects(box, "Done")) == ["a", "b"]


@pytest.mark.parametrize("lacks", ["MOVE", "MOVE UIDPLUS"])
def test_a_server_that_can_less_is_enough(
    desk: Desk, go: Fetch, imap_server: imap.Server, box: str, lacks: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    has = IMAPClient.has_capability
    monkeypatch.setattr(
        IMAPClient,
        "has_capability",
        lambda line, name: name not in lacks.split() and has(line, name),
    )
    imap_server.bring(box, *some("a"))
    assert go() == Fetched(taken=1)
    assert go() == Fetched()
    moved = imap_server.subjects(box, "Done"), imap_server.subjects(box)
    assert moved == ((["a"], []) if lacks == "MOVE" else ([], ["a"]))


def test_a_folder_that_somebody_else_makes_at_the_same_time_is_used(
    go: Fetch, imap_server: imap.Server, box: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    create = IMAPClient.create_folder

    def twice(line: IMAPClient, folder: str) -> None:
        create(line, folder)
        create(line, folder)  # refused: it is there

    monkeypatch.setattr(IMAPClient, "create_folder", twice)
    imap_server.bring(box, *some("a"))
    assert go() == Fetched(taken=1)
    assert (imap_server.subjects(box), imap_server.subjects(box, "Done")) == ([], ["a"])


# Servers that are not there


@pytest.mark.parametrize("scheme", ["imap+plain", "imap", "imaps"])
def test_a_server_that_is_away_is_a_warning_without_the_password(
    desk: Desk, now: datetime, scheme: str, caplog: pytest.LogCaptureFixture
) -> None:
    """H7: everything waits; the pulse stops, and nothing crashes."""
    use(desk, f"{scheme}://box:zqpassword@127.0.0.1:1/")
    with caplog.at_level(logging.DEBUG), desk.app.app_context():
        assert fetch(now).broken_off
    assert "nothing can be fetched" in caplog.text
    assert "zqpassword" not in caplog.text
    with desk.session() as session:
        assert pulse.last(session, "mail-in") is None


def test_a_wrong_password_or_folder_is_a_warning(
    desk: Desk, imap_server: imap.Server, now: datetime, caplog: pytest.LogCaptureFixture
) -> None:
    for url in (
        f"imap+plain://box0:zqpassword@127.0.0.1:{imap_server.port}/",
        imap_server.url("box0", folder="zqnone"),
    ):
        use(desk, url)
        with caplog.at_level(logging.DEBUG), desk.app.app_context():
            assert fetch(now).broken_off
    assert "does not take user and password" in caplog.text
    assert imap_server.password not in caplog.text
    assert "zqpassword" not in caplog.text


def test_tls_is_used_and_its_certificate_has_to_be_good(
    desk: Desk, go: Fetch, imap_server: imap.Server, box: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """H7: imaps at once, imap by STARTTLS; else the password is not sent."""
    if not imap_server.certificate.exists():
        pytest.skip("there is no openssl to make a certificate with")
    imap_server.bring(box, *some("a"))
    for scheme in ("imaps", "imap"):
        use(desk, imap_server.url(box, scheme))
        assert go().broken_off
    monkeypatch.setenv("SSL_CERT_FILE", str(imap_server.certificate))
    assert go() == Fetched(taken=1)
    imap_server.bring(box, *some("b"))
    use(desk, imap_server.url(box, "imaps"))
    assert go() == Fetched(taken=1)


def test_without_a_mailbox_nothing_is_fetched(desk: Desk, now: datetime) -> None:
    with desk.app.app_context():
        assert fetch(now) == Fetched()


# The setting


@pytest.mark.parametrize(
    ("value", "port", "folder"),
    [
        ("imaps://a:b@mail.example", 993, "INBOX"),
        ("imap://a:b@mail.example/", 143, "INBOX"),
        ("imap+plain://a%40x.example:b%2F%3A@127.0.0.1:1143/Desk%20mail", 1143, "Desk mail"),
    ],
)
def test_the_setting_is_read(value: str, port: int, folder: str) -> None:
    found = config._mail_folder(value)
    assert found is not None
    assert (found.port, found.folder) == (port, folder)
    assert "b/:" not in repr(found)


@pytest.mark.parametrize(
    "value",
    ["imaps://mail.example", "imaps://a@mail.example", "pop://a:zqpassword@h", "imaps://a:b@"],
)
def test_a_setting_that_cannot_be_used_is_refused(value: str) -> None:
    with pytest.raises(config.BadSetting, match="MAIL_IMAP=…") as refusal:
        config.read({"MAIL_IMAP": value})
    assert "zqpassword" not in str(refusal.value)


def test_the_name_that_vouches_is_read() -> None:
    assert config.read({"MAIL_VOUCHER": "MX.Kita.example"})["MAIL_VOUCHER"] == "mx.kita.example"
    with pytest.raises(config.BadSetting):
        config.read({"MAIL_VOUCHER": "mx kita"})
