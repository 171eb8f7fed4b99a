"""E5: what is to be told to whom; written with what happened, sent afterwards."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from servicedesk import times
from servicedesk.db import Model, dialect, transaction

SUMMARY = "digest"  # the kind of the mail that holds several messages, once a day
BUNDLE = "bundle"  # the kind of the mail that holds those that came together
MIXED = (SUMMARY, BUNDLE)
LEASE = timedelta(minutes=5)
LOOKS = 1000  # at what is kept back, before who claims gives up for this time
AT_ONCE = 500  # rows in one statement
WAITS = tuple(timedelta(minutes=m) for m in (1, 5, 15, 60, 240, 480, 960, 1440))  # after failures


def _among(those: str, *columns: str) -> sa.Index:
    """Make an index of some rows."""
    name = "_".join(("ix_notification", *columns))
    return sa.Index(name, *columns, sqlite_where=sa.text(those), postgresql_where=sa.text(those))


class Notification(Model):
    """A message that waits or was sent: ids and values, never texts; written out when sent."""

    __tablename__ = "notification"
    __table_args__ = (
        # E3: one summary for a person and day, whoever makes it
        sa.Index("ix_notification_person_id_digest_day", "person_id", "digest_day", unique=True),
        sa.Index("ix_notification_hook_id_id", "hook_id", "id"),
        sa.Index("ix_notification_person_id_sent_at", "person_id", "sent_at"),
        # what is looked for again and again is a few rows among all that was ever sent
        _among("digest_at IS NOT NULL", "person_id", "digest_at"),
        _among("bundle_at IS NOT NULL", "person_id", "bundle_at"),
        _among("error IS NOT NULL AND sent_at IS NULL", "sent_at", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[str] = mapped_column(sa.String(64), unique=True)  # left of the @
    kind: Mapped[str] = mapped_column(sa.String(40))
    person_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"), index=True)
    partner_id: Mapped[int | None] = mapped_column(sa.ForeignKey("partner.id"))
    # not mailed: called out by that webhook
    hook_id: Mapped[int | None] = mapped_column(sa.ForeignKey("hook.id"))
    incident_id: Mapped[int | None] = mapped_column(sa.ForeignKey("incident.id"), index=True)
    link_id: Mapped[int | None] = mapped_column(sa.ForeignKey("link.id"))
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)
    made_at: Mapped[datetime]
    # nothing once it is sent, given up or kept back: what may go is found by this alone
    waits_until: Mapped[datetime | None] = mapped_column(index=True)
    lease: Mapped[str | None] = mapped_column(sa.String(32))
    tries: Mapped[int] = mapped_column(default=0)
    sent_at: Mapped[datetime | None] = mapped_column(index=True)
    failed_at: Mapped[datetime | None]  # given up
    error: Mapped[str | None] = mapped_column(sa.String(200))  # of the last try, without texts
    # chosen when it is queued: by mail, in the summary, not sent at all
    channel: Mapped[str] = mapped_column(sa.String(8), default="mail", server_default="mail")
    digest_at: Mapped[datetime | None]  # waits for that summary
    digest_id: Mapped[int | None] = mapped_column(sa.ForeignKey("notification.id"), index=True)
    digest_day: Mapped[date | None]  # of a summary: the reader's day that it is for
    # kept back until then, and why; `digest_id` names the bundle that it went in
    bundle_at: Mapped[datetime | None]
    held_for: Mapped[str | None] = mapped_column(sa.String(8))


# Could not be sent; what was kept back since, or went in one mail with others, is no longer that.
FAILED = (
    Notification.error.is_not(None),
    Notification.sent_at.is_(None),
    Notification.bundle_at.is_(None),
    Notification.digest_at.is_(None),
    Notification.digest_id.is_(None),
)

Route = Callable[[Session, Notification], None]
# Says which of some messages may not go at an instant, and has noted until when they wait.
Gate = Callable[[Session, Sequence[Notification], datetime], Collection[int]]
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
    hook: int | None = None,
    incident: int | None = None,
    link: int | None = None,
    **data: Any,
) -> Notification:
    """Step: note that a person, a partner company or a webhook is to be told something."""
    row = Notification(
        message_id=secrets.token_hex(16),
        kind=kind,
        person_id=person,
        partner_id=partner,
        hook_id=hook,
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


def queue_many(
    session: Session,
    kind: str,
    people: Sequence[int],
    *,
    now: datetime,
    incident: int | None = None,
    **data: Any,
) -> None:
    """Step: note that many people are to be told the same: one statement, however many they are."""
    if is_quiet(session) or not people:
        return
    said = {name: value for name, value in data.items() if value is not None}
    rows = [
        Notification(
            message_id=secrets.token_hex(16),
            kind=kind,
            person_id=person,
            incident_id=incident,
            data=said,
            made_at=now,
            waits_until=times.now(),
        )
        for person in people
    ]
    for row in rows:
        for route in _routes:
            route(session, row)
    names = [column.key for column in sa.inspect(Notification).column_attrs if column.key != "id"]
    usual = {"tries": 0, "channel": "mail"}
    values = [
        {name: usual.get(name) if (it := getattr(row, name)) is None else it for name in names}
        for row in rows
    ]
    session.execute(sa.insert(Notification), values)


def queue_summary(session: Session, person: int, day: date, *, now: datetime) -> int | None:
    """Step: queue a person's summary of a day; None where there is one already. Gives its id."""
    said = {"message_id": secrets.token_hex(16), "digest_day": day, "data": {}}
    unique = ("person_id", "digest_day")
    return _insert_once(session, unique, kind=SUMMARY, person_id=person, made_at=now, **said)


def queue_once(
    session: Session, name: str, kind: str, *, now: datetime, person: int, **data: Any
) -> bool:
    """Step: queue a mail to a person unless one of that name was queued ever; says whether."""
    id = hashlib.sha256(name.encode()).hexdigest()[:32]
    said = {"message_id": id, "kind": kind, "person_id": person, "data": data, "made_at": now}
    return _insert_once(session, ("message_id",), **said) is not None


def _insert_once(session: Session, unique: Sequence[str], **values: Any) -> int | None:
    """Queue a mail unless there is one alike, whoever queues it; gives its id."""
    insert = postgresql.insert if dialect(session) == "postgresql" else sqlite.insert
    row = insert(Notification).values(waits_until=times.now(), **values)
    once = row.on_conflict_do_nothing(index_elements=unique)
    id: int | None = session.scalar(once.returning(Notification.id))
    return id


def queue_bundle(
    session: Session, person: int, ids: Sequence[int], *, now: datetime, **data: Any
) -> Notification:
    """Step: let several messages to a person go in one mail, in the order of their making."""
    row = Notification(
        message_id=secrets.token_hex(16),
        kind=BUNDLE,
        person_id=person,
        data=data,
        made_at=now,
        waits_until=now,
    )
    session.add(row)
    session.flush()
    _set(session, ids, bundle_at=None, digest_id=row.id)
    return row


def release(session: Session, ids: Sequence[int], now: datetime) -> None:
    """Step: let messages go that were kept back, each alone."""
    _set(session, ids, bundle_at=None, waits_until=now)


def hold(session: Session, ids: Sequence[int], until: datetime, why: str) -> None:
    """Step: keep messages back until an instant; they are told of then, together."""
    _set(session, ids, bundle_at=until, held_for=why, waits_until=None)


def postpone(session: Session, id: int, until: datetime) -> None:
    """Step: let a mail that holds several messages wait."""
    _set(session, [id], waits_until=until)


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


def claim(
    now: datetime,
    lease: str,
    count: int = 20,
    hook: int | None = None,
    gate: Gate | None = None,
) -> list[int]:
    """Lease the messages that wait longest, in real time; gives their ids.

    Those to be mailed, or those of a webhook: neither waits for the other. What the gate keeps back
    gives way to what comes behind it.
    """
    seen: set[int] = set()
    for _look in range(LOOKS):
        with transaction() as session:
            rows = list(session.scalars(_waiting(now, hook, seen).limit(count)))
            kept = gate(session, rows, now) if gate and rows else ()
            ids = [row.id for row in rows if row.id not in kept]
            _set(session, ids, waits_until=now + LEASE, lease=lease, tries=Notification.tries + 1)
            seen |= {row.id for row in rows if row.waits_until and row.waits_until <= now}
        if ids or not rows:
            return ids
    return []


def _waiting(now: datetime, hook: int | None, seen: Collection[int]) -> sa.Select[Notification]:
    query = sa.select(Notification).where(
        Notification.waits_until <= now,
        Notification.hook_id.is_not_distinct_from(hook),
        Notification.id.not_in(seen),
    )
    query = query.order_by(Notification.waits_until, Notification.id)
    return query.with_for_update(skip_locked=True)


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


def _set(session: Session, ids: Sequence[int], **values: Any) -> None:
    for start in range(0, len(ids), AT_ONCE):
        some = Notification.id.in_(ids[start : start + AT_ONCE])
        session.execute(sa.update(Notification).where(some).values(**values))
