"""What is about to be changed of a calendar's days: short enough to stand in an address."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta

from servicedesk.administration.calendars.said import Mark, Said, windows_text
from servicedesk.administration.calendars.typed import read_windows
from servicedesk.sla.hours import Week

MOST_DAYS = 800
_DAY = timedelta(days=1)
USUAL, CLOSED = "usual", "closed"

Marks = Mapping[date, Mark]


def unpack(texts: Iterable[str]) -> dict[date, Mark]:
    """Read `2026-12-29~closed`, `2026-12-28..2027-01-03~usual`, `2026-12-05~09:00-12:00`.

    Raises ValueError.
    """
    marks: dict[date, Mark] = {}
    for text in texts:
        span, _tilde, said = text.partition("~")
        mark = read_mark(said)
        marks |= dict.fromkeys(days_of(span), mark)
        if len(marks) > MOST_DAYS:
            raise ValueError("too many days at once")
    return marks


def days_of(span: str) -> list[date]:
    """Read a day, or all days from one to another; raises ValueError."""
    first, _dots, last = span.partition("..")
    return days_between(date.fromisoformat(first), date.fromisoformat(last or first))


def days_between(first: date, last: date) -> list[date]:
    """Give the days from one to another, both included; raises ValueError."""
    count = (last - first).days + 1
    if not 0 < count <= MOST_DAYS:
        raise ValueError("not a span of days")
    return [first + step * _DAY for step in range(count)]


def read_mark(text: str) -> Mark:
    """Read what is said of a day: `usual`, `closed` or hours; raises ValueError."""
    if text == USUAL:
        return None
    return () if text == CLOSED else read_windows(text)


def pack(marks: Marks) -> list[str]:
    """Write what `unpack` reads, days in a row that are alike as one."""
    return [_packed(first, last, mark) for first, last, mark in runs(marks)]


def runs(marks: Marks) -> Iterator[tuple[date, date, Mark]]:
    """Give the first and last day of each row of days that are alike."""
    found: list[tuple[date, date, Mark]] = []
    for day, mark in sorted(marks.items(), key=lambda item: item[0]):
        if found and found[-1][1] + _DAY == day and found[-1][2] == mark:
            found[-1] = (found[-1][0], day, mark)
        else:
            found.append((day, day, mark))
    yield from found


def _packed(first: date, last: date, mark: Mark) -> str:
    span = first.isoformat() if first == last else f"{first}..{last}"
    said = USUAL if mark is None else windows_text(mark).replace(" ", "") or CLOSED
    return f"{span}~{said}"


def marked(marks: Marks, present: Said, days: Iterable[date], mark: Mark) -> dict[date, Mark]:
    """Say something of days; what is so already is no change."""
    after = {**marks, **dict.fromkeys(days, mark)}
    return {day: said for day, said in after.items() if said != present.mark(day)}


def pressed(marks: Marks, present: Said, target: Said, day: date) -> dict[date, Mark]:
    """Turn a day into its opposite, and back at the next press."""
    return marked(marks, present, [day], _opposite(present, target, day))


def _opposite(present: Said, target: Said, day: date) -> Mark:
    if target.mark(day) is not None:
        return None
    if (before := present.mark(day)) is not None:
        return before
    return () if target.windows(day) else target.usual_windows(day)


def merged(typed: Said, base: Said, present: Said) -> Said:
    """Bring what was typed over one version onto another: what was left as it was follows it."""
    week: Week = tuple(
        mine if mine != old else now
        for mine, old, now in zip(typed.week, base.week, present.week, strict=True)
    )
    return replace(
        present,
        zone=typed.zone if typed.zone != base.zone else present.zone,
        country=typed.country if typed.country != base.country else present.country,
        week=week,
    )
