"""Brings a desk to this version: its schema, and what its rows lack."""

from __future__ import annotations

import sqlalchemy as sa
from flask import Flask

from servicedesk import db, pulse, times
from servicedesk.incidents import documents
from servicedesk.incidents.catching_up import catch_up
from servicedesk.setup.models import Desk, Policy
from servicedesk.setup.steps import identity
from servicedesk.times import iso

WITHOUT_STEPS = "0001"  # the last schema of a desk that did nothing by itself


def upgrade(app: Flask) -> None:
    """Create or upgrade the schema, and bring what is there up to it."""
    before = db.revision()
    db.upgrade(app)
    if before is None:
        pulse.beat(pulse.BEGUN, times.now())
    complete(before)


def complete(before: str | None) -> None:
    """Make what a desk of an older schema lacks."""
    if before == WITHOUT_STEPS:
        _start_steps()
    documents.complete()


def _start_steps() -> None:
    """Let what comes by itself come from now on; rules fire nothing for the time before."""
    now = times.now()
    with db.transaction() as session:
        for policy in session.scalars(sa.select(Policy)):
            policy.since = {identity(step): iso(now) for step in policy.steps}
        session.execute(sa.update(Desk).values(revision=Desk.revision + 1))
    catch_up(now)
