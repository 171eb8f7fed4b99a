"""Loads a DESK.yaml: all of it or, where anything is wrong, nothing."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from servicedesk.db import transaction
from servicedesk.setup.apply import apply
from servicedesk.setup.check import check
from servicedesk.setup.yamlfile import read, read_file


def load_file(path: Path | str, *, now: datetime, dry_run: bool = False) -> list[str]:
    """Apply a file and list what changes; raises BadFile or Refused."""
    return load_text(read_file(path), str(path), now=now, dry_run=dry_run)


def load_text(text: str, name: str, *, now: datetime, dry_run: bool = False) -> list[str]:
    """Apply the text of a file of that name and list what changes; raises BadFile or Refused."""
    setup = check(read(text, name))
    with transaction() as session:
        changes = apply(session, setup, now)
        if dry_run:
            session.rollback()
    return changes.lines()
