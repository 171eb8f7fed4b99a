"""Requested-date compliance of the running month: the report's figures, on facts read from rows.

A report follows every journal; that is too slow for a page that people keep open. What the
figures on wishes are made of stands in the rows as well (C6), so only those are read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
from servicedesk.incidents.queries import IS_OPEN
from servicedesk.incidents.story import Story
from servicedesk.reports import facts, rounding, tables
from servicedesk.reports.cases import Case, Frame, Result
from servicedesk.reports.facts import DateFact, Fact
from servicedesk.reports.figures import BY_ID, Figure
from servicedesk.reports.periods import Period, month_of
from servicedesk.reports.tables import Split
from servicedesk.setup.directory import Directory

Condition = sa.ColumnElement[bool]
FIRST, SHARE, AHEAD = "requested_due.first", "requested_due.share", "requested_due.ahead"
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
    # the current wish, of which only figures on open ones are told
    sa.case((IS_OPEN, Incident.requested_day)),
    sa.case((IS_OPEN, Incident.requested_due)),
)


@dataclass(frozen=True)
class Compliance:
    """F2: how the wishes of a month were kept so far."""

    frame: Frame
    facts: Sequence[Fact] = field(repr=False)
    goal: float | None

    @property
    def figure(self) -> Figure:
        """Give the headline's definition."""
        return BY_ID[FIRST]

    @cached_property
    def result(self) -> Result:
        """Give the share of first wishes that were kept."""
        return self.figure.result(self.facts, self.frame)

    @cached_property
    def wished(self) -> Result:
        """Give the share of what was logged that has a wish at all."""
        return BY_ID[SHARE].result(self.facts, self.frame)

    @cached_property
    def ahead(self) -> int:
        """Count the wishes of the month that are still ahead."""
        return BY_ID[AHEAD].result(self.facts, self.frame).value or 0

    @property
    def verdict(self) -> str | None:
        """Hold it against its goal."""
        return rounding.verdict(self.figure, self.result, self.goal)

    @cached_property
    def by_service(self) -> list[Split]:
        """Split it by service."""
        return self._split(tables.by_service)

    @cached_property
    def by_partner(self) -> list[Split]:
        """F2: split it by the partner companies that answer for it."""
        return self._split(tables.by_party("partner"))

    def _split(self, key: tables.Key) -> list[Split]:
        return tables.split(self.figure, self.facts, self.frame, key, MOST)

    def cases(self, service: str, party: str, show: str) -> list[Case]:
        """F7: list the wishes behind a number: of a service or party; kept, late or all."""
        found = [
            case
            for fact in self.facts
            for case in self.figure.cases(fact, self.frame)
            if (not service or str(fact.service) == service)
            and (not party or case.party == party)
            and show in ("all", "kept" if case.value else "late")
        ]
        return sorted(found, key=lambda case: (case.at or self.frame.at, case.number))


def compliance(
    session: Session, setup: Directory, now: datetime, *, every_party: bool = False
) -> Compliance:
    """Read the running month: four queries, whatever there is.

    Who answers for a wish is read only where a partner might; `every_party` reads it of all.
    """
    period = month_of(now, setup.zone)
    goals: Mapping[str, float] = setup.more.get("goals") or {}
    found = _facts(session, period, every_party)
    return Compliance(Frame(period, now), found, goals.get(FIRST))


def _facts(session: Session, period: Period, every_party: bool) -> list[Fact]:
    """Make facts of what has a wish in a month, or was logged in it."""
    first = _falls(Incident.first_requested_due, period)
    rows = _rows(session, period, first)
    handoffs = _handoffs(session, first)
    given = _given(rows, handoffs)
    there = sa.select(Incident.id).where(first)
    held = _held(session, HoldingRow.incident_id.in_(there if every_party else _listed(given)))
    story = Story()  # told anew for each row; a fact keeps nothing of it
    return [_fact(story, row, held.get(row[0], []), handoffs.get(row[0], [])) for row in rows]


def _rows(session: Session, period: Period, first: Condition) -> list[Any]:
    """Read what has a first wish in a month or was logged in it, then what else is wished by it."""
    logged = sa.and_(Incident.logged_at >= period.start, Incident.logged_at < period.end)
    ahead = sa.and_(IS_OPEN, _falls(Incident.requested_due, period))
    there = sa.or_(first, logged)
    revised = sa.and_(ahead, sa.not_(sa.func.coalesce(there, sa.false())))
    query = sa.select(*COLUMNS)
    return [row for found in (there, revised) for row in session.execute(query.where(found))]


def _falls(column: Any, period: Period) -> Condition:
    """Take dates in a month, with the midnight at which its last day ends."""
    return sa.and_(column >= period.start, column <= period.end)


def _given(rows: list[Any], handoffs: Mapping[int, list[HandOff]]) -> list[int]:
    """List what was ever given to a partner, so that one may answer for its wish."""
    later = {id for id, mine in handoffs.items() if any(one.to_partner for one in mine)}
    return [row.id for row in rows if row.id in later or row.given_to.startswith("partner:")]


def _listed(ids: list[int]) -> sa.BindParameter[Any]:
    """Write ids into a statement: there may be more of them than it can have parameters."""
    return sa.bindparam("ids", ids, sa.Integer, expanding=True, literal_execute=True)


def _held(session: Session, condition: Condition) -> dict[int, list[Holding]]:
    query = sa.select(
        HoldingRow.incident_id, HoldingRow.holder, HoldingRow.start, HoldingRow.end
    ).where(condition)
    rows = session.execute(query.order_by(HoldingRow.incident_id, HoldingRow.n))
    return {id: [Holding(*row[1:]) for row in mine] for id, mine in groupby(rows, lambda r: r[0])}


def _handoffs(session: Session, condition: Condition) -> dict[int, list[HandOff]]:
    """F2: give the hand-offs to partners, and those sent back: maybe unaccepted."""
    query = sa.select(
        HandOffRow.incident_id, HandOffRow.n, HandOffRow.sender, HandOffRow.receiver,
        HandOffRow.direction, HandOffRow.sent_at, HandOffRow.accepted_at, HandOffRow.ended_at,
        HandOffRow.state,
    ).where(
        sa.or_(HandOffRow.direction == "partner", HandOffRow.state == "sent_back"),
        HandOffRow.incident_id.in_(sa.select(Incident.id).where(condition)),
    )  # fmt: skip
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
    _id, number, service, state, given_to, logged_at, ended, first_day, first, day, due = row
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
        first_wish=_wish(story, first_day, first), wish=_wish(story, day, due), promise=None,
        revised=False, rush=False,
        given=frozenset(), tiers=frozenset(), returns=0, reopened=0, handoffs=(), held=(),
        clocks=(), untargeted=(),
    )  # fmt: skip


def _wish(story: Story, day: Any, due: datetime | None) -> DateFact | None:
    entry = DateEntry(0, "requested", day, due, story.logged_at, None) if due else None
    return facts.date_fact(story, entry)
