"""A real history: the report's figures against the same worked out in plain Python."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from tests.reports import plainly
from tests.reports.plainly import Told
from tests.support import databases
from tests.support.vinst import FOLDER, Imported, run

ZONE = ZoneInfo("Europe/Stockholm")
START, END = datetime(2012, 5, 1, tzinfo=ZONE), datetime(2012, 6, 1, tzinfo=ZONE)
TARGETS = {"P1": 240, "P2": 480, "P3": 2400, "P5": 7200}

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not FOLDER.exists(), reason="../shared/data/vinst is not beside this checkout"
    ),
]


def in_may(at: datetime | None) -> bool:
    return at is not None and START <= at < END


def expected(told: list[Told]) -> dict[str, Any]:
    solved = [it for it in told if it.state in plainly.DONE and in_may(it.resolved)]
    clocks = [plainly.resolution(it, TARGETS, END) for it in told]
    decided = [verdict for verdict, at in filter(None, clocks) if in_may(at)]
    seconds = [it.seconds() for it in solved]
    return {
        "intake": sum(in_may(it.logged) for it in told),
        "resolved": len(solved),
        "backlog": sum(it.open for it in told),
        "handoffs": sum(in_may(at) for it in told for at, _from, _to in it.handoffs),
        "first_tier_resolution": sum(it.tiers == {1} for it in solved) / len(solved),
        "escalation_rate": sum(any(a < b for _at, a, b in it.handoffs) for it in solved)
        / len(solved),
        "ping_pong": sum(it.returns > 0 for it in solved) / len(solved),
        "reopened": sum(it.reopened > 0 for it in solved) / len(solved),
        "time_to_resolve.p50": plainly.nearest_rank(seconds, 50),
        "time_to_resolve.p90": plainly.nearest_rank(seconds, 90),
        "sla.resolution": decided.count("met") / len(decided),
        "requested_due.first": None,
        "partner.answer": None,
    }


@pytest.fixture
def database_url(vinst: Imported) -> Iterator[str]:
    """The history in an SQLite file of our own."""
    with databases.sqlite_copy(vinst.database) as url:
        yield url


def test_may_2012_is_what_plain_python_makes_of_it(app: Flask, tmp_path: Path) -> None:
    """F3, F4; F6: made twice, the same bytes."""
    made = []
    for name in ("one", "two"):
        pdf, figures = tmp_path / f"{name}.pdf", tmp_path / f"{name}.json"
        run(app, "report", "--period", "2012-05", "--out", str(pdf), "--json", str(figures))
        made.append((pdf.read_bytes(), figures.read_bytes()))
    assert made[0] == made[1]
    said = json.loads(made[0][1])["figures"]
    told = plainly.read(FOLDER)
    assert sum(it.tiers == {1} for it in told) == 4546
    wanted = expected(told)
    assert {id: said[id]["value"] for id in wanted} == wanted
    mean = sum(it.seconds() for it in told if in_may(it.resolved)) / said["resolved"]["value"]
    assert said["time_to_resolve.mean"]["value"] == pytest.approx(mean, abs=1)
