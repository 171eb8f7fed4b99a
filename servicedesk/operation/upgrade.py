"""Brings a desk to this version: its schema, and what its rows lack."""

from __future__ import annotations

from dataclasses import replace

import sqlalchemy as sa
from flask import Flask

from servicedesk import db, times
from servicedesk.incidents import documents, record
from servicedesk.setup.models import Desk
from servicedesk.setup.snapshot import directory

WITHOUT_STEPS = "0001"  # the last schema of a desk that did nothing by itself


def upgrade(app: Flask) -> None:
    """Create or upgrade the schema, and bring what is there up to it."""
    before = db.revision()
    db.upgrade(app)
    complete(before)


def complete(before: str | None) -> None:
    """Make what a desk of an older schema lacks."""
    if before == WITHOUT_STEPS:
        _start_steps()
    documents.complete()


def _start_steps() -> None:
    """Let what comes by itself come from now on; rules fire nothing for the time before."""
    with db.transaction() as session:
        if session.scalar(sa.select(Desk.id)) is not None:
            setup = replace(directory(session), policies={})
            record.refresh(session, times.now(), setup)
