"""How long it takes to compute every clock of a real history again from its journal (C6)."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from servicedesk import times
from servicedesk.db import db
from servicedesk.event import Event
from servicedesk.history.check import check
from servicedesk.history.replay import replay
from servicedesk.incidents.clocks import follow
from servicedesk.journal import EventRow
from servicedesk.setup.load import load_file
from servicedesk.setup.snapshot import directory
from tests.bench.measured import table, timed

FOLDER = Path(__file__).parents[3] / "shared" / "data" / "vinst"
GOAL = 20  # seconds
COLUMNS = ("incident_id", "seq", "kind", "happened_at", "actor_id", "data")

pytestmark = pytest.mark.skipif(
    not FOLDER.exists(), reason="../shared/data/vinst is not beside this checkout"
)


@pytest.fixture
def vinst(app: Flask) -> Iterator[Session]:
    """The history, imported."""
    with app.app_context():
        load_file(FOLDER / "desk.yaml", now=times.now())
        replay(FOLDER / "history.csv", now=times.now())
        yield db.session()


def journal(session: Session) -> Iterator[list[Event]]:
    """Read the whole journal, incident by incident."""
    columns = [getattr(EventRow, name) for name in COLUMNS]
    query = sa.select(*columns).order_by(EventRow.incident_id, EventRow.seq)
    rows = session.execute(query.execution_options(yield_per=5000))
    for _id, lines in groupby(rows, key=itemgetter(0)):
        yield [Event(*line[1:]) for line in lines]


def recompute(session: Session, now: datetime) -> int:
    """Compute every clock as of an instant; gives how many there are."""
    setup = directory(session)
    return sum(len(follow(events, setup).states(now)) for events in journal(session))


def bare(session: Session) -> int:
    """Fetch the journal's rows as the database gives them."""
    name = f"file:{db.engine.url.database}?mode=ro"
    query = f"SELECT {', '.join(COLUMNS)} FROM event ORDER BY incident_id, seq"
    with sqlite3.connect(name, uri=True) as connection:
        return len(connection.execute(query).fetchall())


@pytest.mark.backends("sqlite")
def test_every_clock_of_the_history_again(vinst: Session) -> None:
    """C6: under 20 seconds; the bare reading of the journal's rows is what it is compared with."""
    now = times.now()
    counts: dict[str, int] = {}
    rows = timed(lambda: counts.update(rows=bare(vinst)))
    events = timed(lambda: counts.update(incidents=sum(1 for _ in journal(vinst))))
    clocks = timed(lambda: counts.update(clocks=recompute(vinst, now)))
    checked = timed(lambda: counts.update(differences=len(check(now=now).differences)))
    with table("Every clock of the VINST history from its journal") as said:
        said.add("bare reading of its rows", str(rows), f"{counts['rows']:,} rows")
        said.add("reading its events", str(events), f"{counts['incidents']:,} incidents")
        said.add("recomputing its clocks", str(clocks), f"{counts['clocks']:,} clocks")
        times_bare = f"{clocks.processor / rows.processor:.1f} times"
        said.add("", times_bare, "the bare reading, by processor time")
        said.add("flask desk check", str(checked), f"{counts['differences']} differences")
        said.add("goal for recomputing", f"{GOAL} s")
    assert counts["differences"] == 0
    assert clocks.processor < GOAL
