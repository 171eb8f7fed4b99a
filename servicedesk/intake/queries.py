"""Who is calling, what they have open, and which templates a person may begin with."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from servicedesk.incidents.intake import CHANNELS, under_way_titles
from servicedesk.incidents.models import OPEN, Incident
from servicedesk.incidents.queries import IS_OPEN
from servicedesk.incidents.terms import plain
from servicedesk.incidents.visibility import visible
from servicedesk.intake.models import Template
from servicedesk.people.models import Person, Service
from servicedesk.people.permissions import Act, may

CALLERS, THEIRS, UNFINISHED = 12, 10, 10
LATELY = timedelta(days=7)
DIGITS = re.compile(r"\+?[\d()-]{3,}")


def callers(session: Session, text: str) -> Sequence[Person]:
    """Find active people by parts of their name, key, department, mail or phone number."""
    said = plain(text).split()[:6]
    if not said:
        return []
    query = sa.select(Person).where(Person.active.is_(True), *(_has(word) for word in said))
    begins = sa.case((Person.name.ilike(_like(said[0], begins=True), escape="\\"), 0), else_=1)
    return session.scalars(query.order_by(begins, Person.name, Person.key).limit(CALLERS)).all()


def _like(word: str, *, begins: bool = False) -> str:
    escaped = word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"{escaped}%" if begins else f"%{escaped}%"


def _has(word: str) -> sa.ColumnElement[bool]:
    like = _like(word)
    named = (Person.name, Person.key, Person.department, Person.mail)
    found = [column.ilike(like, escape="\\") for column in named]
    if DIGITS.fullmatch(word):
        number: sa.ColumnElement[Any] = sa.func.coalesce(Person.phone, "")
        for sign in (" ", "-", "(", ")"):
            number = sa.func.replace(number, sign, "")
        found.append(number.like(f"%{re.sub(r'[()-]', '', word)}%"))
    return sa.or_(*found)


def caller(session: Session, key: str) -> Person | None:
    """Give an active person by key."""
    return session.scalar(sa.select(Person).where(Person.key == key, Person.active.is_(True)))


def of_caller(session: Session, reader: Person, caller: int) -> Sequence[Incident]:
    """Give a caller's incidents under way that the reader sees."""
    under_way = Incident.state.in_([*OPEN, "resolved"])
    query = sa.select(Incident).where(Incident.requester_id == caller, under_way, visible(reader))
    query = query.options(joinedload(Incident.assignee)).order_by(Incident.number.desc())
    return session.scalars(query.limit(THEIRS)).all()


def unfinished(session: Session, reader: Person, now: datetime) -> Sequence[Incident]:
    """Give the reader's calls of the last days that have no title yet."""
    query = sa.select(Incident).where(
        Incident.logged_at > now - LATELY,
        Incident.logged_by_id == reader.id,
        IS_OPEN,
        Incident.channel.in_(CHANNELS),
        Incident.title.in_(under_way_titles()),
        visible(reader),
    )
    query = query.options(joinedload(Incident.requester)).order_by(Incident.number.desc())
    return session.scalars(query.limit(UNFINISHED)).all()


# Templates


def templates(session: Session, person: Person) -> Sequence[Template]:
    """Give what a person may begin with: in use, for everybody or for the desk."""
    query = sa.select(Template).join(Service, Service.id == Template.service_id)
    query = query.where(_for(person), Service.active.is_(True))
    return session.scalars(query.order_by(Template.place, Template.name, Template.id)).all()


def template(session: Session, person: Person, id: int | None) -> Template | None:
    """Give a template that a person may begin with."""
    return next((one for one in templates(session, person) if one.id == id), None)


def _for(person: Person) -> sa.ColumnElement[bool]:
    shown = Template.active.is_(True)
    if may(person, Act.LOG_FOR_OTHERS):
        return shown
    return sa.and_(shown, Template.desk_only.is_(False))


def all_templates(session: Session) -> Sequence[Template]:
    """Give every template, those in use first."""
    order = (Template.active.desc(), Template.place, Template.name, Template.id)
    query = sa.select(Template).options(joinedload(Template.changed_by))
    return session.scalars(query.order_by(*order)).all()
