"""What happens to incidents by itself, when its time has come."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from servicedesk.db import transaction
from servicedesk.incidents import acts
from servicedesk.incidents.commands import continuing
from servicedesk.incidents.lifecycle import ON_HOLD
from servicedesk.incidents.models import Incident


def end_holds(now: datetime) -> int:
    """§4: end the holds whose time is over, at the instant that was said; gives how many.

    One transaction each: any number of workers may do it at once, and whoever comes second to an
    incident finds its hold ended.
    """
    ended = 0
    while _end_one(now):
        ended += 1
    return ended


def _end_one(now: datetime) -> bool:
    with transaction() as session:
        query = sa.select(Incident).where(Incident.state == ON_HOLD, Incident.hold_until <= now)
        query = query.order_by(Incident.hold_until, Incident.id).limit(1)
        incident = session.scalar(query.with_for_update(of=Incident, skip_locked=True))
        if incident is None:
            return False
        over = incident.hold_until or now
        with continuing(session, incident, actor=None, now=over, recorded_at=now) as act:
            acts.start(act)
        return True
