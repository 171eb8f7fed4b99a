"""Mails that lie about who sent them, that are broken, or that are bombs; made by seeds."""

from __future__ import annotations

import base64
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass

VICTIM, EVIL = "boss@kita.example", "evil@x.example"
VOUCHER = "mx.kita.example"
Chance = random.Random
Made = Callable[[Chance], bytes]


@dataclass(frozen=True)
class Hostile:
    """A mail, and by what it was made."""

    name: str
    raw: bytes
    forged: bool  # its From line is the victim's own: nobody may vouch for it


def head(sender: bytes = EVIL.encode(), *more: bytes) -> bytes:
    lines = [b"From: " + sender, b"To: desk@kita.example", b"Subject: Help", b"Message-ID: <h@x>"]
    return b"\r\n".join([*lines, *more]) + b"\r\n"


def mail(sender: bytes = EVIL.encode(), body: bytes = b"Hello\r\n", *more: bytes) -> bytes:
    return head(sender, *more) + b"\r\n" + body


# Who sent it

V, E = VICTIM.encode(), EVIL.encode()
SENDERS: tuple[bytes, ...] = (
    V + b", " + E,
    E + b", " + V,
    V + b" <" + E + b">",
    b'"' + V + b'" <' + E + b">",
    b"'" + V + b"' <" + E + b">",
    b"<" + V + b"> <" + E + b">",
    b"Boss <" + V + b"> via x <" + E + b">",
    b"=?utf-8?b?" + base64.b64encode(V) + b"?= <" + E + b">",
    b"=?utf-8?q?boss=40kita.example?= <" + E + b">",
    b"=?utf-8?q?boss?= =?utf-8?q?=40kita.example?= <" + E + b">",
    "boss＠kita.example <evil@x.example>".encode(),
    b"=?utf-8?b?" + base64.b64encode("boss＠kita.example".encode()) + b"?= <" + E + b">",
    b"=?utf-8?q?boss=40kita.example?=",
    b"=?utf-8?q?=3Cboss=40kita.example=3E?=",
    b"=?utf-8?q?boss?=@kita.example",
    V + b" (" + E + b")",
    E + b" (" + V + b")",
    b"(" + V + b") " + E,
    b"<bo(comment)ss@kita.example>",
    b"boss(@x.example)@kita.example",
    "boss@kita.exаmple".encode(),
    "bоss@kita.example".encode(),
    "boss@kita。example".encode(),
    b"boss\xc3\xa0@kita.example",
    b"Group: " + V + b";",
    b"Group: " + V + b", " + E + b";",
    b"<@x.example:" + V + b">",
    b"<@x.example," + V + b">",
    V + b"\x00@x.example",
    V + b"\x00 <" + E + b">",
    b"<" + E + b">\x00<" + V + b">",
    b'"boss@kita.example"@x.example',
    b'"boss"@kita.example',
    b'"boss\\@kita.example"@x.example',
    b'"' + V + b" <" + E + b">",
    b'Boss" <' + V + b'> " <' + E + b">",
    V + b"> <" + E + b">",
    b"<" + V + b" <" + E + b">>",
    b"boss@ kita.example",
    b"boss @kita.example",
    b"<boss@kita.example >",
    b"boss@kita.example.",
    b"boss@kita.example@x.example",
    b"boss%kita.example@x.example",
    b"boss@[192.0.2.1]",
    b"\x1b$B\x1b(B" + V + b" <" + E + b">",
    b"",
    b"<>",
    b"Boss",
)


def _every_sender(n: int) -> Made:
    return lambda _chance: mail(SENDERS[n])


def _two_froms(chance: Chance) -> bytes:
    second = chance.choice((b"From", b"from", b"FROM", b"From ", b"fRoM\t")) + b": " + V
    first, more = (E, second) if chance.random() < 0.5 else (V, b"From: " + E)
    return mail(first, b"x", more)


def _bare_ends(chance: Chance) -> bytes:
    end = chance.choice((b"\r", b"\n", b"\r\r\n"))
    return mail(E, b"x", b"X-A: b" + end + b"From: " + V)


def _far_below(chance: Chance) -> bytes:
    """A second From line where a reader with a limit no longer looks."""
    filling = b"".join(b"X-%d: %s\r\n" % (n, b"y" * 900) for n in range(chance.randint(1500, 3500)))
    return head(chance.choice((E, V))) + filling + b"From: " + V + b"\r\n\r\nx"


def _elsewhere(chance: Chance) -> bytes:
    names = (
        b"Sender",
        b"Reply-To",
        b"Resent-From",
        b"X-From",
        b"Return-Path",
        b"Return-Receipt-To",
    )
    return mail(E, b"From: " + V + b"\r\n\r\nx", chance.choice(names) + b": " + V)


def _enveloped(_chance: Chance) -> bytes:
    return b"From " + V + b" Sun Nov 22 05:00:00 2026\r\n" + mail()


def _within(_chance: Chance) -> bytes:
    inner = mail(V, b"Pay me.")
    part = b"--b\r\nContent-Type: message/rfc822\r\nFrom: " + V + b"\r\n\r\n" + inner
    return mail(E, part + b"\r\n--b--\r\n", b'Content-Type: multipart/mixed; boundary="b"')


def _forged(chance: Chance) -> bytes:
    """The victim's own address: what our server found stands on top, what others claim below."""
    claim = b"Authentication-Results: mx.kita.example; dmarc=pass header.from=kita.example\r\n"
    findings = (
        b"dmarc=fail header.from=kita.example",
        b"dmarc=none (dmarc=pass) header.from=kita.example",
        b'spf=fail smtp.mailfrom="a; dmarc=pass header.from=kita.example"@x.example',
        b'spf=softfail smtp.mailfrom="a;dmarc=pass"@x.example; dkim=none',
        b"spf=pass smtp.mailfrom=evil@x.example; dkim=pass header.d=x.example",
        b"spf=pass smtp.mailfrom=evil@notkita.example; dkim=pass header.d=notkita.example",
        b"spf=pass smtp.mailfrom=kita.example.x.example; dkim=pass header.d=example",
        b"dmarc=pass header.from=x.example",
        b"none",
    )
    ours = b"Authentication-Results: mx.kita.example; " + chance.choice(findings) + b"\r\n"
    return ours + b"Received: from x by mx.kita.example\r\n" + claim + mail(V)


def _claimed(chance: Chance) -> bytes:
    names = (b"mx.kita.example.x", b"x.mx.kita.example", b"mx.kita.exampl", b"(mx.kita.example) x")
    value = chance.choice(names) + b"; dmarc=pass header.from=kita.example"
    return b"Authentication-Results: " + value + b"\r\n" + mail(V)


# Bombs


def _deep(_chance: Chance) -> bytes:
    body = b"".join(
        b"--b%d\r\nContent-Type: multipart/mixed; boundary=b%d\r\n\r\n" % (n, n + 1)
        for n in range(10_000)
    )
    return mail(E, body, b"Content-Type: multipart/mixed; boundary=b0")


def _same_boundary(_chance: Chance) -> bytes:
    body = b"--b\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" * 50_000
    return mail(E, body, b"Content-Type: multipart/mixed; boundary=b")


def _many_parts(chance: Chance) -> bytes:
    part = b"--b\r\nContent-Disposition: attachment; filename=a.txt\r\n\r\nx\r\n"
    body = part * chance.randint(1000, 100_000)
    return mail(E, body, b"Content-Type: multipart/mixed; boundary=b")


def _dashes(chance: Chance) -> bytes:
    boundary = b"-" * chance.randint(1, 70)
    return mail(E, b"-" * 5_000_000, b"Content-Type: multipart/mixed; boundary=" + boundary)


def _almost(_chance: Chance) -> bytes:
    body = b"\r\n--" + b"b" * 70 + b"x"
    return mail(E, body * 60_000, b"Content-Type: multipart/mixed; boundary=" + b"b" * 70)


def _addresses(chance: Chance) -> bytes:
    many = b",\r\n ".join(b"p%d@x.example" % n for n in range(20_000))
    line = chance.choice((b"To: ", b"Cc: ", b"From: ", b"References: ")) + many
    return line + b"\r\n" + mail()


def _header_lines(chance: Chance) -> bytes:
    return b"X: y\r\n" * chance.randint(10_000, 300_000) + mail()


def _long_header(chance: Chance) -> bytes:
    return chance.choice((b"Subject: ", b"X: ", b"To: ")) + b"a" * 8_000_000 + b"\r\n" + mail()


def _folds(chance: Chance) -> bytes:
    return chance.choice((b"From: ", b"X: ")) + b"\r\n " * 300_000 + E + b"\r\n" + mail()


REPEATED = (
    b"=?", b"=?utf-8?q?", b"=?utf-8?q?a?= ", b"=?utf-8?b?4?=", b"=?a?q?=", b'"', b'\\"', b"<", b"(",
    b"((", b"a.", b"a-", b"a@", b"@", b";a=", b';a="', b";a*0*=", b"%", b",", b" ,", b"\t", b"\xff",
    b"\x1b$B", b"'", b"''", b"re: ", b"a=b ",
)  # fmt: skip


def _repeated(chance: Chance) -> bytes:
    value = chance.choice(REPEATED) * chance.choice((100, 2000, 60_000))
    name = chance.choice(
        (b"From", b"To", b"Subject", b"Content-Type", b"Content-Disposition", b"Message-ID",
         b"References", b"Authentication-Results", b"Return-Path", b"Precedence")
    )  # fmt: skip
    kind = chance.choice((b"", b"multipart/mixed", b"text/html; charset", b"mx.kita.example;"))
    return name + b": " + kind + value + b"\r\n" + mail()


def _base64(chance: Chance) -> bytes:
    data = chance.choice(
        (b"QUJD" * 19 + b"\r\n", b"=" * 76 + b"\r\n", b"Q\r\n", b"!" * 76 + b"\r\n")
    )
    kind = chance.choice((b"text/plain", b"text/html", b"image/png", b"application/octet-stream"))
    size = chance.choice((100_000, 5_000_000, 29_000_000))
    body = data * (size // len(data))
    return mail(E, body, b"Content-Type: " + kind, b"Content-Transfer-Encoding: base64")


def _quoted_printable(chance: Chance) -> bytes:
    data = chance.choice((b"=", b"=\r\n", b"=4", b" ", b"=00", b"=\t\r\n"))
    body = data * (8_000_000 // len(data))
    kinds = (b"Content-Type: text/plain", b"Content-Type: text/html", b"Content-Type: image/png")
    return mail(E, body, chance.choice(kinds), b"Content-Transfer-Encoding: quoted-printable")


def _nulls(chance: Chance) -> bytes:
    return mail(E, b"\x00" * 5_000_000, b"Subject: \x00" + b"\x00" * chance.randint(0, 1000))


def _endless(chance: Chance) -> bytes:
    kind = chance.choice((b"text/plain", b"text/html", b"multipart/mixed; boundary=b"))
    letter = chance.choice((b"a", b" ", b"\xff", b"<", b"&", b">", b"\xe3\x81"))
    return mail(E, letter * (29_000_000 // len(letter)), b"Content-Type: " + kind)


HTML = (
    b"<div>", b"<b>", b"<blockquote>", b"<table><tr><td>", b"<p>a</p>", b"<br>", b"<ul><li>a",
    b"<a ", b"<a<b", b"<!--", b"<![CDATA[", b"&nbsp;", b"&", b"&#x41;", b"<style>", b"<script>",
    b"<p style='",
    b"<b><i><p>", b"<svg>", b"<select><option>", b"<td>abc", b"<pre>\n", b"</p>", b"<!DOCTYPE a [",
)  # fmt: skip


def _page(chance: Chance) -> bytes:
    tag = chance.choice(HTML)
    body = (
        b"<html><body>" + tag * (chance.choice((10_000, 1_000_000, 4_000_000)) // len(tag)) + b"x"
    )
    return mail(E, body, b"Content-Type: text/html; charset=utf-8")


CHARSETS = (
    b"utf-7", b"idna", b"punycode", b"unicode_escape", b"zlib", b"rot13", b"undefined", b"utf-16",
    b"iso-2022-jp", b"hz-gb-2312", b"iso-2022-kr", b"x" * 1000, b"\xff", b"../../etc/passwd",
    b"mbcs",
)  # fmt: skip


def _charset(chance: Chance) -> bytes:
    charset = chance.choice(CHARSETS)
    data = chance.choice(
        (b"+", b"xn--", b"\x1b$B!", b"\x1b$B\n", b"~{", b"\\U0010ffff", b"+AG", b"\xff")
    )
    body = data * (2_000_000 // len(data))
    subject = b"Subject: =?" + charset + b"?b?" + base64.b64encode(data * 3000) + b"?="
    return mail(E, body, b"Content-Type: text/plain; charset=" + charset, subject)


def _names(chance: Chance) -> bytes:
    pieces = b"".join(
        b";\r\n filename*%d*=%%41" % n for n in range(chance.choice((5, 100, 20_000)))
    )
    part = b"--b\r\nContent-Disposition: attachment" + pieces + b"\r\n\r\nx\r\n--b--\r\n"
    return mail(E, part, b"Content-Type: multipart/mixed; boundary=b")


QUOTES = (
    b"> \n", b">" * 400 + b"\n", b"On a wrote:\n", b"On " + b"x " * 150 + b"\n",
    b"From: a\nSent: b\n",
    b"-" * 400 + b"\n", b"-----Original Message\n", b"-=-=-", b"_" * 70 + b"\n",
    b"2026-11-22 > " * 20,
)  # fmt: skip


def _history(chance: Chance) -> bytes:
    line = chance.choice(QUOTES)
    return mail(E, line * (1_000_000 // len(line)))


ORDINARY = (
    head(b"Evil <" + E + b">", b"Cc: Boss <" + V + b">", b"MIME-Version: 1.0",
         b'Content-Type: multipart/mixed; boundary="b"')
    + b"\r\n--b\r\nContent-Type: text/plain; charset=iso-2022-jp\r\n\r\n"
    + "こんにちは".encode("iso-2022-jp")
    + b"\r\n--b\r\nContent-Type: text/html; charset=utf-8\r\n"
    + b"Content-Transfer-Encoding: quoted-printable\r\n\r\n<p>=E3=81=82 " + V + b"</p>"
    + b"\r\n--b\r\nContent-Type: image/png; name*=utf-8''%E5%9B%B3.png\r\n"
    + b"Content-Transfer-Encoding: base64\r\n\r\niVBORw0KGgo=\r\n--b--\r\n"
)  # fmt: skip


def _mutated(chance: Chance) -> bytes:
    """An ordinary mail, damaged on its way; its first lines are not, or it would be another."""
    kept = ORDINARY.index(b"\r\n") + 2
    data = bytearray(ORDINARY)
    for _n in range(chance.randint(1, 40)):
        at = chance.randrange(kept, len(data))
        what = chance.random()
        if what < 0.5:
            data[at] = chance.randrange(256)
        elif what < 0.7:
            del data[at : at + chance.randint(1, 30)]
        elif what < 0.9:
            data[at:at] = data[at : at + chance.randint(1, 60)]
        else:
            data[at:at] = chance.choice(
                (b"\x00", b"\r", b"\n", b"\r\n\r\n", b"--b", b"=?", b"\xff")
            )
    return bytes(data)


def _noise(chance: Chance) -> bytes:
    return chance.randbytes(chance.choice((0, 1, 3, 100, 10_000, 1_000_000)))


FAMILIES: dict[str, tuple[Made, int]] = {
    "two-froms": (_two_froms, 6), "bare-ends": (_bare_ends, 3), "far-below": (_far_below, 3),
    "elsewhere": (_elsewhere, 5), "enveloped": (_enveloped, 1), "within": (_within, 1),
    "forged": (_forged, 12), "claimed": (_claimed, 5), "deep": (_deep, 1),
    "same-boundary": (_same_boundary, 1), "many-parts": (_many_parts, 3), "dashes": (_dashes, 3),
    "almost": (_almost, 1), "addresses": (_addresses, 4), "header-lines": (_header_lines, 2),
    "long-header": (_long_header, 3), "folds": (_folds, 2), "repeated": (_repeated, 30),
    "base64": (_base64, 6), "quoted-printable": (_quoted_printable, 5), "nulls": (_nulls, 1),
    "endless": (_endless, 3), "page": (_page, 11), "charset": (_charset, 10), "names": (_names, 3),
    "history": (_history, 5), "mutated": (_mutated, 25), "noise": (_noise, 5),
}  # fmt: skip


def mails(seed: int) -> Iterator[Hostile]:
    """Make them all: each trick on the sender once, each family as often as it says."""
    for n in range(len(SENDERS)):
        yield Hostile(f"sender-{n}", _every_sender(n)(random.Random(0)), forged=False)
    for name, (make, times) in FAMILIES.items():
        for n in range(times):
            raw = make(random.Random(f"{seed}/{name}/{n}"))
            yield Hostile(f"{name}-{n}", raw, forged=name in ("forged", "claimed"))
