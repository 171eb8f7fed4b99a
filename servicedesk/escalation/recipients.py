"""E1: who is meant by the recipients that a rule names."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import sqlalchemy as sa
from sqlalchemy.orm import Session

from servicedesk.incidents.acts import Act
from servicedesk.oncall.queries import who
from servicedesk.people.absence import asked
from servicedesk.people.models import Person, group_member
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
    holder = act.directory.party(act.story.holding_party)
    yield from _lead(act.directory.party(act.story.desk_group) if holder.is_partner else holder)


def _desk_lead(session: Session, act: Act) -> Iterator[int]:
    yield from _lead(act.directory.party(act.story.desk_group))


def _manager(session: Session, act: Act) -> Iterator[int]:
    """The holder's lead's manager, else the desk lead's, else all who are managers here."""
    manager = _manager_above(session, act)
    if manager:
        yield manager
        return
    named = sa.cast(Person.roles, sa.Text).contains("manager")  # few of them have any role
    people = session.execute(sa.select(Person.id, Person.roles).where(Person.active, named))
    yield from (id for id, roles in people if "manager" in roles)


def _manager_above(session: Session, act: Act) -> int | None:
    for leads in (_holder_lead, _desk_lead):
        for lead in leads(session, act):
            if manager := _above(session, lead):
                return manager
    return None


def _above(session: Session, person: int) -> int | None:
    return session.scalar(sa.select(Person.manager_id).where(Person.id == person))


def _senior_manager(session: Session, act: Act) -> Iterator[int]:
    """The manager's manager; where nobody is above the manager, the manager."""
    if manager := _manager_above(session, act):
        yield _above(session, manager) or manager
    else:
        yield from _manager(session, act)


def _owner(session: Session, act: Act) -> Iterator[int]:
    if owner := act.directory.services[act.story.service].owner:
        yield owner


def _members(session: Session, act: Act) -> Iterator[int]:
    """All of the holder's group; of the desk's, while a partner has it."""
    holder = act.directory.party(act.story.holding_party)
    group = act.directory.party(act.story.desk_group) if holder.is_partner else holder
    people = sa.select(group_member.c.person_id).where(group_member.c.group_id == group.id)
    yield from session.scalars(people.order_by(group_member.c.person_id))


def _on_call(session: Session, act: Act) -> Iterator[int]:
    """Whoever the holder's rota says; while it says nobody, or a partner holds it, the lead."""
    person = who(session, act.directory, act.story.holding_party, act.now)
    yield from (person,) if person else _holder_lead(session, act)


def _requester(session: Session, act: Act) -> Iterator[int]:
    yield act.story.requester


_MEANT: dict[str, Callable[[Session, Act], Iterator[int]]] = {
    "assignee": _assignee,
    "holder-lead": _holder_lead,
    "desk-lead": _desk_lead,
    "manager": _manager,
    "senior-manager": _senior_manager,
    "owner": _owner,
    "members": _members,
    "on-call": _on_call,
    "requester": _requester,
}
