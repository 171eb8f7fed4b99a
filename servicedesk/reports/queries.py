"""Reads what reports are made of: the knowledge, the journal's facts, what was sealed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from servicedesk.db import dialect
from servicedesk.errors import Refused
from servicedesk.event import Event
from servicedesk.incidents.models import Incident, MajorIncident
from servicedesk.journal import EventRow
from servicedesk.reports.facts import About, Fact, derive, follow, gathered
from servicedesk.reports.majors import ActionSaid, MajorSaid
from servicedesk.reports.models import Report
from servicedesk.reports.scopes import Scope
from servicedesk.setup.directory import Directory

AT_ONCE = 2000


@dataclass(frozen=True, slots=True)
class Knowledge:
    """F6: the last event that a report knows, and when it was recorded."""

    event: int = 0
    at: datetime | None = None


def latest_knowledge(session: Session, wait: int = 20) -> Knowledge:
    """F6: take the cut-off so that no event with a lower id can still be committed.

    On PostgreSQL this waits for who is writing, at most so many seconds. It ends the transaction
    that it is asked in. Raises Refused.
    """
    session.rollback()
    if dialect(session) == "postgresql":  # SQLite gives ids in the order of commits
        _wait_for_writers(session, wait)
    row = session.execute(
        sa.select(EventRow.id, EventRow.recorded_at).order_by(EventRow.id.desc()).limit(1)
    ).first()
    session.rollback()  # let the lock go
    return Knowledge(*row) if row else Knowledge()


def _wait_for_writers(session: Session, wait: int) -> None:
    session.execute(sa.text(f"SET LOCAL lock_timeout = '{wait:d}s'"))
    try:
        session.execute(sa.text("LOCK TABLE event IN SHARE MODE"))
    except OperationalError:
        session.rollback()
        raise Refused(
            _("The journal is being written to, maybe by an import: please try again later.")
        ) from None


def knowledge(session: Session, event: int) -> Knowledge:
    """Give the knowledge up to an event."""
    at = session.scalar(sa.select(EventRow.recorded_at).where(EventRow.id == event))
    return Knowledge(event, at)


def facts(
    session: Session,
    setup: Directory,
    known: Knowledge,
    *,
    at: datetime,
    since: datetime,
    scope: Scope,
    until: datetime | None = None,
) -> list[Fact]:
    """Derive the facts of all incidents in a scope that can matter from an instant on.

    One ordered query; what ended before that instant and has no date after it is not even read.
    `until` is the end of what lists look at.
    """
    about = {
        id: About(number, category, department)
        for id, number, category, department in session.execute(
            sa.select(Incident.id, Incident.number, Incident.category, Incident.department).where(
                matters(since)
            )
        )
    }
    found = {}
    for incident, events in _histories(session, known, since):
        if incident not in about:
            continue  # it began to matter after the cut-off
        work, waits = follow(events, setup, until)
        fact = derive(work, about[incident], at, waits)
        if fact.part_of or fact.majors or scope.takes(fact):
            found[incident] = fact
    return [fact for fact in gathered(found) if scope.takes(fact)]


def matters(since: datetime) -> sa.ColumnElement[bool]:
    """Say which incidents can matter: by the rows of now, of which only live ones are revised."""
    dates = (Incident.requested_due, Incident.first_requested_due, Incident.promised_due)
    return sa.or_(
        Incident.changed_at >= since,
        Incident.state.in_(("new", "in_progress", "on_hold")),
        *(date >= since for date in dates),
    )


def _histories(
    session: Session, known: Knowledge, since: datetime
) -> Iterator[tuple[int, Iterator[Event]]]:
    """Stream the events of each incident, in order."""
    query = (
        sa.select(
            EventRow.incident_id,
            EventRow.seq,
            EventRow.kind,
            EventRow.happened_at,
            EventRow.actor_id,
            EventRow.data,
        )
        .join(Incident, Incident.id == EventRow.incident_id)
        .where(EventRow.id <= known.event, matters(since))
        .order_by(EventRow.incident_id, EventRow.seq)
        .execution_options(yield_per=AT_ONCE)
    )
    for incident, lines in groupby(session.execute(query), key=lambda line: int(line[0])):
        yield incident, (Event(*line[1:]) for line in lines)


def first_logged_at(session: Session) -> datetime | None:
    """Give the instant at which the first incident was logged."""
    return session.scalar(sa.select(sa.func.min(Incident.logged_at)))


def titles(session: Session, numbers: Sequence[int]) -> dict[int, str]:
    """Give titles by number; confidential ones are not told."""
    query = sa.select(Incident.number, Incident.title).where(
        Incident.number.in_(numbers), Incident.confidential.is_(False)
    )
    return {int(number): str(title) for number, title in session.execute(query)}


def majors_said(session: Session, numbers: Sequence[int]) -> dict[int, MajorSaid]:
    """Give the words of major incidents by number; confidential ones are not told."""
    query = (
        sa.select(Incident.number, MajorIncident.headline, MajorIncident.review)
        .join(Incident, Incident.id == MajorIncident.incident_id)
        .where(Incident.number.in_(numbers), Incident.confidential.is_(False))
        .where(MajorIncident.state.in_(("confirmed", "over")))
    )
    rows = session.execute(query.order_by(MajorIncident.n)) if numbers else ()
    return {
        int(number): MajorSaid(headline, tuple(map(_wanted, review.get("actions", ()))))
        for number, headline, review in rows
    }


def _wanted(said: Mapping[str, str]) -> ActionSaid:
    until = said.get("until")
    day = date.fromisoformat(until) if until else None
    return ActionSaid(said["text"], said.get("who", ""), day)


def sealed(session: Session, period: str, scope: str, zone: str) -> list[Report]:
    """List what was sealed for a period, the latest revision first."""
    query = sa.select(Report).where(
        Report.period == period, Report.scope == scope, Report.zone == zone
    )
    return list(session.scalars(query.order_by(Report.revision.desc(), Report.language)))


def visible_titles(
    session: Session, numbers: Sequence[int], visible: sa.ColumnElement[bool]
) -> dict[int, str]:
    """Give the titles that a person may see, by number."""
    query = sa.select(Incident.number, Incident.title).where(Incident.number.in_(numbers), visible)
    return {int(number): str(title) for number, title in session.execute(query)}


def latest_sealed(
    session: Session, periods: Sequence[str], scope: str, zone: str
) -> dict[str, list[Report]]:
    """Give the latest revision of each period, one row a language."""
    query = sa.select(Report).where(
        Report.period.in_(periods), Report.scope == scope, Report.zone == zone
    )
    found: dict[str, list[Report]] = {}
    for row in session.scalars(query.order_by(Report.revision.desc(), Report.language)):
        there = found.setdefault(row.period, [])
        if not there or there[0].revision == row.revision:
            there.append(row)
    return found


def latest_of_each(session: Session, scope: str, zone: str) -> list[Report]:
    """Give one row of the latest revision of every period, the earliest period first."""
    query = sa.select(Report).where(Report.scope == scope, Report.zone == zone)
    found: dict[str, Report] = {}
    for row in session.scalars(query.order_by(Report.period, Report.revision, Report.language)):
        found[row.period] = row
    return list(found.values())
