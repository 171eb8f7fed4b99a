"""E4: a sweep asks the journal again, and corrects what was stored."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from servicedesk.db import transaction
from servicedesk.incidents.models import NextStep
from tests.cast import Desk, at
from tests.escalation.ruled import fired, give_policy, sweep


def test_an_instant_that_was_stored_too_early_is_corrected_and_nothing_is_done(desk: Desk) -> None:
    """E4: also where nothing else is due: it doesn't fail, nor look a second time."""
    give_policy(desk, "{key: half, when: {clock: resolution, at: 50}, tell: [holder-lead]}")
    number = desk.log(when="09:00")
    right = stored(desk)
    with desk.session(), transaction() as session:
        session.execute(sa.update(NextStep).values(at=at("09:10")))
    swept = sweep(desk, "09:30")
    assert (swept.fired, swept.failed, fired(desk, number)) == (0, 0, [])
    assert stored(desk) == right


def stored(desk: Desk) -> datetime | None:
    with desk.session() as session:
        return session.scalar(sa.select(NextStep.at))
