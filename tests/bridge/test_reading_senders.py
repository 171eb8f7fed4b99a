"""Whose mail it is, who vouches for that, and whether a machine wrote it."""

from __future__ import annotations

import pytest

from servicedesk.bridge import reading
from servicedesk.bridge.incoming import Incoming, Own

OWN = Own("desk.kita.example", ("desk@kita.example",), "mx.kita.example")
REST = b"To: desk@kita.example\r\nMessage-ID: <1@netone.example>\r\n"
FROM = b"From: ito@netone.example\r\n"


def read(*lines: bytes, body: bytes = b"Hello", own: Own = OWN) -> Incoming:
    return reading.read(b"".join(line + b"\r\n" for line in lines) + REST + b"\r\n" + body, own)


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (b"ito@netone.example", ""),
        (b"<Ito@NetOne.example>", ""),
        (b"Ito Ken <ito@netone.example>", "Ito Ken"),
        (b'"Ito, Ken" <ito@netone.example>', "Ito, Ken"),
        (b'"ito@netone.example" <ito@netone.example>', "ito@netone.example"),
        (b"=?utf-8?b?5LyK6Jek?= <ito@netone.example>", "伊藤"),
        (b'"=?utf-8?b?5LyK6Jek?=" <ito@netone.example>', "伊藤"),
        ("伊藤 <ito@netone.example>".encode(), "伊藤"),
        ("いとう <ito@netone.example>".encode("cp932"), "いとう"),
        ("伊藤 <ito@netone.example>".encode("iso2022_jp"), "伊藤"),
        (b"Ito\r\n <ito@netone.example>", "Ito"),
        (b"ITO (KEN) <ito@netone.example>", None),
    ],
)
def test_a_clear_sender_is_read_and_an_odd_one_refused(value: bytes, name: str | None) -> None:
    """H7: one plain address, whatever the name beside it; else there is no sender."""
    found = read(b"From: " + value)
    assert found.sender == ("ito@netone.example" if name is not None else None)
    assert name in (None, found.sender_name)


@pytest.mark.parametrize(
    ("lines", "fault"),
    [
        ([FROM.strip(), FROM.strip()], "sender-twice"),
        ([], "sender-missing"),
        ([b"From: a@x.example, b@x.example"], "sender-several"),
        ([b"From: boss@kita.example <ito@netone.example>"], "sender-unclear"),
        ([b'From: "boss@kita.example" <ito@netone.example>'], "sender-posing"),
        (["From: bоss@kita.example".encode()], "sender-foreign"),
    ],
)
def test_why_there_is_no_sender_is_told(lines: list[bytes], fault: str) -> None:
    found = read(*lines)
    assert (found.sender, found.faults) == (None, (fault,))


def test_references_and_recipients_are_read_in_bounded_number() -> None:
    many = b" ".join(b"<%d@x>" % n for n in range(500))
    found = read(
        FROM.strip(), b"References: " + many, b"In-Reply-To: <a@x>", b"Cc: A <A@x.example>;b@c"
    )
    assert found.references[:2] == ("a@x", "499@x")
    assert len(found.references) == 50
    assert found.recipients == ("desk@kita.example", "a@x.example", "b@c")


# Vouching


def vouched(*values: str, sender: str = "ito@netone.example", own: Own = OWN) -> bool | None:
    lines = [f"Authentication-Results: {value}".encode() for value in values]
    return read(*lines, f"From: {sender}".encode(), own=own).vouched


@pytest.mark.parametrize(
    ("value", "verdict"),
    [
        ("mx.kita.example; dmarc=pass header.from=netone.example", True),
        ("MX.kita.example 1; dmarc=pass (p=reject) header.from=netone.example", True),
        ("mx.kita.example; dmarc=fail header.from=netone.example", False),
        ("mx.kita.example; dkim=pass header.d=netone.example; dmarc=fail", False),
        ("mx.kita.example; dmarc=pass header.from=x.example", False),
        ("mx.kita.example; dkim=pass header.d=netone.example", True),
        ("mx.kita.example; dkim=pass header.i=@mail.netone.example", True),
        (
            "mx.kita.example; dkim=fail header.d=netone.example; dkim=pass header.d=netone.example",
            True,
        ),
        ("mx.kita.example; spf=pass smtp.mailfrom=bounce@netone.example", True),
        ("mx.kita.example; spf=pass smtp.mailfrom=x.example; dkim=pass header.d=x.example", None),
        ("mx.kita.example; dkim=pass header.d=notnetone.example", None),
        ("mx.kita.example; dkim=pass header.d=example", None),
        ("mx.kita.example; spf=fail smtp.mailfrom=netone.example", False),
        ("mx.kita.example; spf=softfail smtp.mailfrom=netone.example", None),
        ('mx.kita.example; spf=none smtp.mailfrom="a; dmarc=pass"@x.example', None),
        ("mx.kita.example; spf=none (; dmarc=pass) smtp.mailfrom=x.example", None),
        ("mx.kita.example; spf=none (( dmarc=pass", None),
        ("mx.kita.example; none", None),
        ("mx.other.example; dmarc=pass header.from=netone.example", None),
        ("x; mx.kita.example; dmarc=pass", None),
    ],
)
def test_our_servers_finding_is_read(value: str, verdict: bool | None) -> None:
    """H7: only what our own server found about the domain in the From line counts."""
    assert vouched(value) is verdict


def test_only_the_topmost_finding_counts() -> None:
    """H7: what stands below may have come with the mail."""
    passed = "mx.kita.example; dmarc=pass header.from=netone.example"
    assert vouched("mx.kita.example; dmarc=fail header.from=netone.example", passed) is False
    assert vouched("mx.kita.example; spf=none", passed) is None
    assert vouched("mx.other.example; dmarc=fail", passed) is True
    assert vouched(passed, own=Own("desk.kita.example")) is None
    assert vouched(passed, sender="a@x.example, ito@netone.example") is None


# Machines

ID = "0123456789abcdef0123456789abcdef@desk.kita.example"


@pytest.mark.parametrize(
    ("lines", "kind"),
    [
        ([b"Auto-Submitted: auto-replied"], "auto-reply"),
        ([b"Auto-Submitted: Auto-Generated; x=y"], "auto-reply"),
        ([b"Auto-Submitted: no"], None),
        ([b"X-Autoreply: yes"], "auto-reply"),
        ([b"Precedence: auto_reply"], "auto-reply"),
        ([b"Subject: Automatic reply: Away"], "auto-reply"),
        (["Subject: 自動応答: 不在です".encode()], "auto-reply"),
        ([b"Return-Path: <>"], "auto-reply"),
        ([b"Content-Type: multipart/report; report-type=disposition-notification"], "auto-reply"),
        ([b"X-Auto-Response-Suppress: All"], None),
        ([b"Return-Path: <>", b"Subject: Undelivered Mail Returned to Sender"], "bounce"),
        ([b"X-Failed-Recipients: a@x"], "bounce"),
        ([b"List-Id: <x>"], "list"),
        ([b"Precedence: bulk"], "list"),
        ([b"Received: by x"] * 60, "loop"),
        ([b"Subject: Undelivered: what shall I do?"], None),
    ],
)
def test_what_a_machine_wrote_is_told(lines: list[bytes], kind: str | None) -> None:
    """H7: auto-replies, bounces and lists are told from people."""
    assert read(*lines, FROM.strip()).automatic == kind


def test_the_desks_own_mails_are_a_loop() -> None:
    """H7: a mail of the desk's that comes back stops."""
    assert read(b"From: Desk <DESK@kita.example>").automatic == "loop"
    raw = FROM + f"Message-ID: <{ID}>\r\n\r\nx".encode()
    assert reading.read(raw, OWN).automatic == "loop"


BOUNCE = """--b\r\nContent-Type: text/plain\r\n\r\nIt was not taken.\r\n--b\r
Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; x\r\n\r\nStatus: 5.1.1\r\n--b\r
Content-Type: {}\r\n\r\nFrom: desk@kita.example\r\nMessage-ID: <{}>\r\n\r\nold\r\n--b--\r\n"""


@pytest.mark.parametrize("kind", ["message/rfc822", "text/rfc822-headers"])
def test_a_bounce_says_which_message_it_is_about(kind: str) -> None:
    """H7: so that the one who was not reached is known."""
    report = b"Content-Type: multipart/report; report-type=delivery-status; boundary=b"
    found = read(FROM.strip(), report, body=BOUNCE.format(kind, ID).encode())
    assert (found.automatic, found.bounced, found.text) == ("bounce", ID, "It was not taken.")
    other = BOUNCE.format(kind, ID.replace("desk.kita", "desk.other"))
    assert read(FROM.strip(), report, body=other.encode()).bounced is None
