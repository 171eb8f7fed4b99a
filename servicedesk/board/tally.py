"""Requested-date compliance of the running month, counted by the database.

What the board says of wishes is the report's figure (F1): tests hold both against each other. But
a page that people keep open must not read thousands of rows for it; only those that a partner may
answer for are read one by one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from servicedesk.board.compliance import FIRST, of_partners
from servicedesk.db import Instant
from servicedesk.incidents.models import Incident
from servicedesk.incidents.queries import IS_OPEN
from servicedesk.reports import rounding
from servicedesk.reports.cases import Frame, Result
from servicedesk.reports.figures import BY_ID, Figure
from servicedesk.reports.periods import Period, month_of
from servicedesk.reports.tables import Split
from servicedesk.setup.directory import Directory

Condition = sa.ColumnElement[bool]
ENDED = sa.func.coalesce(Incident.cancelled_at, Incident.resolved_at)


@dataclass(frozen=True)
class Tally:
    """F2: how the wishes of a month were kept so far."""

    frame: Frame
    goal: float | None
    result: Result
    wished: Result  # the share of what was logged that has a wish at all
    ahead: int
    by_service: Sequence[Split]
    by_partner: Sequence[Split]

    @property
    def figure(self) -> Figure:
        """Give the headline's definition."""
        return BY_ID[FIRST]

    @property
    def verdict(self) -> str | None:
        """Hold it against its goal."""
        return rounding.verdict(self.figure, self.result, self.goal)


def tally(session: Session, setup: Directory, now: datetime, wishes_ahead: int) -> Tally:
    """Count the running month, but for what is ahead: five queries, whatever there is."""
    period = month_of(now, setup.zone)
    goals: Mapping[str, float] = setup.more.get("goals") or {}
    services = _by_service(session, period, now)
    return Tally(
        Frame(period, now),
        goals.get(FIRST),
        _sum([split.result for split in services]),
        _wished(session, period),
        wishes_ahead,
        services,
        of_partners(session, setup, now, sa.or_(*judged(now))).by_partner,
    )


def _sum(results: Sequence[Result]) -> Result:
    numerator = sum(result.numerator or 0 for result in results)
    return Result(None, numerator, sum(result.denominator or 0 for result in results))


def _by_service(session: Session, period: Period, now: datetime) -> list[Split]:
    """F2: count by service what was kept of what is judged; the most first."""
    kept, missed = judged(now)
    query = sa.select(
        Incident.service_id, sa.func.count().filter(kept), sa.func.count().filter(missed)
    ).where(falls(Incident.first_requested_due, Incident.first_requested_day, period))
    rows = session.execute(query.group_by(Incident.service_id))
    found = [Split(str(id), Result(None, kept, kept + late)) for id, kept, late in rows]
    judged_ones = [split for split in found if split.result.denominator]
    return sorted(judged_ones, key=lambda split: (-(split.result.denominator or 0), split.key))


def judged(now: datetime) -> tuple[Condition, Condition]:
    """F2: give the conditions on which a first wish was kept, and on which it was missed."""
    moment = sa.literal(now, Instant())
    in_time = _before(ENDED, Incident.first_requested_due, Incident.first_requested_day)
    past = sa.not_(_before(moment, Incident.first_requested_due, Incident.first_requested_day))
    resolved = Incident.state.in_(("resolved", "closed"))
    missed = sa.or_(sa.and_(IS_OPEN, past), sa.and_(sa.not_(IS_OPEN), sa.not_(in_time)))
    return sa.and_(resolved, in_time), missed


def _before(at: Any, due: Any, day: Any) -> Condition:
    """D1: say whether an instant is in time: before the next midnight, or up to an instant."""
    return sa.or_(at < due, sa.and_(day.is_(None), at == due))


def falls(due: Any, day: Any, period: Period) -> Condition:
    """F2: take dates in a period: a day by its date, an instant by itself."""
    by_day = sa.and_(day >= period.first, day < period.after)
    by_instant = sa.and_(day.is_(None), due < period.end)
    near = sa.and_(due >= period.start, due <= period.end)  # what an index finds
    return sa.and_(near, sa.or_(by_day, by_instant))


def _wished(session: Session, period: Period) -> Result:
    logged = sa.and_(Incident.logged_at >= period.start, Incident.logged_at < period.end)
    query = sa.select(sa.func.count(), sa.func.count(Incident.first_requested_due))
    everything, wished = session.execute(query.where(logged)).one()
    return Result(None, wished, everything)


def ahead(setup: Directory, now: datetime) -> Condition:
    """F2: take, of what is open, whose current wish of the running month is still ahead."""
    due, day = Incident.requested_due, Incident.requested_day
    in_time = _before(sa.literal(now, Instant()), due, day)
    return sa.and_(falls(due, day, month_of(now, setup.zone)), in_time)
