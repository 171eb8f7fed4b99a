"""How long the board takes on a desk with 100,000 incidents, against bare counts of them."""

from __future__ import annotations

import os
from collections.abc import Callable
from random import Random
from time import process_time
from typing import Any

import sqlalchemy as sa
from flask import Flask

from servicedesk.db import Instant, db, dialect, transaction
from servicedesk.incidents.models import OPEN, DateChange, HandOff, Holding, Incident
from servicedesk.setup.load import load_text
from servicedesk.sla.models import ClockRow
from tests.bench.measured import Table, table, with_server
from tests.board.played import Play
from tests.cast import DESK, Desk, at
from tests.people.signing import come_in
from tests.support.clock import Clock
from tests.support.statements import counted

INCIDENTS = int(os.environ.get("INCIDENTS") or 100_000)
WAITING = INCIDENTS // 10  # how many of them are open
NOW = at("2026-11-26 14:05")
GOAL = 1  # seconds of processors for a page, the database's included
TABLES: tuple[Any, ...] = (Incident, Holding, HandOff, ClockRow, DateChange)
PAGES = (
    "/board", "/board/flow", "/board/hand-offs", "/board/stays?holder=desk",
    "/incidents?view=unanswered", "/group/network", "/morning",
)  # fmt: skip
IS_OPEN = f"state IN {OPEN}"
BARE = {
    "count what is open": f"SELECT count(*) FROM incident WHERE {IS_OPEN}",
    "count it by who holds it": (
        "SELECT holder, count(*), min(held_since), sum(returns), min(late_from) FROM incident "
        f"WHERE {IS_OPEN} GROUP BY holder"
    ),
}


def test_the_board_of_a_desk_with_100000_incidents(app: Flask, clock: Clock, backend: str) -> None:
    """Screens: a manager keeps it open all day."""
    with app.app_context():
        load_text(DESK, "desk.yaml", now=at("2026-04-01 09:00"))
    clock.now = NOW
    desk = Desk(app, tampered=True)
    play = Play(desk, Random(1), at("2026-11-02 09:00"))
    play.go_on(NOW)
    with app.app_context():
        multiply()
        with table(f"{INCIDENTS:,} incidents, {WAITING:,} open, {backend}, of processors") as said:
            bare = max(count(name, sql, said) for name, sql in BARE.items())
            worst = max(open_page(desk, address, bare, said) for address in PAGES)
    assert worst < GOAL


def count(name: str, sql: str, said: Table) -> float:
    """Say how long a bare statement takes."""
    session = db.session()
    took = mean(lambda: session.execute(sa.text(sql)).all(), 50)
    said.add(name, f"{1000 * took:,.1f} ms")
    return took


def open_page(desk: Desk, address: str, bare: float, said: Table) -> float:
    """Say how long a page takes, and how much longer than a bare count by holder."""
    client = desk.app.test_client()
    come_in(client, "ueda")
    assert client.get(address).status_code == 200
    with counted(desk) as statements:
        client.get(address)
    took = mean(lambda: client.get(address), 5)
    said.add(
        address, f"{1000 * took:,.0f} ms", f"{took / bare:,.0f} ×, {len(statements)} statements"
    )
    return took


def mean(work: Callable[[], object], times: int) -> float:
    """Give the processor's seconds of some work, the database's included, done so many times."""
    clock = processor()
    started = clock()
    for _ in range(times):
        work()
    return (clock() - started) / times


def processor() -> Callable[[], float]:
    """Give a clock that other processes make no faster: of this process and its database."""
    session = db.session()
    if dialect(session) == "sqlite":
        return process_time
    return with_server(session.execute(sa.text("SELECT pg_backend_pid()")).scalar_one())


def multiply() -> None:
    """Copy what was played: what has ended ever further into the past, what is open as it is."""
    with transaction() as session:
        is_open = sa.text(IS_OPEN)
        here = sa.select(sa.func.count()).select_from(Incident)
        waiting = session.scalar(here.where(is_open)) or 1
        ended = (session.scalar(here) or 1) - waiting
        step = {t: (session.scalar(sa.select(sa.func.max(t.id))) or 0) + 1 for t in TABLES}
        past = range(1, (INCIDENTS - WAITING) // ended)
        for part, copies in ((f"NOT ({IS_OPEN})", past), (IS_OPEN, range(1, WAITING // waiting))):
            numbers(session, copies)
            for model in TABLES:
                session.execute(sa.text(copy(session, model, step, part, part != IS_OPEN)))
        session.execute(sa.text("ANALYZE"))


def numbers(session: Any, copies: range) -> None:
    """Keep the numbers of the copies in a table."""
    session.execute(sa.text("CREATE TEMPORARY TABLE IF NOT EXISTS copied (k INTEGER)"))
    session.execute(sa.text("DELETE FROM copied"))
    session.execute(sa.text("INSERT INTO copied VALUES (:k)"), [{"k": k} for k in copies])


def copy(session: Any, model: Any, step: dict[Any, int], part: str, back: bool) -> str:
    """Write the statement that copies a table's rows of some incidents."""
    columns = [column for column in model.__table__.columns if column.name != "id"]
    kept = ", ".join(f'"{column.name}"' for column in columns)
    made = ", ".join(value(session, model, column, step, back) for column in columns)
    name = model.__tablename__
    whose = "id" if model is Incident else "incident_id"
    first = step[Incident]
    return (
        f"INSERT INTO {name} (id, {kept}) SELECT id + {step[model]} * (k + {offset(back)}), {made} "
        f"FROM {name}, copied WHERE {whose} < {first} "
        f"AND {whose} IN (SELECT id FROM incident WHERE id < {first} AND {part})"
    )


def offset(back: bool) -> int:
    """Keep the numbers of open copies apart from those of ended ones."""
    return 0 if back else INCIDENTS


def value(session: Any, model: Any, column: Any, step: dict[Any, int], back: bool) -> str:
    """Write what a column of a copy holds."""
    name, aside = f'"{column.name}"', f"(k + {offset(back)})"
    if name in ('"incident_id"', '"number"'):
        return f"{name} + {step[Incident]} * {aside}"
    if name in ('"external_id"', '"import_digest"', '"duplicate_of_id"', '"parent_id"'):
        return "NULL"
    if not back or not isinstance(column.type, Instant):
        return name
    if dialect(session) == "sqlite":
        moved = f"strftime('%Y-%m-%d %H:%M:%S.000000', {name}, '-' || (k * 8) || ' hours')"
    else:
        moved = f"{name} - k * interval '8 hours'"
    return f"CASE WHEN {name} > '9000-01-01' THEN {name} ELSE {moved} END"
