"""A set-up's rules tried on the past, beside those of now, and whom they would have told."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property

from sqlalchemy.orm import Session

from servicedesk.escalation.firing import would_tell
from servicedesk.event import Event
from servicedesk.incidents.acts import Act
from servicedesk.rulebook import trying_queries
from servicedesk.rulebook.simulating import noticed, simulate
from servicedesk.rulebook.tally import Trial, Way, Would
from servicedesk.rulebook.trying_recipients import Recipients
from servicedesk.setup.directory import Directory
from servicedesk.setup.steps import Step
from servicedesk.times import local_day, midnight

DAYS = 90
SAYS_SERVICE = ("incident.logged", "incident.reclassified")


@dataclass(frozen=True)
class Question:
    """What is tried, on which days."""

    before: Directory
    after: Directory
    days: int
    now: datetime
    policy: str = ""  # only services that go by it, or would; all where nothing is said

    @property
    def end(self) -> datetime:
        """Give the end of the span: now."""
        return self.now

    @property
    def zone(self) -> str:
        """Give the zone in which days are counted."""
        return self.before.zone

    @cached_property
    def calendar(self) -> list[date]:
        """List the days, today as the last one."""
        today = local_day(self.now, self.zone)
        return [today - timedelta(days=n) for n in reversed(range(self.days))]

    @cached_property
    def start(self) -> datetime:
        """Give the midnight with which the span begins."""
        return midnight(self.calendar[0], self.zone)

    @cached_property
    def services(self) -> frozenset[int]:
        """Give the services whose rules are tried."""
        both = (self.before, self.after)
        return frozenset(
            service.id
            for setup in both
            for service in setup.services.values()
            if service.policy and self.policy in ("", *_policies(both, service.id))
        )

    @cached_property
    def alike(self) -> frozenset[int]:
        """Give the services that have the same rules and recipients both ways."""
        if self.before is self.after:
            return self.services
        if self.before.parties != self.after.parties:
            return frozenset()
        both = (self.before, self.after)
        return frozenset(id for id in self.services if _same(*(_ruled(it, id) for it in both)))

    def rules(self, setup: Directory) -> dict[tuple[str, str], Step]:
        """List the steps that are tried, by policy and key."""
        used = {setup.services[id].policy for id in self.services if id in setup.services}
        keys = [key for key in setup.policies if key in used]
        return {(key, step.key): step for key in keys for step in setup.policies[key]}


def _policies(setups: Iterable[Directory], service: int) -> list[str]:
    found = [setup.services[service].policy for setup in setups if service in setup.services]
    return [policy for policy in found if policy]


def _ruled(setup: Directory, id: int) -> tuple[object, ...] | None:
    """Give all of a service that its rules look at."""
    service = setup.services.get(id)
    if service is None:
        return None
    steps = setup.policies.get(service.policy or "", ())
    return service.policy, steps, service.owner, service.path


def _same(one: tuple[object, ...] | None, other: tuple[object, ...] | None) -> bool:
    return one == other


def try_rules(
    session: Session,
    before: Directory,
    after: Directory,
    days: int,
    now: datetime,
    *,
    policy: str = "",
    progress: Callable[[int], object] | None = None,
) -> Trial:
    """Step: say what the rules of two set-ups would have fired in the last days; writes nothing.

    `progress` hears of each incident that was looked at; what it raises ends it.
    """
    return answer(session, Question(before, after, days, now, policy), progress)


def answer(
    session: Session, question: Question, progress: Callable[[int], object] | None = None
) -> Trial:
    """Step: work a trial out, one incident after the other."""
    sides = Way(question.rules(question.before)), Way(question.rules(question.after))
    span = question.calendar, question.start, question.end, question.zone
    trial = Trial(*span, question.policy, *sides)
    for fired in fired_both_ways(session, question, progress):
        trial.take(fired.before, fired.after, fired.policies)
    trial.really = trying_queries.really(
        session, question.start, question.end, question.zone, question.services
    )
    named = {id for way in sides for id in way.people}
    trial.names = trying_queries.people(session, named)
    return trial


@dataclass(frozen=True)
class Fired:
    """What would have fired for one incident, both ways."""

    number: int
    before: list[Would]
    after: list[Would]
    policies: tuple[frozenset[str], frozenset[str]]  # that it came under, both ways


def fired_both_ways(
    session: Session, question: Question, progress: Callable[[int], object] | None = None
) -> Iterator[Fired]:
    """Step: give, incident by incident, what would have fired."""
    ways = [_Side(session, it, question) for it in (question.before, question.after)]
    told = trying_queries.histories(session, question.start, question.end)
    for n, (number, events) in enumerate(told, 1):
        if progress:
            progress(n)
        had = {event.data["service"] for event in events if event.kind in SAYS_SERVICE}
        if not had & question.services:
            continue
        before = list(ways[0].fired(number, events))
        after = before if had <= question.alike else list(ways[1].fired(number, events))
        yield Fired(number, before, after, (ways[0].policies(had), ways[1].policies(had)))


@dataclass
class _Side:
    """The rules of one set-up, tried on one journal after the other."""

    session: Session
    setup: Directory
    question: Question
    find: Recipients = field(default_factory=Recipients)

    def fired(self, number: int, events: list[Event]) -> Iterator[Would]:
        """Give what its rules would have fired for an incident."""
        said = self.question
        for due, work in simulate(events, self.setup, said.start, said.end):
            if work.story.service not in said.services:
                continue
            act = Act(work, noticed(due, work))
            told = would_tell(self.session, act, due, self.find)
            cycle = due.identity[2]
            day = local_day(act.now, said.zone)
            yield Would(
                number, due.policy, due.step.key, cycle, due.round, due.at, act.now, day,
                tuple(told),
            )  # fmt: skip

    def policies(self, services: Iterable[int]) -> frozenset[str]:
        """Give the policies of services."""
        found = (self.setup.services.get(id) for id in services if id in self.question.services)
        return frozenset(it.policy for it in found if it and it.policy)
