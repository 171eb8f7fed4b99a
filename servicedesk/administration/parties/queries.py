"""Groups and partner companies as the administrator sees them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from servicedesk.incidents.models import OPEN, Incident
from servicedesk.people.models import Person, group_member, partner_member
from servicedesk.setup.directory import Directory, Party, Service

TABLES: Mapping[str, sa.Table] = {"groups": group_member, "partners": partner_member}


@dataclass(frozen=True)
class Member:
    """Somebody of a group or company."""

    key: str
    name: str
    active: bool
    admin: bool = False
    by_company: bool = False


@dataclass(frozen=True)
class Row:
    """A group or company."""

    party: Party
    lead: str = ""  # a name
    members: Sequence[Member] = field(default_factory=tuple)
    open: int = 0  # incidents that it has

    @property
    def calendar(self) -> str:
        """Give the key of the calendar in force."""
        return self.party.agreement.versions[-1].calendar


def rows(session: Session, setup: Directory, section: str) -> list[Row]:
    """Step: list the groups or the companies, those in use first, with as many queries as ever."""
    parties = [it for it in setup.parties.values() if it.is_partner == (section == "partners")]
    members, held = _members(session, section), _held(session)
    leads = _names(session, [it.lead for it in parties if it.lead])
    parties.sort(key=lambda it: (not it.active, it.tier, it.name, it.key))
    return [
        Row(it, leads.get(it.lead or 0, ""), members.get(it.id, ()), held.get(it.ref, 0))
        for it in parties
    ]


def one(session: Session, setup: Directory, section: str, key: str) -> Row | None:
    """Step: find a group or company by its key."""
    return next((it for it in rows(session, setup, section) if it.party.key == key), None)


def users(setup: Directory, party: Party) -> list[Service]:
    """List the services on whose path a party stands."""
    return [it for it in setup.services_by_key.values() if party.ref in it.path]


def _members(session: Session, section: str) -> Mapping[int, list[Member]]:
    table = TABLES[section]
    more: tuple[Any, ...] = (sa.false(), sa.false())
    if section == "partners":
        more = (table.c.admin, table.c.by_company)
    query = sa.select(next(iter(table.primary_key)), Person.key, Person.name, Person.active, *more)
    query = query.join(Person, Person.id == table.c.person_id).order_by(Person.name, Person.id)
    found: dict[int, list[Member]] = defaultdict(list)
    for party, key, name, active, admin, by_company in session.execute(query):
        found[party].append(Member(key, name, active, bool(admin), bool(by_company)))
    return found


def _held(session: Session) -> dict[str, int]:
    query = sa.select(Incident.given_to, sa.func.count()).where(Incident.state.in_(OPEN))
    return dict(session.execute(query.group_by(Incident.given_to)).all())


def _names(session: Session, ids: Sequence[int]) -> dict[int, str]:
    query = sa.select(Person.id, Person.name).where(Person.id.in_(ids))
    return dict(session.execute(query).all())
