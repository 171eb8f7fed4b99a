"""The parts of a mail: taken apart iteratively and in bounded number, depth and size."""

from __future__ import annotations

import binascii
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from servicedesk.bridge import headers
from servicedesk.bridge.headers import Head

MOST_PARTS: Final = 300
DEEPEST: Final = 12
MOST_LINES: Final = 10_000  # that look like a boundary, in one part
LONGEST_BOUNDARY: Final = 200


@dataclass
class Part:
    """A part: where its content stands in the mail, or the parts that it is made of."""

    head: Head
    media_type: str  # such as `text/plain`
    parameters: dict[str, str]
    disposition: str = ""
    name: str = ""
    start: int = 0
    end: int = 0
    parts: list[Part] = field(default_factory=list)

    @property
    def is_file(self) -> bool:
        """Whether it is meant as a file, not as something to read."""
        written = self.media_type in ("text/plain", "text/html")
        return not written or self.disposition == "attachment" or bool(self.name)

    def leaves(self) -> Iterator[Part]:
        """Give all parts that are not made of others, in their order."""
        if not self.parts:
            yield self
        for each in self.parts:
            yield from each.leaves()


class Splitting:
    """Takes one mail apart; `faults` says what could not be."""

    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        self.faults: set[str] = set()
        self.count = 0

    def whole(self, head: Head, body: int) -> Part:
        """Give the mail as a part, with all that is in it."""
        return self._part(head, body, len(self.raw), 0)

    def _part(self, head: Head, start: int, end: int, depth: int) -> Part:
        part = _described(head)
        part.start, part.end = start, end
        self.count += 1
        if part.media_type.startswith("multipart/"):
            self._open(part, depth)
        return part

    def _open(self, part: Part, depth: int) -> None:
        """Find the parts of a part; one without any is read as text."""
        boundary = part.parameters.get("boundary", "").encode("utf-8", "ignore")
        if depth >= DEEPEST:
            self.faults.add("nested-cut")
            return
        spans = self._spans(part, boundary) if 0 < len(boundary) <= LONGEST_BOUNDARY else []
        for start, end in spans:
            if self.count >= MOST_PARTS:
                self.faults.add("parts-cut")
                break
            head, body = headers.split(self.raw, start, end)
            part.parts.append(self._part(head, min(body, end), end, depth + 1))
        if not part.parts:
            self.faults.add("parts-broken")
            part.media_type = "text/plain"

    def _spans(self, part: Part, boundary: bytes) -> list[tuple[int, int]]:
        """Say from where to where the parts go; the last may lack its end."""
        spans, begun = list[tuple[int, int]](), -1
        for start, after, last in self._lines(part, b"--" + boundary):
            if begun >= 0:
                spans.append((begun, start))
            begun = -1 if last else after
            if last or len(spans) > MOST_PARTS:
                break
        if begun >= 0:
            spans.append((begun, part.end))
            self.faults.add("parts-broken")
        return spans

    def _lines(self, part: Part, mark: bytes) -> Iterator[tuple[int, int, bool]]:
        """Give where each boundary's line starts and ends, and whether it is the last."""
        at = part.start
        for _n in range(MOST_LINES):
            at = self.raw.find(mark, at, part.end)
            if at < 0:
                return
            rest, after = self._rest(at + len(mark), part.end)
            begins = at == part.start or self.raw[at - 1 : at] in (b"\n", b"\r")
            if begins and rest.strip() in (b"", b"--"):
                yield self._before(at, part.start), after, rest.startswith(b"--")
            at += len(mark)
        self.faults.add("parts-cut")

    def _rest(self, at: int, end: int) -> tuple[bytes, int]:
        """Give what follows on the line, as far as it matters, and where the next line begins."""
        found = headers.LINE.search(self.raw, at, min(end, at + 100))
        stop = found.start() if found else min(end, at + 100)
        return self.raw[at:stop], found.end() if found else stop

    def _before(self, at: int, start: int) -> int:
        """The line's end before a boundary belongs to the boundary."""
        for newline in (b"\r\n", b"\n", b"\r"):
            if at - len(newline) >= start and self.raw.startswith(newline, at - len(newline)):
                return at - len(newline)
        return at

    def content(self, part: Part, most: int | None = None) -> bytes:
        """Decode a part's content, from its first `most` bytes."""
        end = part.end if most is None else min(part.end, part.start + most)
        data = self.raw[part.start : end]
        way = part.head.text("content-transfer-encoding").lower()
        if way == "base64":
            decoded, broken = headers.unbase64(data)
            if broken:
                self.faults.add("encoding-wrong")
            return decoded
        if way == "quoted-printable":
            return binascii.a2b_qp(data)
        if way not in ("", "7bit", "8bit", "binary"):
            self.faults.add("encoding-wrong")
        return data


def _described(head: Head) -> Part:
    """Read what a part says of itself."""
    media_type, told = headers.parameters(_value(head, "content-type"))
    if media_type.count("/") != 1 or not media_type.isascii() or len(media_type) > 100:
        media_type = "application/octet-stream" if media_type else "text/plain"
    if media_type == "text":
        media_type = "text/plain"
    disposition, more = headers.parameters(_value(head, "content-disposition"))
    name = more.get("filename") or told.get("name") or ""
    return Part(head, media_type, told, disposition, name)


def _value(head: Head, name: str) -> str:
    value = head.first(name)
    return "" if value is None else headers.unfolded(value)
