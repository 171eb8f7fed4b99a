"""Measuring, and saying what came of it as a table."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from time import perf_counter, process_time

REPEATS = 5
Row = tuple[str, str, str]


def seconds(work: Callable[[], object], repeats: int = REPEATS) -> float:
    """Give the median of the processor's seconds: other processes make it no slower."""
    return median(_once(work, process_time) for _ in range(repeats))


@dataclass(frozen=True)
class Time:
    """How long something took once."""

    wall: float
    processor: float

    def __str__(self) -> str:
        """Say it."""
        return f"{self.wall:.2f} s, {self.processor:.2f} s of a processor"


def timed(work: Callable[[], object]) -> Time:
    """Measure something that is too long to be repeated."""
    wall, processor = perf_counter(), process_time()
    work()
    return Time(perf_counter() - wall, process_time() - processor)


def with_server(backend: int) -> Callable[[], float]:
    """Give a clock of the processor's seconds of this process and of a PostgreSQL server.

    `backend` is the number of one of its processes; where a system does not say what others take,
    the wall clock stands in.
    """
    processes = Path("/proc")
    if not (processes / str(backend) / "stat").exists():
        return perf_counter
    server = _told(processes / str(backend))[0]
    return lambda: process_time() + _family(processes, server)


def _family(processes: Path, server: int) -> float:
    """Add up a process, its children that have ended (parallel workers), and those there are."""
    _parent, own, ended = _told(processes / str(server))
    each = (_told(path) for path in processes.iterdir() if path.name.isdigit())
    ticks = own + ended + sum(mine for parent, mine, _ended in each if parent == server)
    return ticks / os.sysconf("SC_CLK_TCK")


def _told(process: Path) -> tuple[int, int, int]:
    """Give its parent, its own time and that of its ended children; nothing of what is gone."""
    try:
        fields = (process / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except OSError:
        return 0, 0, 0
    user, system, users, systems = map(int, fields[11:15])
    return int(fields[1]), user + system, users + systems


def _once(work: Callable[[], object], clock: Callable[[], float]) -> float:
    started = clock()
    work()
    return clock() - started


@dataclass
class Table:
    """Lines of a name, a figure and a remark, printed at the end."""

    title: str
    rows: list[Row] = field(default_factory=list)

    def add(self, name: str, figure: str, remark: str = "") -> None:
        """Add a line."""
        self.rows.append((name, figure, remark))

    def print(self) -> None:
        """Print all lines in columns."""
        wide = max(len(name) for name, _figure, _remark in self.rows)
        print(f"\n{self.title}")
        for name, figure, remark in self.rows:
            print(f"  {name:{wide}}  {figure:>14}  {remark}".rstrip())


@contextmanager
def table(title: str) -> Iterator[Table]:
    """Collect what is measured in a block and print it, also where an assertion ends it."""
    made = Table(title)
    try:
        yield made
    finally:
        if made.rows:
            made.print()


def spread(values: Sequence[float]) -> str:
    """Say how long things took in the middle, in 95 of 100 cases and at worst, in milliseconds."""
    ordered = sorted(1000 * value for value in values)
    middle, late = ordered[len(ordered) // 2], ordered[int(len(ordered) * 0.95)]
    return f"{middle:,.0f} / {late:,.0f} / {ordered[-1]:,.0f} ms"
