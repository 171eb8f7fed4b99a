"""Loads a DESK.yaml: all of it or, where anything is wrong, nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import Session

from servicedesk.db import transaction
from servicedesk.setup import snapshot
from servicedesk.setup.apply import apply
from servicedesk.setup.check import check
from servicedesk.setup.directory import Directory
from servicedesk.setup.models import Desk
from servicedesk.setup.yamlfile import read, read_file

Step = Callable[[Session, datetime, Directory | None], object]  # as the set-up was before


def load_file(
    path: Path | str, *, now: datetime, dry_run: bool = False, then: Step | None = None
) -> list[str]:
    """Apply a file and list what changes; raises BadFile or Refused."""
    return load_text(read_file(path), str(path), now=now, dry_run=dry_run, then=then)


def load_text(
    text: str, name: str, *, now: datetime, dry_run: bool = False, then: Step | None = None
) -> list[str]:
    """Apply the text of a file of that name and list what changes; raises BadFile or Refused.

    `then` is a step of the same transaction that follows a change: what builds on the set-up
    brings its rows up to it there (C7: a calendar's new version moves open deadlines).
    """
    setup = check(read(text, name))
    with transaction() as session, snapshot.unkept(session):
        before = snapshot.directory(session) if session.scalar(sa.select(Desk.id)) else None
        changes = apply(session, setup, now)
        if changes and then:
            then(session, now, before)
        if dry_run:
            session.rollback()
    return changes.lines()
