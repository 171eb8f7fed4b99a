"""What a trial of rules adds up to: by day, by rule, by whom it would have told; and its marks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from servicedesk.setup.steps import Step

Rule = tuple[str, str]  # policy and key of a step
EXAMPLES = 3  # kept of each rule, the latest
MANY = 10  # messages to one person on one day
MOST = 0.5  # of the incidents; what fires for more says little
FEW = 20  # incidents; of fewer, most is no sign

TOO_MANY, NEVER, FOR_MOST, NOBODY = "many", "never", "most", "nobody"


@dataclass(frozen=True, slots=True)
class Would:
    """A step that would have fired."""

    number: int  # of the incident
    policy: str
    step: str
    cycle: str
    round: int
    due: datetime
    at: datetime
    day: date  # of `at`, where the desk is
    told: tuple[int, ...]

    @property
    def rule(self) -> Rule:
        """Give what fired."""
        return self.policy, self.step


@dataclass
class Count:
    """What one rule comes to."""

    firings: int = 0
    messages: int = 0
    incidents: int = 0
    unheard: int = 0  # firings that told nobody
    last: int = 0  # incident counted last
    people: Counter[int] = field(default_factory=Counter)
    examples: list[Would] = field(default_factory=list)

    def take(self, it: Would) -> None:
        """Count a firing; those of one incident come one after the other."""
        self.firings += 1
        self.messages += len(it.told)
        self.unheard += not it.told
        self.incidents += it.number != self.last
        self.last = it.number
        self.people.update(it.told)
        self.examples = sorted([*self.examples, it], key=_latest)[:EXAMPLES]


def _latest(it: Would) -> tuple[float, int, int]:
    return -it.at.timestamp(), -it.number, -it.round


@dataclass
class Way:
    """What the rules of one set-up come to."""

    rules: Mapping[Rule, Step]
    firings: int = 0
    messages: int = 0
    days: Counter[date] = field(default_factory=Counter)
    people: Counter[int] = field(default_factory=Counter)
    by_day: Counter[tuple[int, date]] = field(default_factory=Counter)  # messages to each
    counts: dict[Rule, Count] = field(default_factory=dict)
    under: Counter[str] = field(default_factory=Counter)  # incidents that came under a policy

    def take(self, fired: Sequence[Would], policies: frozenset[str]) -> None:
        """Count what would have fired for an incident."""
        self.under.update(policies)
        for it in fired:
            self.firings += 1
            self.messages += len(it.told)
            self.days[it.day] += 1
            self.people.update(it.told)
            self.by_day.update((id, it.day) for id in it.told)
            self.counts.setdefault(it.rule, Count()).take(it)

    def count(self, rule: Rule) -> Count:
        """Give what a rule comes to, which may be nothing."""
        return self.counts.get(rule) or Count()

    def worst(self) -> dict[int, tuple[int, date]]:
        """Give for each person the day with the most messages, the first such day."""
        found: dict[int, tuple[int, date]] = {}
        for (id, day), count in sorted(self.by_day.items(), key=lambda it: (-it[1], it[0][1])):
            found.setdefault(id, (count, day))
        return found


@dataclass(frozen=True)
class Mark:
    """Something that is likely not meant so."""

    kind: str
    rule: Rule | None = None
    person: int | None = None
    count: int = 0
    of: int = 0
    day: date | None = None


@dataclass
class Trial:
    """The rules of a draft beside those of now, on the same days."""

    days: Sequence[date]
    start: datetime
    end: datetime
    zone: str
    policy: str  # of which services; empty: all
    before: Way
    after: Way
    incidents: int = 0  # that came under any of the rules
    same: int = 0  # firings that there are both ways
    really: Counter[date] = field(default_factory=Counter)  # what fired then
    names: Mapping[int, tuple[str, str]] = field(default_factory=dict)  # key and name

    def take(
        self,
        before: Sequence[Would],
        after: Sequence[Would],
        policies: tuple[frozenset[str], frozenset[str]],
    ) -> None:
        """Count an incident."""
        self.incidents += 1
        self.before.take(before, policies[0])
        self.after.take(after, policies[1])
        self.same += len({_what(it) for it in before} & {_what(it) for it in after})

    @property
    def new(self) -> int:
        """Count what would fire and doesn't now."""
        return self.after.firings - self.same

    @property
    def gone(self) -> int:
        """Count what fires now and wouldn't."""
        return self.before.firings - self.same

    @property
    def people(self) -> list[int]:
        """List who would be told either way, most messages first."""
        both = {*self.before.people, *self.after.people}
        most = {id: (-self.after.people[id], -self.before.people[id]) for id in both}
        return sorted(both, key=lambda id: (most[id], self.names.get(id, ("", ""))[1], id))

    @property
    def rules(self) -> list[Rule]:
        """List the rules: those that would be, in their order, then those that are now."""
        return list(dict.fromkeys([*self.after.rules, *self.before.rules]))

    @property
    def marks(self) -> list[Mark]:
        """List what is likely not meant so, of the rules that would be."""
        return [*_crowded(self.after), *_idle(self.after)]


def _what(it: Would) -> tuple[str, str, str, datetime, tuple[int, ...]]:
    return it.policy, it.step, it.cycle, it.at, it.told


def _crowded(way: Way) -> Iterator[Mark]:
    """Mark who would get too much on some day, the worst first."""
    worst = sorted(way.worst().items(), key=lambda it: (-it[1][0], it[0]))
    over = Counter(id for (id, _day), count in way.by_day.items() if count > MANY)
    for id, (count, day) in worst:
        if count > MANY:
            yield Mark(TOO_MANY, person=id, count=count, of=over[id], day=day)


def _idle(way: Way) -> Iterator[Mark]:
    """Mark rules that never fire, fire for most incidents, or reach nobody."""
    for rule in way.rules:
        count, under = way.count(rule), way.under[rule[0]]
        if under and not count.firings:
            yield Mark(NEVER, rule, of=under)
        if under >= FEW and count.incidents > under * MOST:
            yield Mark(FOR_MOST, rule, count=count.incidents, of=under)
        if _tells(way.rules[rule]) and count.unheard:
            yield Mark(NOBODY, rule, count=count.unheard, of=count.firings)


def _tells(step: Step) -> bool:
    return bool(step.tell or step.chain or step.outside)
