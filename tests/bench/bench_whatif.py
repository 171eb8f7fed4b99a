"""How long a real history takes to be judged again by other terms, and how much memory it needs."""

from __future__ import annotations

import multiprocessing
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from servicedesk import times
from servicedesk.app import create_app
from servicedesk.db import snapshot
from servicedesk.reports import commands
from servicedesk.reports.facts import follow
from servicedesk.reports.periods import Period
from servicedesk.setup.snapshot import directory
from servicedesk.whatif import comparing, queries
from servicedesk.whatif.alternative import alternative
from servicedesk.whatif.document import changes_in
from tests.bench.measured import Table, Time, table, timed
from tests.support import databases
from tests.support.vinst import FOLDER, Imported

PERIOD = "2012-04..2012-05"  # of all but a few of the history's changes
GOAL = 4  # times what telling the same journals once takes: it judges them twice
MORE = 64  # MB above the bare reading: what is kept is no more than what differs
PEAK = re.compile(r"VmHWM:\s+(\d+) kB")

pytestmark = [
    pytest.mark.skipif(
        not FOLDER.exists(), reason="../shared/data/vinst is not beside this checkout"
    ),
    pytest.mark.backends("sqlite"),
]


@dataclass(frozen=True)
class Cost:
    """What a piece of work took in a process of its own."""

    time: Time
    peak: int | None  # MB of memory; None where the system does not say
    found: int

    def __str__(self) -> str:
        """Say it."""
        return f"{self.time}, {self.peak or '?'} MB at most"


Work = Callable[[Session, Path], int]


def read(session: Session, _other: Path) -> int:
    """Read the journals and forget them; gives how many."""
    return sum(1 for _ in _journals(session))


def tell(session: Session, _other: Path) -> int:
    """Follow each journal's clocks once, and judge nothing."""
    setup, told = directory(session), 0
    for _about, events in _journals(session):
        follow(events, setup)
        told += 1
    return told


def judge(session: Session, other: Path) -> int:
    """Judge the period both ways; gives how many clocks differ."""
    setup = directory(session)
    asked = commands.read(setup, PERIOD, "all", None)
    question = comparing.ask(
        alternative(setup, changes_in(other)), asked.period, asked.scope,
        now=times.now(), known=queries.newest(session),
    )  # fmt: skip
    return len(comparing.compare(session, question).differences)


def _journals(session: Session) -> Iterator[tuple[Any, Any]]:
    return queries.histories(session, queries.newest(session), _period(session))


def _period(session: Session) -> Period:
    return commands.read(directory(session), PERIOD, "all", None).period


def alone(work: Work, settings: dict[str, Any], other: Path) -> Cost:
    """Do something in a process of its own: memory that another needed is not its own."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=_work, args=(work, settings, other, there))
    process.start()
    there.close()  # so that its end is seen where the process fails
    cost: Cost = here.recv()
    process.join()
    return cost


def _work(work: Work, settings: dict[str, Any], other: Path, pipe: Connection) -> None:
    found: list[int] = []
    with create_app(settings).app_context(), snapshot() as session:
        took = timed(lambda: found.append(work(session, other)))
    pipe.send(Cost(took, _peak(), found[0]))


def _peak() -> int | None:
    status = Path("/proc/self/status")
    said = PEAK.search(status.read_text(encoding="utf-8")) if status.exists() else None
    return int(said[1]) // 1024 if said else None


@pytest.fixture
def database_url(vinst: Imported) -> Iterator[str]:
    """The history in an SQLite file of our own."""
    with databases.sqlite_copy(vinst.database) as url:
        yield url


def test_the_history_is_judged_by_half_the_time_for_a_p3(
    settings: dict[str, Any], tmp_path: Path
) -> None:
    """C6: in proportion to the journal; memory does not grow with it, but for what differs."""
    text = (FOLDER / "desk.yaml").read_text(encoding="utf-8")
    half, same = tmp_path / "half.yaml", tmp_path / "same.yaml"
    half.write_text(text.replace("resolution: 2400", "resolution: 1200"), encoding="utf-8")
    same.write_text(text, encoding="utf-8")
    with table(f"What if, {PERIOD} of the VINST history, each in a process of its own") as said:
        bare, told = (alone(work, settings, same) for work in (read, tell))
        unlike, judged = (alone(judge, settings, path) for path in (same, half))
        said.add("bare reading", str(bare), f"{bare.found:,} journals")
        said.add("telling each once", str(told))
        say(said, "judged by the same terms", unlike, told)
        say(said, "judged by other terms", judged, told)
        said.add("goal", f"{GOAL} ×, {MORE} MB above the bare reading")
    assert unlike.found == 0 < judged.found
    assert judged.time.processor < GOAL * told.time.processor
    assert not judged.peak or judged.peak < (bare.peak or 0) + MORE


def say(said: Table, name: str, cost: Cost, told: Cost) -> None:
    """Say what judging costs, against telling once."""
    ratio = cost.time.processor / told.time.processor
    said.add(name, str(cost), f"{ratio:.1f} × telling once, {cost.found:,} clocks differ")
