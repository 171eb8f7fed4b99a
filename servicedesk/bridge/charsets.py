"""Turns bytes into text by the charset that a mail names, or by what they look like."""

from __future__ import annotations

import codecs
import re
from typing import Final

LATIN: Final = ("cp1252", "latin-1", "ascii")
# What mails call them -> Python's codec, of what mail programs mean by it.
CODECS: Final = {
    "us-ascii": "ascii", "ascii": "ascii", "ansi_x3.4-1968": "ascii",
    "utf-8": "utf-8", "utf8": "utf-8", "unicode-1-1-utf-8": "utf-8", "utf-7": "utf-7",
    "utf-16": "utf-16", "utf-16le": "utf-16-le", "utf-16be": "utf-16-be",
    "iso-2022-jp": "jis", "iso-2022-jp-ms": "jis", "iso-2022-jp-1": "iso2022_jp_1",
    "iso-2022-jp-2": "iso2022_jp_2", "iso-2022-jp-3": "iso2022_jp_3",
    "iso-2022-jp-2004": "iso2022_jp_2004", "csiso2022jp": "jis", "cp50220": "jis",
    "shift_jis": "cp932", "shift-jis": "cp932", "sjis": "cp932", "x-sjis": "cp932",
    "windows-31j": "cp932", "ms_kanji": "cp932", "cp932": "cp932", "csshiftjis": "cp932",
    "euc-jp": "euc_jp", "x-euc-jp": "euc_jp", "eucjp": "euc_jp",
    "iso-8859-1": "cp1252", "latin1": "cp1252", "windows-1252": "cp1252", "cp1252": "cp1252",
    "gb2312": "gb18030", "gbk": "gb18030", "gb18030": "gb18030", "hz-gb-2312": "hz",
    "big5": "cp950", "big5-hkscs": "big5hkscs", "euc-kr": "cp949",
    "ks_c_5601-1987": "cp949", "cp949": "cp949", "iso-2022-kr": "iso2022_kr",
    "koi8-r": "koi8_r", "koi8-u": "koi8_u", "tis-620": "cp874", "macintosh": "mac_roman",
    **{f"iso-8859-{n}": f"iso8859_{n}" for n in (2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 14, 15, 16)},
    **{f"windows-{n}": f"cp{n}" for n in (874, 1250, 1251, 1253, 1254, 1255, 1256, 1257, 1258)},
}  # fmt: skip
CONTROLS: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufeff]")
KANA: Final = re.compile("[ぁ-んァ-ヶー]")
BEYOND_ASCII: Final = re.compile(r"[^\x00-\x7f]")
ESCAPE: Final = re.compile(rb"\x1b([$][@B]|[$]\([@BD]|\([BJIH])")


def decode(data: bytes, label: str | None) -> tuple[str, bool]:
    """Give the text, and whether the label was wrong; never fails, whatever is in it."""
    codec = CODECS.get((label or "").strip().strip("\"'").lower())
    text = _labelled(data, codec) if codec else None
    if text is not None:
        return text, False
    # without a label anything may be in it that is ASCII or UTF-8
    guessed, plain = _guessed(data)
    return guessed, bool(label) or not plain


def clean(text: str) -> str:
    """Take away what no text has, and write every line's end in one way."""
    return CONTROLS.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def _labelled(data: bytes, codec: str) -> str | None:
    """Decode as the mail says; None where that can't be right."""
    if codec in LATIN and _is_not_latin(data):
        return None
    if codec == "utf-8" and b"\x1b$" in data:
        return None
    if codec == "jis":
        return _jis(data) if data.isascii() else None
    return _strictly(data, codec)


def _is_not_latin(data: bytes) -> bool:
    """Almost all bytes are some letter of Latin charsets: see whether it is clearly another."""
    if b"\x1b$" in data:
        return True
    if data.isascii():
        return False
    return _strictly(data, "utf-8") is not None or any(
        _is_japanese(_strictly(data, codec)) for codec in ("euc_jp", "cp932")
    )


def _strictly(data: bytes, codec: str) -> str | None:
    try:
        return codecs.decode(data, codec)
    except (UnicodeError, ValueError):
        return None


def _is_japanese(text: str | None) -> bool:
    """No text without kana is taken for Japanese against what the mail says."""
    if text is None:
        return False
    return 3 * len(KANA.findall(text)) >= len(BEYOND_ASCII.findall(text)) > 0


def _guessed(data: bytes) -> tuple[str, bool]:
    """Give the likeliest text, and whether it is ASCII or UTF-8."""
    if b"\x1b$" in data and data.isascii():
        return _jis(data), False
    if (text := _strictly(data, "utf-8")) is not None:
        return text, True
    known = [text for codec in ("euc_jp", "cp932") if (text := _strictly(data, codec)) is not None]
    likely = [text for text in known if _is_japanese(text)]
    if likely:
        return max(likely, key=lambda text: len(KANA.findall(text))), False
    return _mended(data), False


def _mended(data: bytes) -> str:
    """Give UTF-8 with holes where most of it is that, else Western text."""
    text = data.decode("utf-8", "replace")
    high = len(BEYOND_ASCII.findall(text))
    if high and text.count("\ufffd") * 2 <= high:
        return text
    return (
        data.decode("cp1252", "replace")
        if _strictly(data, "cp1252")
        else data.decode("latin-1", "replace")
    )


def _jis(data: bytes) -> str:
    """Decode ISO-2022-JP with what Windows adds to it, ① or ㈱, as Python's codec does not."""
    pieces = ESCAPE.split(data)
    told = [pieces[0].decode("ascii", "replace")]
    for shift, piece in zip(pieces[1::2], pieces[2::2], strict=True):
        told.append(_shifted(shift, piece))
    return "".join(told)


def _shifted(shift: bytes, piece: bytes) -> str:
    if shift in (b"$@", b"$B", b"$(@", b"$(B"):
        return _double(piece)
    if shift == b"(I":
        return bytes(each | 0x80 if each > 0x20 else each for each in piece).decode(
            "cp932", "replace"
        )
    if shift == b"$(D":
        return (b"\x1b$(D" + piece + b"\x1b(B").decode("iso2022_jp_1", "replace")
    return piece.decode("ascii", "replace")


def _double(piece: bytes) -> str:
    """Two bytes for each sign: as Shift_JIS has them. A line's end also ends them."""
    head, newline, rest = piece.partition(b"\n")
    told = "".join(
        _sign(head[n], head[n + 1]) if n + 1 < len(head) else "\ufffd"
        for n in range(0, len(head.rstrip(b"\r")), 2)
    )
    return told + (newline + rest).decode("ascii", "replace")


def _sign(row: int, cell: int) -> str:
    if not (0x21 <= row <= 0x7E and 0x21 <= cell <= 0x7E):
        return "\ufffd"
    first = (row + 1) // 2 + (0x70 if row < 0x5F else 0xB0)
    second = cell + ((0x20 if cell > 0x5F else 0x1F) if row % 2 else 0x7E)
    return bytes((first, second)).decode("cp932", "replace")
