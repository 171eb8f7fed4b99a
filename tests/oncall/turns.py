"""The cast's network team with a rota, and what tests read back of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from servicedesk.oncall import commands, queries
from servicedesk.oncall.models import DutyChange, DutySwap
from servicedesk.outbox import Notification
from servicedesk.people.models import Person
from servicedesk.setup.load import load_text
from servicedesk.setup.snapshot import directory
from tests.cast import DESK, Desk, at

# Abe has the week of Monday 23 November, Mori the next; today is Thursday the 26th.
ROTA = {"from": "2026-11-09", "at": "09:00", "weeks": ["abe", "mori"]}
NETWORK = "members: [abe, mori],"


def text(rota: str) -> str:
    """Write the cast's desk with a rota of the network team."""
    assert DESK.count(NETWORK) == 1
    return DESK.replace(NETWORK, f"{NETWORK} rota: {rota},")


def give_rota(desk: Desk, when: str = "2026-11-01 12:00", **more: Any) -> None:
    """Load the cast's desk with a rota of the network team, before today."""
    said = {**ROTA, **more}
    weeks = "[" + ", ".join(map(str, said["weeks"])) + "]"
    rota = f"{{from: {said['from']}, at: '{said['at']}', weeks: {weeks}"
    rota += "".join(f", {word}: {said[word]}" for word in ("covers", "zone") if word in said) + "}"
    with desk.session():
        load_text(text(rota), "cast.yaml", now=at(when))


def who(desk: Desk, when: str | datetime, group: str = "network") -> str | None:
    """Give the key of who is on call."""
    with desk.session() as session:
        setup = directory(session)
        instant = at(when) if isinstance(when, str) else when
        id = queries.who(session, setup, setup.by_key[group].ref, instant)
        return session.get_one(Person, id).key if id else None


def take_over(desk: Desk, person: str, start: str, end: str, **how: Any) -> int:
    """Have somebody take over."""
    how = {"by": "abe", "when": "10:00", **how}
    said = (how.pop("group", "network"), desk.id(person), at(start), at(end), "Away")
    return desk.call(commands.take_over, *said, **how)


def ask(desk: Desk, start: str, other: str, theirs: str | None, **how: Any) -> int:
    """Have somebody ask for a swap."""
    how = {"by": "abe", "when": "10:00", **how}
    begins = at(theirs) if theirs else None
    said = ("network", at(start), desk.id(other), begins, how.pop("note", ""))
    return desk.call(commands.ask_swap, *said, **how)


def told(desk: Desk) -> list[tuple[str, str]]:
    """List who was told what, in order."""
    query = sa.select(Notification.kind, Person.key).join(
        Person, Person.id == Notification.person_id
    )
    with desk.session() as session:
        rows = session.execute(query.order_by(Notification.id))
        return [(kind, key) for kind, key in rows]


def rows(desk: Desk, model: type[DutyChange | DutySwap]) -> list[Any]:
    """Read a table."""
    with desk.session() as session:
        return list(session.scalars(sa.select(model).order_by(model.id)))
