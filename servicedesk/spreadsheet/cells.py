"""What stands in a cell of a sheet, and how its text is brought into one form."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import lru_cache
from typing import Any


@dataclass(frozen=True, slots=True)
class Broken:
    """A cell without a usable value: an `error`, a `formula` without result, wrong `encoding`."""

    why: str
    text: str = ""


Cell = str | int | float | bool | datetime | time | timedelta | Broken | None

ERROR = re.compile(r"#(REF!|N/A|VALUE!|DIV/0!|NAME\?|NULL!|NUM!|SPILL!|CALC!)")
ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")  # how Excel writes characters that XML cannot have
DASHES = "-‐‑‒–—―−ーｰ~〜=*/.・"
NOTHING = {
    "n/a", "na", "none", "null", "nil", "tbd", "tba", "unknown", "?", "??", "なし", "無し", "無",
    "ナシ", "未定", "不明", "未記入", "該当なし", "特になし", "同上なし", "(空白)", "(blank)",
}  # fmt: skip
REPLACED = "\ufffd"
SHORT = 60


def tidy(cell: Cell) -> Cell:
    """Bring a cell of any reader into one form: blank is None, errors are Broken."""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 10**15:
        return int(cell)
    if not isinstance(cell, str):
        return cell
    said = cleaned(cell)
    if ERROR.fullmatch(said):
        return Broken("error", said)
    if REPLACED in said:
        return Broken("encoding", said)
    return said or None


def cleaned(text: str) -> str:
    """Drop what cannot be seen; keep line breaks, and the characters as they were written."""
    text = ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u00a0", " ")
    return "".join(c for c in text if c in "\n\t" or _is_seen(c)).strip()


def _is_seen(character: str) -> bool:
    return unicodedata.category(character) not in ("Cc", "Cf", "Cs")


def text(cell: Cell) -> str:
    """Write a cell as a person would read it."""
    if cell is None:
        return ""
    if isinstance(cell, Broken):
        return cell.text
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, datetime):
        pattern = "%Y-%m-%d" if cell.time() == time() else "%Y-%m-%d %H:%M"
        return cell.strftime(pattern)
    if isinstance(cell, time):
        return cell.strftime("%H:%M")
    if isinstance(cell, timedelta):
        minutes = int(cell.total_seconds()) // 60
        return f"{minutes // 60}:{minutes % 60:02d}"
    return str(cell)


def line(cell: Cell) -> str:
    """Write a cell on one line, with single spaces."""
    return " ".join(text(cell).split())


def plain(said: str) -> str:
    """Fold a text for comparing: width, case and spaces do not count."""
    return _folded(said) if len(said) < SHORT else _fold(said)


def _fold(said: str) -> str:
    return "".join(unicodedata.normalize("NFKC", said).casefold().split())


_folded = lru_cache(50_000)(_fold)  # a ledger says the same few things over and over


def is_nothing(cell: Cell, words: bool = True) -> bool:
    """Say whether a cell only says that there is nothing: blank, dashes, or words for it."""
    if isinstance(cell, Broken):
        return False
    said = plain(text(cell))
    return not said.strip(DASHES) or (words and said in NOTHING)


# Kept as JSON


def dump(cell: Cell) -> Any:
    """Give a cell as JSON can hold it."""
    if isinstance(cell, datetime):
        return {"at": cell.isoformat()}
    if isinstance(cell, time):
        return {"time": cell.isoformat()}
    if isinstance(cell, timedelta):
        return {"seconds": cell.total_seconds()}
    if isinstance(cell, Broken):
        return {"broken": cell.why, "text": cell.text}
    return cell


def load(value: Any) -> Cell:
    """Read what `dump` gave."""
    if not isinstance(value, dict):
        plain_value: Cell = value
        return plain_value
    if "at" in value:
        return datetime.fromisoformat(value["at"])
    if "time" in value:
        return time.fromisoformat(value["time"])
    if "seconds" in value:
        return timedelta(seconds=value["seconds"])
    return Broken(value["broken"], value["text"])
