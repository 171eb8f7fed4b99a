"""The settings of mail: read strictly, and a password shown nowhere."""

from __future__ import annotations

import pytest

import config
from config import BadSetting, Mailbox, MailServer


def test_a_mail_server_is_named_with_how_to_speak_to_it() -> None:
    read = {
        "smtp://relay": MailServer("smtp", "relay", 25),
        "smtp://desk:p%40ss%2F%3A@mail.example": MailServer(
            "smtp", "mail.example", 587, "desk", "p@ss/:"
        ),
        "smtps://mail.example": MailServer("smtps", "mail.example", 465),
        "smtp+plain://[::1]:2525/": MailServer("smtp+plain", "::1", 2525),
    }
    assert {said: config.read({"MAIL_SERVER": said})["MAIL_SERVER"] for said in read} == read
    assert config.read({})["MAIL_SERVER"] is None


@pytest.mark.parametrize(
    "said",
    [
        "mail.example", "http://mail.example", "smtp://", "smtp://zqsecret@mail.example",
        "smtp://desk:zqsecret@", "smtp://desk:zqsecret@mail.example:99999",
        "smtp://desk:zqsecret@mail.example/path", "smtp://desk:zq/secret@mail.example",
        "smtp://desk:zqsecret@mail.example:0", "smtp://desk:zqsecret@ma il.example",
    ],
)  # fmt: skip
def test_one_that_can_not_be_used_is_not_repeated_in_the_error(said: str) -> None:
    with pytest.raises(BadSetting, match=r"^MAIL_SERVER=…: must ") as error:
        config.read({"MAIL_SERVER": said})
    assert "zq" not in str(error.value)


def test_a_password_is_in_no_listing_of_the_settings() -> None:
    server = config.read({"MAIL_SERVER": "smtps://desk:zqsecret@mail.example"})["MAIL_SERVER"]
    assert server.password == "zqsecret"
    assert "zqsecret" not in f"{server!r} {server}"


def test_a_server_needs_a_sender() -> None:
    said = config.read({"MAIL_SERVER": "smtps://mail.example"})
    with pytest.raises(BadSetting, match="MAIL_FROM: needed"):
        config.complete(said)


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ("desk@kita.example", Mailbox("", "desk@kita.example")),
        ("Kita IT <desk@kita.example>", Mailbox("Kita IT", "desk@kita.example")),
        ('"Kita, IT" <desk@kita.example>', Mailbox("Kita, IT", "desk@kita.example")),
        ("北電機 <desk@kita.example>", Mailbox("北電機", "desk@kita.example")),
    ],
)
def test_a_sender_may_have_a_name(said: str, wanted: Mailbox) -> None:
    assert config.read({"MAIL_FROM": said})["MAIL_FROM"] == wanted


@pytest.mark.parametrize(
    "said", ["desk", "a@b@c", "a@b.example <c@d.example>", "desk@kita.example>", "x <a@b", "a b@c"]
)
def test_a_sender_is_one_address(said: str) -> None:
    with pytest.raises(BadSetting, match=r"^MAIL_FROM=.*: must be"):
        config.read({"MAIL_FROM": said})


def test_the_desks_address_is_scheme_and_host() -> None:
    read = {
        "https://desk.kita.example": "https://desk.kita.example",
        "HTTP://Desk.kita.example:8080/": "http://desk.kita.example:8080",
    }
    assert {said: config.read({"DESK_URL": said})["DESK_URL"] for said in read} == read


@pytest.mark.parametrize(
    "said",
    [
        "desk.kita.example", "ftp://desk.example", "https://", "https://desk.example/it",
        "https://desk.example?x", "https://desk.example#x", "https://u:p@desk.example",
        "https://desk.example:port", "javascript:alert(1)", "https://desk .example",
    ],
)  # fmt: skip
def test_nothing_else_begins_the_links(said: str) -> None:
    with pytest.raises(BadSetting, match=r"^DESK_URL="):
        config.read({"DESK_URL": said})
