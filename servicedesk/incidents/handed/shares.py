"""H1: an incident's open time, parted without rest among its hand-offs and those between them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise

from servicedesk.incidents.episodes import HandOff, Holding
from servicedesk.incidents.story import Story

Span = tuple[datetime, datetime]


@dataclass(slots=True)
class Share:
    """The time that a party held it by one hand-off, or without one that waits for its answer."""

    holder: str
    handoff: int | None  # its number
    spans: list[Span] = field(default_factory=list)

    @property
    def seconds(self) -> int:
        """Give the elapsed time."""
        return sum(length(span) for span in self.spans)


def length(span: Span) -> int:
    """Give how many seconds a span has."""
    return int((span[1] - span[0]).total_seconds())


def shares(story: Story, now: datetime) -> list[Share]:
    """Part the time in which somebody held it: each instant of it belongs to exactly one share.

    First what was held by each hand-off, in their order, held for no time at all too; then the
    time besides of each holder, in the order of first holding.
    """
    now = max(now, story.changed_at)
    by_handoff = {each.n: Share(each.receiver, each.n) for each in story.handoffs}
    besides: dict[str, Share] = {}
    for holding in story.holdings:
        for span, handoff in _parted(holding, story.handoffs, now):
            if handoff:
                share = by_handoff[handoff.n]
            else:
                share = besides.setdefault(holding.holder, Share(holding.holder, None))
            share.spans.append(span)
    return [*by_handoff.values(), *besides.values()]


def _parted(
    holding: Holding, handoffs: Iterable[HandOff], now: datetime
) -> Iterator[tuple[Span, HandOff | None]]:
    """Cut a holding where hand-offs to its holder begin and end."""
    start, end = holding.start, holding.end or max(now, holding.start)
    own = [each for each in handoffs if each.receiver == holding.holder]
    edges = {edge for each in own for edge in (each.sent_at, each.ended_at) if edge}
    cuts = sorted({start, end, *(edge for edge in edges if start < edge < end)})
    for a, b in pairwise(cuts):
        during = [each for each in own if each.sent_at <= a and b <= (each.ended_at or b)]
        yield (a, b), during[-1] if during else None


def open_seconds(story: Story, now: datetime) -> int:
    """H1: give for how long it is or was open: from logged to its end, but what lay between."""
    end = story.resolved_at or story.cancelled_at or max(now, story.changed_at)
    between = sum(length(span) for span in story.ended)
    return length((story.logged_at, end)) - between
