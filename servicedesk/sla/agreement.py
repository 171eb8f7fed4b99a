"""Agreements: what is promised for each priority, on which calendar, and what pauses it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from servicedesk.sla.calendar import Calendar, NoWorkingTime

KINDS = ("response", "resolution", "acceptance", "answer", "holding")
ANY_PRIORITY = "*"


@dataclass(frozen=True, slots=True)
class Target:
    """C1: working minutes or working days, never both."""

    minutes: int | None = None
    days: int | None = None

    def seconds(self, calendar: Calendar, start: datetime, known: datetime) -> int:
        """C1: give working seconds; days are counted on the calendar as known at an instant."""
        if self.minutes is not None:
            return self.minutes * 60
        return calendar.known_at(known).working_days(start, self.days or 0)

    def seconds_if_any(self, calendar: Calendar, start: datetime, known: datetime) -> int | None:
        """C3: give working seconds; None where there is no working time to come to them."""
        try:
            return self.seconds(calendar, start, known)
        except NoWorkingTime:
            return None


def parse_target(value: object) -> Target:
    """Read `240` (minutes) or `2d` (working days); raises ValueError."""
    if isinstance(value, int) and not isinstance(value, bool) and value > 0:
        return Target(minutes=value)
    if isinstance(value, str) and (found := re.fullmatch(r"([1-9]\d{0,3})d", value)):
        return Target(days=int(found[1]))
    raise ValueError(f"{value!r} is neither minutes, such as 240, nor working days, such as 2d")


@dataclass(frozen=True, slots=True)
class Terms:
    """One version of an agreement."""

    calendar: str
    targets: Mapping[str, Mapping[str, Target]]  # priority or "*" -> kind -> target
    pauses: frozenset[str] = frozenset()
    valid_from: datetime | None = None
    number: int = 1

    def target(self, kind: str, priority: str) -> Target | None:
        """Give the target of a kind for a priority, if there is one."""
        by_kind = self.targets.get(priority) or self.targets.get(ANY_PRIORITY) or {}
        return by_kind.get(kind)


@dataclass(frozen=True, slots=True)
class Agreement:
    """C8: an agreement as a timeline of versions; the first holds from the beginning of time."""

    id: int
    key: str
    versions: Sequence[Terms] = field(default_factory=tuple)

    def at(self, instant: datetime) -> Terms:
        """Give the version in force at an instant."""
        found = self.versions[0]
        for terms in self.versions[1:]:
            if terms.valid_from is not None and terms.valid_from <= instant:
                found = terms
        return found

    def later(self, terms: Terms, number: int | None) -> Terms:
        """C8: give the version of a number, applied to what is open, if it is later than terms."""
        if number is None or number <= terms.number:
            return terms
        return next((one for one in self.versions if one.number == number), terms)


def read_terms(
    definition: Mapping[str, Any], valid_from: datetime | None, number: int = 1
) -> Terms:
    """Read a stored version: targets either by priority or the same for all."""
    raw = definition.get("targets") or {}
    by_priority = raw if any(isinstance(v, Mapping) for v in raw.values()) else {ANY_PRIORITY: raw}
    targets = {
        priority: {kind: parse_target(value) for kind, value in kinds.items()}
        for priority, kinds in by_priority.items()
    }
    pauses = frozenset(definition.get("pauses") or ())
    return Terms(definition["calendar"], targets, pauses, valid_from, number)
