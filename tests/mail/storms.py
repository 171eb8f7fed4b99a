"""Many messages at once, and rounds of whoever sends them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from servicedesk.db import transaction
from servicedesk.outbox import Notification
from tests.cast import Desk, at
from tests.mail import post_office
from tests.mail.mailbox import Mailroom
from tests.mail.post_office import PostOffice
from tests.support.clock import Clock

NIGHT = {"from": "20:00", "to": "07:00"}
RULE: dict[str, Any] = {
    "policy": "usual",
    "step": "half",
    "kind_of_clock": "resolution",
    "amount": 50,
    "due": "2026-11-26T01:00:00Z",
}


@contextmanager
def opened(desk: Desk) -> Iterator[PostOffice]:
    with post_office.opened() as office:
        desk.app.config["MAIL_SERVER"] = office.said()
        yield office


def log(desk: Desk, count: int = 1, **more: Any) -> list[int]:
    """Log incidents, of which nobody is told anything."""
    numbers = [desk.log(title=f"No network {n}", **more) for n in range(count)]
    with desk.app.app_context(), transaction() as session:
        session.execute(sa.delete(Notification))
    return numbers


def fire(room: Mailroom, to: str, *numbers: int, **more: Any) -> None:
    for n in numbers:
        room.queue("rule", to, n, **{**RULE, **more})


def round_of(room: Mailroom, clock: Clock, when: str | datetime) -> int:
    clock.now = at(when) if isinstance(when, str) else when
    return room.deliver().sent
