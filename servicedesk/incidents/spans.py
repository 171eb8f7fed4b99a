"""Days from one to another, as people choose them for a list."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

FIRST_YEAR, LAST_YEAR = 1970, 2199
NAMED = ("today", "week", "7d")


@dataclass(frozen=True, slots=True)
class Span:
    """From one day to another, both included; open where there is none."""

    first: date | None = None
    last: date | None = None

    @property
    def is_open(self) -> bool:
        """Say whether it leaves out nothing."""
        return self.first is None and self.last is None


def named(name: str, today: date) -> Span:
    """Give the days of a name: today, the week from Monday to Sunday, seven days from today on."""
    monday = today - timedelta(days=today.weekday())
    spans = {
        "today": Span(today, today),
        "week": Span(monday, monday + timedelta(days=6)),
        "7d": Span(today, today + timedelta(days=6)),
    }
    return spans[name]


def between(first: str, last: str) -> Span:
    """Read two days as they are typed; what makes no sense counts as none, the wrong way round too.

    So a link that somebody changed by hand still shows something.
    """
    one, other = read_day(first), read_day(last)
    return Span(other, one) if one and other and other < one else Span(one, other)


def read_day(text: str) -> date | None:
    """Read `2026-11-27`; None for what is no day that a calendar knows."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if FIRST_YEAR <= found.year <= LAST_YEAR else None
