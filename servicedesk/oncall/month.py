"""Weeks of a rota as a calendar: a day begins with its hand-over and ends with the next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from servicedesk.oncall.rota import Turn
from servicedesk.setup.rota import DAY, Pattern


@dataclass(frozen=True)
class Part:
    """What somebody has of a day."""

    turn: Turn
    since: datetime | None  # it begins within the day, not with its hand-over


@dataclass(frozen=True)
class Day:
    """A day's duty."""

    date: date
    start: datetime
    end: datetime
    parts: tuple[Part, ...]
    is_today: bool = False
    is_passed: bool = False
    is_other: bool = False  # somebody else has it than by what it is compared with


def lay_out(
    patterns: Sequence[Pattern],
    turns: Sequence[Turn],
    first: date,
    weeks: int,
    now: datetime,
    before: Sequence[Turn] | None = None,
) -> list[list[Day]]:
    """Lay out some weeks from a Monday on; `before`: who had it by what it is compared with."""

    def day(n: int) -> Day:
        at = first + n * DAY
        start, end = bounds(patterns, at)
        parts = _parts(turns, start, end)
        other = before is not None and _people(parts) != _people(_parts(before, start, end))
        today = start <= now < end
        return Day(at, start, end, parts, today, end <= now, other and end > now)

    return [[day(7 * week + n) for n in range(7)] for week in range(weeks)]


def bounds(patterns: Sequence[Pattern], day: date) -> tuple[datetime, datetime]:
    """Give when a day's duty begins and ends, by the version that is in force then."""
    begun = [one for one in patterns if one.begins <= one.handover(day)]
    pattern = (begun or patterns)[-1 if begun else 0]
    return pattern.handover(day), pattern.handover(day + DAY)


def _parts(turns: Sequence[Turn], start: datetime, end: datetime) -> tuple[Part, ...]:
    here = [turn for turn in turns if turn.start < end and start < turn.end]
    return tuple(Part(turn, turn.start if turn.start > start else None) for turn in here)


def _people(parts: Sequence[Part]) -> list[tuple[int | None, datetime | None]]:
    return [(part.turn.person, part.since) for part in parts]


def span(first: date, weeks: int) -> tuple[date, date]:
    """Give the first and the last day of some weeks."""
    return first, first + timedelta(weeks=weeks) - DAY
