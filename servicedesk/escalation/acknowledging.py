"""E1: somebody takes responsibility, and a step that comes again and again stops."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask_babel import gettext as _

from servicedesk.errors import Refused
from servicedesk.incidents import acts
from servicedesk.incidents.doing import doing
from servicedesk.incidents.story import Fired
from servicedesk.people.models import Person
from servicedesk.people.permissions import Act as Right

PURPOSE = "acknowledge"  # of the link in the mail
LASTS = timedelta(days=7)


def acknowledge(number: int, what: Fired | None, *, actor: Person, now: datetime) -> None:
    """Take responsibility for one repeated step (policy, step, cycle), or for all of an incident.

    Raises NotFound, NotAllowed or Refused.
    """
    with doing(number, actor=actor, now=now, right=Right.TAKE_RESPONSIBILITY) as it:
        if not acts.acknowledge(it.act, what):
            raise Refused(_("Somebody has taken responsibility already, or it is no longer due."))
