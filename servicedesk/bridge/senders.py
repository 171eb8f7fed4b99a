"""Whose mail it is and to whom it went: read by a small grammar, refused where it is not clear.

What other programs guess of an odd From line is what forgers live on.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Final

from config import MAIL_ADDRESS
from servicedesk.bridge import headers
from servicedesk.bridge.headers import Head

MOST_RECIPIENTS: Final = 100
MOST_REFERENCES: Final = 50
LONGEST: Final = 254  # of an address, in characters
LONGEST_LOCAL: Final = 64
LONGEST_FROM: Final = 2000
NAME_LENGTH: Final = 120

QUOTED: Final = r'"(?:[^"\\]|\\.)*"'
FROM: Final = re.compile(rf"((?:{QUOTED}|[^\"<>()\[\]:;,@\\])*)<([^<>\s]*)>", re.DOTALL)
SOMEBODY: Final = re.compile(r"[^\s<>\"]@[^\s<>\"]")
TO: Final = ("delivered-to", "x-original-to", "envelope-to", "to", "cc")
BETWEEN: Final = re.compile(r"[\s,;:<>\"()\[\]']+")
ID: Final = re.compile(r"<([^<>\s]{1,250})>")


def sender(head: Head) -> tuple[str | None, str, list[str]]:
    """Give the one sender's address in lower case or None, the name shown, and what is odd."""
    values = head.all("from")
    if len(values) != 1 or head.cut:
        # a second line may stand where a cut head was not read
        return None, "", ["sender-twice" if len(values) > 1 else "sender-missing"]
    said = headers.unfolded(values[0])
    if len(said) > LONGEST_FROM:
        return None, "", ["sender-unclear"]
    shown, address = _parted(said)
    name = _name(shown)
    if address is None:
        return None, name, [_why_not(said)]
    if not clear(address):
        return None, name, ["sender-unclear" if address.isascii() else "sender-foreign"]
    if _poses(name, address):
        return None, name, ["sender-posing"]
    return address.lower(), name, []


def clear(address: str) -> bool:
    """Say whether this is one plain address."""
    local = address.partition("@")[0]
    short = len(address) <= LONGEST and len(local) <= LONGEST_LOCAL
    return short and "=?" not in address and MAIL_ADDRESS.fullmatch(address) is not None


def _parted(said: str) -> tuple[str, str | None]:
    """Take `Name <address>` or `address` apart; no address where it is neither."""
    said = said.strip()
    if found := FROM.fullmatch(said):
        return found[1], found[2]
    return ("", said) if re.fullmatch(r"[^\s<>\"(),:;\[\]\\]+", said) else (said, None)


def _why_not(said: str) -> str:
    bare = re.sub(QUOTED, "", said)
    if not bare.strip():
        return "sender-missing" if not said.strip() else "sender-unclear"
    return "sender-several" if "," in bare or bare.count("<") > 1 else "sender-unclear"


def _name(shown: str) -> str:
    """Give the name without quotation marks, decoded, in one short line."""
    bare = re.sub(r"\\(.)", r"\1", shown.replace('"', "")) if '"' in shown else shown
    seen = "".join(c for c in headers.line(bare) if unicodedata.category(c) not in ("Cf", "Co"))
    return seen[:NAME_LENGTH].strip()


def _poses(name: str, address: str) -> bool:
    """Say whether the name shown looks like somebody else's address."""
    plain = unicodedata.normalize("NFKC", name).lower()
    return SOMEBODY.search(plain.replace(address.lower(), "")) is not None


# To whom


def recipients(head: Head, envelope: str | None) -> tuple[tuple[str, ...], bool]:
    """Give the addresses it went to, the envelope's first; and whether there were too many."""
    found = dict[str, None]()
    for each in _tokens(head, envelope):
        if len(found) == MOST_RECIPIENTS:
            return tuple(found), True
        if len(each) <= LONGEST and clear(each):
            found[each.lower()] = None
    return tuple(found), False


def _tokens(head: Head, envelope: str | None) -> Iterator[str]:
    yield (envelope or "").strip()
    for name in TO:
        for value in head.all(name):
            yield from BETWEEN.split(headers.unfolded(value))


# Which messages


def message_id(head: Head) -> str | None:
    """Give the id of the message; None where there is not exactly one."""
    values = head.all("message-id")
    found = ID.fullmatch(headers.unfolded(values[0]).strip()) if len(values) == 1 else None
    return found[1] if found else None


def references(head: Head) -> tuple[str, ...]:
    """Give the ids of the messages it answers: In-Reply-To's, then the latest of References."""
    answered = ids(head.all("in-reply-to"))
    earlier = reversed(ids(head.all("references")))
    return tuple(dict.fromkeys([*answered, *earlier]))[:MOST_REFERENCES]


def ids(values: Iterable[bytes]) -> list[str]:
    """Give all ids in some fields."""
    return [each for value in values for each in ID.findall(headers.unfolded(value))]
