"""Reads a list of people: each line's fields, or what is wrong with them."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import zip_longest

from servicedesk.people import timezones
from servicedesk.people.permissions import ROLES

NEEDED = ("key", "name", "mail")
OPTIONAL = ("phone", "department", "roles", "manager", "deputy", "language", "zone")
COLUMNS = NEEDED + OPTIONAL
LONGEST = {"name": 200, "mail": 254, "phone": 40, "department": 200, "zone": 64}
LANGUAGES = ("en", "ja")
MOST_BYTES = 20_000_000

_KEY = re.compile(r"[a-z0-9-]{1,64}")
_MAIL = re.compile(r"[^@\s<>,;:\"]+@[^@\s<>,;:\"]+")
_BETWEEN = re.compile(r"[\s;,、]+")


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """What is wrong at a line: a code, and what stands there."""

    line: int
    field: str  # "" : the line as a whole
    code: str
    value: str = ""
    other: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """Somebody in the list; only fields of the file's columns, None where the cell is empty."""

    line: int
    key: str
    fields: Mapping[str, str | list[str] | None]

    def one(self, name: str) -> str | None:
        """Give a field that is one text."""
        value = self.fields.get(name)
        return value if isinstance(value, str) else None


@dataclass
class Roster:
    """A list of people as it was read."""

    entries: list[Entry] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    # also of the lines with a problem, so that naming them is not another one
    keys: set[str] = field(default_factory=set)
    columns: tuple[str, ...] = ()


class _Wrong(Exception):
    def __init__(self, code: str, value: str = "", line: int = 1) -> None:
        self.code, self.value, self.line = code, value, line


def read(data: bytes) -> Roster:
    """Read a file: everybody in it, and everything that is wrong with it."""
    roster = Roster()
    try:
        _read(io.StringIO(_decoded(data), newline=""), roster)
    except _Wrong as wrong:
        roster.problems.append(Problem(wrong.line, "", wrong.code, wrong.value))
    _find_twice(roster)
    return roster


def _decoded(data: bytes) -> str:
    if len(data) > MOST_BYTES:
        raise _Wrong("large", str(MOST_BYTES // 1_000_000))
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if _is_broken_utf8(data):
            raise _Wrong("utf-8", line=1 + data.count(b"\n", 0, error.start)) from None
    try:
        return data.decode("cp932")  # what Japanese Excel writes
    except UnicodeDecodeError as error:
        raise _Wrong("encoding", line=1 + data.count(b"\n", 0, error.start)) from None


def _is_broken_utf8(data: bytes) -> bool:
    """Say whether a file was meant as UTF-8: most of what isn't ASCII can be read as it."""
    text = data.decode("utf-8", "replace")
    unread = text.count("\ufffd")
    return data.startswith(b"\xef\xbb\xbf") or sum(not c.isascii() for c in text) > 2 * unread


def _read(file: io.StringIO, roster: Roster) -> None:
    reader = csv.reader(file, strict=True)
    line = 1
    try:
        roster.columns = _header(next(reader, []))
        line = reader.line_num + 1
        for cells in reader:
            if any(cell.strip() for cell in cells):
                _take(roster, line, cells)
            line = reader.line_num + 1
    except csv.Error as error:
        roster.problems.append(Problem(line, "", "csv", str(error)))


def _header(cells: list[str]) -> tuple[str, ...]:
    columns = tuple(_key_like(cell) for cell in _trimmed(cells))
    for name in NEEDED:
        if name not in columns:
            raise _Wrong("column-missing", name)
    for place, name in enumerate(columns):
        if name not in COLUMNS:
            raise _Wrong("column-unknown", name)
        if name in columns[:place]:
            raise _Wrong("column-twice", name)
    return columns


def _trimmed(cells: list[str]) -> list[str]:
    """Leave out empty cells at the end: Excel writes some lines with them, and some without."""
    last = max((place for place, cell in enumerate(cells) if cell.strip()), default=-1)
    return cells[: last + 1]


def _take(roster: Roster, line: int, cells: list[str]) -> None:
    """Read one line into an entry, or into problems."""
    cells = [cell.strip() for cell in _trimmed(cells)]
    if len(cells) > len(roster.columns):
        counts = str(len(cells)), str(len(roster.columns))
        roster.problems.append(Problem(line, "", "cells", *counts))
        return
    texts = dict(zip_longest(roster.columns, cells, fillvalue=""))
    roster.keys.add(_key_like(texts["key"]))
    found = list(_fields(line, texts))
    wrong = [one for one in found if isinstance(one, Problem)]
    if wrong:
        roster.problems += wrong
        return
    fields = dict(one for one in found if not isinstance(one, Problem))
    roster.entries.append(Entry(line, str(fields.pop("key")), fields))


Field = tuple[str, str | list[str] | None]


def _fields(line: int, texts: Mapping[str, str]) -> Iterator[Field | Problem]:
    for name, text in texts.items():
        try:
            if not text and name in ("key", "name"):
                raise _Wrong("empty")
            yield name, _READ[name](text) if text else None
        except _Wrong as wrong:
            yield Problem(line, name, wrong.code, wrong.value)
    for name in ("manager", "deputy"):
        if texts.get(name) and _key_like(texts[name]) == _key_like(texts["key"]):
            yield Problem(line, name, "oneself")


def _plain(text: str) -> str:
    """Full-width letters of a Japanese keyboard are the same as plain ones."""
    return unicodedata.normalize("NFKC", text).strip()


def _key_like(text: str) -> str:
    return _plain(text).lower()


def _key(text: str) -> str:
    key = _key_like(text)
    if not _KEY.fullmatch(key):
        raise _Wrong("key", text)
    return key


def _line(name: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if len(text) > LONGEST[name]:
            raise _Wrong("long", str(LONGEST[name]))
        if any(unicodedata.category(sign) in ("Cc", "Cs", "Zl", "Zp") for sign in text):
            raise _Wrong("control")
        return text

    return read


def _mail(text: str) -> str:
    text = _line("mail")(_plain(text))
    if not _MAIL.fullmatch(text):
        raise _Wrong("mail", text)
    return text


def _roles(text: str) -> list[str]:
    words = [word for word in _BETWEEN.split(_key_like(text)) if word]
    for word in words:
        if word not in ROLES:
            raise _Wrong("role", word)
    if "partner" in words and set(words) != {"partner"}:
        raise _Wrong("partner-alone")
    return [role for role in ROLES if role in words]


def _language(text: str) -> str:
    if _key_like(text) not in LANGUAGES:
        raise _Wrong("language", text)
    return _key_like(text)


def _zone(text: str) -> str:
    if text not in timezones.known():
        raise _Wrong("zone", text)
    return text


_READ: Mapping[str, Callable[[str], str | list[str]]] = {
    "key": _key,
    "name": _line("name"),
    "mail": _mail,
    "phone": _line("phone"),
    "department": _line("department"),
    "roles": _roles,
    "manager": _key,
    "deputy": _key,
    "language": _language,
    "zone": _zone,
}


def _find_twice(roster: Roster) -> None:
    """Note keys and mail addresses that stand on two lines, at the later one."""
    for name in ("key", "mail"):
        first: dict[str, int] = {}
        for entry in roster.entries:
            value = entry.key if name == "key" else (entry.one("mail") or "").lower()
            line = first.setdefault(value, entry.line)
            if value and line != entry.line:
                roster.problems.append(Problem(entry.line, name, "twice", value, str(line)))
