"""The cast's desk with an escalation policy, and what its rules did."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from servicedesk.db import db
from servicedesk.escalation import sweep as sweeping
from servicedesk.escalation.sweep import Swept
from servicedesk.incidents.catching_up import catch_up
from servicedesk.incidents.models import Firing
from servicedesk.outbox import Notification
from servicedesk.people.models import Person
from servicedesk.setup.load import load_text
from tests.cast import DESK, Desk, at

MEN = (
    DESK.replace(
        "sato: {name: Sato Yui, roles: [agent]}",
        "sato: {name: Sato Yui, roles: [agent], manager: ueda}",
    )
    .replace("name: Ueda Rin,", "name: Ueda Rin, manager: yama,")
    .replace("  root: ", "  yama: {name: Yamada Ken, roles: [manager]}\n  root: ")
)
SAID = {
    "internet": "path: [desk, network, netone], agreement: standard",
    "printing": "path: [desk, printco], agreement: round",
}


def give_policy(
    desk: Desk, *steps: str, when: str = "2026-04-01 10:00", service: str = "internet"
) -> None:
    """Load the cast's desk with a policy of these steps for a service."""
    text = MEN.replace(SAID[service], f"{SAID[service]}, owner: abe, policy: usual")
    lines = "".join(f"\n    - {step}" for step in steps)
    with desk.session():
        policy = f"\npolicies:\n  usual:{lines}\n" if steps else "\npolicies: {usual: []}\n"
        load_text(text + policy, "cast.yaml", now=at(when), then=catch_up)


def sweep(desk: Desk, when: str | datetime) -> Swept:
    """Sweep as at an instant."""
    with desk.session():
        try:
            return sweeping.sweep(at(when) if isinstance(when, str) else when)
        finally:
            db.session.remove()


def fired(desk: Desk, number: int) -> list[tuple[str, datetime]]:
    """List what was fired for an incident: step and the instant at which it became due."""
    rows = [(row.fired_at, row) for row in desk.rows(Firing, number) if row.fired_at]
    return [(row.step, row.due_at) for _at, row in sorted(rows, key=lambda pair: pair[0])]


def told(desk: Desk, number: int, step: str | None = None) -> list[str]:
    """List who was told by rules about an incident."""
    with desk.session() as session:
        query = sa.select(Person.key, Notification.data).join(
            Notification, Notification.person_id == Person.id
        )
        query = query.where(Notification.incident_id == desk.incident(number).id)
        rows = session.execute(query.where(Notification.kind == "rule").order_by(Notification.id))
        return [key for key, data in rows if step in (None, data["step"])]
