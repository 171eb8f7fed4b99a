"""Lists of people for their administrator, page by page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from servicedesk.people.entering import invitable
from servicedesk.people.models import Person

SIZE = 50
VIEWS = {
    "all": sa.true(),
    "active": Person.active.is_(True),
    "never": sa.and_(Person.active.is_(True), Person.password_hash.is_(None)),
    "disabled": Person.active.is_(False),
}


@dataclass(frozen=True)
class Page:
    """One page of a list; the keys after and before which the next and previous one lie."""

    people: Sequence[Person]
    after: str | None
    before: str | None
    total: int


def page(
    session: Session,
    view: str,
    text: str = "",
    *,
    after: str = "",
    before: str = "",
    size: int = SIZE,
) -> Page:
    """Step: read one page of a view, narrowed by words, in the order of the keys."""
    condition = sa.and_(VIEWS[view], found(text))
    query = sa.select(Person).where(condition).options(selectinload(Person.leads))
    if before:
        query = query.where(Person.key < before).order_by(Person.key.desc())
    else:
        query = query.where(Person.key > after).order_by(Person.key)
    rows = list(session.scalars(query.limit(size + 1)))
    more = len(rows) > size
    people = rows[:size][::-1] if before else rows[:size]
    total = session.scalar(sa.select(sa.func.count()).select_from(Person).where(condition)) or 0
    if not people:
        return Page([], None, None, total)
    has_next = bool(before) or more
    has_previous = more if before else bool(after)
    return Page(
        people,
        people[-1].key if has_next else None,
        people[0].key if has_previous else None,
        total,
    )


def counts(session: Session, text: str = "") -> dict[str, int]:
    """Step: count the people of each view."""
    sums = [sa.func.sum(sa.case((where, 1), else_=0)) for where in VIEWS.values()]
    row = session.execute(sa.select(*sums).where(found(text))).one()
    return {view: int(count or 0) for view, count in zip(VIEWS, row, strict=True)}


def found(text: str) -> sa.ColumnElement[bool]:
    """Write the condition that each word stands in key, name, mail or department."""
    columns: tuple[Any, ...] = (Person.key, Person.name, Person.mail, Person.department)
    return sa.and_(
        sa.true(),
        *(
            sa.or_(*(column.icontains(word, autoescape=True) for column in columns))
            for word in text.split()[:8]
        ),
    )


def waiting(session: Session) -> int:
    """Step: count who could be invited and was not yet."""
    return session.scalar(sa.select(sa.func.count()).select_from(invitable().subquery())) or 0
