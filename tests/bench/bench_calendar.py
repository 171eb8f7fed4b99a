"""How fast deadlines are computed, however far away they are (§5, C3)."""

from __future__ import annotations

import random
from bisect import bisect_right
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest

from servicedesk.sla.calendar import Calendar, Version, due, parse_hours
from tests.bench.measured import seconds, table

CASES = 100_000
GOAL = 100_000  # due instants a second on one core
FURTHER = 2.0  # what is 20 years away may take so much longer than what is a day away
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
DAY, YEAR = timedelta(days=1), timedelta(days=365)
OFFICE = parse_hours({"mon-fri": ["09:00-12:00", "13:00-18:00"]})
# Sixteen days off a year, as in Japan.
DAYS_OFF = frozenset(
    date(year, 1, 1) + timedelta(days=23 * step) for year in range(2020, 2062) for step in range(16)
)
VERSION = Version("Europe/Berlin", OFFICE, DAYS_OFF)
TARGETS = (900, 14_400, 144_000, 5_000_000)  # seconds of working time
DISTANCES = {"a day": 8 * 3600, "a year": 2000 * 3600, "20 years": 40_000 * 3600}


@pytest.fixture
def calendar() -> Calendar:
    """A calendar that has been asked before, as in a process that serves."""
    calendar = Calendar([VERSION])
    due(calendar, BEGIN, 45_000 * 3600)
    return calendar


def starts(chance: random.Random) -> list[datetime]:
    """Instants within three years."""
    return [BEGIN + timedelta(seconds=chance.randrange(10**8)) for _ in range(CASES)]


def rate(work: Callable[[], object]) -> float:
    """Give how many of the cases are done in a second."""
    return CASES / seconds(work)


def test_due_instants_a_second(calendar: Calendar) -> None:
    """C3: at least 100,000 a second; a bare bisect of a list is what it is compared with."""
    chance = random.Random(1)
    cases = [(start, chance.choice(TARGETS)) for start in starts(chance)]
    edges = sorted(chance.sample(range(10**8), 2 * 250 * 5))
    marks = [chance.randrange(10**8) for _ in range(CASES)]
    pause = [(BEGIN + 100 * DAY, BEGIN + 900 * DAY)]
    bare = rate(lambda: [bisect_right(edges, mark) for mark in marks])
    found = {
        "due": rate(lambda: [due(calendar, *case) for case in cases]),
        "due, one pause": rate(lambda: [due(calendar, *case, pause) for case in cases]),
        "working days": rate(lambda: [calendar.working_days(start, 3) for start, _ in cases]),
        "counted": rate(lambda: [calendar.counted(BEGIN, start) for start, _ in cases]),
    }
    with table("Working time, calls a second on one core") as said:
        said.add("bare bisect", f"{bare:,.0f}/s")
        for name, speed in found.items():
            said.add(name, f"{speed:,.0f}/s", f"1/{bare / speed:.1f} of a bare bisect")
        said.add("goal for due", f"{GOAL:,}/s")
    assert found["due"] >= GOAL


def test_distance_costs_nothing(calendar: Calendar) -> None:
    """C3: sums that were made before are looked up; no days are walked."""
    cases = starts(random.Random(2))
    speeds = {
        name: rate(lambda far=far: [due(calendar, start, far) for start in cases])  # type: ignore[misc]
        for name, far in DISTANCES.items()
    }
    near = speeds["a day"]
    with table("Due instants by how far away they are") as said:
        for name, speed in speeds.items():
            said.add(name, f"{speed:,.0f}/s", f"{near / speed:.2f} times as long as a day")
    assert near / min(speeds.values()) <= FURTHER


def test_years_are_made_once() -> None:
    """C3: the first question about a year makes its sums."""
    making = seconds(lambda: Calendar([VERSION]).counted(BEGIN, BEGIN + 40 * YEAR))
    with table("Making sums") as said:
        said.add("a year of a calendar", f"{1000 * making / 41:.2f} ms")
    assert making < 1
