"""A real history: the report's figures against the same worked out in plain Python."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml
from flask import Flask

from servicedesk import times
from servicedesk.db import db
from servicedesk.reports import contents
from servicedesk.reports.cases import Case
from servicedesk.reports.contents import Contents
from servicedesk.reports.figures import FIGURES
from servicedesk.reports.periods import read_period
from servicedesk.reports.scopes import Scope
from servicedesk.setup.snapshot import directory
from tests.reports import plainly
from tests.reports.plainly import Office, Told
from tests.support import databases
from tests.support.torture import enough
from tests.support.vinst import FOLDER, Imported, run

STOCKHOLM = "Europe/Stockholm"
ZONES = ("UTC", "Asia/Tokyo", *enough((), (STOCKHOLM,)))  # which the test of the PDF has
RESPONSE = {"P1": 30, "P2": 60, "P3": 240, "P5": 480}
RESOLUTION = {"P1": 240, "P2": 480, "P3": 2400, "P5": 7200}

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not FOLDER.exists(), reason="../shared/data/vinst is not beside this checkout"
    ),
]

Judged = tuple[str, datetime] | None


@cache
def history() -> list[Told]:
    return plainly.read(FOLDER)


@cache
def office() -> Office:
    return Office(STOCKHOLM, "SE", range(2010, 2014))


@cache
def holding_targets() -> dict[str, int]:
    groups = yaml.safe_load((FOLDER / "desk.yaml").read_text(encoding="utf-8"))["groups"]
    return {key: group["targets"]["holding"] for key, group in groups.items()}


@dataclass(frozen=True)
class Month:
    """A month in a zone, of the history as plain Python tells it."""

    zone: str
    year: int = 2012
    month: int = 5

    @property
    def start(self) -> datetime:
        return datetime(self.year, self.month, 1, tzinfo=ZoneInfo(self.zone))

    @property
    def end(self) -> datetime:
        return Month(self.zone, self.year + self.month // 12, self.month % 12 + 1).start

    @property
    def name(self) -> str:
        return f"{self.year}-{self.month:02}"

    def holds(self, at: datetime | None) -> bool:
        return at is not None and self.start <= at < self.end

    def solved(self) -> list[Told]:
        return [it for it in history() if it.state in plainly.DONE and self.holds(it.resolved)]

    def decided(self, clocks: Iterable[Judged]) -> tuple[int, int]:
        verdicts = [verdict for verdict, at in filter(None, clocks) if self.holds(at)]
        return verdicts.count("met"), len(verdicts)

    def held(self) -> dict[str, tuple[int, int]]:
        """OLA: within target, and all, by group."""
        met: Counter[str] = Counter()
        every: Counter[str] = Counter()
        for it in history():
            judged = plainly.holdings(it, office(), holding_targets(), self.end)
            for group, (verdict, at) in judged.items():
                every[group] += self.holds(at)
                met[group] += verdict == "met" and self.holds(at)
        return {group: (met[group], every[group]) for group in every if every[group]}

    def volumes(self) -> tuple[str, int, int, int]:
        logged = sum(self.holds(it.logged) for it in history())
        left = sum(it.open_before(self.end) for it in history())
        return self.name, logged, len(self.solved()), left


def expected(month: Month) -> dict[str, Any]:
    told, solved, held = history(), month.solved(), month.held()
    seconds = [it.seconds() for it in solved]
    worked = [sum(map(office().between, it.opened)) for it in solved]

    def of_solved(hits: Iterable[bool]) -> tuple[int, int]:
        return sum(hits), len(solved)

    counts = {
        "intake": sum(month.holds(it.logged) for it in told),
        "intake.cancelled": sum(it.state == "cancelled" and month.holds(it.logged) for it in told),
        "resolved": len(solved),
        "backlog": sum(it.open_before(month.end) for it in told),
        "handoffs": sum(month.holds(at) for it in told for at, _from, _to in it.handoffs),
        "time_to_resolve.p50": plainly.nearest_rank(seconds, 50),
        "time_to_resolve.p90": plainly.nearest_rank(seconds, 90),
        "time_to_resolve.mean": -(-sum(seconds) // len(seconds)),
        "working_time_to_resolve.p50": plainly.nearest_rank(worked, 50),
        "working_time_to_resolve.p90": plainly.nearest_rank(worked, 90),
    }
    shares = {
        "first_tier_resolution": of_solved(it.tiers == {1} for it in solved),
        "escalation_rate": of_solved(any(a < b for _at, a, b in it.handoffs) for it in solved),
        "ping_pong": of_solved(it.returns > 0 for it in solved),
        "reopened": of_solved(it.reopened > 0 for it in solved),
        "requested_due.share": (0, counts["intake"]),
        "sla.response": month.decided(plainly.response(it, RESPONSE, month.end) for it in told),
        "sla.resolution": month.decided(
            plainly.resolution(it, RESOLUTION, month.end) for it in told
        ),
        "ola.holding": (sum(met for met, _all in held.values()), sum(n for _m, n in held.values())),
    }
    net = {f"{id}.net": shares[id] for id in ("sla.response", "sla.resolution", "ola.holding")}
    return {id: (value, None) for id, value in counts.items()} | shares | net


def said(report: Contents) -> dict[str, Any]:
    """Give each figure that counts anything: its value, or of a share how many of how many."""
    found = {}
    for figure in FIGURES:
        result = report.results[figure.id]
        share = result.value is None
        value = (result.numerator, result.denominator) if share else (result.value, None)
        if value not in ((0, None), (0, 0)):
            found[figure.id] = value
    return found


@pytest.fixture
def database_url(vinst: Imported) -> Iterator[str]:
    """The history in an SQLite file of our own."""
    with databases.sqlite_copy(vinst.database) as url:
        yield url


def test_may_2012_is_what_plain_python_makes_of_it_in_three_zones(app: Flask) -> None:
    """F2, F3, F4: every figure that has cases, also by group; the 13 months of its course."""
    assert sum(it.tiers == {1} for it in history()) == 4546
    with app.app_context():
        setup = directory(db.session())
        for zone in ZONES:
            month, period = Month(zone), read_period("2012-05", zone)
            report = contents.work_out(db.session(), setup, period, Scope(), now=times.now())
            assert said(report) == expected(month), zone
            assert by_party(report, report.cases["ola.holding"]) == month.held(), zone
            left = by_party(report, report.cases["backlog"])
            assert {key: n for key, (_met, n) in left.items()} == holders(month), zone
            told = by_party(report, report.cases["handoffs"])
            assert {key: n for key, (_met, n) in told.items()} == receivers(month), zone
            course = [Month(zone, year, n) for year, n in months()]
            rows = [(row.name, row.intake, row.resolved, row.backlog) for row in report.course]
            assert rows == [each.volumes() for each in course], zone


def months() -> list[tuple[int, int]]:
    """May 2012 and the twelve months before it."""
    return [(2011, n) for n in range(5, 13)] + [(2012, n) for n in range(1, 6)]


def by_party(report: Contents, cases: Iterable[Case]) -> dict[str, tuple[int, int]]:
    found: dict[str, tuple[int, int]] = {}
    for case in cases:
        key = report.key(case.party).removeprefix("group:")
        hits, every = found.get(key, (0, 0))
        found[key] = hits + case.value, every + 1
    return found


def holders(month: Month) -> Counter[str]:
    """Say who has what is open: nothing moves after May."""
    return Counter(
        "requester" if it.asked else it.groups[-1] for it in history() if it.open_before(month.end)
    )


def receivers(month: Month) -> Counter[str]:
    return Counter(to for it in history() for at, to in it.given if month.holds(at))


def test_its_report_is_made_twice_with_the_same_bytes(app: Flask, tmp_path: Path) -> None:
    """F6; and its JSON says what plain Python makes of the month."""
    made = []
    for name in ("one", "two"):
        pdf, figures = tmp_path / f"{name}.pdf", tmp_path / f"{name}.json"
        run(app, "report", "--period", "2012-05", "--out", str(pdf), "--json", str(figures))
        made.append((pdf.read_bytes(), figures.read_bytes()))
    assert made[0] == made[1]
    printed = json.loads(made[0][1])["figures"]
    for id, (value, of) in expected(Month(STOCKHOLM)).items():
        assert printed[id]["value"] == (value / of if of else value), id
    for id in ("requested_due.first", "partner.answer", "ola.acceptance"):
        assert printed[id]["value"] is None  # F5
