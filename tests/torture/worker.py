"""A worker as in `flask desk worker`, for being killed: sweeps and sends without a pause."""

from __future__ import annotations

import os
import random
import time
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy.exc import OperationalError

from servicedesk import outbox, times
from servicedesk.app import create_app
from servicedesk.escalation.sweep import sweep
from servicedesk.mail import deliver as delivery

LEASE, MARGIN = timedelta(seconds=6), timedelta(seconds=1)  # minutes would make a long test


def work(settings: dict[str, str], clock: Path) -> None:
    """Sweep as at the instant in a file, until killed."""
    outbox.LEASE, delivery.MARGIN = LEASE, MARGIN
    os.environ.update(settings)
    app = create_app()
    with app.app_context():
        while True:
            with suppress(OperationalError):  # as the scheduler: logged, and again the next time
                sweep(datetime.fromisoformat(clock.read_text()))
                delivery.deliver(times.now())
            time.sleep(random.uniform(0, 0.05))
