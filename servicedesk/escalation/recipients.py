"""E1: who is meant by the recipients that a rule names."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import sqlalchemy as sa
from sqlalchemy.orm import Session

from servicedesk.incidents.acts import Act
from servicedesk.people.absence import asked
from servicedesk.people.models import Person
from servicedesk.setup.directory import Party
from servicedesk.times import local_day


def recipients(session: Session, act: Act, words: Iterable[str]) -> list[int]:
    """Give the ids of those to be told, each once; while they are absent, their deputies."""
    day = local_day(act.now, act.directory.zone)
    found: dict[int, None] = {}
    for word in words:
        for id in _MEANT[word](session, act):
            person = asked(session, id, day)
            if person:
                found[person.id] = None
    return list(found)


def _assignee(session: Session, act: Act) -> Iterator[int]:
    if act.story.assignee:
        yield act.story.assignee


def _lead(party: Party) -> Iterator[int]:
    if party.lead:
        yield party.lead


def _holder_lead(session: Session, act: Act) -> Iterator[int]:
    """A partner has no lead here: the desk stays answerable (H3)."""
    holder = act.directory.party(act.story.given_to)
    yield from _lead(act.directory.party(act.story.desk_group) if holder.is_partner else holder)


def _desk_lead(session: Session, act: Act) -> Iterator[int]:
    yield from _lead(act.directory.party(act.story.desk_group))


def _manager(session: Session, act: Act) -> Iterator[int]:
    """The holder's lead's manager, else the desk lead's, else all who are managers here."""
    for leads in (_holder_lead, _desk_lead):
        for lead in leads(session, act):
            manager = session.scalar(sa.select(Person.manager_id).where(Person.id == lead))
            if manager:
                yield manager
                return
    people = session.execute(sa.select(Person.id, Person.roles).where(Person.active))
    yield from (id for id, roles in people if "manager" in roles)


def _on_call(session: Session, act: Act) -> Iterator[int]:
    """Until a group has a rota its lead is on call."""
    yield from _holder_lead(session, act)


def _requester(session: Session, act: Act) -> Iterator[int]:
    yield act.story.requester


_MEANT: dict[str, Callable[[Session, Act], Iterator[int]]] = {
    "assignee": _assignee,
    "holder-lead": _holder_lead,
    "desk-lead": _desk_lead,
    "manager": _manager,
    "on-call": _on_call,
    "requester": _requester,
}
