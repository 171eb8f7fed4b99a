"""H7: mails come by a pipe and by IMAP while who takes them is killed; each is taken once."""

from __future__ import annotations

import faulthandler
import multiprocessing
import os
import random
import secrets
import signal
import subprocess
import time
from collections import Counter
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from servicedesk import times
from servicedesk.bridge.models import TAKEN, ReceivedMail
from servicedesk.db import db
from servicedesk.history.check import check
from servicedesk.incidents.models import Incident
from servicedesk.setup.load import load_text
from tests.support import imap
from tests.support.smtp import ROOT, command
from tests.torture.taker import spooled, work

MAILS = int(os.environ.get("MAILS", "2000"))
COMMANDS = int(os.environ.get("COMMANDS") or MAILS // 100)  # by the command itself
KILLS = int(os.environ.get("KILLS") or MAILS // 10)  # of workers, and then they are let live
SEED = int(os.environ.get("SEED") or secrets.randbelow(10**6))
WORKERS = 2  # of the pipe; two more fetch
PEOPLE = MAILS // 20 + 1  # nobody sends more than the desk takes within an hour
PATIENCE = 5 * MAILS + 120  # seconds
QUICK = multiprocessing.get_context("forkserver")  # a fresh one would import for seconds
QUICK.set_forkserver_preload(["tests.torture.taker"])
DESK = """
desk: {name: Torture, zone: UTC, language: en}
calendars: {always: {zone: UTC, hours: {mon-sun: ["00:00-24:00"]}}}
groups: {desk: {name: Desk, tier: 1, calendar: always, lead: lead, members: [lead]}}
agreements: {s: {calendar: always, targets: {resolution: 6000}}}
services: {net: {name: Net, path: [desk], agreement: s}}
people:
  lead: {name: Lead, mail: lead@desk.example, roles: [agent]}
"""
MAIL = """Authentication-Results: mx.desk.example; dmarc=pass header.from=desk.example\r
From: Person <p{person}@desk.example>\r\nTo: desk@desk.example\r\nSubject: mail {n}\r
Message-ID: <{n}@desk.example>\r\nMIME-Version: 1.0\r
Content-Type: multipart/mixed; boundary=b\r\n\r
--b\r\nContent-Type: text/plain\r\n\r\nThe printer is out of order, case {n}.\r
--b\r\nContent-Type: text/plain; name=log.txt\r\n\r\nline {n}\r\n--b--\r\n"""


def written(n: int) -> bytes:
    return MAIL.format(n=n, person=n % PEOPLE).encode()


def prepare(app: Flask, spool: Path, server: imap.Server, box: str) -> None:
    """Bring half of the mails to the folder, half to the pipe, and a few to both."""
    people = "".join(f"  p{n}: {{name: P{n}, mail: p{n}@desk.example}}\n" for n in range(PEOPLE))
    with app.app_context():
        load_text(DESK + people, "DESK.yaml", now=times.now())
    spool.mkdir()
    for n in range(COMMANDS, MAILS):
        if n % 2 or n % 20 == 0:
            spooled(spool, n, written(n))
    server.bring(box, *(written(n) for n in range(COMMANDS, MAILS) if n % 2 == 0))


def kill_commands(settings: dict[str, str], chance: random.Random) -> int:
    """Pipe some mails into the command itself, killed until it is let live; gives how often."""
    kills = 0
    for n in range(COMMANDS):
        wait = [chance.uniform(0.3, 2.5) for _n in range(chance.randint(1, 2))]
        for patience in (*wait, None):
            process = subprocess.Popen(
                command("desk@desk.example"), stdin=subprocess.PIPE, env=os.environ | settings,
                cwd=ROOT, start_new_session=True,
            )  # fmt: skip
            try:
                process.communicate(written(n), timeout=patience)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
                kills += 1
                continue
            if process.returncode == 0:
                break
    return kills


def start(settings: dict[str, str], spool: Path | None) -> BaseProcess:
    process = QUICK.Process(target=work, args=(settings, spool and str(spool)), daemon=True)
    process.start()
    return process


def torment(app: Flask, settings: dict[str, str], spool: Path, chance: random.Random) -> int:
    """Kill workers at random instants, then wait until all is taken; gives how often.

    Not for as long as there is something left: a machine that is busy with other things would
    never get a worker ready before its end.
    """
    kinds = [spool if n < WORKERS else None for n in range(WORKERS + 2)]
    workers = [start(settings, kind) for kind in kinds]
    kills, end = 0, time.monotonic() + PATIENCE
    while taken(app) < MAILS and time.monotonic() < end:
        time.sleep(chance.uniform(0.5, 8))
        if kills == KILLS:
            continue
        unlucky = chance.randrange(len(workers))
        workers[unlucky].kill()
        workers[unlucky].join()
        workers[unlucky] = start(settings, kinds[unlucky])
        kills += 1
    time.sleep(8)  # what is left is taken again, and has to be found there
    for worker in workers:
        worker.kill()
        worker.join()
    return kills


def taken(app: Flask) -> int:
    with app.app_context():
        return db.session.scalar(sa.select(sa.func.count()).select_from(ReceivedMail)) or 0


@pytest.fixture
def settings_of(app: Flask, imap_server: imap.Server) -> dict[str, str]:
    names = ("DATABASE_URL", "DESK_VAR", "SECRET_KEY")
    return {name: str(app.config[name]) for name in names} | {
        "LOG_LEVEL": "CRITICAL",
        "MAIL_INBOX": "desk@desk.example",
        "MAIL_VOUCHER": "mx.desk.example",
        "DESK_URL": "https://desk.desk.example",
    }


def test_whoever_is_killed_each_mail_is_taken_once(
    app: Flask, backend: str, tmp_path: Path, imap_server: imap.Server, settings_of: dict[str, str]
) -> None:
    """H7: 0 missing, 0 doubled."""
    faulthandler.cancel_dump_traceback_later()  # it takes longer than a test may
    print(f"\nSEED={SEED} MAILS={MAILS} COMMANDS={COMMANDS} KILLS={KILLS} on {backend}")
    box, chance, began = imap_server.box(), random.Random(SEED), time.monotonic()
    settings = settings_of | {"MAIL_IMAP": imap_server.url(box)}
    prepare(app, tmp_path / "spool", imap_server, box)
    commands = kill_commands(settings, chance)
    kills = torment(app, settings, tmp_path / "spool", chance)
    print(f"{commands} commands and {kills} workers killed in {time.monotonic() - began:.0f} s")
    verify(app, imap_server.subjects(box))


def verify(app: Flask, left: list[str]) -> None:
    wanted = Counter(f"mail {n}" for n in range(MAILS))
    with app.app_context():
        rows = db.session.execute(sa.select(ReceivedMail.subject, ReceivedMail.state)).all()
        incidents = Counter(db.session.scalars(sa.select(Incident.title)))
        missing, doubled = wanted - incidents, incidents - wanted
        print(f"{len(rows)} taken, {missing.total()} missing, {doubled.total()} doubled")
        assert Counter(subject for subject, _state in rows) == wanted
        assert {state for _subject, state in rows} == {TAKEN}
        assert incidents == wanted
        assert check(now=times.now()).differences == []
    assert left == []
