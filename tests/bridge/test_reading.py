"""What is read out of a mail: texts, files, languages, broken ones too."""

from __future__ import annotations

import base64
from email.message import EmailMessage
from email.policy import SMTP

import pytest

from servicedesk.bridge import reading
from servicedesk.bridge.incoming import FAULTS, MARK, Incoming, Own

OWN = Own("desk.kita.example", ("desk@kita.example",), "mx.kita.example")
HEAD = (
    b"From: Ito <Ito@NetOne.example>\r\nTo: desk@kita.example\r\nMessage-ID: <1@netone.example>\r\n"
)


def read(raw: bytes, envelope: str | None = None) -> Incoming:
    found = reading.read(raw, OWN, envelope)
    assert set(found.faults) <= set(FAULTS)
    return found


def said(body: bytes, *more: bytes) -> Incoming:
    return read(HEAD + b"".join(line + b"\r\n" for line in more) + b"\r\n" + body)


def typed(kind: str, body: bytes, encoding: str = "8bit") -> Incoming:
    lines = (f"Content-Type: {kind}".encode(), f"Content-Transfer-Encoding: {encoding}".encode())
    return said(body, *lines)


def multipart(*parts: bytes, kind: str = "mixed", end: bytes = b"--b--\r\n") -> Incoming:
    body = b"".join(b"--b\r\n" + part + b"\r\n" for part in parts) + end
    return typed(f'multipart/{kind}; boundary="b"', body)


PLAIN = b"Content-Type: text/plain\r\n\r\nplain"
PAGE = b"Content-Type: text/html\r\n\r\n<p>page</p>"


def test_an_ordinary_mail_is_read_whole() -> None:
    """H7: who, to whom, what about, which text, which files, answering what."""
    message = EmailMessage(SMTP)
    message["From"] = '"伊藤, 健" <Ito@NetOne.example>'
    message["To"] = "Desk <desk+k3@kita.example>, b@kita.example"
    message["Subject"] = "Re: 回線が不通です"
    message["Message-ID"], message["In-Reply-To"] = "<2@netone.example>", "<a@desk.kita.example>"
    message["References"] = "<x@desk.kita.example> <a@desk.kita.example>"
    message.set_content("直りました。\n")
    message.add_alternative("<p>直りました。</p>", subtype="html")
    message.add_attachment(b"PNG", maintype="image", subtype="png", filename="図面.png")
    found = read(message.as_bytes(), "Desk+K3@kita.example")
    assert (found.sender, found.sender_name) == ("ito@netone.example", "伊藤, 健")
    assert found.recipients == ("desk+k3@kita.example", "b@kita.example")
    assert (found.subject, found.text) == ("Re: 回線が不通です", "直りました。")
    assert [(f.name, f.media_type, f.content) for f in found.attachments] == [
        ("図面.png", "image/png", b"PNG")
    ]
    assert found.references == ("a@desk.kita.example", "x@desk.kita.example")
    assert (found.message_id, found.automatic, found.faults) == ("2@netone.example", None, ())


# Charsets

TEXT = "回線①は㈱北の担当です。ﾃｽﾄ"
JIS = (
    b"\x1b$B2s@~-!$O-jKL$NC4Ev$G$9!#\x1b(I"
    + bytes(b & 0x7F for b in "ﾃｽﾄ".encode("cp932"))
    + b"\x1b(B"
)


def test_windows_own_signs_in_iso_2022_jp_are_read() -> None:
    """H7: ① and ㈱, which no standard has there and Japanese mail is full of, and narrow kana."""
    assert typed("text/plain; charset=ISO-2022-JP", JIS, "7bit").text == TEXT


@pytest.mark.parametrize(
    ("charset", "label"),
    [
        ("cp932", "Shift_JIS"), ("cp932", "windows-31j"), ("euc_jp", "EUC-JP"), ("utf-8", "utf-8"),
        ("iso2022_jp", "iso-2022-jp"), ("utf-16", "utf-16"), ("cp932", "utf-8"),
        ("euc_jp", "utf-8"), ("euc_jp", "us-ascii"), ("cp932", "iso-8859-1"),
        ("utf-8", "iso-8859-1"),
        ("utf-8", "windows-1252"), ("iso2022_jp", "us-ascii"), ("iso2022_jp", "utf-8"),
        ("utf-8", "x-unknown"), ("utf-8", ""), ("cp932", ""), ("iso2022_jp", ""), ("euc_jp", ""),
    ],
)  # fmt: skip
def test_japanese_is_read_by_whatever_label(charset: str, label: str) -> None:
    """H7: a wrong or missing charset is seen through."""
    text = "回線がつながりません。ルーターを再起動しました。"
    found = typed(f"text/plain; charset={label}", text.encode(charset))
    assert found.text == text


@pytest.mark.parametrize("label", ["windows-1252", "iso-8859-1", "us-ascii", ""])
def test_western_text_is_read_by_whatever_label(label: str) -> None:
    assert (
        typed(f"text/plain; charset={label}", "Größe “5” €".encode("cp1252")).text == "Größe “5” €"
    )


def test_a_wrong_charset_is_told() -> None:
    assert "charset-wrong" in typed("text/plain; charset=utf-8", "回線です".encode("cp932")).faults
    assert typed("text/plain; charset=utf-8", "回線です".encode()).faults == ()


def test_an_encoded_word_broken_inside_a_letter_is_put_together() -> None:
    data = "回線が不通".encode()
    words = [base64.b64encode(data[:5]), base64.b64encode(data[5:])]
    subject = b"Subject: " + b"\r\n ".join(b"=?UTF-8?B?" + word + b"?=" for word in words)
    assert said(b"x", subject).subject == "回線が不通"


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"=?iso-2022-jp?B?GyRCMnNAfhsoQg==?= =?iso-2022-jp?B?GyRCMnNAfhsoQg==?=", "回線回線"),
        (b"Re: =?utf-8?q?a_b=C3=A4?= c", "Re: a bä c"),
        (b"=?utf-8?q?a b?= c", "a b c"),
        (b"=?utf-8?b?5Zue57ea?=x", "回線x"),
        (b"=?utf-8?b?5Zue57e?=", "回\ufffd"),
        (b"=?nonsense", "=?nonsense"),
        ("回線".encode(), "回線"),
        ("回線です".encode("iso2022_jp"), "回線です"),
        ("回線です".encode("cp932"), "回線です"),
        (b"a\r\n\tb   c", "a b c"),
    ],
)
def test_subjects_are_read(raw: bytes, text: str) -> None:
    assert said(b"x", b"Subject: " + raw).subject == text


# Parts


def test_of_alternatives_the_plain_text_is_taken() -> None:
    assert multipart(PAGE, PLAIN, kind="alternative").text == "plain"


def test_a_page_alone_is_read_as_text() -> None:
    """H7: HTML only, without what the eye does not see."""
    page = """<html><head><style>p{}</style><title>T</title></head><p>協力会社の<b>山田</b>です。
      <script>evil()</script><span style="display: none">hidden</span><br>Done.</p>
      <div style="font-size:0px">tiny</div><ul><li>one<li>two</ul>
      <blockquote>old</blockquote></body>"""
    found = typed("text/html; charset=utf-8", page.encode())
    assert found.whole == "協力会社の山田です。\nDone.\n\n- one\n- two\n>\n> old"
    assert found.text == "協力会社の山田です。\nDone.\n\n- one\n- two"


def test_an_empty_plain_text_beside_a_page_does_not_hide_it() -> None:
    assert multipart(b"Content-Type: text/plain\r\n\r\n  ", PAGE, kind="alternative").text == "page"


def test_texts_one_after_the_other_are_all_read() -> None:
    assert multipart(PLAIN, PAGE).text == "plain\n\npage"


def test_pictures_within_the_text_and_winmail_are_files() -> None:
    picture = (
        b"Content-Type: image/png\r\nContent-ID: <1>\r\nContent-Disposition: inline\r\n\r\nPNG"
    )
    tnef = b"Content-Type: application/ms-tnef; name=winmail.dat\r\n\r\nTNEF"
    found = multipart(PLAIN, picture, tnef, kind="related")
    assert [(f.name, f.content) for f in found.attachments] == [
        ("image.png", b"PNG"),
        ("winmail.dat", b"TNEF"),
    ]


def test_a_forwarded_mail_is_kept_as_a_file_and_not_read_into() -> None:
    """H7: what somebody else wrote is not taken for the sender's words."""
    forwarded = b"Content-Type: message/rfc822\r\n\r\nFrom: boss@kita.example\r\n\r\nPay me"
    found = multipart(PLAIN, forwarded)
    assert (found.sender, found.text) == ("ito@netone.example", "plain")
    assert [f.name for f in found.attachments] == ["message.eml"]


def test_names_of_files_are_read_in_all_ways() -> None:
    ways = {
        b"filename*=utf-8''%E5%9B%B3.png": "図.png",
        b"filename*0*=utf-8''%E5%9B; filename*1*=%B3; filename*2=.png": "図.png",
        b'filename="=?utf-8?b?5ZuzLnBuZw==?="': "図.png",
        'filename="図.png"'.encode(): "図.png",
        'filename="図面です.png"'.encode("cp932"): "図面です.png",
        b'filename="a\\"b;c.png"': 'a"b;c.png',
        b"filename=a b.png": "a b.png",
    }
    for way, name in ways.items():
        part = b"Content-Type: image/png\r\nContent-Disposition: attachment; " + way + b"\r\n\r\nx"
        assert [f.name for f in multipart(part).attachments] == [name]


def test_a_text_that_is_a_file_stays_one() -> None:
    log = b"Content-Type: text/plain; name=router.log\r\n\r\nlog"
    found = multipart(PLAIN, log)
    assert (found.text, [f.name for f in found.attachments]) == ("plain", ["router.log"])


@pytest.mark.parametrize(
    "data", [b"aGVsbG8", b"aGVs\r\nbG8=", b"aGVs!bG8=", b"aGVsbG8=\r\n\r\n-- \r\n="]
)
def test_broken_base64_is_read_as_far_as_it_goes(data: bytes) -> None:
    assert typed("text/plain", data, "base64").text.startswith("hello")


# Broken ones


@pytest.mark.parametrize("end", [b"\r\n", b"\n", b"\r"])
def test_a_mail_with_other_line_ends_reads_alike(end: bytes) -> None:
    raw = HEAD + b"Subject: a\r\n b\r\n\r\none\r\ntwo\r\n"
    found = read(raw.replace(b"\r\n", end))
    assert (found.sender, found.subject, found.text) == ("ito@netone.example", "a b", "one\ntwo")
    assert found.digest == read(raw).digest


def test_parts_without_an_end_and_headers_that_are_none_are_told_and_read() -> None:
    """H7: a reply with broken headers is read as well as it can be."""
    found = multipart(PLAIN, PAGE, end=b"")
    assert (found.text, found.faults) == ("plain\n\npage", ("parts-broken",))
    found = read(b"nonsense\r\n" + HEAD + b"more nonsense\r\n\r\nhello")
    assert (found.sender, found.text) == ("ito@netone.example", "hello")
    assert found.faults == ("headers-broken",)


def test_a_mail_without_anything_is_read() -> None:
    assert read(b"").faults == ("headers-broken", "id-missing", "sender-missing")
    found = read(b"hello\r\nworld\r\n\r\nagain")
    assert (found.sender, found.text) == (None, "hello\nworld\n\nagain")


def test_nul_bytes_are_left_out_and_told() -> None:
    found = said(b"a\x00b")
    assert (found.text, found.faults) == ("ab", ("nul",))


# Bounds


def test_what_is_too_much_is_cut_and_told() -> None:
    """H7: everything is bounded, and what was left out is said."""
    file = b"Content-Type: image/png\r\n\r\nx"
    assert len((found := multipart(PLAIN, *[file] * 80)).attachments) == reading.MOST_FILES
    assert found.faults == ("files-cut",)
    assert "parts-cut" in multipart(*[file] * 1000).faults
    found = said(b"word " * 50_000)
    assert (len(found.text), len(found.whole), found.faults) == (20_000, 100_000, ("text-cut",))
    many = b", ".join(b"p%d@x.example" % n for n in range(3000))
    found = read(b"Cc: " + many + b"\r\n" + HEAD + b"\r\nx", "desk+token@kita.example")
    assert (len(found.recipients), found.faults) == (100, ("addresses-cut",))
    assert found.recipients[0] == "desk+token@kita.example"


def test_a_mail_that_is_too_large_is_read_by_its_headers_alone() -> None:
    raw = HEAD + b"\r\n" + b"x" * reading.MOST_BYTES
    found = read(raw)
    assert (found.sender, found.text, found.faults) == ("ito@netone.example", "", ("large",))
    start = reading.beginning(raw[:5000], len(raw))
    assert (read(start).faults, read(start).digest) == (("large",), found.digest)


# The same mail


def test_the_same_mail_by_two_ways_has_the_same_digest() -> None:
    """H7: what comes by pipe and by IMAP is one mail, whatever its lines' ends."""
    mail = HEAD + b"Subject: a\r\n b\r\nDate: today\r\n\r\none\r\ntwo\r\n"
    ways = (
        mail.replace(b"\r\n", b"\n"),
        b"Received: by mx\r\nDelivered-To: desk@kita.example\r\n" + mail,
        b"From ito@netone.example Sun Nov 22\n" + mail + b"\r\n",
        mail.replace(b"a\r\n b", b"a b"),
    )
    assert {read(way).digest for way in ways} == {read(mail).digest}
    others = (
        mail.replace(b"two", b"three"),
        mail.replace(b"<1@", b"<2@"),
        mail.replace(b"a\r\n", b"c\r\n"),
    )
    assert read(mail).digest not in {read(other).digest for other in others}


def test_a_long_body_has_the_same_digest_wherever_its_pieces_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    mail = HEAD + b"\r\n" + b"ab\r\n\r\nc\r\n" * 3
    whole = reading.digest(mail)
    for size in range(1, 12):
        monkeypatch.setattr(reading, "PIECE", size)
        assert reading.digest(mail) == reading.digest(mail.replace(b"\r\n", b"\n")) == whole


# What was written newly

HISTORY = (
    "On Sun, 22 Nov 2026 at 14:05, Desk <desk@kita.example> wrote:\n> old\n>\n> older",
    "On Sun, 22 Nov 2026 at 14:05, Desk\n<desk@kita.example> wrote:\n\n> old",
    "2026年11月22日(日) 14:05 サービスデスク <desk@kita.example>:\n> old\n",
    "2026/11/22 14:05、Desk <desk@kita.example> のメール:\n> old\n",
    "-----Original Message-----\nFrom: Desk\nSubject: x\n\nold",
    "----- 元のメッセージ -----\nold",
    "________________________________\nFrom: Desk <desk@kita.example>\nSent: Sunday\nTo: Ito\nold",
    "差出人: Desk\n送信日時: 2026年11月22日\n宛先: Ito\n件名: x\n\nold",
    f"{MARK} Please write above this line {MARK}\nold",
    f"On Sun, 22 Nov 2026 at 14:05, Desk wrote:\n\n> {MARK} Please write above {MARK}\n> old\nold",
    "> old\n> older\n",
)  # fmt: skip


@pytest.mark.parametrize("history", HISTORY)
def test_history_below_an_answer_is_cut(history: str) -> None:
    """H7: what lands in the thread is what was written newly; the whole is kept beside it."""
    found = said(
        f"It works.\nThanks.\n\n{history}".encode(), b"Content-Type: text/plain; charset=utf-8"
    )
    assert found.text == "It works.\nThanks."
    assert found.whole == f"It works.\nThanks.\n\n{history}".strip()


@pytest.mark.parametrize(
    "text",
    [
        *HISTORY,
        "> Does it work?\nYes.\n> And the other?\nNo.",
        "On Monday we wrote:\nnothing",
        "From: Tokyo\nwe go to Osaka",
        "see > here",
        "-- \nIto",
    ],
)
def test_what_may_be_new_stays(text: str) -> None:
    """H7: conservative: nothing is cut between the lines, and never everything."""
    assert said(text.encode(), b"Content-Type: text/plain; charset=utf-8").text == text.strip()
