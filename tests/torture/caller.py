"""A process that calls webhooks without a pause, for being killed."""

from __future__ import annotations

import os
import random
import time
from contextlib import suppress
from datetime import timedelta
from ipaddress import ip_network

from sqlalchemy.exc import OperationalError

from servicedesk import outbox, times
from servicedesk.app import create_app
from servicedesk.signals import deliver as delivery
from servicedesk.signals import keeping
from servicedesk.signals.calling import Terms

LEASE, MARGIN = timedelta(seconds=10), timedelta(seconds=2)  # minutes would make a long test
WAITS = (timedelta(seconds=1),) * 200  # as often as it takes; hours would make a long test
HERE = (ip_network("127.0.0.0/8"),)


def call(settings: dict[str, str]) -> None:
    """Call what waits, until killed."""
    outbox.LEASE, outbox.WAITS, delivery.MARGIN = LEASE, WAITS, MARGIN
    delivery.REST, keeping.PATIENCE = timedelta(0), timedelta(days=99)
    delivery._terms = lambda: Terms(HERE, http=True, longest=2.0)
    os.environ.update(settings)
    app = create_app()
    with app.app_context():
        while True:
            with suppress(OperationalError):  # as the scheduler: logged, and again the next time
                delivery.deliver(times.now())
            time.sleep(random.uniform(0, 0.05))
