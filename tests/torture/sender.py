"""A process that makes summaries and sends mail without a pause, for being killed."""

from __future__ import annotations

import os
import random
import time
from contextlib import suppress
from datetime import timedelta

from sqlalchemy.exc import OperationalError

from servicedesk import outbox, times
from servicedesk.app import create_app
from servicedesk.mail import deliver as delivery
from servicedesk.mail import slots
from servicedesk.mail.digest import summarize

LEASE, MARGIN = timedelta(seconds=10), timedelta(seconds=2)  # minutes would make a long test
WAITS = (timedelta(seconds=1),) * 60  # as often as it takes; hours would make a long test


def send(settings: dict[str, str]) -> None:
    """Send what waits, until killed."""
    outbox.LEASE, outbox.WAITS, delivery.MARGIN = LEASE, WAITS, MARGIN
    slots.is_working_day = lambda *_day: True  # whenever this runs
    os.environ.update(settings)
    app = create_app()
    with app.app_context():
        while True:
            with suppress(OperationalError):  # as the scheduler: logged, and again the next time
                summarize(times.now())
                delivery.deliver(times.now())
            time.sleep(random.uniform(0, 0.05))
