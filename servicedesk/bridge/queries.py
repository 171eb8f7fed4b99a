"""Mails that were set aside, as far as a person may see them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from servicedesk.bridge.models import DROPPED, SET_ASIDE, ReceivedMail
from servicedesk.incidents import cursors
from servicedesk.incidents.models import Incident
from servicedesk.incidents.visibility import visible
from servicedesk.people.models import Person
from servicedesk.people.permissions import Act, Reach, reaches

PAGE = 50
BOXES = ("waiting", "decided", "dropped")


def seen(person: Person) -> sa.ColumnElement[bool]:
    """§9: give the SQL condition on ReceivedMail for what a person may read.

    What belongs to a confidential incident is for those alone who may see that.
    """
    if Reach.ALL not in reaches(person, Act.DECIDE_MAIL):
        return sa.false()
    about = sa.exists().where(
        Incident.id == ReceivedMail.incident_id, visible(person, Act.SEE_PARTNER_THREAD)
    )
    return sa.or_(ReceivedMail.incident_id.is_(None), about.correlate(ReceivedMail))


def _box(name: str) -> sa.ColumnElement[bool]:
    match name:
        case "decided":
            return ReceivedMail.decided_at.is_not(None)
        case "dropped":
            return ReceivedMail.state == DROPPED
        case _:
            return ReceivedMail.state == SET_ASIDE


@dataclass(frozen=True)
class Page:
    """A page of a box of mails."""

    rows: Sequence[ReceivedMail]
    next: str | None  # cursor of the page after this one


ORDER: cursors.Order = ReceivedMail.__table__.c.received_at, True


def _listed(person: Person, box: str) -> sa.Select[ReceivedMail]:
    query = sa.select(ReceivedMail).where(seen(person), _box(box))
    return query.options(joinedload(ReceivedMail.incident), joinedload(ReceivedMail.decided_by))


def selected(person: Person, box: str) -> sa.Select[ReceivedMail]:
    """Select all of a box, the newest first."""
    return _listed(person, box).order_by(*cursors.ordered(ORDER, ReceivedMail.id))


def page(session: Session, person: Person, box: str, after: str | None = None) -> Page:
    """Read a page of a box, the newest first."""
    rows, following = cursors.read_page(
        session, _listed(person, box), ORDER, ReceivedMail.id, after, PAGE
    )
    return Page(rows, following)


def count(session: Session, person: Person) -> int:
    """Count the mails that wait for a decision of a person's."""
    query = sa.select(sa.func.count()).select_from(ReceivedMail)
    return session.scalar(query.where(seen(person), _box("waiting"))) or 0


def find(session: Session, person: Person, id: int) -> ReceivedMail | None:
    """Give a mail that a person may read."""
    query = sa.select(ReceivedMail).where(ReceivedMail.id == id, seen(person))
    return session.scalar(query.options(joinedload(ReceivedMail.incident)))
