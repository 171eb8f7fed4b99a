"""Who is told of a major incident: who decides, who coordinates, and all who are concerned, each
once.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from servicedesk.escalation.recipients import recipients
from servicedesk.incidents.acts import Act
from servicedesk.incidents.models import Incident
from servicedesk.mail.policy import CONCERNED, LINKED, MAJOR_DECIDERS, News
from servicedesk.major import concerned
from servicedesk.people.models import Person
from servicedesk.people.permissions import Act as Right
from servicedesk.people.permissions import may

TOGETHER = 1000  # people read with one query

DECIDERS = ("holder-lead", "desk-lead", "manager")
ABOVE = ("desk-lead", "manager")  # told once a coordinator misses one update after the other


def people(session: Session, incident: Incident, act: Act, news: News) -> list[Person]:
    """Step: give the people who are meant, but for who did it.

    However many are concerned, they are read with a few queries: whoever asks for one of them by
    id while this list lives asks the database no more.
    """
    if news.to in (CONCERNED, LINKED):
        which = concerned.people if news.to == CONCERNED else concerned.people_of_linked
        ids = list(session.scalars(which(incident).order_by(Person.id)))
        return _read(session, [id for id in ids if id != news.by])
    meant = DECIDERS if news.to == MAJOR_DECIDERS else ABOVE
    found = _read(session, recipients(session, act, meant))
    major = act.story.majors[-1]
    known = {news.by, major.coordinator if meant is ABOVE else None}
    return [one for one in found if one.id not in known and may(one, Right.DECIDE_MAJOR)]


def _read(session: Session, ids: list[int]) -> list[Person]:
    found: dict[int, Person] = {}
    for start in range(0, len(ids), TOGETHER):
        some = sa.select(Person).where(Person.id.in_(ids[start : start + TOGETHER]))
        found |= {person.id: person for person in session.scalars(some)}
    return [found[id] for id in ids if id in found]
