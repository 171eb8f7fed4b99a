"""What is due by the rules, from the journal and from the text of the rules alone (§7).

Written from docs/rules.md and not from `incidents/rules.py`: it reads the plain events and the
versions of calendars and agreements, and counts with a table of every minute of the year.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, NamedTuple

from servicedesk.event import Event
from servicedesk.setup.directory import Directory
from servicedesk.sla.agreement import Terms
from tests.escalation.year_minutes import Interval, Minutes
from tests.incidents.reference import held, phase
from tests.incidents.situations import Situation, situations, spans
from tests.incidents.world import World

Name = tuple[str, str | None, int | None]
Step = Mapping[str, Any]  # as DESK.yaml writes it
WAITS = ("unaccepted", "unassigned", "untouched", "wish", "promise")
KINDS = {"requested": "wish", "promised": "promise"}
OF_HANDOFF = ("acceptance", "answer")


class Due(NamedTuple):
    """A step that is due: in this order they are done."""

    at: datetime
    step: str
    policy: str
    cycle: str


@dataclass
class Book:
    """The set-up as plain data: what DESK.yaml says, and all policies that were published."""

    data: Mapping[str, Any]
    world: World
    first: datetime
    length: int
    said: Sequence[tuple[datetime, Mapping[str, Any]]]  # each that was published, with its instant
    given: Mapping[str, datetime]  # since when a service has its policy
    services: Mapping[int, str]
    keys: Mapping[str, str]  # ref -> key of a group or partner
    targets: dict[tuple[Any, ...], int | None] = field(default_factory=dict)
    tables: dict[str, Minutes] = field(default_factory=dict)

    def minutes(self, calendar: str) -> Minutes:
        """Give the table of a calendar."""
        if calendar not in self.tables:
            versions = self.world.calendars[calendar]
            self.tables[calendar] = Minutes(self.first, versions, self.length)
        return self.tables[calendar]

    def of_party(self, ref: str, at: datetime) -> Minutes:
        """Give the working time of a party by what was in force at an instant."""
        return self.minutes(self.world.first_in_force(self.world.parties[ref], at).calendar)

    def target(self, terms: Terms, priority: str, kind: str, start: datetime, at: datetime) -> Any:
        """C1: working seconds of a target; none: None."""
        by_kind = terms.targets.get(priority) or terms.targets.get("*") or {}
        said = by_kind.get(kind)
        if said is None:
            return None
        if said.minutes is not None:
            return said.minutes * 60
        return self.working_days(terms.calendar, start, said.days or 0, at)

    def working_days(self, calendar: str, start: datetime, days: int, at: datetime) -> int | None:
        """C1: working seconds to the end of a working day, by what was known at an instant."""
        key = (calendar, self.world.known(calendar, at), start, days)
        if key not in self.targets:
            self.targets[key] = self.world.working_days(calendar, start, days, at)
        return self.targets[key]


def found(cycle: str, at: datetime | None) -> tuple[str, datetime] | None:
    """Give a cycle with its instant, if there is one."""
    return (cycle, at) if at else None


def identity(step: Step) -> str:
    """E1: with another *when*, or another number of times, it is another step."""
    return f"{step['key']} {sorted(step['when'].items())} {step.get('repeat', {}).get('most')}"


def every_service(setup: Directory) -> dict[int, str]:
    return {one.id: one.key for one in setup.services.values()}


@dataclass
class Look:
    """One incident after some of its events, as somebody sees it who looks at an instant."""

    book: Book
    events: Sequence[Event]
    now: datetime

    @cached_property
    def told(self) -> list[Situation]:
        return situations(self.events)

    @property
    def so(self) -> Situation:
        return self.told[-1]

    def last(self, kind: str, name: str) -> Any:
        """Give what the last event of a kind said."""
        found = (e.data.get(name) for e in reversed(self.events) if e.kind == kind)
        return next(found, None)

    @cached_property
    def service(self) -> str:
        id = self.last("incident.reclassified", "service") or self.events[0].data["service"]
        return self.book.services[id]

    @cached_property
    def type(self) -> str:
        return str(self.last("incident.reclassified", "type") or self.events[0].data["type"])

    @property
    def has_it(self) -> str:
        """H1, H2: the party that holds it; while the requester is asked, whose it is."""
        holder = self.so.holder
        return holder if holder and holder != "requester" else self.so.given_to

    @cached_property
    def reopenings(self) -> list[datetime]:
        return [e.at for e in self.events if e.kind == "incident.reopened"]

    @property
    def cycle(self) -> str:
        return str(len(self.reopenings))

    @property
    def began(self) -> datetime:
        return self.reopenings[-1] if self.reopenings else self.so.logged_at

    @cached_property
    def holds(self) -> list[Interval]:
        """The times on hold."""
        whole = spans(self.told, self.now)
        return [(so.at, until) for so, until in whole if so.hold and not so.ended]

    @cached_property
    def fired(self) -> dict[tuple[str, str, str], datetime | None]:
        """When each was done; None: noted as passed."""
        done: dict[tuple[str, str, str], datetime | None] = {}
        for event in self.events:
            data = event.data
            if event.kind == "step.fired":
                done[data["policy"], data["step"], data["cycle"]] = event.at
            if event.kind == "steps.passed":
                done |= {(policy, step, cycle): None for policy, step, cycle, _due in data["steps"]}
        return done

    @cached_property
    def taken(self) -> set[tuple[str, str, str]]:
        """For what somebody has taken responsibility."""
        named = (e.data for e in self.events if e.kind == "step.acknowledged")
        return {(data["policy"], data["step"], data["cycle"]) for data in named}

    def due(self) -> list[Due]:
        """Give what is due by now and not done, in the order in which it is to be done."""
        return sorted(due for due in self._due() if due.at <= self.now)

    def passed(self) -> list[Due]:
        """E1: what was due already when its rule was made: rules are for the future."""
        steps = {step["key"]: step for step in self._steps()[1]}
        return [due for due in self.due() if due.at <= self._made(due.policy, steps[due.step])]

    def had_passed(self, done: Due) -> bool:
        """E1: say whether it was due already when its rule was made, and ever since."""
        step = next(step for step in self._steps()[1] if step["key"] == done.step)
        made = self._made(done.policy, step)
        if done.at > made or self.events[0].at > made:
            return False
        if any(e.kind == "incident.started" and not e.actor for e in self.events):
            return False  # a hold's end may have been noted after the rule was made
        later = [n for n, event in enumerate(self.events) if event.at > made]
        before = self.events[: later[0]] if later else self.events
        looks = [(before, made), *((self.events[: n + 1], self.events[n].at) for n in later)]
        return all(done in Look(self.book, events, at).due() for events, at in looks)

    def _made(self, policy: str, step: Step) -> datetime:
        """E1: since when such a step has stood there for an incident as this one is now."""
        since = self.now
        for at, data in reversed(self.book.said):
            then = (one for one in data["policies"].get(policy, ()) if self._is_for(one))
            if identity(step) not in map(identity, then):
                break
            since = at
        return max(since, self.book.given[self.service])

    def _steps(self) -> tuple[str, Sequence[Step]]:
        policy = self.book.data["services"][self.service].get("policy")
        return policy or "", self.book.data["policies"][policy] if policy else ()

    def _due(self) -> Iterator[Due]:
        policy, steps = self._steps()
        if self.so.ended:
            return
        for step in steps:
            due = self._when(step) if self._is_for(step) else None
            if due is None:
                continue
            cycle, at = due
            n, at_n = self._round(policy, step, cycle, at)
            named = cycle if n == 1 else f"{cycle}#{n}"
            if at_n and (policy, step["key"], named) not in self.fired:
                yield Due(at_n, step["key"], policy, named)

    def _is_for(self, step: Step) -> bool:
        only = step.get("for", {})
        party = self.book.keys[self.has_it]
        parties = [*only.get("group", []), *only.get("partner", [])]
        wanted = (
            (only.get("service"), self.service),
            (only.get("priority"), self.so.priority),
            (only.get("type"), self.type),
            (parties, party),
        )
        return all(not keys or key in keys for keys, key in wanted)

    def _round(self, policy: str, step: Step, cycle: str, at: datetime) -> tuple[int, Any]:
        """E1: it comes again so long after it was done, until somebody takes responsibility."""
        said = step.get("repeat")
        n = 1
        while said and (policy, step["key"], cycle if n == 1 else f"{cycle}#{n}") in self.fired:
            n += 1
        if n == 1:
            return 1, at
        before = self.fired[policy, step["key"], cycle if n == 2 else f"{cycle}#{n - 1}"]
        answered = (policy, step["key"], cycle) in self.taken
        if not said or before is None or n > said["most"] or answered or self.so.hold:
            return n, None
        again = self._after(before, said["every"])
        return n, again and max(again, at)

    def _after(self, since: datetime, minutes: int) -> datetime | None:
        """Working minutes of the holder after an instant, holds left out."""
        hours = self.book.of_party(self.has_it, self.so.at)
        return hours.reach(since, minutes * 60, self.holds)

    # When

    def _when(self, step: Step) -> tuple[str, datetime] | None:
        when = step["when"]
        wait = next((word for word in WAITS if word in when), None)
        if wait:
            return self._ways[wait](int(when[wait]))
        kind, percent = when["clock"], int(when["at"])
        if kind in KINDS:
            return self._share_of_date(KINDS[kind], percent)
        return self._share(kind, percent)

    @property
    def _ways(self) -> dict[str, Callable[[int], tuple[str, datetime] | None]]:
        return {
            "unaccepted": self._unaccepted,
            "unassigned": self._unassigned,
            "untouched": self._untouched,
            "wish": lambda minutes: self._ahead("wish", minutes),
            "promise": lambda minutes: self._ahead("promise", minutes),
        }

    def _unaccepted(self, minutes: int) -> tuple[str, datetime] | None:
        passed = self.so.handoffs[-1] if self.so.handoffs else None
        if passed is None or passed.accepted or passed.ended:
            return None
        hours = self.book.of_party(passed.receiver, passed.sent_at)
        at = hours.reach(passed.sent_at, minutes * 60)
        return found(str(len(self.so.handoffs)), at)

    def _unassigned(self, minutes: int) -> tuple[str, datetime] | None:
        holder = self.so.holder or ""
        if not holder.startswith("group:") or self.so.hold:
            return None
        changes = [e for e in self.events if e.kind == "incident.assigned"]
        if changes and changes[-1].data.get("assignee"):
            return None
        begun = [so.at for before, so in self._changes() if so.holder]
        since = max(begun[-1], changes[-1].at if changes else begun[-1])
        at = self._after(since, minutes)
        return found(str(len(begun)), at)

    def _changes(self) -> list[tuple[str | None, Situation]]:
        """H1: each situation that began with another holder."""
        holders = [None, *(so.holder for so in self.told)]
        both = zip(holders, self.told, strict=False)
        return [(before, so) for before, so in both if before != so.holder]

    def _untouched(self, minutes: int) -> tuple[str, datetime] | None:
        if self.so.hold:
            return None
        touch = [event for event in self.events if self._touches(event)][-1]
        at = self._after(touch.at, minutes)
        return found(str(touch.seq), at)

    def _touches(self, event: Event) -> bool:
        """E1: the desk or a partner did something; what a rule did only if it handed it on."""
        if event.kind.startswith(("handoff.", "incident.logged")):
            return True
        aside = event.kind.startswith("exclusion.") or event.kind == "agreement.applied"
        return event.actor not in (None, self.events[0].data["requester"]) and not aside

    def _date(self, kind: str) -> tuple[datetime, datetime, bool] | None:
        """Give the date that counts, since when it does, and whether it is a day."""
        said: tuple[Mapping[str, Any], datetime] | None = None
        by_number = {event.seq: event.data for event in self.events}
        for event in self.events:
            if event.kind == f"{kind}.set" and not event.data.get("proposed"):
                said = event.data, event.at
            if event.kind == f"{kind}.confirmed":
                said = by_number[event.data["n"]], event.at
        if said is None or not said[0].get("due"):
            return None
        return datetime.fromisoformat(said[0]["due"]), said[1], bool(said[0].get("day"))

    def _share_of_date(self, kind: str, percent: int) -> tuple[str, datetime] | None:
        if (date := self._date(kind)) is None:
            return None
        due, said_at, _day = date
        whole = int((due - self.so.logged_at).total_seconds())
        at = self.so.logged_at + timedelta(seconds=whole * percent // 100)
        return self.cycle, max(at, said_at, self.began)

    def _ahead(self, kind: str, minutes: int) -> tuple[str, datetime] | None:
        """D1: so much working time before the last working moment at or before the date."""
        if (date := self._date(kind)) is None:
            return None
        due, said_at, is_day = date
        desk = self.told[0].given_to if not self.events[0].data.get("desk_group") else ""
        hours = self.book.of_party(desk or self.events[0].data["desk_group"], self.so.logged_at)
        planned = hours.last_moment(due - timedelta(seconds=1) if is_day else due)
        since = max(said_at, self.began)
        more = hours.counted(since, planned) - minutes * 60
        at = hours.reach(since, more) if more > 0 else since
        return found(self.cycle, at)

    # Shares of clocks

    def _share(self, kind: str, percent: int) -> tuple[str, datetime] | None:
        name: Name = (kind, None, None)
        cycle, since = self.cycle, self.began
        if kind == "holding":
            name, cycle = (kind, self.so.holder, None), f"{self.so.holder}/{self.cycle}"
        if kind in OF_HANDOFF:
            passed = self.so.handoffs[-1] if self.so.handoffs else None
            if passed is None or passed.ended:
                return None
            n = len(self.so.handoffs)
            name, cycle, since = (kind, passed.receiver, n), str(n), passed.sent_at
        if name[1] is not None and name[1] not in self.book.world.parties:
            return None
        at = Clock(self.book, name, self.told, self.now).share(percent)
        return found(cycle, at and max(at, since))


@dataclass
class Clock:
    """A clock on its way from event to event: the stretches in which it ran, and its target."""

    book: Book
    name: Name
    told: Sequence[Situation]
    now: datetime
    ran: list[tuple[datetime, datetime, str]] = field(default_factory=list)  # and by what calendar

    def share(self, percent: int) -> datetime | None:
        """E1: when so much of the target is counted; passed at a change of it: at that change."""
        terms, priority, target, changed_at, before = None, "", None, self.now, None
        started: datetime | None = None
        lasting = held(self.told, self.now + timedelta(seconds=1))  # what begins now will last
        for (so, until), lasts in zip(spans(self.told, self.now), lasting, strict=True):
            fresh = self._terms(so, started or so.at)
            does = phase(self.name, so, before, fresh)
            if does is None or (self.name[0] == "holding" and does == "run" and not lasts):
                continue  # H1: a holding of no length is none
            started = started or so.at
            changed = terms is not fresh or priority != so.priority
            if terms is None or (changed and does in ("run", "rest")):
                target = self.book.target(fresh, so.priority, self.name[0], started, so.at)
                terms, priority, changed_at = fresh, so.priority, so.at
            if does == "run":
                self.ran.append((so.at, until, terms.calendar))
            before = does
        if before != "run" or target is None or started is None:
            return None
        at = self._reached(target * percent // 100, started)
        return at and max(at, changed_at)

    def _terms(self, so: Situation, started: datetime) -> Terms:
        """C8: as in force at logging, or when a party's clock started; unless applied later."""
        world, party = self.book.world, self.name[1]
        agreement = world.parties[party] if party else so.agreement
        terms = world.first_in_force(agreement, started if party else so.logged_at)
        number = so.applied.get(agreement, 0)
        if number <= terms.number:
            return terms
        return next(one for one in world.agreements[agreement] if one.number == number)

    def _reached(self, seconds: int, started: datetime) -> datetime | None:
        if seconds <= 0:
            return started
        for begin, end, calendar in self.ran:
            minutes = self.book.minutes(calendar)
            counted = minutes.counted(begin, end)
            if counted >= seconds:
                return minutes.reach(begin, seconds)
            seconds -= counted
        return None
