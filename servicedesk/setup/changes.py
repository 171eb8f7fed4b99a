"""What a load changes, as lines that people read."""

from __future__ import annotations

from dataclasses import dataclass, field

# Lines stand in the order of the file's sections.
_ORDER = (
    "desk",
    "calendar",
    "group",
    "partner",
    "agreement",
    "service",
    "priorities",
    "policy",
    "hook",
    "schedule",
    "person",
)


@dataclass
class _Change:
    sign: str
    details: list[str] = field(default_factory=list)


class Changes:
    """The list of what is new (+), changed (~) and no longer in use (-)."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str], _Change] = {}

    def __bool__(self) -> bool:
        return bool(self._found)

    def new(self, word: str, key: str) -> None:
        """Note something that was not there before."""
        self._found[word, key] = _Change("+")

    def back(self, word: str, key: str) -> None:
        """Note something that had been left out and is in use again."""
        self._found[word, key] = _Change("+", ["again"])

    def gone(self, word: str, key: str) -> None:
        """Note something that is no longer in use."""
        self._found[word, key] = _Change("-")

    def changed(self, word: str, key: str, *details: str) -> None:
        """Note what is different; nothing for what is new as a whole."""
        change = self._found.setdefault((word, key), _Change("~"))
        if change.sign == "~":
            change.details += [detail for detail in details if detail not in change.details]

    def left_out(self, word: str) -> list[str]:
        """Give the keys that are no longer in use."""
        return [key for (kind, key), it in self._found.items() if kind == word and it.sign == "-"]

    def lines(self) -> list[str]:
        """Write a line for each, or `nothing to change`."""
        found = sorted(self._found.items(), key=lambda item: _ORDER.index(item[0][0]))
        lines = [_line(word, key, change) for (word, key), change in found]
        return lines or ["nothing to change"]


def _line(word: str, key: str, change: _Change) -> str:
    details = f" ({', '.join(change.details)})" if change.details else ""
    return f"{change.sign} {word} {key}".rstrip() + details
