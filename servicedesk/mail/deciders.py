"""C11: who is told that an exclusion waits, and who asked for one that was decided."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from servicedesk.escalation.recipients import recipients
from servicedesk.incidents.acts import Act
from servicedesk.incidents.episodes import Exclusion
from servicedesk.incidents.exclusions.commands import hindrance, parties_of
from servicedesk.incidents.models import Incident
from servicedesk.incidents.visibility import visible
from servicedesk.mail.policy import ASKER, News
from servicedesk.people.models import Person
from servicedesk.people.permissions import Act as Right


def people(session: Session, incident: Incident, act: Act, news: News) -> list[int]:
    """Step: give the ids of those who are told; of what waits the fewest who can decide."""
    one = next(each for each in act.story.exclusions if each.n == news.data["n"])
    if news.to == ASKER:
        return [one.asked_by] if one.asked_by and one.asked_by != news.by else []
    return _nearest(session, act, _Able(session, incident, act, one))


def _nearest(session: Session, act: Act, able: _Able) -> list[int]:
    """Choose the manager of the holder's lead, else the desk lead's, else all managers.

    Where none of them can decide it is all managers who can, else all leads.
    """
    if found := able.of(recipients(session, act, ["manager"])):
        return found
    everybody = list(session.scalars(sa.select(Person).where(Person.active).order_by(Person.id)))
    for role in ("manager", "lead"):
        if found := able.of(person.id for person in everybody if person.has(role)):
            return found
    return []


@dataclass(frozen=True)
class _Able:
    """Says who can decide an exclusion."""

    session: Session
    incident: Incident
    act: Act
    one: Exclusion

    def of(self, ids: Iterable[int]) -> list[int]:
        people = (self.session.get(Person, id) for id in ids)
        return [person.id for person in people if person and self._can(person)]

    def _can(self, person: Person) -> bool:
        own = parties_of(person, self.act.directory)
        if hindrance(self.act.story, self.one, person.id, own):
            return False
        right = visible(person, Right.DECIDE_EXCLUSION)
        query = sa.select(Incident.id).where(Incident.id == self.incident.id, right)
        return self.session.scalar(query) is not None
