"""The cast at a desk with services that want approval, and what is asked there."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import sqlalchemy as sa

from servicedesk.db import transaction
from servicedesk.outbox import Notification
from servicedesk.people import links
from servicedesk.people.links import Link
from servicedesk.people.models import Person
from servicedesk.setup.load import load_text
from tests.cast import DESK, Desk, at

# Emi's manager is Ueda, whose deputy is Taro; Abe owns what is bought.
SERVICES = """
  laptop:   {name: Laptop, path: [desk], agreement: standard, approval: manager, owner: abe}
  licence:  {name: Licence, path: [desk], agreement: resting, approval: owner, owner: abe}
  secret:   {name: Secret, path: [desk], agreement: standard, approval: manager, owner: abe,
             confidential: true}
  orphan:   {name: Orphan, path: [desk], agreement: standard, approval: manager}
people:
"""
AGREEMENT = """
  resting:
    calendar: office
    pauses: [approval]
    targets: {P3: {response: 60, resolution: 2d}}
services:
"""
PEOPLE = {
    "{name: Endo Emi, ": "{name: Endo Emi, manager: ueda, ",
    "{name: Ueda Rin, roles: [manager]}": "{name: Ueda Rin, roles: [manager], deputy: taro}",
}


def want_approval(desk: Desk) -> None:
    """Bring services that want approval into the set-up."""
    text = DESK.replace("\npeople:\n", SERVICES, 1).replace("\nservices:\n", AGREEMENT, 1)
    for old, new in PEOPLE.items():
        assert old in text
        text = text.replace(old, new, 1)
    with desk.session():
        load_text(text, "cast.yaml", now=at("2026-04-02 09:00"))


def send_away(desk: Desk, key: str, **values: Any) -> None:
    """Let somebody be absent from today on, or change something else about them."""
    said: Mapping[str, Any] = values or {"absent_from": date(2026, 11, 26)}
    with desk.session(), transaction() as session:
        session.execute(sa.update(Person).where(Person.key == key).values(**said))


def told(desk: Desk, number: int) -> list[tuple[str, str | None]]:
    """List who was to be told what about an approval."""
    with desk.session() as session:
        query = sa.select(Notification.kind, Person.key).order_by(Notification.id)
        query = query.join(Person, Person.id == Notification.person_id, isouter=True)
        query = query.where(Notification.incident_id == desk.incident(number).id)
        rows = session.execute(query.where(Notification.kind.like("approval%")))
        return [(kind, key) for kind, key in rows]


def tokens(desk: Desk, number: int, purpose: str = "approval") -> list[str]:
    """Give the tokens that stand in the mails about an incident, the first first."""
    with desk.session() as session:
        query = sa.select(Link).where(Link.purpose == purpose).order_by(Link.id)
        found = session.scalars(query.where(Link.incident_id == desk.incident(number).id)).all()
        return [links.token(link) for link in found]
