"""What all pages about major incidents begin with: who asks, when, and about which."""

from __future__ import annotations

from datetime import datetime

from flask import g
from flask_babel import gettext as _
from flask_login import current_user

from servicedesk.db import db
from servicedesk.errors import NotFound
from servicedesk.incidents import detail
from servicedesk.incidents.detail import Detail
from servicedesk.major import queries
from servicedesk.people.models import Person


def actor() -> Person:
    """Give the person who acts."""
    person: Person = current_user._get_current_object()
    return person


def now() -> datetime:
    """Give the instant of this request."""
    instant: datetime = g.now
    return instant


def room_of(number: int, after: str | None = None) -> queries.Room:
    """Gather a major incident for who asks; raises NotFound."""
    found = queries.room(db.session(), actor(), number, after)
    if found is None:
        raise NotFound(_("There is no such major incident."))
    return found


def read(number: int) -> Detail:
    """Read the incident for who asks; raises NotFound."""
    found = detail.read(db.session(), actor(), number, now())
    if found is None:
        raise NotFound(_("There is no such incident, or it is not for you."))
    return found
