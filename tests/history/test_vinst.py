"""A real history of 65,533 changes goes in, and its known figures come out."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import yaml
from click.testing import Result
from flask import Flask

from servicedesk import journal
from servicedesk.db import db
from servicedesk.incidents.clocks import follow
from servicedesk.incidents.models import Incident
from servicedesk.setup.snapshot import directory
from servicedesk.times import iso
from tests.incidents import reference
from tests.incidents.world import World
from tests.sla import naive
from tests.support import databases
from tests.support.torture import enough
from tests.support.vinst import FOLDER, Imported, bring_in

SAMPLE = 12
SHORT = timedelta(days=4)  # longer ones would take the reference too long
BEGIN = datetime(2012, 3, 23, 5, 30, tzinfo=UTC)  # two days before Stockholm's clocks go forward

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not FOLDER.exists(), reason="../shared/data/vinst is not beside this checkout"
    ),
]


def desk(app: Flask, *args: str) -> Result:
    with app.app_context():
        return app.test_cli_runner().invoke(args=["desk", *args])


def table(app: Flask, name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(desk(app, "export", name).stdout)))


@pytest.fixture
def database_url(backend: str, database_url: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """On SQLite with the history in it already, where a test asks for it."""
    if backend == "sqlite" and "history_in" in request.fixturenames:
        with databases.sqlite_copy(request.getfixturevalue("vinst").database) as url:
            yield url
    else:
        yield database_url


@pytest.fixture
def history_in(app: Flask, backend: str, request: pytest.FixtureRequest) -> str:
    """What the import of the history said."""
    if backend != "sqlite":
        return bring_in(app)
    vinst: Imported = request.getfixturevalue("vinst")
    return vinst.said


@pytest.mark.backends(*enough(("sqlite",), ("sqlite", "postgresql")))
def test_the_history_gives_its_known_figures(app: Flask, history_in: str) -> None:
    """H2, H5, F4, C12: what was counted independently, twice."""
    history = str(FOLDER / "history.csv")
    assert "7554 incidents imported, 0 were" in history_in
    handoffs, incidents = table(app, "handoffs"), table(app, "incidents")
    _handoffs(handoffs)
    _incidents(incidents)
    _tiers(handoffs, incidents)
    clocks = Counter((c["kind"], c["state"]) for c in table(app, "clocks"))
    states = {state: n for (kind, state), n in clocks.items() if kind == "resolution"}
    assert states == {"met": 6036, "breached": 1515, "paused": 2, "cancelled": 1}
    requester = [h for h in table(app, "holdings") if h["holder_kind"] == "requester" and h["to"]]
    assert sum(int(h["seconds"]) for h in requester) == 1_709_756_294
    assert _as_the_reference_finds(app) == SAMPLE
    check = desk(app, "check")
    assert (check.exit_code, check.stdout) == (0, "7554 incidents checked, 0 differences.\n")
    assert "0 incidents imported, 7554 were" in desk(app, "replay", history).stdout
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Incident)) == 7554


def test_due_instants_on_its_calendars(app: Flask, tmp_path: Path) -> None:
    """C2, C3: `flask desk due` as a look at every minute finds them, over the clocks' change."""
    assert desk(app, "load", str(FOLDER / "desk.yaml")).exit_code == 0
    with app.app_context():
        calendars = directory(db.session()).calendars
    asked: list[dict[str, Any]] = []
    expected: list[str] = []
    for n, minutes in enumerate([15, 240, 480, 1500] * 6):
        key, start = ("office", "always")[n % 2], BEGIN + n * timedelta(hours=7, minutes=11)
        asked.append({"id": n, "calendar": key, "start": iso(start), "target_minutes": minutes})
        found = naive.reach(calendars[key].versions, start, minutes * 60)
        assert found
        expected.append(str(iso(found)))
    file = tmp_path / "due.jsonl"
    file.write_text("".join(json.dumps(line) + "\n" for line in asked))
    lines = desk(app, "due", str(file)).stdout.splitlines()
    assert [json.loads(line)["due"] for line in lines] == expected


def _as_the_reference_finds(app: Flask) -> int:
    """C1 to C14: a sample of its incidents, clock by clock; gives how many."""
    with app.app_context():
        session = db.session()
        setup = directory(session)
        world = World.of(setup)
        handed = sa.select(Incident.id, Incident.logged_at, Incident.closed_at).where(
            Incident.handoff_count > 1, Incident.returns > 0, Incident.closed_at.is_not(None)
        )
        rows = session.execute(handed.order_by(Incident.id))
        short = (row.id for row in rows if row.closed_at - row.logged_at < SHORT)
        ids = list(islice(short, SAMPLE))
        for id in ids:
            events = journal.read(session, id)
            now = events[-1].at + timedelta(minutes=1)
            found = reference.clocks(events, world, now)
            kept = {state.name: state for state in follow(events, setup).states(now)}
            assert {name: clock.state() for name, clock in found.items()} == {
                name: state.state for name, state in kept.items() if state.counted is not None
            }
            assert all(clock.seconds == kept[name].counted for name, clock in found.items())
        return len(ids)


def _handoffs(rows: list[dict[str, str]]) -> None:
    assert Counter(row["direction"] for row in rows) == {"up": 3245, "down": 1755, "across": 4454}


def _incidents(rows: list[dict[str, str]]) -> None:
    assert sum(row["handoffs"] == "0" for row in rows) == 3734
    returns = [int(row["returns"]) for row in rows]
    assert (sum(n > 0 for n in returns), sum(returns)) == (1258, 3286)
    assert sum(row["reopened"] != "0" for row in rows) == 514
    ended = ("resolved", "closed", "cancelled")
    assert sum(row["state"] not in ended for row in rows) == 8


def _tiers(handoffs: list[dict[str, str]], incidents: list[dict[str, str]]) -> None:
    """F4: tier 1 only means that no other tier was ever its group, however briefly."""
    groups = yaml.safe_load((FOLDER / "desk.yaml").read_text(encoding="utf-8"))["groups"]
    first = {row["incident"]: row["group"] for row in _rows() if row["group"]}
    had = {incident["number"]: {first[incident["external_id"]]} for incident in incidents}
    for row in handoffs:
        had[row["number"]] |= {row["from"], row["to"]}
    assert sum({groups[key]["tier"] for key in keys} == {1} for keys in had.values()) == 4546


def _rows() -> list[dict[str, str]]:
    """Read the history, its last change first."""
    with (FOLDER / "history.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))[::-1]
