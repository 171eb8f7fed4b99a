"""Where incidents stay: how long groups and partners kept what they held, visit by visit (H1)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from servicedesk.board.flow import AT_ONCE, Page, counted, refs
from servicedesk.incidents import cursors
from servicedesk.incidents.models import Holding, Incident
from servicedesk.reports.periods import Period
from servicedesk.setup.directory import REQUESTER, Directory, Party

Condition = sa.ColumnElement[bool]


@dataclass(frozen=True, slots=True)
class Stay:
    """How long a party kept what it held, in its own working time."""

    party: Party
    visits: int
    lasting: int  # those that lasted at the end
    median: int
    p90: int
    longest: int
    whole: int


def stays(
    session: Session, setup: Directory, period: Period, now: datetime, most: int
) -> list[Stay]:
    """Give where incidents stayed longest in all: one query.

    Visits that ended in the period, and those that lasted at its end or last now; each with its
    whole length.
    """
    until = min(period.end, now)
    query = sa.select(Holding.holder, Holding.start, Holding.end).where(_there(period, until))
    lengths: dict[str, list[int]] = defaultdict(list)
    lasting: dict[str, int] = defaultdict(int)
    for holder, start, end in session.execute(query):
        lasting[holder] += end is None or end > until
        lengths[holder].append(length(setup, holder, start, end, until))
    found = [_stay(setup.party(ref), sorted(mine), lasting[ref]) for ref, mine in lengths.items()]
    return sorted(found, key=lambda stay: (-stay.whole, stay.party.name))[:most]


def length(
    setup: Directory, holder: str, start: datetime, end: datetime | None, until: datetime
) -> int:
    """Give the working seconds of a visit in its holder's calendar, up to an instant."""
    last = min(end, until) if end else until
    return setup.calendar_of(holder, start).counted(start, last) if last > start else 0


def _stay(party: Party, lengths: Sequence[int], lasting: int) -> Stay:
    return Stay(
        party,
        len(lengths),
        lasting,
        _rank(lengths, 50),
        _rank(lengths, 90),
        lengths[-1],
        sum(lengths),
    )


def _rank(ordered: Sequence[int], percent: int) -> int:
    """Give the nearest rank, as the report's figures do."""
    return ordered[max(-(-percent * len(ordered) // 100), 1) - 1]


def _there(period: Period, until: datetime) -> Condition:
    """Take visits to groups and partners that ended in a period, or lasted at its end."""
    ended = sa.and_(Holding.end >= period.start, Holding.end <= until)
    return sa.and_(
        Holding.holder != REQUESTER,
        Holding.start < until,
        sa.or_(Holding.end.is_(None), Holding.end > Holding.start),  # no length is no visit
        sa.or_(ended, _lasts(until)),
    )


def _lasts(until: datetime) -> Condition:
    return sa.or_(Holding.end.is_(None), Holding.end > until)


def visits(
    session: Session,
    setup: Directory,
    period: Period,
    now: datetime,
    holder: str,
    lasting: bool,
    after: str | None,
) -> Page:
    """List the visits to a party, the first first: two queries."""
    wanted = visiting(setup, period, now, holder, lasting)
    query = sa.select(Holding).where(wanted)
    order: cursors.Order = (Holding.__table__.c.start, False)
    rows, following = cursors.read_page(session, query, order, Holding.id, after, AT_ONCE)
    return Page(rows, following, counted(session, Holding, wanted))


def visiting(
    setup: Directory, period: Period, now: datetime, holder: str, lasting: bool
) -> Condition:
    """Take the visits to a party in a period, or those of them that lasted at its end."""
    until = min(period.end, now)
    wanted = sa.and_(_there(period, until), Holding.holder.in_(refs(holder, setup)))
    return sa.and_(wanted, _lasts(until)) if lasting else wanted


def numbers(session: Session, rows: Sequence[Holding]) -> dict[int, int]:
    """Give the numbers of the incidents that visits belong to."""
    query = sa.select(Incident.id, Incident.number)
    query = query.where(Incident.id.in_([row.incident_id for row in rows]))
    return {row.id: row.number for row in session.execute(query)}
