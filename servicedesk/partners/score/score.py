"""A partner's score: a period's figures, by priority against its contract, and over the months."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property

from servicedesk.incidents.priority import PRIORITIES
from servicedesk.partners.score.measures import (
    CONTRACT,
    GROUPS,
    MEASURES,
    OF_REQUESTS,
    SCORED,
    Dealt,
)
from servicedesk.reports.cases import Case, Frame, Result
from servicedesk.reports.contents import judged_at
from servicedesk.reports.periods import Period, month_of
from servicedesk.reports.scores import Row
from servicedesk.setup.directory import Directory, Party
from servicedesk.sla.agreement import Target

MONTHS = 13
COURSE = ("partner.sent", *CONTRACT, "partner.sent_back", "working_time_to_answer.p50")
KINDS = ("acceptance", "answer", "holding")  # of the contract's targets
Targets = Callable[[str, str], Target | None]


@dataclass(frozen=True)
class Line:
    """H2: what a contract wants for a priority, and what came of it."""

    priority: str
    received: int
    targets: Mapping[str, Target | None]  # by kind
    results: Mapping[str, Result]


@dataclass(frozen=True)
class Month:
    """A month of the course over time."""

    period: Period
    results: Mapping[str, Result]


@dataclass(frozen=True)
class Score:
    """How a company did in a period, as judged at an instant."""

    party: Party
    setup: Directory
    period: Period
    now: datetime
    every: Sequence[Dealt] = field(repr=False)
    past: Sequence[Dealt] | None = field(default=None, repr=False)  # of the months of its course
    began: datetime | None = None  # what it was given first of all was logged then

    @cached_property
    def facts(self) -> list[Dealt]:
        """Take what was handed to the company, or of which it was asked work."""
        ref = self.party.ref
        return [
            fact
            for fact in self.every
            if ref in fact.given or any(asked.receiver == ref for asked in fact.requests)
        ]

    @cached_property
    def frame(self) -> Frame:
        """Give what its figures are given for: as a report of this company would be."""
        return self._frame(self.period)

    def _frame(self, period: Period) -> Frame:
        return Frame(period, judged_at(period, self.setup, self.now), self.party.ref)

    @cached_property
    def cases(self) -> dict[str, list[Case]]:
        """List the cases of every figure."""
        return {id: figure.of(self.facts, self.frame) for id, figure in MEASURES.items()}

    @cached_property
    def results(self) -> dict[str, Result]:
        """Work out every figure."""
        return {id: figure.sum_up(self.cases[id]) for id, figure in MEASURES.items()}

    @cached_property
    def before(self) -> dict[str, Result]:
        """Work out every figure for the period before; nothing before there was anything."""
        frame = Frame(self.period.before, self.frame.at, self.party.ref)
        if self._first is None or self._first >= frame.period.end:
            return {}
        return {id: figure.result(self.facts, frame) for id, figure in MEASURES.items()}

    @property
    def _first(self) -> datetime | None:
        return self.began or min((fact.logged_at for fact in self.facts), default=None)

    def row(self, id: str) -> Row:
        """Give a figure with the desk's goal, what it was before, and net of exclusions."""
        goals: Mapping[str, float] = self.setup.more.get("goals") or {}
        goal = goals.get(id) if id in CONTRACT else None
        net = self.results.get(f"{id}.net")
        return Row(MEASURES[id], self.results[id], self.before.get(id), goal, net)

    @property
    def groups(self) -> list[tuple[str, list[Row]]]:
        """Give all figures in groups; work requests only where there are any."""
        return [
            (name, [self.row(id) for id in ids])
            for name, ids in GROUPS
            if name != "requests" or self._asks
        ]

    @property
    def _asks(self) -> bool:
        found = [self.results[id] for id in OF_REQUESTS] + [self.before.get(i) for i in OF_REQUESTS]
        return any(result and (result.value or result.denominator) for result in found)

    @property
    def is_empty(self) -> bool:
        """Say whether the period has nothing to show."""
        return not any(self.cases[id] for id in SCORED)

    @cached_property
    def lines(self) -> list[Line]:
        """H2: hold each priority against its contract; those with a target or a case."""
        terms = self.party.agreement.at(self.frame.until)
        by_number = {fact.number: fact.priority for fact in self.facts}
        return [
            line
            for priority in PRIORITIES
            if (line := self._line(priority, terms.target, by_number)).received
            or any(line.targets.values())
            or any(result.denominator for result in line.results.values())
        ]

    def _line(self, priority: str, target: Targets, by_number: Mapping[int, str]) -> Line:
        def of(id: str) -> list[Case]:
            return [case for case in self.cases[id] if by_number[case.number] == priority]

        return Line(
            priority,
            len(of("partner.sent")),
            {kind: target(kind, priority) for kind in KINDS},
            {id: MEASURES[id].sum_up(of(id)) for id in CONTRACT},
        )

    @cached_property
    def course(self) -> list[Month]:
        """Follow the figures over the months up to the period's last; none before the first."""
        first = self._first or self.now
        facts = self.facts if self.past is None else self.past
        months = [month for month in _months(self.period, self.now) if month.end > first]
        if not months:
            return []
        whole = self._frame(Period(months[0].first, months[-1].after, self.period.zone))
        starts = [month.start for month in months]
        found: list[dict[str, list[Case]]] = [{id: [] for id in COURSE} for _month in months]
        for id in COURSE:
            for case in MEASURES[id].of(facts, whole):
                if case.at:
                    found[bisect_right(starts, case.at) - 1][id].append(case)
        return [
            Month(month, {id: MEASURES[id].sum_up(cases) for id, cases in own.items()})
            for month, own in zip(months, found, strict=True)
        ]


def course_since(period: Period, now: datetime) -> datetime:
    """Give the instant from which a course over the months begins."""
    return _months(period, now)[0].start


def _months(period: Period, now: datetime) -> list[Period]:
    """List the months up to the last one that a period has come to."""
    end = min(period.end, now) - timedelta(seconds=1)
    return month_of(max(period.start, end), period.zone).months_to_here(MONTHS)
