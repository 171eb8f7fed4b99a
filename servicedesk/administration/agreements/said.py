"""What an agreement says, as a table of priorities and kinds of targets."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from servicedesk.setup.feasibility import PRIORITIES
from servicedesk.setup.values import MOST_MINUTES
from servicedesk.sla.agreement import Target, Terms

KINDS: Mapping[str, tuple[str, ...]] = {
    "sla": ("response", "resolution"),
    "ola": ("acceptance", "answer", "holding"),
    "uc": ("acceptance", "answer", "holding"),
}
SECTIONS: Mapping[str, str] = {"sla": "agreements", "ola": "groups", "uc": "partners"}
REASONS = ("requester", "approval", "change", "delivery", "other")

MOST_DAYS = 9999
_TYPED = re.compile(r"(\d{1,9}) ?(|m|min|分|h|時間|d|日|営業日)")
_MINUTES = {"": 1, "m": 1, "min": 1, "分": 1, "h": 60, "時間": 60}

# The target of a priority (of PRIORITIES) and a kind; what is not there has no clock.
Targets = Mapping[tuple[str, str], Target]


class TooLong(ValueError):
    """A target is longer than can be agreed."""


@dataclass(frozen=True)
class Said:
    """One version of an agreement."""

    calendar: str
    targets: Targets
    pauses: frozenset[str] = frozenset()

    def definition(self, kind: str) -> dict[str, Any]:
        """Write it as it stands in DESK.yaml: the same for all where that is so."""
        said: dict[str, Any] = {"calendar": self.calendar, "targets": self._plain(kind)}
        return said | {"pauses": sorted(self.pauses)} if kind == "sla" else said

    def _plain(self, kind: str) -> dict[str, Any]:
        rows = {priority: self._row(kind, priority) for priority in PRIORITIES}
        first = rows[PRIORITIES[0]]
        if all(row == first for row in rows.values()):
            return first
        return {priority: row for priority, row in rows.items() if row}

    def _row(self, kind: str, priority: str) -> dict[str, Any]:
        found = ((each, self.targets.get((priority, each))) for each in KINDS[kind])
        return {each: plain(target) for each, target in found if target}


def of_terms(terms: Terms, kind: str) -> Said:
    """Read a version in force or past."""
    found = ((name, terms.target(name[1], name[0])) for name in cells(kind))
    return Said(terms.calendar, {name: it for name, it in found if it}, terms.pauses)


def cells(kind: str) -> Iterator[tuple[str, str]]:
    """Give the priority and kind of each target that an agreement can have."""
    return ((priority, each) for priority in PRIORITIES for each in KINDS[kind])


def read(text: str) -> Target | None:
    """Read what somebody typed: `240`, `4h`, `2d`; nothing is no target.

    Raises ValueError, and TooLong.
    """
    text = unicodedata.normalize("NFKC", text).strip().lower()
    if not text:
        return None
    found = _TYPED.fullmatch(text)
    if found is None or not int(found[1]):
        raise ValueError(text)
    count, unit = int(found[1]), found[2]
    if unit in _MINUTES:
        return Target(minutes=_up_to(MOST_MINUTES, count * _MINUTES[unit]))
    return Target(days=_up_to(MOST_DAYS, count))


def _up_to(most: int, count: int) -> int:
    if count > most:
        raise TooLong
    return count


def plain(target: Target) -> int | str:
    """Write a target as in DESK.yaml: `240` or `2d`."""
    return f"{target.days}d" if target.days else target.minutes or 0
