"""The fields that columns are mapped to, and how a column's field is guessed from its head."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from servicedesk.spreadsheet.cells import plain

WORDS = Path(__file__).with_name("words.yaml")
KINDS = {
    "number": "text",
    "title": "text",
    "description": "text",
    "requester": "person",
    "department": "text",
    "service": "choice",
    "category": "text",
    "type": "choice",
    "state": "choice",
    "party": "choice",
    "assignee": "person",
    "impact": "choice",
    "urgency": "choice",
    "priority": "choice",
    "channel": "choice",
    "logged": "date",
    "logged_time": "time",
    "requested_due": "date",
    "promised_due": "date",
    "replied": "date",
    "replied_time": "time",
    "started": "date",
    "resolved": "date",
    "resolved_time": "time",
    "closed": "date",
    "resolution": "text",
}
NAMES = tuple(KINDS)
CHOICES = tuple(name for name, kind in KINDS.items() if kind == "choice")
PEOPLE = tuple(name for name, kind in KINDS.items() if kind == "person")
TIME_OF = {"logged": "logged_time", "replied": "replied_time", "resolved": "resolved_time"}
ADORNED = str.maketrans("", "", "※*★☆●■□◆◇【】「」『』[]<>:・_-.'\"")
REMARKS = ("(必須)", "(任意)", "必須", "任意", "(required)", "(optional)")


@cache
def words() -> dict[str, Any]:
    """Read the words that ledgers use."""
    found: dict[str, Any] = yaml.safe_load(WORDS.read_text(encoding="utf-8"))
    return found


@cache
def _heads(name: str) -> tuple[str, ...]:
    return tuple(bare(head) for head in words()["heads"][name])


def bare(head: str) -> str:
    """Fold a column's head for comparing: signs, width, case and spaces do not count."""
    said = plain(head)
    for remark in REMARKS:
        said = said.replace(remark, "")
    return said.translate(ADORNED) or plain(head)


def likeness(head: str, name: str) -> int:
    """Say how surely a column's head is a field's: the very word most, a part less, 0 none."""
    said = bare(head)
    scores = (_score(said, word) - order for order, word in enumerate(_heads(name)))
    return max(0, *scores) if said else 0


def _score(said: str, word: str) -> int:
    if said == word:
        return 1000
    if len(word) < (4 if word.isascii() else 2) or word not in said:
        return 0
    if word.isascii():
        return 200 + 10 * len(word)
    return (400 if said.endswith(word) else 300) + 20 * len(word)


def guess(heads: Sequence[str]) -> list[str]:
    """Guess each column's field, each field once; "" is none."""
    scores = [
        (likeness(head, name), -column, name) for column, head in enumerate(heads) for name in NAMES
    ]
    found = [""] * len(heads)
    for score, column, name in sorted(scores, reverse=True):
        if score and not found[-column] and name not in found:
            found[-column] = name
    return found
