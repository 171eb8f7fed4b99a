"""Who is on duty: the rota's versions, with what was changed by hand on top."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from servicedesk.setup.rota import ALWAYS, DAY, Pattern, monday


@dataclass(frozen=True, slots=True)
class Change:
    """Somebody takes over from one instant to another; of two the later made one counts."""

    id: int  # in the order in which they were made
    start: datetime
    end: datetime
    person: int


@dataclass(frozen=True, slots=True)
class Turn:
    """What somebody does at a stretch: within one week of the rota, or by one change."""

    start: datetime
    end: datetime
    person: int | None  # None: nobody
    covers: str = ALWAYS
    change: int | None = None
    week: date | None = None  # its Monday; None: no rota is in force


def on_duty(patterns: Sequence[Pattern], changes: Sequence[Change], at: datetime) -> int | None:
    """Give who has the duty at an instant; None: nobody."""
    found = _in_force(patterns, at)
    if found is None:
        return None
    pattern, last = found
    covering = [change for change in changes if change.start <= at < change.end]
    if covering and pattern.weeks:
        return max(covering, key=lambda change: change.id).person
    day = pattern.day_of(at)
    return pattern.person_on(min(day, last) if last else day)


def covers(patterns: Sequence[Pattern], at: datetime) -> str | None:
    """Say what the rota covers at an instant; None: there is none then."""
    found = _in_force(patterns, at)
    return found[0].covers if found and found[0].weeks else None


def turns(
    patterns: Sequence[Pattern], changes: Sequence[Change], start: datetime, end: datetime
) -> list[Turn]:
    """List who has the duty from one instant to another, in order; without what nobody has."""
    return [turn for turn in stretches(patterns, changes, start, end) if turn.person is not None]


def stretches(
    patterns: Sequence[Pattern], changes: Sequence[Change], start: datetime, end: datetime
) -> list[Turn]:
    """Part the time from one instant to another by who has the duty, nobody too: no gap."""
    found = _by_day(patterns, start, end)
    for change in sorted(changes, key=lambda change: change.id):
        if change.start < end and start < change.end:
            found = [part for turn in found for part in _changed(turn, change)]
    return _merged(found)


def _in_force(patterns: Sequence[Pattern], at: datetime) -> tuple[Pattern, date | None] | None:
    """Give the version in force, and the last day that it has if the next begins by plan."""
    for n in range(len(patterns) - 1, -1, -1):
        if patterns[n].begins <= at:
            return patterns[n], _last_day(patterns, n)
    return None


def _last_day(patterns: Sequence[Pattern], n: int) -> date | None:
    """A version that begins by plan begins with a day; until then the day before goes on."""
    after = patterns[n + 1] if n + 1 < len(patterns) else None
    return after.start - DAY if after and after.since is None else None


def _by_day(patterns: Sequence[Pattern], start: datetime, end: datetime) -> list[Turn]:
    found, now = [], start
    for n, pattern in enumerate(patterns):
        if now < min(pattern.begins, end):
            if n == 0:
                found.append(Turn(now, min(pattern.begins, end), None))
            now = min(pattern.begins, end)
        until = min(end, patterns[n + 1].begins) if n + 1 < len(patterns) else end
        if now < until:
            found += _days(pattern, _last_day(patterns, n), now, until)
            now = until
    return found if patterns else [Turn(start, end, None)] * (start < end)


def _days(pattern: Pattern, last: date | None, start: datetime, end: datetime) -> Iterator[Turn]:
    day = pattern.day_of(start)
    while start < end:
        until = min(end, pattern.handover(day + DAY))
        if start < until:
            has = min(day, last) if last else day
            week = monday(has) if pattern.weeks else None
            yield Turn(start, until, pattern.person_on(has), pattern.covers, week=week)
            start = until
        day += DAY


def _changed(turn: Turn, change: Change) -> Iterator[Turn]:
    """Part a turn by a change; where no rota is in force nothing can be changed."""
    start, end = max(turn.start, change.start), min(turn.end, change.end)
    if start >= end or turn.week is None:
        yield turn
        return
    if turn.start < start:
        yield replace(turn, end=start)
    yield replace(turn, start=start, end=end, person=change.person, change=change.id)
    if end < turn.end:
        yield replace(turn, start=end)


def _merged(turns: Sequence[Turn]) -> list[Turn]:
    found: list[Turn] = []
    for turn in turns:
        if found and _is_one(found[-1], turn):
            found[-1] = replace(found[-1], end=turn.end)
        else:
            found.append(turn)
    return found


def _is_one(one: Turn, two: Turn) -> bool:
    """Say whether two that follow each other are one; a new week begins a new turn."""
    alike = (one.person, one.change, one.covers) == (two.person, two.change, two.covers)
    return alike and (one.change is not None or one.week == two.week)
