"""What a report can be chosen to be about: periods by name, and parts of the desk."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from servicedesk.people.models import Person
from servicedesk.reports import listing
from servicedesk.reports.contents import Contents
from servicedesk.reports.periods import Offered, fiscal_from, month_of, offered
from servicedesk.setup.directory import Directory

DEPARTMENTS = 200
Scopes = list[tuple[str, list[tuple[str, str]]]]


def periods(setup: Directory, now: datetime, begun: datetime | None) -> list[Offered]:
    """Offer months, quarters and years up to the current month, back to the first incident."""
    current, begin = (month_of(at, setup.zone, fiscal_from(setup)) for at in (now, begun or now))
    return offered(current, begin.first, (13, 9, 4))


def scopes(session: Session, setup: Directory, departments: Iterable[str | None] = ()) -> Scopes:
    """Offer what a report can be about, in groups: keys and names.

    Departments are those that people have, and others that are known.
    """
    people = session.scalars(sa.select(Person.department).distinct().limit(DEPARTMENTS))
    found = sorted({name for name in (*people, *departments) if name})
    named = [(f"department:{name}", name) for name in found[:DEPARTMENTS]]
    return [*listing.scopes(setup), (_("Departments"), named)]


def departments_of(said: Contents) -> set[str | None]:
    """Give the departments that a report knows: those of its incidents, and its own."""
    own = said.scope.key if said.scope.kind == "department" else None
    return {own, *(fact.department for fact in said.facts)}
