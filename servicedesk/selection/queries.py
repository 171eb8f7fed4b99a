"""What became of a selection."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from servicedesk.incidents.models import Incident
from servicedesk.incidents.visibility import visible
from servicedesk.people.models import Group, Person, group_member
from servicedesk.selection.models import ASKED, DONE, NOT_DONE, WAITING, Chosen, Selection

STATES = (NOT_DONE, WAITING, ASKED, DONE)  # what needs a look comes first


@dataclass(frozen=True)
class Result:
    """A selection with what was done, what not and why."""

    selection: Selection
    lines: Sequence[Chosen]

    @property
    def counts(self) -> Mapping[str, int]:
        """Count the lines by what became of them."""
        found = Counter(line.state for line in self.lines)
        return {state: found[state] for state in STATES}


def read(session: Session, person: Person, token: str) -> Result | None:
    """Read what became of one's own selection: only what one may still see of it."""
    query = sa.select(Selection).where(Selection.token == token, Selection.person_id == person.id)
    selection = session.scalar(query)
    if selection is None:
        return None
    lines = sa.select(Chosen).join(Incident).where(Chosen.selection_id == selection.id)
    lines = lines.where(visible(person)).options(joinedload(Chosen.incident))
    found = session.scalars(lines.order_by(Chosen.id)).all()
    return Result(selection, sorted(found, key=lambda line: STATES.index(line.state)))


def colleagues(session: Session, person: Person) -> dict[str, list[Person]]:
    """Give who can be assigned, by group: one's own groups, for who is in none all of them."""
    own = [group.id for group in person.groups]
    query = (
        sa.select(Group.name, Person)
        .join(group_member, group_member.c.group_id == Group.id)
        .join(Person, Person.id == group_member.c.person_id)
        .where(Group.active, Person.active.is_(True))
        .order_by(Group.name, Person.name)
    )
    found: dict[str, list[Person]] = {}
    for group, colleague in session.execute(query.where(Group.id.in_(own)) if own else query):
        found.setdefault(group, []).append(colleague)
    return found
