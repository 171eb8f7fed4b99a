"""Reads a mail: bounded in everything, and refusing where others guess."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from servicedesk.bridge import charsets, headers, nature, pages, quoting, senders, vouching
from servicedesk.bridge.headers import Head
from servicedesk.bridge.incoming import Enclosed, Incoming, Own
from servicedesk.bridge.parts import Part, Splitting

MOST_BYTES: Final = 30 * 1024 * 1024  # of a mail: a file of 20 MB is 27 in base64
MOST_FILES: Final = 50
MOST_FILE_BYTES: Final = 25 * 1024 * 1024  # of all files together
MOST_TEXT_BYTES: Final = 1024 * 1024  # of one text, as it is encoded
MOST_PAGE_BYTES: Final = 1024 * 1024
MOST_TEXT: Final = 20_000  # characters of what was written newly
MOST_WHOLE: Final = 100_000
MOST_SUBJECT: Final = 500
MOST_NAME: Final = 255
PIECE: Final = 1 << 20

CUT: Final = "X-Service-Desk-Cut"  # topmost: only the start of a large mail was fetched
ALTERNATIVE: Final = "multipart/alternative"
ENDINGS: Final = {"text/calendar": "ics", "application/ms-tnef": "dat", "message/rfc822": "eml"}


@dataclass
class Content:
    """What was found in a mail's parts."""

    texts: list[str] = field(default_factory=list)
    files: list[Enclosed] = field(default_factory=list)
    returned: list[str] = field(default_factory=list)  # what a bounce brings back
    faults: set[str] = field(default_factory=set)


def read(raw: bytes, own: Own, envelope: str | None = None) -> Incoming:
    """Read a mail that the mail server was told to bring to `envelope`."""
    head, body = headers.split(raw)
    large = _is_large(raw, head)
    sender, name, faults = senders.sender(head)
    found, content, top = _content(raw[:body] if large else raw, head, body)
    kind = nature.automatic(head, top, sender, own)
    recipients, many = senders.recipients(head, envelope)
    whole = charsets.clean("\n\n".join(content.texts)).strip()
    text = quoting.newly(whole[:MOST_WHOLE])
    id = senders.message_id(head)
    noted = {
        "large": large,
        "headers-cut": head.cut,
        "headers-broken": head.broken,
        "addresses-cut": many,
        "text-cut": len(whole) > MOST_WHOLE or len(text) > MOST_TEXT,
        "id-missing": id is None,
        "nul": b"\x00" in raw[:body] or any("\x00" in each for each in content.texts),
    }
    return Incoming(
        message_id=id,
        digest=digest(raw),
        sender=sender,
        sender_name=name,
        recipients=recipients,
        subject=head.text("subject")[:MOST_SUBJECT],
        text=text[:MOST_TEXT],
        whole=whole[:MOST_WHOLE],
        attachments=tuple(content.files),
        references=senders.references(head),
        automatic=kind,
        bounced=_bounced(kind, head, top, content, own),
        vouched=vouching.vouched(head, sender, own.voucher),
        faults=_sorted(
            faults, found.faults, content.faults, (k for k, is_so in noted.items() if is_so)
        ),
    )


def _sorted(*faults: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted({each for some in faults for each in some}))


def _bounced(kind: str | None, head: Head, top: Part, content: Content, own: Own) -> str | None:
    if kind != "bounce" or not own.host:
        return None
    return nature.bounced(head, [*content.returned, *content.texts], own.host)


def digest(raw: bytes) -> str:
    """Give what stays the same when the same mail comes by two ways: never fails, and is quick.

    Line ends and folding differ by the way, and the Received lines. Of a large mail the body does
    not count: one way brings it, the other only how it begins.
    """
    head, body = headers.split(raw)
    told = hashlib.sha256()
    for name in ("message-id", "date", "from", "subject"):
        for value in head.all(name):
            told.update(name.encode() + b":" + b" ".join(value.split()) + b"\n")
    if not _is_large(raw, head):
        told.update(b"\n")
        for piece in _pieces(raw, body, len(raw.rstrip(b"\r\n"))):
            told.update(piece.replace(b"\r\n", b"\n").replace(b"\r", b"\n"))
    return told.hexdigest()


def _pieces(raw: bytes, start: int, end: int) -> Iterator[bytes]:
    """Give a body in pieces, not in the middle of a line's end: whole copies take memory."""
    while start < end:
        stop = min(start + PIECE, end)
        stop += raw[stop - 1 : stop + 1] == b"\r\n" and stop < end
        yield raw[start:stop]
        start = stop


def beginning(start: bytes, size: int) -> bytes:
    """Make the start of a mail that is too large a whole of its own, which says so."""
    return f"{CUT}: {size}\r\n".encode() + start


def _is_large(raw: bytes, head: Head) -> bool:
    """Whoever claims it of a mail of theirs has it set aside: no use to a forger."""
    return len(raw) > MOST_BYTES or any(each.name == CUT.lower() for each in head.fields[:1])


# What is in it


def _content(raw: bytes, head: Head, body: int) -> tuple[Splitting, Content, Part]:
    split, content = Splitting(raw), Content()
    top = split.whole(head, body)
    _gather(split, content, top)
    return split, content, top


def _gather(split: Splitting, content: Content, part: Part) -> None:
    """Take texts and files in their order; of alternatives one text and all files."""
    if part.media_type == ALTERNATIVE and part.parts:
        _choose(split, content, part)
    elif part.parts:
        for each in part.parts:
            _gather(split, content, each)
    elif part.is_file:
        _keep(split, content, part)
    else:
        _write(content, _text(split, content, part))


def _choose(split: Splitting, content: Content, part: Part) -> None:
    """Of the same thing said several ways, take the plain text, or else the page."""
    tried = []
    for each in part.parts:
        one = Content()
        _gather(split, one, each)
        content.faults |= one.faults
        plain = any(leaf.media_type == "text/plain" and not leaf.is_file for leaf in each.leaves())
        if one.texts:
            tried.append((not plain, one.texts))
        for file in one.files:
            _add(content, file)
    if tried:
        content.texts += min(tried, key=lambda each: each[0])[1]


def _write(content: Content, text: str) -> None:
    if text.strip():
        content.texts.append(text.strip("\n"))


def _text(split: Splitting, content: Content, part: Part) -> str:
    """Give a text, or a page as text."""
    page = part.media_type == "text/html"
    most, code = (MOST_PAGE_BYTES, "page-cut") if page else (MOST_TEXT_BYTES, "text-cut")
    if part.end - part.start > most:
        content.faults.add(code)
    data = split.content(part, most)
    text, wrong = charsets.decode(data, part.parameters.get("charset"))
    if wrong:
        content.faults.add("charset-wrong")
    if "\x00" in text:
        content.faults.add("nul")
    return pages.text_of(charsets.clean(text)) if page else charsets.clean(text)


def _keep(split: Splitting, content: Content, part: Part) -> None:
    """Take a file, unless there are too many already; files are not looked into."""
    if nature.is_returned(part):
        content.returned.append(split.content(part, 65536).decode("latin-1"))
    if part.media_type == "message/delivery-status":
        return
    content_of = split.content(part)
    if content_of:
        _add(content, Enclosed(_named(part), _typed(part), content_of))


def _add(content: Content, file: Enclosed) -> None:
    size = sum(len(each.content) for each in content.files) + len(file.content)
    if len(content.files) >= MOST_FILES or size > MOST_FILE_BYTES:
        content.faults.add("files-cut")
    else:
        content.files.append(file)


def _typed(part: Part) -> str:
    plain = re.fullmatch(r"[a-z0-9.+-]{1,60}/[a-z0-9.+-]{1,60}", part.media_type)
    return part.media_type if plain else "application/octet-stream"


def _named(part: Part) -> str:
    """Give the name that a file came with, or one by what it is."""
    if name := part.name.strip()[:MOST_NAME]:
        return name
    kind = part.media_type.partition("/")[0]
    ending = ENDINGS.get(part.media_type) or _ending(part.media_type)
    return f"{'message' if ending == 'eml' else kind}.{ending}"


def _ending(media_type: str) -> str:
    guess = re.fullmatch(r"(?:image|audio|video|text)/(?:x-)?([a-z0-9]{2,5})", media_type)
    known = {"jpeg": "jpg", "plain": "txt"}
    return known.get(guess[1], guess[1]) if guess else "bin"
