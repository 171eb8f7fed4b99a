"""What an administrator does with agreements: each publishes the set-up as it is then."""

from __future__ import annotations

import time
from datetime import datetime
from typing import Any

from flask_babel import gettext as _

from servicedesk.administration.agreements import drafts, queries
from servicedesk.db import db
from servicedesk.errors import NotFound, Refused
from servicedesk.incidents import applying
from servicedesk.people.models import Person
from servicedesk.setup import editing
from servicedesk.setup.snapshot import directory

AT_ONCE = 1.5  # seconds that are waited for an application to be done


def retire(key: str, now: datetime) -> None:
    """Take a customer agreement out of use; raises NotFound, Refused or Stale."""
    setup = directory(db.session())
    known = queries.one(db.session(), setup, "sla", key)
    if known is None or not known.active:
        raise NotFound(_("There is no such agreement."))
    if users := queries.users(known, setup):
        names = ", ".join(service.name for service in users)
        raise Refused(_("This agreement is in use: %(names)s.", names=names))
    data: dict[str, Any] = drafts.without(editing.document(db.session()), key)
    editing.publish(data, now, setup.revision)


def apply(kind: str, key: str, actor: Person, now: datetime) -> int:
    """C8: begin to apply an agreement to what is open, and wait a moment for it to be done.

    What is left after that is for the scheduler. Gives the id of the Application; raises NotFound
    or Refused.
    """
    id = applying.begin(kind, key, actor=actor, now=now)
    enough = time.monotonic() + AT_ONCE
    while time.monotonic() < enough and applying.go_on(now):
        pass
    return id
