"""E3, E5: workers are killed, stopped and wrong about the time; each step is done once."""

from __future__ import annotations

import faulthandler
import multiprocessing
import os
import random
import secrets
import signal
import socket
import time
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import accumulate, pairwise
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from aiosmtpd.controller import Controller
from flask import Flask

from servicedesk import db as database
from servicedesk import times
from servicedesk.app import create_app
from servicedesk.db import db
from servicedesk.history.check import check
from servicedesk.history.replay import NEEDED, replay
from servicedesk.incidents.models import Firing, Incident, NextStep
from servicedesk.outbox import Notification
from servicedesk.setup.load import load_text
from servicedesk.setup.models import Desk
from tests.support import postgres
from tests.support.required import lacking
from tests.torture.worker import BETWEEN, LEASE, RIGHT, WITHIN, bring_up

WORKERS = 4
KILLS = int(os.environ.get("KILLS", "1000"))
RESTARTS = int(os.environ.get("RESTARTS", "100"))
INCIDENTS = int(os.environ.get("INCIDENTS", "2000"))
SEED = int(os.environ.get("SEED") or secrets.randbelow(10**6))
BETWEEN_KILLS = float(os.environ.get("SECONDS", "0.9"))  # at most
PATIENCE = int(os.environ.get("PATIENCE", "1800"))  # seconds for what is left at the end
GO_ON_WITHIN = 30  # seconds, though a worker is stopped
START = datetime(2026, 10, 24, tzinfo=UTC)  # a day later the clocks go back
SHARES = {"a": 10, "b": 20, "c": 30, "d": 40, "e": 50}  # per cent of 100 working hours
AGAIN = timedelta(minutes=30)  # of working time, after which the last one comes once more
APART = timedelta(hours=10) / INCIDENTS
LAST = timedelta(hours=65)
AN_HOUR = timedelta(hours=1)
GROUPS = 10
ZONE = ZoneInfo("Europe/Berlin")
REST = range(2 * 60 + 30, 3 * 60)  # minutes of a day: half an hour that comes twice
SET_UP = (
    """
desk: {name: Torture, zone: UTC, language: en}
calendars: {most: {zone: Europe/Berlin, hours: {mon-sun: ["00:00-02:30", "03:00-24:00"]}}}
agreements: {s: {calendar: most, targets: {resolution: 6000}}}
policies:
  p:
"""
    + "".join(
        f"    - {{key: {key}, when: {{clock: resolution, at: {share}}}, tell: [holder-lead]"
        + (", repeat: {every: 30, most: 2}}\n" if key == "e" else "}\n")
        for key, share in SHARES.items()
    )
    + "groups:\n"
    + "".join(
        f"  g{n}: {{name: G{n}, tier: 1, calendar: most, lead: lead{n}, members: [lead{n}]}}\n"
        for n in range(GROUPS)
    )
    + "services:\n"
    + "".join(
        f"  s{n}: {{name: S{n}, path: [g{n}], agreement: s, policy: p}}\n" for n in range(GROUPS)
    )
    + "people:\n"
    + "".join(
        f"  lead{n}: {{name: Lead {n}, mail: lead{n}@desk.example, roles: [agent]}}\n"
        for n in range(GROUPS)
    )
)


class Sink:
    """A mail server that counts what it is given."""

    def __init__(self) -> None:
        self.taken: Counter[str] = Counter()

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        head = envelope.content.decode("utf-8", "replace").partition("\r\n\r\n")[0]
        lines = (line for line in head.split("\r\n") if line.lower().startswith("message-id:"))
        self.taken[next(lines).partition(":")[2].strip().strip("<>").partition("@")[0]] += 1
        return "250 OK"


@pytest.fixture
def sink() -> Iterator[tuple[Sink, int]]:
    handler = Sink()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield handler, port
    finally:
        controller.stop()


def logged(n: int) -> datetime:
    return (START + n * APART).replace(microsecond=0)


# What is right, by looking at one minute after another


@cache
def worked() -> list[int]:
    """Seconds that were worked up to the end of each minute since the start."""
    minutes = (START + timedelta(minutes=n) for n in range(6 * 24 * 60))
    walls = (minute.astimezone(ZONE) for minute in minutes)
    return list(accumulate(0 if w.hour * 60 + w.minute in REST else 60 for w in walls))


def reach(since: datetime, span: timedelta) -> datetime:
    """The earliest instant by which so much is worked."""
    minute, second = divmod(int((since - START).total_seconds()), 60)
    before = worked()[minute - 1] if minute else 0
    is_worked = worked()[minute] > before
    wanted = before + (second if is_worked else 0) + int(span.total_seconds())
    last = bisect_left(worked(), wanted)
    return START + timedelta(seconds=last * 60 + wanted - (worked()[last - 1] if last else 0))


def prepare(app: Flask, folder: Path, incidents: int = INCIDENTS) -> None:
    """Import the incidents: what is open at a history's end is live from then on."""
    row = dict.fromkeys(NEEDED, "")
    lines = [",".join(NEEDED)]
    for n in range(incidents):
        said = {"incident": f"K{n}", "at": logged(n).isoformat(), "state": "new"}
        said |= {"service": f"s{n % GROUPS}", "title": f"Incident {n}", "requester": "emi"}
        lines.append(",".join((row | said).values()))
    path = folder / "history.csv"
    path.write_text("\n".join(lines) + "\n")
    with app.app_context():
        load_text(SET_UP, "desk.yaml", now=START)
        with database.transaction() as session:  # nobody's mails are kept back
            desk = session.scalars(sa.select(Desk)).one()
            desk.more, desk.revision = {**desk.more, "most_mails": 10**6}, desk.revision + 1
        # the last of them is logged when the first step of the first falls due
        replay(path, now=logged(incidents))
        db.session.remove()


@dataclass
class Nursery:
    """Brings up workers, by their process ids."""

    calls: Connection

    def start(self, stops: str | None = None) -> int:
        """Let another one begin."""
        self.calls.send(stops)
        return int(self.calls.recv())


@contextmanager
def nursery(settings: dict[str, str], clock: Path) -> Iterator[Nursery]:
    """Make the desk in a process from which workers are copied; with it they end."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.torture.worker"])
    here, there = context.Pipe()
    process = context.Process(target=bring_up, args=(settings, clock, there), daemon=True)
    process.start()
    try:
        yield Nursery(here)
    finally:
        process.kill()
        process.join()


def end(worker: int) -> None:
    """Kill a worker and wait until it is gone."""
    with suppress(ProcessLookupError):
        os.kill(worker, signal.SIGKILL)
        while True:
            os.kill(worker, 0)
            time.sleep(0.001)


def left(app: Flask, until: datetime) -> int:
    """Count what is still to be done; something, while nobody can say."""
    with app.app_context(), suppress(sa.exc.DBAPIError):
        steps = db.session.scalar(sa.select(sa.func.count()).where(NextStep.at <= until)) or 0
        unsent = sa.or_(Notification.waits_until.is_not(None), Notification.bundle_at.is_not(None))
        waiting = sa.select(sa.func.count()).where(unsent)
        found = steps + (db.session.scalar(waiting) or 0)
        db.session.remove()
        return found
    return 1


def set_clock(clock: Path, instant: datetime) -> None:
    fresh = clock.with_suffix(".new")
    fresh.write_text(instant.replace(microsecond=0).isoformat())
    fresh.replace(clock)


def wrong(instant: datetime, chance: random.Random) -> datetime:
    """Step a clock an hour back or forth now and then."""
    return instant + chance.choice([0, 0, 0, -1, 1]) * AN_HOUR


def torment(makes: Nursery, clock: Path, chance: random.Random) -> list[int]:
    """Kill a worker at each of many random instants while the time of the desk goes on."""
    workers = [makes.start() for _ in range(WORKERS)]
    for kill in range(KILLS):
        at = START + timedelta(hours=9) + (LAST - timedelta(hours=9)) * kill / KILLS
        set_clock(clock, wrong(at, chance))
        time.sleep(chance.uniform(0.05, BETWEEN_KILLS))
        unlucky = chance.randrange(WORKERS)
        end(workers[unlucky])
        workers[unlucky] = makes.start()
    return workers


def finish(app: Flask, makes: Nursery, clock: Path, workers: list[int]) -> None:
    """Let everything be done: the last round comes half an hour of work after the one before."""
    for worker in workers:
        end(worker)
    workers = [makes.start(RIGHT) for _ in range(WORKERS)]
    until_then = time.monotonic() + PATIENCE + LEASE.total_seconds()
    for until in (START + LAST, START + LAST + 2 * AN_HOUR):
        set_clock(clock, until)
        while left(app, until) and time.monotonic() < until_then:
            time.sleep(0.2)
    for worker in workers:
        end(worker)


@pytest.fixture
def post(sink: tuple[Sink, int]) -> dict[str, str]:
    """Where mails go."""
    said = {"MAIL_SERVER": f"smtp+plain://127.0.0.1:{sink[1]}", "MAIL_FROM": "desk@desk.example"}
    return {"LOG_LEVEL": "CRITICAL", "MAIL_SETTLE": "2", **said}


def settings_of(app: Flask, post: dict[str, str]) -> dict[str, str]:
    names = ("DATABASE_URL", "DESK_VAR", "SECRET_KEY")
    return {name: str(app.config[name]) for name in names} | post


def test_whatever_is_killed_each_step_fires_once_and_each_mail_is_sent(
    app: Flask, backend: str, tmp_path: Path, sink: tuple[Sink, int], post: dict[str, str]
) -> None:
    """E3, E5: 0 lost, 0 doubled, each with its instant, though clocks are wrong by an hour."""
    faulthandler.cancel_dump_traceback_later()  # it takes longer than a test may
    print(f"\nSEED={SEED} KILLS={KILLS} steps={INCIDENTS * len(SHARES)} on {backend}")
    prepare(app, tmp_path)
    clock, settings = tmp_path / "clock", settings_of(app, post)
    set_clock(clock, START)
    began = time.monotonic()
    with nursery(settings, clock) as makes:
        workers = torment(makes, clock, random.Random(SEED))
        print(f"{KILLS} killed after {time.monotonic() - began:.0f} s, {fired(app)} fired by then")
        finish(app, makes, clock, workers)
    print(f"{time.monotonic() - began:.0f} s")
    _verify(app, sink[0])


def fired(app: Flask) -> int:
    with app.app_context():
        count = db.session.scalar(sa.select(sa.func.count()).select_from(Firing)) or 0
        db.session.remove()
        return count


def _verify(app: Flask, handler: Sink, incidents: int = INCIDENTS) -> None:
    with app.app_context():
        session = db.session()
        query = sa.select(
            Incident.external_id, Firing.step, Firing.cycle, Firing.due_at, Firing.fired_at
        ).join(Firing, Firing.incident_id == Incident.id)
        rows: list[Any] = [tuple(row) for row in session.execute(query)]
        there = Counter(row[:4] for row in rows)
        wanted = Counter(
            (f"K{n}", key, "0", reach(logged(n), timedelta(hours=share)))
            for n in range(incidents)
            for key, share in SHARES.items()
        )
        wanted += Counter(
            (name, step, "0#2", reach(fired_at, AGAIN))
            for name, step, cycle, _due, fired_at in rows
            if (step, cycle) == ("e", "0")
        )
        missing, doubled = wanted - there, there - wanted
        print(f"{len(rows)} fired, {missing.total()} missing, {doubled.total()} doubled or wrong")
        assert there == wanted
        assert all(due <= at for *_what, due, at in rows)
        mails = sent_for(session.scalars(sa.select(Notification)).all())
        assert len(mails) == sum(wanted.values())
        assert set(handler.taken) == set(mails)
        found = check(now=times.now())
        assert found.differences == []
    twice = sum(count - 1 for count in handler.taken.values())
    print(f"{len(rows)} fired once, in {len(handler.taken)} mails, {twice} of them sent again")


def sent_for(rows: Sequence[Notification]) -> list[str]:
    """Give, for each message of a rule, the mail that it went in: one of its own, or a bundle."""
    by_id = {row.id: row for row in rows}
    told = [row for row in rows if row.kind == "rule"]
    mails = [by_id[row.digest_id] if row.digest_id else row for row in told]
    assert all(mail.sent_at and not mail.failed_at for mail in mails)
    return [mail.message_id for mail in mails]


# Stopped


def test_a_worker_that_is_stopped_keeps_nobody_waiting_and_does_no_harm_later(
    app: Flask, backend: str, tmp_path: Path, sink: tuple[Sink, int], post: dict[str, str]
) -> None:
    """E3: others do what it has claimed within 30 s; SQLite has one writer, so it is not in it."""
    faulthandler.cancel_dump_traceback_later()
    prepare(app, tmp_path, 60)
    clock, settings = tmp_path / "clock", settings_of(app, post)
    set_clock(clock, START + LAST)
    with nursery(settings, clock) as makes:
        stopped = makes.start(WITHIN if backend == "postgresql" else BETWEEN)
        while state_of(stopped) != "T":
            time.sleep(0.05)
        began, other = time.monotonic(), makes.start(RIGHT)
        while left(app, START + LAST) and time.monotonic() < began + 10 * GO_ON_WITHIN:
            time.sleep(0.1)
        took = time.monotonic() - began
        os.kill(stopped, signal.SIGCONT)
        set_clock(clock, START + LAST + AN_HOUR)
        time.sleep(5)
        finish(app, makes, clock, [stopped, other])
    print(f"\none stopped on {backend}: another had done everything after {took:.1f} s")
    _verify(app, sink[0], 60)
    assert took < GO_ON_WITHIN


def state_of(worker: int) -> str:
    said = Path(f"/proc/{worker}/stat").read_text()
    return said.rpartition(")")[2].split()[0]


# A database that is not there


def test_whenever_the_database_is_restarted_nothing_is_lost_or_doubled(
    tmp_path: Path, sink: tuple[Sink, int], post: dict[str, str]
) -> None:
    """E3, E5: stopped in order, or as if its power was cut, while four workers are at it."""
    faulthandler.cancel_dump_traceback_later()
    programs = postgres.programs()
    if programs is None:
        lacking("no PostgreSQL server programs (initdb, postgres) are installed")
    print(f"\nSEED={SEED} RESTARTS={RESTARTS} steps={INCIDENTS * len(SHARES)}")
    chance, began = random.Random(SEED), time.monotonic()
    with postgres.restartable(programs, synchronous_commit="on") as (server, restart):
        said = {"DATABASE_URL": server.create("torture"), "DESK_VAR": str(tmp_path / "var")}
        app = create_app(said | {"SECRET_KEY": "for tests", "TESTING": True})
        database.upgrade(app)
        prepare(app, tmp_path)
        clock, settings = tmp_path / "clock", settings_of(app, post)
        set_clock(clock, START)
        with nursery(settings, clock) as makes:
            workers = [makes.start() for _ in range(WORKERS)]
            by_then = [0]  # fired, by each restart
            for n in range(RESTARTS):
                at = START + timedelta(hours=9) + (LAST - timedelta(hours=9)) * n / RESTARTS
                set_clock(clock, wrong(at, chance))
                time.sleep(chance.uniform(0.2, 2 * BETWEEN_KILLS))
                by_then.append(fired(app))
                restart(chance.choice([signal.SIGINT, signal.SIGQUIT]))
            each = [after - before for before, after in pairwise(by_then)]
            print(f"{RESTARTS} restarts in {time.monotonic() - began:.0f} s, {by_then[-1]} fired")
            print(f"none between {each.count(0)} of them, {max(each)} between two at most")
            for worker in workers:
                os.kill(worker, 0)  # none has given up
            finish(app, makes, clock, workers)
        _verify(app, sink[0])
        assert each.count(0) < RESTARTS / 2  # as many as go an hour back with the clock
        with app.app_context():
            db.engine.dispose()
