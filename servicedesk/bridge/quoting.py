"""Parts what was written newly from the history that mail programs quote below it.

Conservative: what may have been written newly stays, and where nothing would be left, all stays.
"""

from __future__ import annotations

import re
from typing import Final

from servicedesk.bridge.incoming import MARK

LOOK: Final = 400  # characters of a line that are looked at
NEAR: Final = 4  # lines within which a quoted head stands

ORIGINAL: Final = re.compile(
    r"[>\s]*-{2,}\s*(?:original message|original appointment|forwarded message|"
    r"ursprüngliche nachricht|message d'origine|mensaje original|messaggio originale|"
    r"元のメッセージ|転送メッセージ|転送されたメッセージ)\s*-{2,}\s*",
    re.IGNORECASE,
)
# the first and the other lines of a head as Outlook quotes it
HEAD_FROM: Final = re.compile(
    r"[>*\s]*(?:from|von|de|差出人|送信者)\s*\*?\s*[::]\s*\S", re.IGNORECASE
)
HEAD_DATE: Final = re.compile(
    r"[>*\s]*(?:sent|date|gesendet|datum|envoyé|送信日時|日付|送信日)\s*\*?\s*[::]", re.IGNORECASE
)
HEAD_REST: Final = re.compile(
    r"[>*\s]*(?:to|subject|an|betreff|à|objet|宛先|件名)\s*\*?\s*[::]", re.IGNORECASE
)
# what stands above a quotation: on which day who wrote, in the ways of some languages
WROTE: Final = re.compile(
    r"(?:on\s.{6,300}\swrote|am\s.{6,300}\sschrieb.{0,150}|le\s.{6,300}\sa écrit"
    r"|\d{4}[年/.-]\s?\d{1,2}[月/.-]\s?\d{1,2}.{0,250}(?:>|wrote|書きました|のメール|さん|様))\s*[::]\s*",
    re.IGNORECASE,
)
QUOTED: Final = re.compile(r"\s{0,3}[>>]")


def newly(whole: str) -> str:
    """Give what was written newly; all of it where nothing else would be left."""
    lines = whole.split("\n")
    kept = _without_answered(lines[: _end(lines)])
    text = "\n".join(kept).strip()
    return text or whole.strip()


def _end(lines: list[str]) -> int:
    """Say before which line the history begins."""
    return next((n for n in range(len(lines)) if _begins(lines, n)), len(lines))


def _begins(lines: list[str], n: int) -> bool:
    line = lines[n][:LOOK]
    if line.count(MARK) >= 2 or ORIGINAL.fullmatch(line):
        return True
    if not HEAD_FROM.match(line):
        return False
    near = [each[:LOOK] for each in lines[n + 1 : n + 1 + NEAR]]
    return any(map(HEAD_DATE.match, near)) and any(map(HEAD_REST.match, near))


def _without_answered(lines: list[str]) -> list[str]:
    """Leave out what is quoted at the end, with the line that says who wrote it."""
    end = _before_blank(lines, len(lines))
    quoted = end
    while quoted and (not lines[quoted - 1].strip() or QUOTED.match(lines[quoted - 1])):
        quoted -= 1
    return lines[: _before_wrote(lines, _before_blank(lines, quoted))]


def _before_blank(lines: list[str], end: int) -> int:
    while end and not lines[end - 1].strip(" \t\u3000_"):
        end -= 1
    return end


def _before_wrote(lines: list[str], end: int) -> int:
    """Step before `… wrote:`, which mail programs break over up to three lines."""
    for n in range(1, min(3, end) + 1):
        said = " ".join(line[:LOOK].strip() for line in lines[end - n : end])
        if WROTE.fullmatch(said):
            return _before_blank(lines, end - n)
    return end
