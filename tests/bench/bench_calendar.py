"""How fast deadlines are computed: `python -m tests.bench.bench_calendar`."""

from __future__ import annotations

import random
from bisect import bisect_right
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from time import perf_counter

from servicedesk.sla.calendar import Calendar, Version, due, parse_hours

CASES = 200_000
OFFICE = parse_hours({"mon-fri": ["09:00-12:00", "13:00-18:00"]})
# Sixteen days off a year, as in Japan.
DAYS_OFF = frozenset(
    date(year, 1, 1) + timedelta(days=23 * step) for year in range(2020, 2032) for step in range(16)
)


def per_second(work: Callable[[], object], times: int = 1) -> float:
    started = perf_counter()
    work()
    return times / (perf_counter() - started)


def main() -> None:
    chance = random.Random(1)
    begin = datetime(2026, 1, 1, tzinfo=UTC)
    cases = [
        (
            begin + timedelta(seconds=chance.randrange(10**8)),
            chance.choice([900, 14_400, 144_000, 5_000_000]),
        )
        for _ in range(CASES)
    ]
    version = Version("Europe/Berlin", OFFICE, DAYS_OFF)
    calendar = Calendar([version])
    due(calendar, begin, 10**8)
    edges = sorted(chance.sample(range(10**8), 2 * 250 * 5))
    marks = [chance.randrange(10**8) for _ in range(CASES)]
    pause = [(begin + timedelta(days=100), begin + timedelta(days=900))]

    bare = per_second(lambda: [bisect_right(edges, mark) for mark in marks], CASES)
    plain = per_second(lambda: [due(calendar, *case) for case in cases], CASES)
    paused = per_second(lambda: [due(calendar, *case, pause) for case in cases], CASES)
    days = per_second(lambda: [calendar.working_days(start, 3) for start, _ in cases], CASES)
    years = per_second(
        lambda: Calendar([version]).counted(begin, begin + timedelta(days=365 * 40)), 41
    )

    print(f"bare bisect        {bare:12,.0f}/s")
    for name, speed in (("due", plain), ("due, one pause", paused), ("working days", days)):
        print(f"{name:18} {speed:12,.0f}/s   1/{bare / speed:.1f} of a bare bisect")
    print(f"building a year    {1000 / years:12.2f} ms")


if __name__ == "__main__":
    main()
