"""How the desk itself is doing: what waits, what is late, when it last did its work."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session

from servicedesk.bridge.models import SET_ASIDE, ReceivedMail
from servicedesk.db import dialect
from servicedesk.incidents.models import Incident, NextStep
from servicedesk.incidents.queries import IS_OPEN
from servicedesk.operation import schema
from servicedesk.outbox import FAILED, Notification
from servicedesk.pulse import Pulse

PULSES = ("sweep", "mail", "mail-in", "backup")


@dataclass(frozen=True)
class Waiting:
    """What waits to be done, and since when the first of it is due."""

    count: int
    since: datetime | None
    failing: int = 0  # was tried in vain


@dataclass(frozen=True)
class State:
    """The desk's own state at an instant."""

    open: int
    messages: Waiting
    given_up: int  # messages that are not tried again
    set_aside: int  # mails that came in and wait for a person
    steps: Waiting
    pulses: dict[str, datetime | None]


def state(session: Session, now: datetime) -> State:
    """Read it: a fixed number of small queries."""
    return State(
        open=_count(session, Incident.id, IS_OPEN),
        messages=_messages(session),
        given_up=_count(
            session, Notification.id, sa.and_(Notification.failed_at.is_not(None), *FAILED)
        ),
        set_aside=_count(session, ReceivedMail.id, ReceivedMail.state == SET_ASIDE),
        steps=_steps(session, now),
        pulses=_pulses(session),
    )


def _count(
    session: Session, what: InstrumentedAttribute[int], where: sa.ColumnElement[bool]
) -> int:
    return session.scalar(sa.select(sa.func.count(what)).where(where)) or 0


def _messages(session: Session) -> Waiting:
    query = sa.select(
        sa.func.count(),
        sa.func.min(Notification.made_at),
        sa.func.count(Notification.error),
    ).where(Notification.waits_until.is_not(None))
    return Waiting(*session.execute(query).one())


def _steps(session: Session, now: datetime) -> Waiting:
    failing = sa.func.sum(sa.case((NextStep.failures > 0, 1), else_=0))
    query = sa.select(sa.func.count(), sa.func.min(NextStep.at), sa.func.coalesce(failing, 0))
    return Waiting(*session.execute(query.where(NextStep.at <= now)).one())


def _pulses(session: Session) -> dict[str, datetime | None]:
    there = dict(session.execute(sa.select(Pulse.name, Pulse.at)).all())
    return {name: there.get(name) for name in PULSES}


def failing(session: Session, most: int) -> list[Notification]:
    """List the messages that could not be sent, those that are given up first."""
    query = (
        sa.select(Notification)
        .where(*FAILED)
        .order_by(Notification.failed_at.is_(None), Notification.id)
    )
    return list(session.scalars(query.limit(most)))


# Around it


@dataclass(frozen=True)
class Database:
    """What the desk keeps its rows in."""

    kind: str
    version: str
    schema: str | None
    wanted: str
    bytes: int


def database(session: Session) -> Database:
    """Say which database it is, of which version, and how large."""
    kind = dialect(session)
    version, size = VERSION_AND_SIZE[kind]
    return Database(
        kind=kind,
        version=str(session.scalar(sa.text(version))),
        schema=schema.revision(session.connection()),
        wanted=schema.newest(),
        bytes=session.scalar(sa.text(size)) or 0,
    )


VERSION_AND_SIZE = {
    "sqlite": (
        "SELECT sqlite_version()",
        "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size",
    ),
    "postgresql": ("SHOW server_version", "SELECT pg_database_size(current_database())"),
}


@dataclass(frozen=True)
class Disk:
    """The disk that DESK_VAR is on."""

    free: int
    total: int


def disk(folder: Path) -> Disk:
    """Say how much room there is."""
    usage = shutil.disk_usage(folder)
    return Disk(usage.free, usage.total)
