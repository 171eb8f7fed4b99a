"""Partner companies look after their own people: who does, and what was done by whom."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from servicedesk.db import Model
from servicedesk.people.models import Partner, Person, partner_member

ADDED, INVITED, DISABLED, ENABLED = "added", "invited", "disabled", "enabled"
ADMIN, NO_ADMIN = "admin", "no-admin"


class CompanyChange(Model):
    """What was done about somebody of a partner company, by whom and when."""

    __tablename__ = "company_change"

    id: Mapped[int] = mapped_column(primary_key=True)
    partner_id: Mapped[int] = mapped_column(sa.ForeignKey("partner.id"), index=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    at: Mapped[datetime]
    what: Mapped[str] = mapped_column(sa.String(20))


def administered(session: Session, person: Person) -> list[Partner]:
    """Step: give the companies whose people somebody looks after, in use, in order of their keys.

    Nobody but a person of partner companies alone does.
    """
    if not person.active or set(person.roles) != {"partner"}:
        return []
    query = sa.select(Partner).join(partner_member, partner_member.c.partner_id == Partner.id)
    theirs = (partner_member.c.person_id == person.id, partner_member.c.admin, Partner.active)
    return list(session.scalars(query.where(*theirs).order_by(Partner.key)))


def of_person(session: Session, person: int) -> list[int]:
    """Step: give the ids of the companies that somebody belongs to."""
    query = sa.select(partner_member.c.partner_id).where(partner_member.c.person_id == person)
    return list(session.scalars(query))


def note(
    session: Session,
    companies: Iterable[int],
    person: int,
    what: str,
    *,
    by: int | None,
    now: datetime,
) -> None:
    """Step: keep what was done about somebody."""
    session.add_all(
        CompanyChange(partner_id=company, person_id=person, by_id=by, at=now, what=what)
        for company in companies
    )
