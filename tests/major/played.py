"""A major incident in sentences: proposed, confirmed, linked."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from servicedesk.db import transaction
from servicedesk.incidents.models import Incident, MajorIncident
from servicedesk.major import commands as major
from servicedesk.people.models import Person
from tests.cast import Desk

HEADLINE = "Network disturbed"
REASON = "Nobody can print anywhere"


def propose(desk: Desk, by: str = "ito", **more: Any) -> tuple[int, int]:
    """Log an incident and propose it; gives its number and that of the proposal."""
    n = desk.log(when="09:00", impact=1, urgency=1, **more)
    desk.do(major.propose, n, REASON, by=by, when="09:10")
    return n, desk.story(n).majors[-1].n


def confirm(desk: Desk, number: int, n: int, **more: Any) -> None:
    """Let the lead confirm it; Ito coordinates, with an update every half hour."""
    said = {"headline": HEADLINE, "coordinator": desk.id("ito"), "minutes": 30, **more}
    desk.do(major.confirm, number, n, **{"by": "sato", "when": "09:20", **said})


def running(desk: Desk, **more: Any) -> int:
    """Make a major incident that goes on from 09:20."""
    number, n = propose(desk, **more)
    confirm(desk, number, n)
    return number


def link(desk: Desk, number: int, by: str = "taro", **more: Any) -> int:
    """Have somebody report something that belongs to it; gives its number."""
    other = desk.log(by=by, when="09:25", **more)
    desk.do(major.link, other, number, by="ito", when="09:26")
    return other


def row_of(desk: Desk, number: int) -> MajorIncident:
    """Read its last row."""
    return desk.rows(MajorIncident, number)[-1]


def add_many(desk: Desk, number: int, count: int) -> None:
    """Give a major incident that many linked ones, each of somebody else and without a journal."""
    desk.tampered = True
    with desk.app.app_context(), transaction() as session:
        one = session.scalars(sa.select(Incident).where(Incident.number == number)).one()
        table = Incident.__table__
        row = dict(session.execute(sa.select(table).where(table.c.id == one.id)).one()._mapping)
        names = [f"many{n}" for n in range(count)]
        session.execute(
            sa.insert(Person),
            [{"key": n, "name": n, "mail": f"{n}@kita.example", "roles": ["employee"],
              "session_token": n} for n in names],
        )  # fmt: skip
        ids = list(session.scalars(sa.select(Person.id).where(Person.key.in_(names))))
        new = {"major_id": one.id, "head": "0" * 64, "version": 0, "title": "x"}
        rows = [row | new | {"id": None, "number": 10_000 + n, "requester_id": id}
                for n, id in enumerate(ids)]  # fmt: skip
        for values in rows:
            del values["id"]
        session.execute(sa.insert(Incident), rows)
