"""Which facts a report needs, and how much of each: what it carries with it is no more."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from servicedesk.reports.facts import Fact
from servicedesk.reports.periods import Period

DAY = timedelta(days=1)  # days of wishes are those of the desk's zone, months of the report's
Span = tuple[datetime, datetime]
Own = tuple[datetime, datetime | None]  # of a fact


def needed(facts: Iterable[Fact], period: Period, months: int) -> list[Fact]:
    """Keep whole what matters to a period or one compared with it, in short for the course."""
    close = [(period.before.start - DAY, period.end + DAY)]
    if last := period.year_before:
        close.append((last.start - DAY, last.end + DAY))
    far = since(period, months) - DAY, period.end + DAY
    return list(_kept(facts, close, far))


def since(period: Period, months: int) -> datetime:
    """Give from when on facts matter: to a period, what it is compared with and its course."""
    compared = [period.before, period.months_to_here(months)[0], period.year_before or period]
    return min(one.start for one in compared)


def _kept(facts: Iterable[Fact], close: Iterable[Span], far: Span) -> Iterator[Fact]:
    for fact in facts:
        if any(touches(fact, span) for span in close):
            yield fact
        elif touches(fact, far):
            yield in_short(fact)


def around(period: Period) -> Span:
    """Give the span in which whatever a period is about lies."""
    return period.start - DAY, period.end + DAY


def touches(fact: Fact, within: Span) -> bool:
    """Say whether it was open in a span, or anything of it happened there."""
    return overlaps(span(fact), within)


def overlaps(own: Own, within: Span) -> bool:
    """Say whether what is in a span of its own touches another one."""
    return own[0] < within[1] and (own[1] is None or own[1] >= within[0])


def span(fact: Fact) -> Own:
    """Give from when to when it was open or anything of it happened; None: it has no end yet."""
    happened = list(_instants(fact))
    last = None if fact.ended_at is None else max([fact.ended_at, *happened])
    return min([fact.logged_at, *happened]), last


def _instants(fact: Fact) -> Iterator[datetime]:
    """Give what may lie outside the time that it was open: dates, and what a history did later."""
    yield from (said.due for said in (fact.first_wish, fact.wish, fact.promise) if said)
    yield from (clock.at for clock in fact.clocks)
    yield from (clock.net.at for clock in fact.clocks if clock.net and clock.net.at)
    yield from (one.decided_at for one in fact.exclusions)
    yield from (at for one in fact.majors for at in (one.confirmed_at, *one.missed))
    for handoff in fact.handoffs:
        yield from filter(None, (handoff.sent_at, handoff.ended_at))


def in_short(fact: Fact) -> Fact:
    """Leave out what volumes and wishes of a month are not made of."""
    return replace(
        fact, given=frozenset(), tiers=frozenset(), handoffs=(), held=(), clocks=(), untargeted=(),
        elapsed=None, worked=None, reopenings=(), waits=None, promise=None, revised=False,
        returns=0, reopened=0, code=None, lowered=0, exclusions=(),
        majors=(),
    )  # fmt: skip
