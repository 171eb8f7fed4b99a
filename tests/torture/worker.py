"""A worker as in `flask desk worker`, for being killed or stopped."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy.exc import DBAPIError

from servicedesk import outbox, times
from servicedesk.app import create_app
from servicedesk.db import db
from servicedesk.escalation import sweep as sweeping
from servicedesk.escalation.firing import fire
from servicedesk.mail import deliver as delivery

LEASE, MARGIN = timedelta(seconds=6), timedelta(seconds=1)  # minutes would make a long test
SKEWED = (-3600, -1, 0, 0, 1, 3600)  # seconds by which a machine's clock may be wrong
WITHIN, BETWEEN = "within", "between"  # where a worker stops itself: in a transaction, or not
RIGHT = "right"  # its clock is, and it doesn't stop


def bring_up(settings: dict[str, str], clock: Path, calls: Connection) -> None:
    """Make workers, each when it is asked for: making the desk itself would take a second each."""
    os.environ.update(settings)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # whoever is killed is gone
    app = create_app()
    with app.app_context():
        db.engine.dispose()
    outbox.LEASE, delivery.MARGIN = LEASE, MARGIN
    while True:
        stops = calls.recv()
        if pid := os.fork():
            calls.send(pid)
        else:
            work(app, clock, stops)


def work(app: Flask, clock: Path, stops: str | None) -> None:
    """Sweep as at the instant in a file, by a clock that is wrong, until killed."""
    random.seed()
    skew = timedelta(seconds=random.choice(SKEWED) if stops is None else 0)
    if stops == WITHIN:
        vars(sweeping)["fire"] = _stopping(fire)
    with app.app_context():
        while True:
            if stops == BETWEEN:
                os.kill(os.getpid(), signal.SIGSTOP)
            with suppress(DBAPIError):  # as the scheduler: logged, and again the next time
                sweeping.sweep(datetime.fromisoformat(clock.read_text()) + skew)
                delivery.deliver(times.now())
            time.sleep(random.uniform(0, 0.05))


def _stopping(fire: Callable[..., None]) -> Callable[..., None]:
    """Stop this process once it has done some steps and not yet committed them."""
    done: list[object] = []

    def stop(*said: Any) -> None:
        fire(*said)
        done.append(said)
        if len(done) == 3:
            os.kill(os.getpid(), signal.SIGSTOP)

    return stop
