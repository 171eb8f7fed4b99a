"""Whom and what a line of the rules' board is about."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from servicedesk.incidents.models import Incident, label
from servicedesk.incidents.visibility import visible
from servicedesk.people.models import Partner, Person
from servicedesk.setup.models import Hook


@dataclass(frozen=True)
class About:
    """An incident as far as the reader may know it; §9: else its number only."""

    number: int
    title: str
    sees: bool

    @property
    def label(self) -> str:
        """Give the number as people say it."""
        return label(self.number)


def abouts(session: Session, person: Person, ids: Collection[int]) -> dict[int, About]:
    """§9: read numbers, and titles of what the reader may see."""
    if not ids:
        return {}
    sees = visible(person).label("sees")
    query = sa.select(Incident.id, Incident.number, Incident.title, sees)
    return {
        row.id: About(row.number, row.title if row.sees else "", bool(row.sees))
        for row in session.execute(query.where(Incident.id.in_(ids)))
    }


def names(
    session: Session, ids: Iterable[int | None], model: type[Person | Partner | Hook] = Person
) -> dict[int, str]:
    """Read the names of people, partner companies or webhooks."""
    wanted = {id for id in ids if id}
    if not wanted:
        return {}
    rows = session.execute(sa.select(model.id, model.name).where(model.id.in_(wanted)))
    return {row.id: row.name for row in rows}
