"""Webhooks of the cast's desk: given, called, looked at."""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import product
from typing import Any

import sqlalchemy as sa

from servicedesk import outbox, times
from servicedesk.db import db, transaction
from servicedesk.incidents.catching_up import catch_up
from servicedesk.incidents.models import Incident
from servicedesk.outbox import Notification
from servicedesk.setup.load import load_text
from servicedesk.signals import deliver as delivery
from servicedesk.signals.deliver import Delivered
from servicedesk.signals.models import Receiver as Line
from servicedesk.signals.signing import new_secret
from servicedesk.signals.writing import Call, write
from tests.cast import DESK, Desk, at
from tests.signals import receiver
from tests.signals.receiver import Receiver

BATCH = 100  # queued in one transaction: PostgreSQL ends one that rests for a minute
POLICY = "path: [desk, network, netone], agreement: standard"


def batched(numbers: range) -> list[range]:
    """Cut numbers into batches."""
    return [numbers[start : start + BATCH] for start in range(0, len(numbers), BATCH)]


@dataclass
class Hooked:
    """Gives webhooks to a desk, and looks at what is queued for them."""

    desk: Desk

    def give(self, *hooks: str, steps: tuple[str, ...] = (), desk: str = "") -> None:
        """Load the cast's desk with webhooks, and a policy of these steps for `internet`."""
        text = DESK.replace(POLICY, f"{POLICY}, policy: usual") if steps else DESK
        text = text.replace("language: en", desk) if desk else text
        lines = "".join(f"\n  {hook}" for hook in hooks)
        text += f"hooks:{lines}\n" if hooks else ""
        text += "policies:\n  usual:" + "".join(f"\n    - {step}" for step in steps) + "\n"
        text = text if steps else text.rpartition("policies:")[0]
        with self.desk.session():
            load_text(text, "cast.yaml", now=at("2026-04-01 10:00"), then=catch_up)

    def id(self, key: str = "ops") -> int:
        return self.desk.setup().hooks[key].id

    def call_at(self, url: str, key: str = "ops") -> str:
        """Set an address, whatever it is; gives the secret."""
        secret = new_secret()
        with self.desk.app.app_context(), transaction() as session:
            said = {"hook_id": self.id(key), "url": url, "secret": secret, "set_at": times.now()}
            session.add(Line(**said))
        return secret

    def line(self, key: str = "ops") -> Line:
        with self.desk.session() as session:
            return session.get_one(Line, self.id(key))

    def queued(self, key: str | None = "ops") -> list[Notification]:
        id = self.id(key) if key else None
        with self.desk.session() as session:
            query = sa.select(Notification).where(Notification.hook_id.is_not(None))
            rows = session.scalars(query.order_by(Notification.id))
            return [row for row in rows if id in (None, row.hook_id)]

    def events(self, key: str = "ops") -> list[str]:
        """List what is told, in order."""
        return [row.data.get("event", "test") for row in self.queued(key)]

    def fill(self, count: int, key: str = "ops") -> None:
        """Queue so many signals about one incident."""
        self.fill_all([key], count)

    def fill_all(self, keys: list[str], count: int) -> None:
        """Queue so many of each of some webhooks, and nothing else."""
        n, hooks = self.desk.log(), [self.id(key) for key in keys]
        with self.desk.app.app_context(), transaction() as session:
            session.execute(sa.delete(Notification))
            incident = session.scalars(sa.select(Incident.id).filter_by(number=n)).one()
        service, holder = self.desk.setup().services_by_key["internet"].id, self.desk.ref("desk")
        said: dict[str, Any] = {"event": "incident.logged", "type": "incident", "priority": "P3"}
        said |= {"at": times.iso(at("09:00")), "state": "new", "service": service, "holder": holder}
        said |= {"incident": incident, "now": at("09:30")}
        for seqs in batched(range(1, count + 1)):
            with self.desk.app.app_context(), transaction() as session:
                for seq, hook in product(seqs, hooks):
                    outbox.queue(session, "signal", hook=hook, seq=seq, **said)

    def deliver(self) -> Delivered:
        with self.desk.app.app_context():
            try:
                return delivery.deliver(times.now())
            finally:
                db.session.remove()

    def written(self, row: Notification) -> Call:
        with self.desk.session() as session:
            return write(session, session.get_one(Notification, row.id), times.now())

    def payload(self, n: int = -1, key: str = "ops") -> dict[str, Any]:
        """Give what a signal says, of those that are queued the last."""
        found: dict[str, Any] = json.loads(self.written(self.queued(key)[n]).body)
        return found

    def lead_here(self, longest: float = 5.0) -> None:
        """Let calls reach this machine."""
        self.desk.app.config.update(HOOK_NETWORKS=receiver.HERE, HOOK_HTTP=True)
        self.longest = longest

    def ready(self, there: Receiver, key: str = "ops", **given: Any) -> str:
        """Give one webhook that calls a receiver of our own; gives its secret."""
        self.give(f"{key}: {{kinds: [incident.logged]}}", **given)
        self.lead_here()
        return self.call_at(there.url(), key)
