"""F9: workers are killed at random while they make and send reports; each reader gets each once."""

from __future__ import annotations

import multiprocessing
import os
import random
import secrets
import time
from collections import Counter
from multiprocessing.process import BaseProcess

import sqlalchemy as sa

from servicedesk.outbox import Notification
from servicedesk.reports.models import Report
from servicedesk.reports.schedules.models import Run
from servicedesk.setup.load import load_text
from tests.cast import Desk, at, cast_in_postgres, cast_in_sqlite, database_url, desk
from tests.reports.schedules.room import text
from tests.torture.reporter import report

__all__ = ["cast_in_postgres", "cast_in_sqlite", "database_url", "desk"]

WORKERS = 3
KILLS = int(os.environ.get("KILLS", "60"))
SEED = int(os.environ.get("SEED") or secrets.randbelow(10**6))
LONGEST = 3600  # seconds
SINCE, NOW, MONTHS = "2026-08-20 09:00", "2027-02-20 09:00", 6
SCOPES = ("all", "group:desk", "group:network", "partner:netone", "service:internet")
READERS = ("ueda", "root2", "root3")


def start(settings: dict[str, str], since: float) -> BaseProcess:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.torture.reporter"])
    said = (settings, since, at(NOW).isoformat())
    process = context.Process(target=report, args=said, daemon=True)
    process.start()
    return process


def fill(desk: Desk) -> None:
    """Set up a schedule of each scope, in both languages, to several readers."""
    people = "[" + ", ".join(READERS) + "]"
    said = text(
        *(
            f"s{n}: {{scope: '{scope}', languages: [en, ja], people: {people}}}"
            for n, scope in enumerate(SCOPES)
        )
    )
    more = "".join(f"  {key}: {{name: {key}, roles: [manager]}}\n" for key in READERS[1:])
    with desk.session():
        load_text(said.replace("people:\n", f"people:\n{more}", 1), "t.yaml", now=at(SINCE))
    for day in range(1, 20):
        desk.log(when=f"2026-11-{day:02} 10:00")


def left(desk: Desk) -> bool:
    with desk.session() as session:
        done = sa.select(sa.func.count()).where(Run.done_at.is_not(None))
        return (session.scalar(done) or 0) < len(SCOPES) * MONTHS


def torment(desk: Desk, settings: dict[str, str], dice: random.Random) -> int:
    """Kill a worker now and then until all is sent; gives how many were killed."""
    since = time.time()
    workers, killed, end = [start(settings, since) for _ in range(WORKERS)], 0, since + LONGEST
    try:
        while left(desk) and time.time() < end:
            time.sleep(dice.uniform(0.1, 1.5))
            if killed < KILLS:
                unlucky = dice.randrange(WORKERS)
                workers[unlucky].kill()
                workers[unlucky].join()
                workers[unlucky] = start(settings, since)
                killed += 1
    finally:
        for worker in workers:
            worker.kill()
            worker.join()
    return killed


def test_whoever_is_killed_each_reader_gets_each_report_once(desk: Desk, backend: str) -> None:
    """F9: of six missed months, in both languages, one revision each."""
    dice = random.Random(SEED)
    print(f"\nSEED={SEED} KILLS={KILLS} on {backend}")
    names = ("DATABASE_URL", "DESK_VAR", "SECRET_KEY")
    settings = {name: str(desk.app.config[name]) for name in names} | {"LOG_LEVEL": "CRITICAL"}
    fill(desk)
    began = time.monotonic()
    killed = torment(desk, settings, dice)
    seconds = time.monotonic() - began
    with desk.session() as session:
        runs = session.scalars(sa.select(Run)).all()
        ready = sa.select(Notification).where(Notification.kind == "report_ready")
        mails = Counter((row.person_id, row.data["run"]) for row in session.scalars(ready))
        reports = list(session.scalars(sa.select(Report)))
    print(f"{len(mails)} mails, {len(reports)} files in {seconds:.0f} s, {killed} workers killed")
    print(f"{sum(run.tries for run in runs)} tries for {len(runs)} runs")
    assert len(runs) == len(SCOPES) * MONTHS
    assert not [run.period for run in runs if run.done_at is None or run.next_at]
    assert mails.keys() == {(desk.id(who), run.id) for run in runs for who in READERS}
    assert set(mails.values()) == {1}
    assert {run.report_in("en") for run in runs} | {run.report_in("ja") for run in runs} <= {
        row.id for row in reports
    }
    assert {row.revision for row in reports} == {1}
    assert len(reports) == 2 * len(runs)
