"""Adds the months up that reports are compared with, before anybody asks for them."""

from __future__ import annotations

from datetime import datetime, timedelta
from time import monotonic

from sqlalchemy.orm import Session

from servicedesk.db import db
from servicedesk.errors import Refused
from servicedesk.reports import keeping, queries
from servicedesk.reports.contents import MONTHS, settled
from servicedesk.reports.periods import month_of
from servicedesk.reports.recalling import Question, recalling
from servicedesk.reports.scopes import Scope
from servicedesk.setup.snapshot import directory_if_any

EVERY = timedelta(minutes=2)
SECONDS = 5  # each time; a month that was begun is added up


def work_off(now: datetime) -> int:
    """Add up what is missing or has changed, the latest month first; gives how many it has."""
    session: Session = db.session()
    setup = directory_if_any(session)
    if setup is None:
        return 0
    try:
        known = queries.latest_knowledge(session, wait=1)
    except Refused:
        return 0  # an import is writing
    if keeping.behind(session, setup, known) > keeping.MOST:
        return 0
    ends, done = monotonic() + SECONDS, 0
    months = month_of(now, setup.zone).before.months_to_here(MONTHS)
    with recalling(Question(setup, known, Scope(), now, now)) as recall:
        for month in reversed(months):
            if recall and monotonic() < ends and settled(month, setup, now):
                recall.tally(month, settled=True)
                done += 1
    return done
