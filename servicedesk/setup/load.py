"""Loads a DESK.yaml: all of it or, where anything is wrong, nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa

from servicedesk.db import transaction
from servicedesk.setup import snapshot
from servicedesk.setup.apply import apply
from servicedesk.setup.check import check
from servicedesk.setup.directory import Directory
from servicedesk.setup.models import Desk
from servicedesk.setup.schema import SetUp
from servicedesk.setup.yamlfile import read, read_file

Then = Callable[[datetime], object]


@dataclass(frozen=True)
class Plan:
    """What a set-up would make of the one that is in use."""

    changes: list[str]
    before: Directory | None  # None: there is none yet
    after: Directory


def plan(setup: SetUp, now: datetime) -> Plan:
    """Say what a set-up would change, and keep nothing; raises Refused."""
    with transaction() as session, snapshot.unkept(session):
        there = session.scalar(sa.select(Desk.id)) is not None
        before = snapshot.directory(session) if there else None
        changes = apply(session, setup, now)
        after = snapshot.directory(session)
        session.rollback()
    return Plan(changes.lines(), before, after)


def plan_file(path: Path | str, now: datetime) -> Plan:
    """Say what a file would change, and keep nothing; raises BadFile or Refused."""
    return plan(check(read(read_file(path), str(path))), now)


def load_file(
    path: Path | str, *, now: datetime, dry_run: bool = False, then: Then | None = None
) -> list[str]:
    """Apply a file and list what changes; raises BadFile or Refused."""
    return load_text(read_file(path), str(path), now=now, dry_run=dry_run, then=then)


def load_text(
    text: str, name: str, *, now: datetime, dry_run: bool = False, then: Then | None = None
) -> list[str]:
    """Apply the text of a file of that name and list what changes; raises BadFile or Refused.

    `then` is called after a change was kept: what builds on the set-up is brought up to it there
    (C7: a calendar's new version moves open deadlines).
    """
    setup = check(read(text, name))
    with transaction() as session, snapshot.unkept(session):
        changes = apply(session, setup, now)
        if dry_run:
            session.rollback()
    if changes and then and not dry_run:
        then(now)
    return changes.lines()
