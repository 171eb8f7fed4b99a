"""Which facts a report needs, and how much of each: what it carries with it is no more."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from servicedesk.reports.facts import Fact
from servicedesk.reports.periods import Period

DAY = timedelta(days=1)  # days of wishes are those of the desk's zone, months of the report's
Span = tuple[datetime, datetime]


def needed(facts: Iterable[Fact], period: Period, months: int) -> list[Fact]:
    """Keep whole what matters to a period or the one before, in short what its course counts."""
    close = period.before.start - DAY, period.end + DAY
    far = period.months_to_here(months)[0].start - DAY, period.end + DAY
    return list(_kept(facts, close, far))


def _kept(facts: Iterable[Fact], close: Span, far: Span) -> Iterator[Fact]:
    for fact in facts:
        if _touches(fact, close):
            yield fact
        elif _touches(fact, far):
            yield in_short(fact)


def _touches(fact: Fact, span: Span) -> bool:
    """Say whether it was open in a span, or anything of it happened there."""
    happened = list(_instants(fact))
    last = None if fact.ended_at is None else max([fact.ended_at, *happened])
    return min([fact.logged_at, *happened]) < span[1] and (last is None or last >= span[0])


def _instants(fact: Fact) -> Iterator[datetime]:
    """Give what may lie outside the time that it was open: dates, and what a history did later."""
    yield from (said.due for said in (fact.first_wish, fact.wish, fact.promise) if said)
    yield from (clock.at for clock in fact.clocks)
    yield from (clock.net.at for clock in fact.clocks if clock.net and clock.net.at)
    yield from (one.decided_at for one in fact.exclusions)
    for handoff in fact.handoffs:
        yield from filter(None, (handoff.sent_at, handoff.ended_at))


def in_short(fact: Fact) -> Fact:
    """Leave out what volumes and wishes of a month are not made of."""
    return replace(
        fact, given=frozenset(), tiers=frozenset(), handoffs=(), held=(), clocks=(), untargeted=(),
        elapsed=None, worked=None, reopenings=(), waits=None, promise=None, revised=False,
        returns=0, reopened=0, code=None, lowered=0, exclusions=(),
    )  # fmt: skip
