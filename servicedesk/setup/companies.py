"""What a set-up means for the people whom partner companies added themselves, and their admins."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from servicedesk.errors import Refused
from servicedesk.people.companies import ADMIN, NO_ADMIN, note
from servicedesk.people.models import Partner, Person, partner_member
from servicedesk.setup import schema
from servicedesk.setup.changes import Changes

_member = partner_member.c


def take_over(
    session: Session,
    setup: schema.SetUp,
    rows: Mapping[str, Partner],
    members: Mapping[str, Iterable[int]],
) -> None:
    """Step: whom a set-up names as a member is its own from then on; raises Refused.

    Who was added by a company can be nothing else: neither in a group nor in another company.
    """
    _refuse_others(session, setup)
    for key, people in members.items():
        named = sa.update(partner_member).where(
            _member.partner_id == rows[key].id, _member.person_id.in_(people), _member.by_company
        )
        session.execute(named.values(by_company=False))


def _refuse_others(session: Session, setup: schema.SetUp) -> None:
    query = sa.select(Person.key, Partner.key, Partner.name).where(
        _member.by_company, _member.person_id == Person.id, _member.partner_id == Partner.id
    )
    added = {person: (company, name) for person, company, name in session.execute(query)}
    groups = (one for it in setup.groups.values() for one in (*it.members, it.lead))
    wrong = [one for one in groups if one in added]
    wrong += [
        one
        for key, it in setup.partners.items()
        for one in it.members
        if one in added and added[one][0] != key
    ]
    if wrong:
        person = wrong[0]
        raise Refused(f"{person} was added by {added[person][1]} and can belong to nobody else.")


def follow(
    session: Session,
    setup: schema.SetUp,
    rows: Mapping[str, Partner],
    ids: Mapping[str, int],
    now: datetime,
    changes: Changes,
) -> None:
    """Step: set who is admin where the set-up says so, and let people go with their company."""
    for key, partner in setup.partners.items():
        if partner.admins is not None:
            admins = {ids[one] for one in partner.admins}
            for person in _set_admins(session, rows[key].id, admins):
                what = ADMIN if person in admins else NO_ADMIN
                note(session, [rows[key].id], person, what, by=None, now=now)
                changes.changed("partner", key, "admins")
    _come_and_go(session)


def _set_admins(session: Session, company: int, wanted: set[int]) -> list[int]:
    """Set the set-up's word for those whom it names, and give for whom it is another now.

    The company's word is for whom it added itself.
    """
    theirs = (_member.partner_id == company, _member.by_company.is_(False))
    rows = session.execute(sa.select(_member.person_id, _member.admin).where(*theirs)).all()
    turned = [person for person, admin in rows if admin != (person in wanted)]
    for person in turned:
        one = sa.update(partner_member).where(*theirs, _member.person_id == person)
        session.execute(one.values(admin=person in wanted))
    return turned


def _come_and_go(session: Session) -> None:
    """Whom a company added comes in while the company is in use, unless disabled by hand."""
    added = sa.select(_member.person_id).where(_member.by_company)
    of_active = added.where(_member.partner_id == Partner.id, Partner.active)
    theirs = (Person.id.in_(added), Person.listed.is_(False), Person.imported.is_(False))
    for active, which in ((True, Person.id.in_(of_active)), (False, Person.id.not_in(of_active))):
        update = sa.update(Person).where(*theirs, which, Person.active.is_not(active))
        if active:
            update = update.where(Person.barred.is_(False))
        session.execute(update.values(active=active))
