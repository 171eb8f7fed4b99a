"""The head of a mail or of one of its parts: split into fields in bounded fashion, and decoded."""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from servicedesk.bridge import charsets

MOST_BYTES: Final = 1 << 20  # of one head: 20,000 addresses are less
MOST_FIELDS: Final = 3000
MOST_FIELD: Final = 1 << 17  # bytes of one field
MOST_WORDS: Final = 2000  # encoded words in one field

END: Final = re.compile(rb"(?:\r\n|\n|\r(?!\n))(?:\r\n|\n|\r)")
LINE: Final = re.compile(rb"\r\n|\n|\r")
NAME: Final = re.compile(rb"([!-9;-~]{1,200})[ \t]*:")
# An envelope's line, as a pipe or an old mailbox file puts it before the head.
ENVELOPE: Final = re.compile(rb"(?:>?From )[^\r\n]*(?:\r\n|\n|\r)")


@dataclass(frozen=True)
class Field:
    """One field: its name in lower case, and its value as it came, unfolded."""

    name: str
    value: bytes


@dataclass
class Head:
    """The fields in their order; `broken`: lines that are none; `cut`: not all of it was read."""

    fields: list[Field] = field(default_factory=list)
    broken: bool = False
    cut: bool = False

    def all(self, name: str) -> list[bytes]:
        """Give the values of all fields of a name, the topmost first."""
        return [each.value for each in self.fields if each.name == name]

    def first(self, name: str) -> bytes | None:
        """Give the topmost value of a name."""
        return next(iter(self.all(name)), None)

    def text(self, name: str) -> str:
        """Give the topmost value of a name as text in one line; empty where there is none."""
        value = self.first(name)
        return "" if value is None else line(unfolded(value))


def split(data: bytes, start: int = 0, end: int | None = None) -> tuple[Head, int]:
    """Read the head that begins at `start`; gives it, and where the body begins."""
    end = len(data) if end is None else end
    if envelope := ENVELOPE.match(data, start, end):
        start = envelope.end()
    if blank := LINE.match(data, start, end):  # no head at all
        return Head(), blank.end()
    found = END.search(data, start, end)
    stop, body = (found.start(), found.end()) if found else (end, end)
    head = _fields(data[start : min(stop, start + MOST_BYTES)])
    head.cut = head.cut or stop - start > MOST_BYTES
    # text without any head: all of it is the body
    return (head, body) if head.fields else (Head(broken=True), start)


def _fields(block: bytes) -> Head:
    """Read the fields of a head; a line that is none is left out."""
    head = Head()
    name, lines = "", list[bytes]()
    for each in LINE.split(block):
        if each[:1] in (b" ", b"\t"):
            head.broken = head.broken or not name
            lines.append(each)
            continue
        _close(head, name, lines)
        found = NAME.match(each)
        name, lines = (
            (found[1].decode("ascii").lower(), [each[found.end() :]]) if found else ("", [])
        )
        head.broken = head.broken or not found
        if len(head.fields) >= MOST_FIELDS:
            head.cut = True
            return head
    _close(head, name, lines)
    return head


def _close(head: Head, name: str, lines: list[bytes]) -> None:
    if name:
        value = b"\n".join(lines)
        head.cut = head.cut or len(value) > MOST_FIELD
        head.fields.append(Field(name, value[:MOST_FIELD].strip()))


# Text in fields

WORD: Final = re.compile(r"=\?([\w.+:-]{1,60}?)(?:\*[\w-]{0,40})?\?([bBqQ])\?([^?]*)\?=")
SPACE: Final = re.compile(r"\s+")


def unfolded(value: bytes) -> str:
    """Give a value as text with its line ends gone; encoded words stay as they are."""
    text, _wrong = charsets.decode(value, None)
    return charsets.clean(text).replace("\n", "")


def line(text: str) -> str:
    """Decode the encoded words of a text, and make it one line."""
    return SPACE.sub(" ", "".join(_spoken(text))).strip()


def _spoken(text: str) -> Iterator[str]:
    """Give the text's pieces; neighbouring words of one charset are put together before decoding.

    Some mail programs break a letter's bytes over two words.
    """
    at, charset, waiting = 0, "", b""
    for n, word in enumerate(WORD.finditer(text)):
        if n >= MOST_WORDS:
            break
        between = text[at : word.start()]
        apart = bool(between.strip()) or not waiting or word[1].lower() != charset
        if apart:
            yield _told(waiting, charset)
            yield "" if waiting and not between.strip() else between
            waiting = b""
        charset, waiting, at = word[1].lower(), waiting + _bytes(word[2], word[3]), word.end()
    yield _told(waiting, charset)
    yield text[at:]


def _told(data: bytes, charset: str) -> str:
    return charsets.clean(charsets.decode(data, charset)[0]) if data else ""


def _bytes(way: str, said: str) -> bytes:
    """Decode what stands in an encoded word."""
    raw = said.encode("utf-8", "ignore")
    if way in "qQ":
        return binascii.a2b_qp(SPACE.sub("_", said).encode("utf-8", "ignore"), header=True)
    return unbase64(raw)[0]


NOT_BASE64: Final = bytes(
    set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
)


def unbase64(data: bytes) -> tuple[bytes, bool]:
    """Decode base64 as far as it goes; gives whether it was broken."""
    kept = data.translate(None, NOT_BASE64)
    padding = -len(kept) % 4
    if padding == 3:  # one letter more than there are bytes for
        kept, padding = kept[:-1], 0
    try:
        decoded = binascii.a2b_base64(kept + b"=" * padding)
    except binascii.Error:
        return b"", True
    strange = len(data.translate(None, b"\r\n\t =")) != len(data.translate(None, NOT_BASE64))
    return decoded, strange


# Parameters, of Content-Type and Content-Disposition

PARAMETER: Final = re.compile(
    r""";\s*([^\s=;"]{1,80})\s*=\s*("(?:[^"\\]|\\.)*"|[^;]*)""", re.DOTALL
)
PIECE: Final = re.compile(r"([^*]+)(?:\*(\d{1,3}))?(\*)?")
MOST_PARAMETERS: Final = 100
MOST_VALUE: Final = 4000  # characters of a field with parameters


def parameters(text: str) -> tuple[str, dict[str, str]]:
    """Take `main; name=value; …` apart, as RFC 2231 splits and encodes names and values."""
    text = text[:MOST_VALUE]
    main = text.partition(";")[0].strip().lower()
    pieces = dict[str, list[tuple[int, bool, str]]]()
    for n, found in enumerate(PARAMETER.finditer(text)):
        piece = PIECE.fullmatch(found[1].lower())
        if n < MOST_PARAMETERS and piece:
            at = int(piece[2] or 0)
            pieces.setdefault(piece[1], []).append((at, bool(piece[3]), _unquoted(found[2])))
    return main, {name: _joined(each) for name, each in pieces.items()}


def _unquoted(value: str) -> str:
    value = value.strip()
    if len(value) >= 2 and value[0] == value[-1] == '"':
        return re.sub(r"\\(.)", r"\1", value[1:-1])
    return value


def _joined(pieces: list[tuple[int, bool, str]]) -> str:
    pieces.sort(key=lambda piece: piece[0])
    if not any(encoded for _at, encoded, _value in pieces):
        return line("".join(value for _at, _encoded, value in pieces))
    charset, data = "", b""
    for n, (_at, encoded, value) in enumerate(pieces):
        if n == 0 and encoded and value.count("'") >= 2:
            charset, _language, value = value.split("'", 2)
        data += _unpercented(value) if encoded else value.encode("utf-8", "ignore")
    return charsets.clean(charsets.decode(data, charset)[0])


def _unpercented(value: str) -> bytes:
    return re.sub(
        rb"%([0-9A-Fa-f]{2})",
        lambda found: bytes((int(found[1], 16),)),
        value.encode("utf-8", "ignore"),
    )
