"""The way in for pages that change the set-up: its document is changed and loaded again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
import yaml
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from servicedesk.db import transaction
from servicedesk.errors import Stale
from servicedesk.setup import load, snapshot
from servicedesk.setup.apply import apply
from servicedesk.setup.check import check
from servicedesk.setup.directory import Directory
from servicedesk.setup.dump import text_of
from servicedesk.setup.models import Desk
from servicedesk.setup.schema import SetUp
from servicedesk.setup.snapshot import NoDesk
from servicedesk.setup.yamlfile import read

NAME = "set-up"

Data = dict[str, Any]


@dataclass(frozen=True)
class Plan:
    """What a changed document would make of the set-up."""

    changes: list[str]  # as `flask desk load` says them
    before: Directory
    after: Directory
    revision: int  # of the set-up as it is now


def document(session: Session) -> Data:
    """Give the set-up as `flask desk dump` writes it, as plain data; raises NoDesk."""
    data: Data = yaml.safe_load(text_of(session))
    return data


def plan(data: Mapping[str, Any], now: datetime) -> Plan:
    """Say what a document would change, and keep nothing; raises BadFile or Refused."""
    planned = load.plan(_checked(data), now)
    if planned.before is None:
        raise NoDesk(NoDesk.__doc__ or "")
    before = planned.before
    return Plan(planned.changes, before, planned.after, before.revision)


def publish(
    data: Mapping[str, Any],
    now: datetime,
    revision: int | None = None,
    by: int | None = None,
    then: Callable[[Session], None] | None = None,
) -> list[str]:
    """Apply a document that somebody (`by`: id) made from a revision, and `then` a step more.

    What is open is brought up to it afterwards: incidents/catching_up.py. Raises BadFile, Refused
    or Stale.
    """
    setup = _checked(data)
    with transaction() as session, snapshot.unkept(session):
        there = session.scalar(sa.select(Desk.revision).with_for_update())
        if revision is not None and there != revision:
            raise Stale(_("Somebody changed the set-up meanwhile."), revision)
        changes = apply(session, setup, now, by)
        if changes and then:
            then(session)
    return changes.lines()


def _checked(data: Mapping[str, Any]) -> SetUp:
    """Check a document in the same way as a file, so that there is one way in."""
    text = yaml.safe_dump(dict(data), allow_unicode=True, sort_keys=False)
    return check(read(text, NAME))
