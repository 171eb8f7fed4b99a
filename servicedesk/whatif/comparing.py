"""A past period, judged as it was and as an alternative would have had it; nothing is written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy.orm import Session

from servicedesk.errors import BadInput
from servicedesk.event import Event
from servicedesk.reports.cases import Frame, Result
from servicedesk.reports.contents import judged_at
from servicedesk.reports.facts import About, Fact
from servicedesk.reports.figures import BY_ID, SHARE, Figure
from servicedesk.reports.periods import Period
from servicedesk.reports.queries import Knowledge
from servicedesk.reports.scopes import Scope
from servicedesk.setup.directory import Directory
from servicedesk.whatif import queries
from servicedesk.whatif.alternative import Alternative
from servicedesk.whatif.differences import TURNS, Difference, Way, differences, judge

# F1: the report's own figures; what no calendar or agreement moves stands here to show it (D2).
GROUPS: Mapping[str, tuple[str, ...]] = {
    "dates": ("requested_due.first", "requested_due.current"),
    "users": ("sla.response", "sla.resolution", "sla.untargeted"),
    "groups": ("ola.acceptance", "ola.answer", "ola.holding"),
    "partners": ("partner.acceptance", "partner.answer", "partner.holding"),
}
COMPARED: tuple[str, ...] = tuple(id for ids in GROUPS.values() for id in ids)


@dataclass(frozen=True, slots=True)
class Pair:
    """A figure both ways."""

    figure: Figure
    before: Result
    after: Result
    net: Pair | None = None  # C11: without what is excluded, where that is another

    @property
    def missed(self) -> tuple[int, int] | None:
        """Give how many were missed, both ways; None for what is no share."""
        if self.figure.unit != SHARE:
            return None
        return _missed(self.before), _missed(self.after)


def _missed(result: Result) -> int:
    return (result.denominator or 0) - (result.numerator or 0)


@dataclass(frozen=True)
class Question:
    """What is compared."""

    alternative: Alternative
    period: Period
    scope: Scope
    at: datetime  # both ways are judged at this instant
    known: Knowledge

    @property
    def frame(self) -> Frame:
        """Give what figures are worked out for."""
        return Frame(self.period, self.at, self.scope.party)


@dataclass(frozen=True)
class Comparison:
    """A period both ways."""

    question: Question
    incidents: int  # that were judged
    pairs: Mapping[str, Pair]  # by figure
    differences: Sequence[Difference] = field(repr=False)  # by number

    @property
    def counts(self) -> Counter[str]:
        """Count how the clocks that differ turned."""
        return Counter(each.change for each in self.differences)

    @property
    def turned(self) -> list[Difference]:
        """List the clocks with another verdict, what is worse first."""
        found = (each for each in self.differences if each.change in TURNS)
        return sorted(found, key=lambda each: TURNS.index(each.change))


def ask(
    alternative: Alternative, period: Period, scope: Scope, *, now: datetime, known: Knowledge
) -> Question:
    """Put a question; raises BadInput for what is ahead.

    F3: running clocks are judged once every calendar has opened again, of either set-up.
    """
    if now <= period.start:
        raise BadInput(f"{period.name} has not begun yet")
    both: tuple[Directory, ...] = (alternative.present, alternative.setup)
    at = max(judged_at(period, setup, now) for setup in both)
    return Question(alternative, period, scope, at, known)


def compare(session: Session, question: Question) -> Comparison:
    """Judge a period both ways, incident by incident."""
    told = queries.histories(session, question.known, question.period)
    return work_out(question, told)


def work_out(question: Question, told: Iterable[tuple[About, list[Event]]]) -> Comparison:
    """Judge journals both ways; each is read once and forgotten."""
    frame, tally = question.frame, _Tally()
    for about, events in told:
        before = judge(events, question.alternative.present, about, question.at)
        if question.scope.takes(before.fact):
            after = _other_way(question, about, events, before)
            tally.take(before, after, frame)
    return Comparison(question, tally.incidents, dict(tally.pairs()), tally.differences)


def _other_way(question: Question, about: About, events: list[Event], before: Way) -> Way:
    """Judge an incident by the alternative; what nothing in it touches, not again."""
    told = [question.alternative.told(event) for event in events]
    same = all(one is other for one, other in zip(told, events, strict=True))
    if same and question.alternative.leaves_alone(told, before.parties):
        return before
    return judge(told, question.alternative.setup, about, question.at)


_Values = list[list[int]]  # by figure


def _nothing() -> tuple[_Values, ...]:
    """Begin to count: gross before and after, net before and after."""
    return tuple([[] for _id in COMPARED] for _way in range(4))


@dataclass
class _Tally:
    """What is counted on the way."""

    incidents: int = 0
    values: tuple[_Values, ...] = field(default_factory=_nothing)
    differences: list[Difference] = field(default_factory=list)

    def take(self, before: Way, after: Way, frame: Frame) -> None:
        """Count an incident; what is the same fact is counted once."""
        self.incidents += 1
        facts = (before.fact, after.fact, before.net, after.net)
        counted = {id(fact): _counted(fact, frame) for fact in {id(f): f for f in facts}.values()}
        for values, fact in zip(self.values, facts, strict=True):
            for those, more in zip(values, counted[id(fact)], strict=True):
                those += more
        if after is not before:
            self.differences += differences(before, after, frame)

    def pairs(self) -> Iterator[tuple[str, Pair]]:
        """Add up."""
        for id, *values in zip(COMPARED, *self.values, strict=True):
            figure = BY_ID[id]
            before, after, net_before, net_after = map(figure.total, values)
            gross, net = Pair(figure, before, after), Pair(figure, net_before, net_after)
            yield id, gross if net == gross else replace(gross, net=net)


def _counted(fact: Fact, frame: Frame) -> _Values:
    """List what an incident adds to each figure."""
    return [[case.value for case in BY_ID[id].cases(fact, frame)] for id in COMPARED]
