"""E3, E5: workers are killed at random instants; each step is done once, each mail is sent."""

from __future__ import annotations

import multiprocessing
import os
import random
import secrets
import socket
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from aiosmtpd.controller import Controller
from flask import Flask

from servicedesk import times
from servicedesk.db import db
from servicedesk.history.check import check
from servicedesk.history.replay import NEEDED, replay
from servicedesk.incidents.models import Firing, Incident, NextStep
from servicedesk.outbox import Notification
from servicedesk.setup.load import load_text
from tests.torture.worker import LEASE, work

WORKERS = 4
KILLS = int(os.environ.get("KILLS", "200"))
INCIDENTS = int(os.environ.get("INCIDENTS", "1000"))
SEED = int(os.environ.get("SEED") or secrets.randbelow(10**6))
START = datetime(2026, 11, 2, tzinfo=UTC)
SHARES = {"a": 10, "b": 20, "c": 30, "d": 40, "e": 50}  # per cent of 100 hours
APART = timedelta(hours=10) / INCIDENTS
LAST = timedelta(hours=61)
DESK = (
    """
desk: {name: Torture, zone: UTC, language: en}
calendars: {always: {zone: UTC, hours: {mon-sun: ["00:00-24:00"]}}}
groups: {desk: {name: Desk, tier: 1, calendar: always, lead: lead, members: [lead]}}
agreements: {s: {calendar: always, targets: {resolution: 6000}}}
services: {net: {name: Net, path: [desk], agreement: s, policy: p}}
policies:
  p:
"""
    + "".join(
        f"    - {{key: {key}, when: {{clock: resolution, at: {share}}}, tell: [holder-lead]}}\n"
        for key, share in SHARES.items()
    )
    + "people: {lead: {name: Lead, mail: lead@desk.example, roles: [agent]}}\n"
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


def prepare(app: Flask, folder: Path) -> None:
    """Import the incidents: what is open at a history's end is live from then on."""
    row = dict.fromkeys(NEEDED, "")
    lines = [",".join(NEEDED)]
    for n in range(INCIDENTS):
        said = {"incident": f"K{n}", "at": logged(n).isoformat(), "state": "new"}
        said |= {"service": "net", "title": f"Incident {n}", "requester": "emi"}
        lines.append(",".join((row | said).values()))
    path = folder / "history.csv"
    path.write_text("\n".join(lines) + "\n")
    with app.app_context():
        load_text(DESK, "desk.yaml", now=START)
        # the last of them is logged when the first step of the first falls due
        replay(path, now=START + timedelta(days=1))
        db.session.remove()


def start(settings: dict[str, str], clock: Path) -> BaseProcess:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.torture.worker"])
    process = context.Process(target=work, args=(settings, clock), daemon=True)
    process.start()
    return process


def left(app: Flask) -> int:
    """Count what is still to be done."""
    with app.app_context():
        end = START + LAST
        steps = db.session.scalar(sa.select(sa.func.count()).where(NextStep.at <= end)) or 0
        waiting = sa.select(sa.func.count()).where(Notification.waits_until.is_not(None))
        found = steps + (db.session.scalar(waiting) or 0)
        db.session.remove()
    return found


def torment(settings: dict[str, str], clock: Path, chance: random.Random) -> list[BaseProcess]:
    """Kill a worker at each of many random instants while the time of the desk goes on."""
    workers = [start(settings, clock) for _ in range(WORKERS)]
    for kill in range(KILLS):
        set_clock(clock, START + timedelta(hours=9) + (LAST - timedelta(hours=9)) * kill / KILLS)
        time.sleep(chance.uniform(0.05, 0.9))
        unlucky = chance.randrange(WORKERS)
        workers[unlucky].kill()
        workers[unlucky].join()
        workers[unlucky] = start(settings, clock)
    set_clock(clock, START + LAST)
    return workers


def set_clock(clock: Path, instant: datetime) -> None:
    fresh = clock.with_suffix(".new")
    fresh.write_text(instant.replace(microsecond=0).isoformat())
    fresh.replace(clock)


def test_whatever_is_killed_each_step_fires_once_and_each_mail_is_sent(
    app: Flask, backend: str, tmp_path: Path, sink: tuple[Sink, int]
) -> None:
    handler, port = sink
    print(f"\nSEED={SEED} KILLS={KILLS} steps={INCIDENTS * len(SHARES)} on {backend}")
    names = ("DATABASE_URL", "DESK_VAR", "SECRET_KEY")
    settings = {name: str(app.config[name]) for name in names} | {"LOG_LEVEL": "ERROR"}
    prepare(app, tmp_path)
    clock = tmp_path / "clock"
    set_clock(clock, START)
    began = time.monotonic()
    posted = {"MAIL_SERVER": f"smtp+plain://127.0.0.1:{port}", "MAIL_FROM": "desk@desk.example"}
    workers = torment(settings | posted, clock, random.Random(SEED))
    end = time.monotonic() + 120 + LEASE.total_seconds()
    while left(app) and time.monotonic() < end:
        time.sleep(0.2)
    for worker in workers:
        worker.kill()
    print(f"{time.monotonic() - began:.0f} s")
    _verify(app, handler)


def _verify(app: Flask, handler: Sink) -> None:
    with app.app_context():
        session = db.session()
        query = sa.select(Incident.external_id, Firing.step, Firing.due_at).join(
            Firing, Firing.incident_id == Incident.id
        )
        there = Counter(tuple(row) for row in session.execute(query))
        wanted = Counter(
            (f"K{n}", key, logged(n) + timedelta(hours=share))
            for n in range(INCIDENTS)
            for key, share in SHARES.items()
        )
        assert there == wanted
        messages = session.execute(sa.select(Notification.message_id, Notification.sent_at)).all()
        assert len(messages) == sum(wanted.values())
        assert all(sent for _id, sent in messages)
        assert set(handler.taken) == {id for id, _sent in messages}
        assert check(now=times.now()).differences == []
    twice = sum(count - 1 for count in handler.taken.values())
    print(f"{len(messages)} fired once, {len(handler.taken)} mails, {twice} of them sent again")
