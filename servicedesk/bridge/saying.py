"""What a partner says in the first lines of a mail: `#answer`, `#ask` …, in both languages."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

ANSWER, ASK, BACK, ACCEPT, TICKET = "answer", "ask", "back", "accept", "ticket"
WORDS: Final = {
    "answer": ANSWER,
    "回答": ANSWER,
    "ask": ASK,
    "質問": ASK,
    "back": BACK,
    "差し戻し": BACK,
    "差戻し": BACK,
    "差戻": BACK,
    "accept": ACCEPT,
    "受入": ACCEPT,
    "受入れ": ACCEPT,
    "受け入れ": ACCEPT,
    "ticket": TICKET,
    "番号": TICKET,
}
_ANY = "|".join(sorted(WORDS, key=len, reverse=True))
_SAID = re.compile(rf"#\s?({_ANY})(?![^\W_])[\s:、。,.]*(.*)", re.IGNORECASE)
_NUMBER = re.compile(r"\S.{0,119}")
MORE: Final = (ACCEPT, TICKET)  # after these another may follow


@dataclass(frozen=True)
class Said:
    """What a mail asks to be done, and its words."""

    text: str
    act: str | None = None  # answer, ask, back; None: it is a line in the thread
    accept: bool = False
    ticket: str | None = None


def read(text: str) -> Said:
    """Read the commands with which a text begins; what is none of them is a line like others."""
    lines = text.strip().splitlines()
    accept, ticket = False, None
    while lines:
        word, rest = _command(lines[0])
        if word not in MORE or (word == TICKET and not _NUMBER.fullmatch(rest)):
            break
        lines = lines[1:]
        if word == TICKET:
            ticket = unicodedata.normalize("NFKC", rest)
            continue
        accept = True
        lines = [rest, *lines] if rest else lines
    lines = _without_blank(lines)
    word, rest = _command(lines[0]) if lines else (None, "")
    if word in (ANSWER, ASK, BACK):
        said = "\n".join([rest, *lines[1:]]).strip()
        return Said(said, word, accept, ticket)
    return Said("\n".join(lines).strip(), None, accept, ticket)


def _command(line: str) -> tuple[str | None, str]:
    """Give the command of a line, and what stands behind it; full-width signs count as usual."""
    line = line.strip()
    found = _SAID.fullmatch(_usual(line))
    if found is None:
        return None, ""
    # what follows stays as it was written
    begins = next(n for n in range(len(line) + 1) if len(_usual(line[:n])) >= found.start(2))
    return WORDS[found[1].lower()], line[begins:].strip()


def _usual(text: str) -> str:
    return unicodedata.normalize("NFKC", text)


def _without_blank(lines: list[str]) -> list[str]:
    while lines and not lines[0].strip():
        lines = lines[1:]
    return lines
