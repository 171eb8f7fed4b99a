"""Hand-offs of a period: who gave what to whom, what became of it, and where it bounces."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from servicedesk.board import past
from servicedesk.incidents import cursors
from servicedesk.incidents.models import HandOff, Incident
from servicedesk.reports.periods import Period, read_period
from servicedesk.setup.directory import Directory

Condition = sa.ColumnElement[bool]
AT_ONCE = 50
PARTNERS = 0  # the tier that partner companies stand for
TIERS = (1, 2, 3, PARTNERS)
DIRECTIONS = ("up", "down", "across", "partner", "from-partner")
OUT = "out"
STATES = ("sent", "accepted", "answered", "sent_back", "recalled", "passed_on", "resolved_there")
BECAME = (OUT, *STATES)  # what a list can be narrowed to


# How many


@dataclass(frozen=True, slots=True)
class Counts:
    """H2: how many were handed off, and what became of them."""

    sent: int = 0
    answered: int = 0
    sent_back: int = 0
    again: int = 0  # H5: to a party that had had it before
    out: int = 0  # still out

    def __add__(self, other: Counts) -> Counts:
        pairs = ((getattr(self, f.name), getattr(other, f.name)) for f in fields(self))
        return Counts(*(mine + theirs for mine, theirs in pairs))


@dataclass(frozen=True, slots=True)
class Way:
    """From a party to another."""

    sender: str
    receiver: str
    direction: str
    counts: Counts


def ways(
    session: Session, period: Period, at: datetime, until: datetime | None = None
) -> list[Way]:
    """Count what was sent in a period, as it stood at an instant: one query."""
    ended = sa.and_(HandOff.ended_at.is_not(None), HandOff.ended_at <= at)
    query = sa.select(
        HandOff.sender,
        HandOff.receiver,
        HandOff.direction,
        sa.func.count(),
        sa.func.count().filter(ended, HandOff.state == "answered"),
        sa.func.count().filter(ended, HandOff.state == "sent_back"),
        sa.func.count().filter(HandOff.is_return),
        sa.func.count().filter(sa.not_(ended)),
    ).where(HandOff.sent_at >= period.start, HandOff.sent_at < (until or period.end))
    rows = session.execute(query.group_by(HandOff.sender, HandOff.receiver, HandOff.direction))
    return [Way(*row[:3], Counts(*row[3:])) for row in rows]


def before(session: Session, period: Period, now: datetime) -> Counts | None:
    """Count the same days of the period before; None where nobody had handed off anything yet."""
    first = session.scalar(sa.select(sa.func.min(HandOff.sent_at)))
    then = now if now >= period.end else past.month_before(now, period.zone)
    found = whole(ways(session, period.before, then, min(then, period.start)))
    return found if first is not None and first < period.start else None


def whole(found: Iterable[Way]) -> Counts:
    """Add everything up."""
    return sum((way.counts for way in found), Counts())


def by_direction(found: Iterable[Way]) -> dict[str, int]:
    """Add up by direction."""
    counts = dict.fromkeys(DIRECTIONS, 0)
    for way in found:
        counts[way.direction] += way.counts.sent
    return counts


Tiers = tuple[int, int]


def between_tiers(setup: Directory, found: Iterable[Way]) -> dict[Tiers, int]:
    """Add up from tier to tier; 0: partners."""
    counts: dict[Tiers, int] = defaultdict(int)
    for way in found:
        tiers = setup.party(way.sender).tier, setup.party(way.receiver).tier
        counts[tiers] += way.counts.sent
    return dict(counts)


@dataclass(frozen=True, slots=True)
class Pair:
    """H5: two parties, and what went to and fro between them."""

    one: str
    other: str
    there: int  # from one to the other
    back: int
    again: int  # of both: to who had had it before


def ping_pong(found: Iterable[Way], most: int) -> list[Pair]:
    """H5: give the pairs between which most went to who had had it before."""
    pairs: dict[tuple[str, str], list[Way]] = defaultdict(list)
    for way in found:
        one, other = sorted((way.sender, way.receiver))
        pairs[one, other].append(way)
    made = [_pair(*ends, between) for ends, between in pairs.items()]
    bouncing = [pair for pair in made if pair.again]
    return sorted(bouncing, key=lambda p: (-p.again, -p.there - p.back, p.one, p.other))[:most]


def _pair(one: str, other: str, between: Sequence[Way]) -> Pair:
    there = sum(way.counts.sent for way in between if way.sender == one)
    everything = whole(between)
    return Pair(one, other, there, everything.sent - there, everything.again)


@dataclass(frozen=True, slots=True)
class Bouncing:
    """H5: an incident that was given to parties again."""

    incident: Incident
    sent: int
    again: int


def bouncing(session: Session, period: Period, most: int) -> list[Bouncing]:
    """H5: list what was given to parties again most often."""
    again = sa.func.count().filter(HandOff.is_return)
    query = sa.select(HandOff.incident_id, sa.func.count(), again).where(_sent(period))
    query = query.group_by(HandOff.incident_id).having(again > 0)
    query = query.order_by(again.desc(), sa.func.count().desc(), HandOff.incident_id)
    found = {id: (sent, back) for id, sent, back in session.execute(query.limit(most))}
    rows = session.scalars(sa.select(Incident).where(Incident.id.in_(list(found))))
    there = {row.id: row for row in rows}
    return [Bouncing(there[id], *counts) for id, counts in found.items()]


def bounced(session: Session, period: Period) -> int:
    """H5: count the incidents that were given to a party again in a period."""
    query = sa.select(sa.func.count(HandOff.incident_id.distinct()))
    return session.scalar(query.where(_sent(period), HandOff.is_return)) or 0


def _sent(period: Period) -> Condition:
    return sa.and_(HandOff.sent_at >= period.start, HandOff.sent_at < period.end)


def extent(session: Session) -> tuple[datetime, datetime] | None:
    """Give when the first and the last hand-off were sent."""
    ends = sa.func.min(HandOff.sent_at), sa.func.max(HandOff.sent_at)
    first, last = (session.scalar(sa.select(end)) for end in ends)  # each by the index
    return (first, last) if first and last else None


# Lists


@dataclass(frozen=True)
class Asked:
    """Which hand-offs an address asks for."""

    period: Period
    sender: str = ""  # tier:2, partners, or a party's key or ref
    receiver: str = ""
    either: bool = False  # either way round
    direction: str = ""
    became: str = ""  # one of BECAME
    again: bool = False  # H5
    number: int = 0  # of one incident

    def address(self) -> dict[str, Any]:
        """Give what an address says of it."""
        said = {f.name: getattr(self, f.name) for f in fields(self)}
        return {name: int(v) if v is True else v for name, v in said.items() if v} | {
            "period": self.period.name
        }

    def with_period(self, period: Period) -> Asked:
        """Ask the same of another period."""
        return replace(self, period=period)


def read_asked(args: Mapping[str, str], usual: Period) -> Asked:
    """Read an address; what makes no sense is not asked for."""
    direction, became = args.get("direction", ""), args.get("became", "")
    number = args.get("number", "")
    return Asked(
        read(args.get("period", ""), usual),
        args.get("sender", "")[:100],
        args.get("receiver", "")[:100],
        args.get("either") == "1",
        direction if direction in DIRECTIONS else "",
        became if became in BECAME else "",
        args.get("again") == "1",
        int(number) if number.isascii() and number.isdigit() and len(number) < 10 else 0,
    )


def read(said: str, usual: Period) -> Period:
    """Read a period; what is none counts as the usual one."""
    try:
        return read_period(said, usual.zone) if said else usual
    except ValueError:
        return usual


def refs(said: str, setup: Directory) -> list[str]:
    """Give the parties that an address names: of a tier, all partners, or one."""
    if said == "partners":
        return [party.ref for party in setup.parties.values() if party.is_partner]
    if said.startswith("tier:"):
        return [p.ref for p in setup.parties.values() if p.tier and str(p.tier) == said[5:]]
    party = setup.by_key.get(said) or setup.parties.get(said)
    return [party.ref] if party else []


def tier_name(tier: int) -> str:
    """Write a tier as an address names it."""
    return f"tier:{tier}" if tier else "partners"


def condition(asked: Asked, setup: Directory) -> Condition:
    """Give the SQL condition on HandOff for what is asked for."""
    parts: list[Any] = [_sent(asked.period), *_ends(asked, setup)]
    if asked.direction:
        parts.append(HandOff.direction == asked.direction)
    if asked.became == OUT:
        parts.append(HandOff.ended_at.is_(None))
    elif asked.became:
        parts.append(HandOff.state == asked.became)
    if asked.again:
        parts.append(HandOff.is_return)
    if asked.number:
        number = sa.select(Incident.id).where(Incident.number == asked.number)
        parts.append(HandOff.incident_id.in_(number))
    return sa.and_(*parts)


def _ends(asked: Asked, setup: Directory) -> list[Condition]:
    senders, receivers = (refs(said, setup) for said in (asked.sender, asked.receiver))
    one_way = _between(asked.sender and senders, asked.receiver and receivers)
    if not asked.either:
        return one_way
    other_way = _between(asked.receiver and receivers, asked.sender and senders)
    return [sa.or_(sa.and_(sa.true(), *one_way), sa.and_(sa.true(), *other_way))]


def _between(senders: Sequence[str], receivers: Sequence[str]) -> list[Condition]:
    """Take what goes from some to others; "": whoever it is."""
    ends: list[tuple[Any, Sequence[str]]] = [
        (HandOff.sender, senders), (HandOff.receiver, receivers),
    ]  # fmt: skip
    return [column.in_(list(refs)) for column, refs in ends if refs != ""]


@dataclass(frozen=True)
class Page:
    """A page of a list."""

    rows: Sequence[Any]
    next: str | None
    total: int


def handoffs(session: Session, setup: Directory, asked: Asked, after: str | None) -> Page:
    """List hand-offs, the first first: two queries."""
    wanted = condition(asked, setup)
    query = sa.select(HandOff).where(wanted).options(joinedload(HandOff.incident))
    order: cursors.Order = (HandOff.__table__.c.sent_at, False)
    rows, following = cursors.read_page(session, query, order, HandOff.id, after, AT_ONCE)
    return Page(rows, following, counted(session, HandOff, wanted))


def counted(session: Session, model: type[Any], condition: Condition) -> int:
    """Count rows."""
    query = sa.select(sa.func.count()).select_from(model).where(condition)
    return session.scalar(query) or 0
