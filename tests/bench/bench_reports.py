"""How long the figures of a month take among 1,000,000 incidents, against bare counts of them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from itertools import islice
from random import Random
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from servicedesk.db import db, transaction
from servicedesk.incidents.models import Incident
from servicedesk.reports import contents, keeping, kept, queries
from servicedesk.reports.contents import Contents
from servicedesk.reports.models import FactRow, FactState, PeriodTally
from servicedesk.reports.periods import Period, read_period
from servicedesk.reports.scopes import Scope
from servicedesk.setup.load import load_text
from servicedesk.setup.snapshot import directory
from tests.bench.bench_board import mean
from tests.bench.measured import Table, table
from tests.board.played import Play
from tests.cast import DESK, Desk, at

MONTHLY = 7_700
COUNTS = [int(n) for n in os.environ.get("INCIDENTS", "100000 1000000").split()]
GOING_ON = 2_000  # of them
BEGUN, NOW = at("2026-10-01 09:00"), at("2026-11-26 14:05")
MONTH = "2026-10"
GOAL = 2  # seconds of processors, the database's included
PER_STATEMENT = 5_000
BARE = """
    SELECT count(*) FROM incident WHERE logged_at >= :start AND logged_at < :end
    UNION ALL SELECT count(*) FROM incident WHERE resolved_at >= :start AND resolved_at < :end
    UNION ALL SELECT count(*) FROM incident WHERE first_requested_due >= :start
        AND first_requested_due < :end AND resolved_at <= first_requested_due
"""


@pytest.mark.parametrize("count", COUNTS)
def test_figures_of_a_month(app: Flask, backend: str, count: int) -> None:
    """Speed: with the trend over 13 months; they grow with the period, not with all history."""
    with app.app_context():
        load_text(DESK, "desk.yaml", now=at("2026-04-01 09:00"))
    play = Play(Desk(app, tampered=True), Random(1), BEGUN)
    play.go_on(NOW, timedelta(hours=3))
    with app.app_context(), table(f"{count:,} incidents, {backend}, of processors") as said:
        keep(play, said)
        multiply(count)
        period = read_period(MONTH, "Asia/Tokyo")
        spread = {"start": period.months_to_here(13)[0].start, "end": period.end}
        bare = mean(lambda: db.session().execute(sa.text(BARE), spread).all(), 3)
        said.add("bare counts over the 13 months", f"{1000 * bare:,.0f} ms")
        measure("month, nothing added up before", period, bare, said)
        took = measure("month, those before it added up", period, bare, said, 3)
        touch()
        measure("month, after something old went on", period, bare, said)
    assert took < GOAL


def keep(play: Play, said: Table) -> None:
    """Tell the facts of what was played from its journals."""
    session = db.session()
    known = queries.latest_knowledge(session)
    took = mean(lambda: keeping.keep(directory(session), known), 1)
    said.add("a fact told from its journal", f"{1000 * took / play.count:,.2f} ms")


def read(period: Period) -> Contents:
    """Work out what a report's figures and its course over time are."""
    session = db.session()
    made = contents.work_out(session, directory(session), period, Scope(), now=NOW)
    assert made.past is not None
    assert (len(made.results), len(made.course)) == (len(made.before), 13)
    return made


def measure(name: str, period: Period, bare: float, said: Table, times: int = 1) -> float:
    """Say how long the figures take, and how much longer than bare counts."""
    facts = len(read(period).facts) if times > 1 else 0
    took = mean(lambda: read(period), times)
    remark = f"{took / bare:,.1f} ×" + (f", {facts:,} facts read" if facts else "")
    said.add(name, f"{1000 * took:,.0f} ms", remark)
    return took


def touch() -> None:
    """Let something happen to an incident that ended half a year ago."""
    with transaction() as session:
        then = sa.select(FactRow.incident_id).where(FactRow.reach == 3)
        old = session.scalar(then.order_by(FactRow.since.desc()).offset(5 * MONTHLY // 4).limit(1))
        session.execute(sa.update(PeriodTally).values(event=PeriodTally.event - 1))
        last = sa.select(FactState.event).scalar_subquery()
        rows = sa.update(FactRow)
        session.execute(rows.where(FactRow.event == last).values(event=last - 1))
        session.execute(rows.where(FactRow.incident_id == old).values(event=last))


# A history of years is made of some weeks: each copy lies some days further back.


def multiply(count: int) -> None:
    """Copy what was played, with its facts as they would be kept."""
    with transaction() as session:
        rows = list(map(dict, session.execute(sa.select(Incident.__table__)).mappings()))
        kept_ = map(dict, session.execute(sa.select(FactRow.__table__)).mappings())
        facts = {row["incident_id"]: row for row in kept_}
        ended = [row for row in rows if facts[row["id"]]["reach"] < kept.LIVE]
        going = [row for row in rows if facts[row["id"]]["reach"] == kept.LIVE]
        step = max(row["id"] for row in rows) + 1
        days = 30 * count // MONTHLY
        copies = (count - GOING_ON) // len(ended)
        back = ((row, 1 + k, k * days // copies) for k in range(copies) for row in ended)
        here = ((row, 1 + copies + k, 0) for k in range(GOING_ON // len(going)) for row in going)
        for each in (back, here):
            while some := list(islice(each, PER_STATEMENT)):
                put(session, Incident, (moved(row, step * k, day) for row, k, day in some))
                copies_ = (kept_so(facts[row["id"]], step * k, day) for row, k, day in some)
                put(session, FactRow, copies_)
    db.session().execute(sa.text("ANALYZE"))
    db.session().commit()


def put(session: Any, model: Any, rows: Iterator[Mapping[str, Any]]) -> None:
    session.execute(sa.insert(model.__table__), list(rows))


def moved(row: Mapping[str, Any], step: int, days: int) -> dict[str, Any]:
    """Give an incident's row so many days earlier."""
    said = {name: earlier(value, days) for name, value in row.items()}
    more = dict.fromkeys(("external_id", "import_digest", "duplicate_of_id", "parent_id"))
    return said | more | {"id": row["id"] + step, "number": row["number"] + step}


def earlier(value: Any, days: int) -> Any:
    if isinstance(value, datetime) and 1900 < value.year < 9000:
        return value - timedelta(days=days)
    return value


def kept_so(row: Mapping[str, Any], step: int, days: int) -> dict[str, Any]:
    """Give a fact's row so many days earlier: instants in it are counted from its first."""
    since, until = (row[name] and row[name] - days * 86_400 for name in ("since", "until"))
    return {**row, "incident_id": row["incident_id"] + step, "since": since, "until": until}
