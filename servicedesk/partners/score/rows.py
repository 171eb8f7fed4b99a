"""C6: what the course of a company over the months is made of, from rows instead of journals.

A year of histories takes long to follow. What the course shows of them stands in the rows as well:
when something was sent and ended, how its clocks were decided, who held it when. The same
definitions (F1) count it; a test holds both against each other.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from servicedesk.incidents.models import HandOff, Holding, Incident
from servicedesk.partners.score.measures import Dealt, Shift
from servicedesk.reports.facts import OPEN, ClockFact, HandOffFact
from servicedesk.setup.directory import Directory, Party
from servicedesk.sla.models import ClockRow

Condition = sa.ColumnElement[bool]
KINDS = ("acceptance", "answer", "holding")


def reaches(receiver: Any, begun: Any, ended: Any, since: datetime, until: datetime) -> Condition:
    """Say whether something began before the end of a stretch of time, and lasted into it."""
    return sa.and_(receiver, begun < until, sa.or_(ended.is_(None), ended >= since))


def facts(
    session: Session, setup: Directory, party: Party, at: datetime, since: datetime
) -> list[Dealt]:
    """Read what was handed to a company and lasted past an instant: three queries."""
    lasting = reaches(HandOff.receiver == party.ref, HandOff.sent_at, HandOff.ended_at, since, at)
    handoffs: dict[int, list[HandOffFact]] = defaultdict(list)
    about: dict[int, tuple[int, datetime]] = {}
    for id, number, logged_at, *said in session.execute(_handoffs(lasting)):
        about[id] = number, logged_at
        handoffs[id].append(_handoff(party, said))
    ids = sa.select(HandOff.incident_id).where(lasting)
    clocks, shifts = _clocks(session, party, ids, at), _shifts(session, setup, party, ids)
    return [
        _fact(*about[id], party, handoffs[id], clocks.get(id, ()), shifts.get(id, ()))
        for id in about
    ]


def _handoffs(lasting: Condition) -> sa.Select[Any]:
    columns: tuple[Any, ...] = (
        Incident.id, Incident.number, Incident.logged_at, HandOff.n, HandOff.sender,
        HandOff.direction, HandOff.sent_at, HandOff.accepted_at, HandOff.ended_at, HandOff.state,
    )  # fmt: skip
    query = sa.select(*columns).join(HandOff.incident).where(lasting)
    return query.order_by(HandOff.incident_id, HandOff.n)


def _handoff(party: Party, said: list[Any]) -> HandOffFact:
    n, sender, direction, sent_at, accepted_at, ended_at, state = said
    return HandOffFact(
        n, sender, party.ref, (0, 0), direction, sent_at, accepted_at, ended_at, state
    )


def _clocks(
    session: Session, party: Party, ids: sa.Select[Any], at: datetime
) -> dict[int, tuple[ClockFact, ...]]:
    """F3: give the company's clocks that are decided, each where its verdict fell."""
    columns: tuple[Any, ...] = (
        ClockRow.incident_id, ClockRow.kind, ClockRow.handoff, ClockRow.state, ClockRow.running,
        ClockRow.late_from, ClockRow.breaches_at, ClockRow.breached_at, ClockRow.stopped_at,
    )  # fmt: skip
    query = sa.select(*columns).where(
        ClockRow.party == party.ref, ClockRow.kind.in_(KINDS), ClockRow.incident_id.in_(ids)
    )
    found: dict[int, list[ClockFact]] = defaultdict(list)
    for id, kind, handoff, *said in session.execute(query.order_by(ClockRow.id)):
        for met, when in _decided(at, *said):
            found[id].append(ClockFact(kind, party.ref, handoff, met, when, party.ref))
    return {id: tuple(clocks) for id, clocks in found.items()}


def _decided(
    at: datetime, state: str, running: bool, late_from: datetime | None,
    breaches_at: datetime | None, breached_at: datetime | None, stopped_at: datetime | None,
) -> Iterator[tuple[bool, datetime]]:  # fmt: skip
    """C10: say how a clock is decided, if it is; one that ran over may not have been swept yet."""
    if state == "met" and stopped_at:
        yield True, stopped_at
    elif breached_at:
        yield False, breached_at
    elif running and breaches_at and late_from and late_from <= at:
        yield False, breaches_at


def _shifts(
    session: Session, setup: Directory, party: Party, ids: sa.Select[Any]
) -> dict[int, tuple[Shift, ...]]:
    query = sa.select(Holding.incident_id, Holding.start, Holding.end).where(
        Holding.holder == party.ref, Holding.incident_id.in_(ids)
    )
    found: dict[int, list[Shift]] = defaultdict(list)
    for id, start, end in session.execute(query.order_by(Holding.incident_id, Holding.n)):
        if start != end:
            calendar = setup.calendar_of(party.ref, start)
            found[id].append(Shift(party.ref, start, end, calendar))
    return {id: tuple(shifts) for id, shifts in found.items()}


def _fact(
    number: int, logged_at: datetime, party: Party, handoffs: list[HandOffFact],
    clocks: tuple[ClockFact, ...], shifts: tuple[Shift, ...],
) -> Dealt:  # fmt: skip
    """Make an incident's fact, of what the course looks at."""
    return Dealt(
        number=number, type="", channel="", confidential=False, service=0, category=None,
        department=None, priority="", desk_group="", state=OPEN, logged_at=logged_at,
        resolved_at=None, cancelled_at=None, spells=(), first_wish=None, wish=None, promise=None,
        revised=False, rush=False, given=frozenset({party.ref}), tiers=frozenset(), returns=0,
        reopened=0, handoffs=tuple(handoffs), held=(), clocks=clocks, untargeted=(), shifts=shifts,
    )  # fmt: skip
