"""Causes of breach by party: in whose hands the time of late wishes and missed targets was."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from servicedesk.reports.cases import Frame
from servicedesk.reports.facts import Fact
from servicedesk.reports.figures import BY_ID
from servicedesk.reports.tables import Cause, together

Pair = tuple[str, Mapping[str, int]]  # who held it at the breach; seconds by holder


def of_wishes(facts: Iterable[Fact], frame: Frame, most: int = 12) -> list[Cause]:
    """F2: split the time before current wishes that were not kept up by whose hands it was in."""
    return together(_wishes(facts, frame), most)


def _wishes(facts: Iterable[Fact], frame: Frame) -> Iterator[Pair]:
    for fact in facts:
        for case in BY_ID["requested_due.current"].cases(fact, frame):
            if not case.value and fact.wish:
                yield fact.wish.party, spent(fact, fact.wish.due)


def spent(fact: Fact, until: datetime) -> dict[str, int]:
    """Say in whose hands the time was that it had been open before an instant.

    Seconds by holder, round the clock; what was sent back unaccepted had stayed its sender's.
    """
    seconds: dict[str, int] = {}
    for held in fact.held:
        end = min(held.end or until, until)
        for holder, start, stop in _hands(fact, held.holder, held.start, end):
            if gained := int((stop - start).total_seconds()):
                seconds[holder] = seconds.get(holder, 0) + gained
    return dict(sorted(seconds.items()))


def _hands(
    fact: Fact, holder: str, start: datetime, end: datetime
) -> Iterator[tuple[str, datetime, datetime]]:
    """Cut a holding where what it was handed for came back unaccepted."""
    for handoff in fact.handoffs:
        unaccepted = handoff.state == "sent_back" and not handoff.accepted_at
        if not unaccepted or handoff.receiver != holder or not handoff.ended_at:
            continue
        since, back = max(start, handoff.sent_at), min(end, handoff.ended_at)
        if since < back:
            yield from ((holder, start, since), (handoff.sender, since, back))
            start = back
    if start < end:
        yield holder, start, end
