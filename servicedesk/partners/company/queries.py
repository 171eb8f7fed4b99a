"""A company as its admin sees it: its people, and what was done about them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from servicedesk.people.companies import DISABLED, ENABLED, CompanyChange
from servicedesk.people.models import Partner, Person, partner_member

SHOWN = 30  # changes
_member = partner_member.c


@dataclass(frozen=True)
class Colleague:
    """Somebody of a company."""

    person: Person
    admin: bool
    by_company: bool
    can_enable: bool  # it was the company itself that disabled them


@dataclass(frozen=True)
class Change:
    """Something that was done about somebody."""

    what: str
    name: str
    by: str  # empty: nobody knows any more
    is_own: bool  # somebody of the company did it
    at: datetime


def colleagues(session: Session, company: Partner) -> list[Colleague]:
    """Step: list a company's people, those who come in first, in order of their names."""
    query = sa.select(Person, _member.admin, _member.by_company)
    query = query.join(partner_member, _member.person_id == Person.id)
    query = query.where(_member.partner_id == company.id)
    rows = session.execute(query.order_by(Person.active.desc(), Person.name, Person.id)).all()
    off = _disabled_here(session, company)
    return [
        Colleague(person, admin, by_company, person.barred and person.id in off)
        for person, admin, by_company in rows
    ]


def _disabled_here(session: Session, company: Partner) -> set[int]:
    """Give whom the company itself disabled, and nobody after it."""
    last = sa.select(sa.func.max(CompanyChange.id)).where(
        CompanyChange.partner_id == company.id, CompanyChange.what.in_((DISABLED, ENABLED))
    )
    own = sa.select(_member.person_id).where(_member.partner_id == company.id)
    query = sa.select(CompanyChange.person_id).where(
        CompanyChange.id.in_(last.group_by(CompanyChange.person_id)),
        CompanyChange.what == DISABLED,
        CompanyChange.by_id.in_(own),
    )
    return set(session.scalars(query))


def changes(session: Session, company: Partner) -> Sequence[Change]:
    """Step: list what was done about a company's people, the last first."""
    whom, who = aliased(Person), aliased(Person)
    own = sa.select(_member.person_id).where(_member.partner_id == company.id)
    query = (
        sa.select(
            CompanyChange.what, whom.name, who.name, CompanyChange.by_id.in_(own), CompanyChange.at
        )
        .join(whom, whom.id == CompanyChange.person_id)
        .outerjoin(who, who.id == CompanyChange.by_id)
        .where(CompanyChange.partner_id == company.id)
        .order_by(CompanyChange.id.desc())
        .limit(SHOWN)
    )
    return [
        Change(what, name, by or "", bool(own), at)
        for what, name, by, own, at in session.execute(query)
    ]
