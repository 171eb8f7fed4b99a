"""E5: what is to be told to whom; written with what happened, sent afterwards."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from servicedesk import times
from servicedesk.db import Model, dialect, transaction

SUMMARY = "digest"  # the kind of the mail that holds several messages
LEASE = timedelta(minutes=5)
WAITS = tuple(timedelta(minutes=m) for m in (1, 5, 15, 60, 240, 480, 960, 1440))  # after failures


class Notification(Model):
    """A message that waits or was sent: ids and values, never texts; written out when sent."""

    __tablename__ = "notification"
    __table_args__ = (
        # E3: one summary for a person and day, whoever makes it
        sa.Index("ix_notification_person_id_digest_day", "person_id", "digest_day", unique=True),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[str] = mapped_column(sa.String(64), unique=True)  # left of the @
    kind: Mapped[str] = mapped_column(sa.String(40))
    person_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"), index=True)
    partner_id: Mapped[int | None] = mapped_column(sa.ForeignKey("partner.id"))
    incident_id: Mapped[int | None] = mapped_column(sa.ForeignKey("incident.id"), index=True)
    link_id: Mapped[int | None] = mapped_column(sa.ForeignKey("link.id"))
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)
    made_at: Mapped[datetime]
    # far ahead once it is sent or given up: what waits is found by this alone
    waits_until: Mapped[datetime | None] = mapped_column(index=True)
    lease: Mapped[str | None] = mapped_column(sa.String(32))
    tries: Mapped[int] = mapped_column(default=0)
    sent_at: Mapped[datetime | None] = mapped_column(index=True)
    failed_at: Mapped[datetime | None]  # given up
    error: Mapped[str | None] = mapped_column(sa.String(200))  # of the last try, without texts
    # chosen when it is queued: by mail, in the summary, not sent at all
    channel: Mapped[str] = mapped_column(sa.String(8), default="mail", server_default="mail")
    digest_at: Mapped[datetime | None] = mapped_column(index=True)  # waits for that summary
    digest_id: Mapped[int | None] = mapped_column(sa.ForeignKey("notification.id"), index=True)
    digest_day: Mapped[date | None]  # of a summary: the reader's day that it is for


Route = Callable[[Session, Notification], None]
_routes: list[Route] = []


def routed_by(route: Route) -> Route:
    """Let a step choose by which channel a message goes, before it is kept."""
    if route not in _routes:
        _routes.append(route)
    return route


def queue(
    session: Session,
    kind: str,
    *,
    now: datetime,
    person: int | None = None,
    partner: int | None = None,
    incident: int | None = None,
    link: int | None = None,
    **data: Any,
) -> Notification:
    """Step: note that a person, or a partner company at its address, is to be told something."""
    row = Notification(
        message_id=secrets.token_hex(16),
        kind=kind,
        person_id=person,
        partner_id=partner,
        incident_id=incident,
        link_id=link,
        data={name: value for name, value in data.items() if value is not None},
        made_at=now,
        waits_until=times.now(),  # sending runs on real time, whatever instant is swept for
    )
    if not is_quiet(session):
        for route in _routes:
            route(session, row)
        session.add(row)
    return row


def queue_summary(session: Session, person: int, day: date, *, now: datetime) -> int | None:
    """Step: queue a person's summary of a day; None where there is one already. Gives its id."""
    insert = postgresql.insert if dialect(session) == "postgresql" else sqlite.insert
    values = insert(Notification).values(
        message_id=secrets.token_hex(16),
        kind=SUMMARY,
        person_id=person,
        digest_day=day,
        data={},
        made_at=now,
        waits_until=times.now(),
    )
    once = values.on_conflict_do_nothing(index_elements=["person_id", "digest_day"])
    id: int | None = session.scalar(once.returning(Notification.id))
    return id


@contextmanager
def quiet(session: Session) -> Iterator[None]:
    """Tell nobody of what happens meanwhile: for a past that is made up afterwards."""
    session.info["quiet"] = True
    try:
        yield
    finally:
        session.info["quiet"] = False


def is_quiet(session: Session) -> bool:
    """Say whether nobody is to be told of what happens in this session."""
    return bool(session.info.get("quiet"))


def claim(now: datetime, lease: str, count: int = 20) -> list[int]:
    """Lease the messages that wait longest, in real time; gives their ids."""
    with transaction() as session:
        waiting = (
            sa.select(Notification.id)
            .where(Notification.waits_until <= now)
            .order_by(Notification.waits_until, Notification.id)
            .limit(count)
            .with_for_update(skip_locked=True)
        )
        ids = list(session.scalars(waiting))
        _set(session, ids, waits_until=now + LEASE, lease=lease, tries=Notification.tries + 1)
        return ids


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a message."""

    id: int
    error: str | None = None  # None: it was sent
    for_good: bool = False  # it is not tried again


def settle(outcomes: Collection[Outcome], now: datetime, lease: str | None = None) -> None:
    """Note what came of some messages, in one transaction.

    What failed and was leased to somebody else meanwhile is left to them.
    """
    with transaction() as session:
        sent = [outcome.id for outcome in outcomes if outcome.error is None]
        _set(session, sent, waits_until=None, lease=None, sent_at=now, failed_at=None, error=None)
        for outcome in outcomes:
            if outcome.error is not None:
                _fail(session, outcome, now, lease)


def _fail(session: Session, outcome: Outcome, now: datetime, lease: str | None) -> None:
    row = session.get(Notification, outcome.id, with_for_update=True)
    if row is None or row.sent_at or (lease and row.lease != lease):
        return
    row.error, row.lease = (outcome.error or "")[:200], None
    if outcome.for_good or row.tries > len(WAITS):
        row.waits_until, row.failed_at = None, now
    else:
        row.waits_until = now + WAITS[max(row.tries, 1) - 1]


def _set(session: Session, ids: Collection[int], **values: Any) -> None:
    if ids:
        session.execute(sa.update(Notification).where(Notification.id.in_(ids)).values(**values))
