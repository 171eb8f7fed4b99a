"""Requested-date compliance of the running month, wish by wish: the report's figure, from rows.

A report follows every journal; that is too slow for a page that people keep open. What the
figure on wishes is made of stands in the rows as well (C6), so only those are read.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from servicedesk.incidents import lifecycle
from servicedesk.incidents.episodes import DateEntry, HandOff, Holding
from servicedesk.incidents.models import HandOff as HandOffRow
from servicedesk.incidents.models import Holding as HoldingRow
from servicedesk.incidents.models import Incident
from servicedesk.incidents.story import Story
from servicedesk.reports import facts, tables
from servicedesk.reports.cases import Case, Frame, Result
from servicedesk.reports.facts import DateFact, Fact
from servicedesk.reports.figures import BY_ID, Figure
from servicedesk.reports.periods import Period, month_of
from servicedesk.reports.tables import Split
from servicedesk.setup.directory import Directory

Condition = sa.ColumnElement[bool]
FIRST = "requested_due.first"
MOST = 1000  # rows of a split: all of them, so that each number has its list
COLUMNS = (
    Incident.id,
    Incident.number,
    Incident.service_id,
    Incident.state,
    Incident.given_to,
    Incident.logged_at,
    sa.func.coalesce(Incident.cancelled_at, Incident.resolved_at),
    Incident.first_requested_day,
    Incident.first_requested_due,
)


@dataclass(frozen=True)
class Compliance:
    """F2: how the wishes of a month were kept so far."""

    frame: Frame
    facts: Sequence[Fact] = field(repr=False)

    @property
    def figure(self) -> Figure:
        """Give the headline's definition."""
        return BY_ID[FIRST]

    @cached_property
    def result(self) -> Result:
        """Give the share of first wishes that were kept."""
        return self.figure.result(self.facts, self.frame)

    @cached_property
    def by_partner(self) -> list[Split]:
        """F2: split it by the partner companies that answer for it."""
        partners = tables.by_party("partner")
        return tables.split(self.figure, self.facts, self.frame, partners, MOST)

    @property
    def every(self) -> list[Case]:
        """F7: list the wishes behind its numbers."""
        return self.figure.of(self.facts, self.frame)


def compliance(session: Session, setup: Directory, now: datetime) -> Compliance:
    """Read the wishes of the running month: three queries, whatever there is."""
    period = month_of(now, setup.zone)
    first = falls(Incident.first_requested_due, period)
    rows = session.execute(sa.select(*COLUMNS).where(first)).all()
    return read(session, Frame(period, now), rows, sa.select(Incident.id).where(first))


def of_partners(session: Session, setup: Directory, now: datetime, judged: Condition) -> Compliance:
    """Read only those wishes of the running month that a partner may answer for."""
    period = month_of(now, setup.zone)
    first = falls(Incident.first_requested_due, period)
    rows = session.execute(sa.select(*COLUMNS).where(first, judged, _may_be_theirs())).all()
    return read(session, Frame(period, now), rows, listed([row[0] for row in rows]))


def answered_by(session: Session, frame: Frame, wanted: Condition, party: str) -> list[int]:
    """F2: say for which wishes a party answers, of those that are wanted."""
    mine = _may_be(lambda column: column == party)
    sent = sa.exists().where(
        HandOffRow.incident_id == Incident.id,
        HandOffRow.sender == party,
        HandOffRow.state == "sent_back",
    )
    within = sa.and_(wanted, sa.or_(mine, sent.correlate(Incident)))
    rows = session.execute(sa.select(*COLUMNS).where(within)).all()
    found = read(session, frame, rows, listed([row[0] for row in rows]))
    theirs = {case.number for case in found.every if case.party == party}
    return [row[0] for row in rows if row[1] in theirs]


def _may_be_theirs() -> Condition:
    return _may_be(lambda column: column.startswith("partner:"))


def _may_be(of: Callable[[Any], Condition]) -> Condition:
    """Take what a party had when its first wish passed or at its end, and some more."""
    ended = sa.func.coalesce(Incident.cancelled_at, Incident.resolved_at)
    passing = sa.and_(
        HoldingRow.start <= Incident.first_requested_due,
        sa.or_(HoldingRow.end.is_(None), HoldingRow.end >= Incident.first_requested_due),
    )
    held = sa.exists().where(
        HoldingRow.incident_id == Incident.id,
        of(HoldingRow.holder),
        sa.or_(passing, HoldingRow.end >= ended),
    )
    return sa.or_(of(Incident.given_to), held.correlate(Incident))


def listed(ids: Sequence[int]) -> sa.BindParameter[Any]:
    """Write ids into a statement: there may be more of them than it can have parameters."""
    return sa.bindparam("ids", list(ids), sa.Integer, expanding=True, literal_execute=True)


def read(session: Session, frame: Frame, rows: Sequence[Any], ids: Any) -> Compliance:
    """Make facts of incidents: with who held them, and what of hand-offs matters."""
    handoffs, held = _handoffs(session, ids), _held(session, ids)
    story = Story()  # told anew for each row; a fact keeps nothing of it
    facts = [_fact(story, row, held.get(row[0], []), handoffs.get(row[0], [])) for row in rows]
    return Compliance(frame, facts)


def falls(column: Any, period: Period) -> Condition:
    """Take dates in a month, with the midnight at which its last day ends."""
    return sa.and_(column >= period.start, column <= period.end)


def _held(session: Session, ids: Any) -> dict[int, list[Holding]]:
    query = sa.select(
        HoldingRow.incident_id, HoldingRow.holder, HoldingRow.start, HoldingRow.end
    ).where(HoldingRow.incident_id.in_(ids))
    rows = session.execute(query.order_by(HoldingRow.incident_id, HoldingRow.n))
    return {id: [Holding(*row[1:]) for row in mine] for id, mine in groupby(rows, lambda r: r[0])}


def _handoffs(session: Session, ids: Any) -> dict[int, list[HandOff]]:
    """F2: give the hand-offs that were sent back: maybe unaccepted."""
    query = sa.select(
        HandOffRow.incident_id, HandOffRow.n, HandOffRow.sender, HandOffRow.receiver,
        HandOffRow.direction, HandOffRow.sent_at, HandOffRow.accepted_at, HandOffRow.ended_at,
        HandOffRow.state,
    ).where(HandOffRow.state == "sent_back", HandOffRow.incident_id.in_(ids))  # fmt: skip
    rows = session.execute(query.order_by(HandOffRow.incident_id, HandOffRow.n))
    return {id: [_handoff(row) for row in mine] for id, mine in groupby(rows, lambda r: r[0])}


def _handoff(row: Any) -> HandOff:
    _id, n, sender, receiver, direction, sent_at, accepted_at, ended_at, state = row
    return HandOff(
        n, sender, receiver, direction, False, sent_at,
        accepted_at=accepted_at, ended_at=ended_at, state=state,
    )  # fmt: skip


def _fact(story: Story, row: Any, held: list[Holding], handoffs: list[HandOff]) -> Fact:
    """Make an incident's fact, of what figures on wishes look at."""
    _id, number, service, state, given_to, logged_at, ended, first_day, first = row
    story.state, story.given_to, story.logged_at, story.resolved_at = (
        state,
        given_to,
        logged_at,
        ended,
    )
    story.holdings, story.handoffs = held, handoffs
    resolved = state in (lifecycle.RESOLVED, lifecycle.CLOSED)
    return Fact(
        number=number, type="", channel="", confidential=False,
        service=service, category=None, department=None, priority="", desk_group="",
        state=facts.OPEN if story.is_open else facts.RESOLVED if resolved else facts.CANCELLED,
        logged_at=logged_at, resolved_at=ended if resolved else None,
        cancelled_at=None if resolved else ended, spells=((logged_at, ended),),
        first_wish=_wish(story, first_day, first), wish=None, promise=None,
        revised=False, rush=False,
        given=frozenset(), tiers=frozenset(), returns=0, reopened=0, handoffs=(), held=(),
        clocks=(), untargeted=(),
    )  # fmt: skip


def _wish(story: Story, day: Any, due: datetime | None) -> DateFact | None:
    entry = DateEntry(0, "requested", day, due, story.logged_at, None) if due else None
    return facts.date_fact(story, entry)
