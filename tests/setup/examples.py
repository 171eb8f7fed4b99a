"""A small desk as text, and what tests read back from the database."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from servicedesk.people.models import Group, Partner, Person, Service
from servicedesk.setup.load import load_text
from servicedesk.setup.models import Desk
from servicedesk.setup.snapshot import directory, forget
from servicedesk.sla.models import Agreement, AgreementVersion, CalendarRow, CalendarVersion

NAME = "desk.yaml"
NOTHING = ["nothing to change"]

DESK = Path(__file__).with_name("desk.yaml").read_text(encoding="utf-8")


def changed(before: str, after: str, text: str = DESK) -> str:
    """Give the example with one thing changed."""
    assert text.count(before) == 1, before
    return text.replace(before, after)


def load(text: str, now: datetime, **more: Any) -> list[str]:
    return load_text(text, NAME, now=now, **more)


def later(now: datetime) -> datetime:
    return now + timedelta(days=1)


def one(session: Session, model: Any, key: str) -> Any:
    return session.scalars(sa.select(model).where(model.key == key)).one()


def calendar_versions(session: Session, key: str) -> list[CalendarVersion]:
    return list(one(session, CalendarRow, key).versions)


def agreement_versions(session: Session, kind: str, key: str) -> list[AgreementVersion]:
    query = sa.select(Agreement).where(Agreement.kind == kind, Agreement.key == key)
    return list(session.scalars(query).one().versions)


def active(session: Session, model: type[Group | Partner | Service | Person]) -> set[str]:
    return set(session.scalars(sa.select(model.key).where(model.active)))


def revision(session: Session) -> int:
    return session.scalars(sa.select(Desk.revision)).one()


def set_up(session: Session) -> Any:
    """Give the set-up as the rules see it."""
    forget()
    return directory(session)
