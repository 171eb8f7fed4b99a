"""The periods before a report's own: what they come to, and their facts where these are wanted."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from servicedesk.db import db
from servicedesk.reports import extent, queries
from servicedesk.reports.cases import Result
from servicedesk.reports.facts import Fact
from servicedesk.reports.periods import Period
from servicedesk.reports.recalling import Question, Recall, recalling
from servicedesk.reports.tables import Month
from servicedesk.reports.tallies import Tally

Settled = Callable[[Period], bool]  # whether a period comes to the same at any later instant


@dataclass(frozen=True)
class Past:
    """What was added up of the periods before, by the same knowledge."""

    question: Question
    period: Period
    months: int  # of the course over time
    tallies: Mapping[Period, Tally]
    first: datetime  # when the first of all their incidents was logged

    def course(self, own: Callable[[], Tally]) -> list[Month]:
        """Follow the figures over the months that have begun, from the first incident on.

        `own`: what the period itself comes to.
        """
        return [
            (self.tallies[month] if month in self.tallies else own()).month(month.name)
            for month in self.period.months_to_here(self.months)
            if self._has_begun(month) and month.start < self.question.at
        ]

    def results(self, period: Period) -> Mapping[str, Result]:
        """Give every figure of a period; nothing of what lies before the first incident."""
        return self.tallies[period].results if self._has_begun(period) else {}

    def _has_begun(self, period: Period) -> bool:
        return self.first < period.end

    @cached_property
    def every(self) -> Sequence[Fact]:
        """Read the facts of all these periods, as much of each as a report carries."""
        span = extent.since(self.period, self.months) - extent.DAY, self.period.end + extent.DAY
        with recalling(self.question) as recall:
            if recall:
                return extent.needed(recall.facts(span), self.period, self.months)
        asked = self.question
        facts = queries.facts(
            db.session(), asked.setup, asked.known, at=asked.at, since=span[0] + extent.DAY,
            scope=asked.scope, until=asked.until,
        )  # fmt: skip
        return extent.needed(facts, self.period, self.months)


def past(
    recall: Recall, period: Period, months: int, facts: Sequence[Fact], settled: Settled
) -> Past:
    """Add up the periods that a report is compared with; `facts` are those of its own."""
    asked = recall.question
    others = [*period.months_to_here(months), period.before, period.year_before or period]
    made: dict[Period, Tally] = {}
    for other in others:
        if other != period and other not in made:
            made[other] = recall.tally(other, settled=settled(other))
    firsts = [fact.logged_at for fact in facts]
    firsts += filter(None, (tally.first_logged_at for tally in made.values()))
    return Past(asked, period, months, made, min(firsts, default=asked.at))
