"""A year of a desk with rules made by chance, each step of which is looked at as it is done."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
import yaml

from servicedesk.event import Event
from servicedesk.incidents import catching_up
from servicedesk.incidents.models import Incident
from servicedesk.journal import EventRow
from servicedesk.people.models import Person
from servicedesk.setup import editing
from tests.escalation.year_minutes import DAY
from tests.escalation.year_reference import Book, Due, Look, every_service
from tests.escalation.year_timetable import Timetable, is_duty
from tests.escalation.year_told import Deed, Round, deed_of
from tests.history import simulated
from tests.history.simulated import Year
from tests.incidents.world import World

Data = dict[str, Any]
FIRST = datetime(2026, 10, 12, 1, tzinfo=UTC)  # two weeks before the clocks go back
CLOCKS = ("response", "resolution", "holding", "acceptance", "answer", "requested", "promised")
WAITS = ("unaccepted", "unassigned", "untouched", "wish", "promise")
PEOPLE = (
    "assignee", "holder-lead", "desk-lead", "manager", "senior-manager", "owner", "on-call",
    "members", "requester",
)  # fmt: skip
PRIORITIES = ("P1", "P2", "P3", "P4", "P5")
FOR: Mapping[str, tuple[str, ...]] = {
    "service": ("internet", "printing", "payroll"),
    "priority": PRIORITIES,
    "type": ("incident", "request"),
    "group": ("desk", "network"),
    "partner": ("netone", "printco"),
}


def a_step(chance: random.Random, key: str, kind: str = "") -> Data:
    """Make a rule up."""
    kind = kind or chance.choice([*CLOCKS, *WAITS])
    if kind in CLOCKS:
        share = chance.choice([1, 10, 33, 50, 75, 100, 150, 300])
        when: Data = {"clock": kind, "at": share}
    else:
        when = {kind: chance.choice([1, 7, 30, 60, 240, 700])}
    step: Data = {"key": key, "when": when, "tell": chance.sample(PEOPLE, chance.randint(0, 2))}
    only = chance.choice([*FOR, "", "", "", "", ""])
    if only:
        step["for"] = {only: chance.sample(FOR[only], chance.randint(1, len(FOR[only]) - 1))}
    if chance.random() < 0.4:
        step["repeat"] = {"every": chance.choice([5, 45, 240]), "most": chance.randint(2, 5)}
        step["chain"] = chance.sample(PEOPLE[:5], chance.randint(1, 4))
    if chance.random() < 0.5:
        step["outside"] = [chance.choice(PEOPLE)]
    if chance.random() < 0.12:
        step["hand_off"] = chance.choice(["next", "next", "network", "netone", "desk"])
    deeds = {"priority": "up"} if chance.random() < 0.1 else {}
    deeds |= {"major": "propose"} if chance.random() < 0.05 else {}
    return {**step, "do": deeds} if deeds else step


def rules(chance: random.Random) -> list[Data]:
    """Make rules up, one of each kind."""
    return [a_step(chance, kind, kind) for kind in (*CLOCKS, *WAITS)]


# One of each kind, so that none has to come by chance.
USUAL = """
- {key: response, when: {clock: response, at: 50}, tell: [holder-lead], outside: [manager]}
- {key: resolution, when: {clock: resolution, at: 33}, do: {priority: up},
   chain: [owner, assignee, desk-lead, senior-manager], repeat: {every: 240, most: 3}}
- {key: late, when: {clock: resolution, at: 100}, tell: [requester]}
- {key: holding, when: {clock: holding, at: 33}, for: {group: [network]},
   tell: [members], outside: [desk-lead]}
- {key: held, when: {clock: holding, at: 10}, for: {group: [desk]},
   tell: [holder-lead], outside: [senior-manager]}
- {key: acceptance, when: {clock: acceptance, at: 150}, tell: [holder-lead], hand_off: next}
- {key: answer, when: {clock: answer, at: 10}, tell: [on-call], outside: [requester]}
- {key: requested, when: {clock: requested, at: 33}, tell: [owner], outside: [manager],
   do: {major: propose}}
- {key: promised, when: {clock: promised, at: 10}, tell: [requester], repeat: {every: 45, most: 2}}
- {key: unaccepted, when: {unaccepted: 60}, for: {partner: [netone]}, tell: [owner],
   hand_off: next}
- {key: unassigned, when: {unassigned: 60}, tell: [holder-lead], outside: [senior-manager],
   chain: [assignee, owner], repeat: {every: 240, most: 4}}
- {key: untouched, when: {untouched: 240}, tell: [members], outside: [manager]}
- {key: forgotten, when: {untouched: 30}, for: {type: [request]}, tell: [manager],
   repeat: {every: 45, most: 3}}
- {key: wish, when: {wish: 700}, tell: [assignee], outside: [holder-lead]}
- {key: promise, when: {promise: 240}, for: {priority: [P1, P2, P3]}, tell: [requester]}
"""


@dataclass
class RuledYear(Year):
    """The desk in its year; after each thing that happens its journal is held to the rules."""

    now: datetime = FIRST
    length: timedelta = timedelta(days=365)
    steps: int = 16
    said: list[tuple[datetime, Data]] = field(default_factory=list)  # as it was published
    given: dict[str, datetime] = field(default_factory=dict)
    journals: dict[int, list[Event]] = field(default_factory=dict)
    seen: int = 0
    book: Book | None = None
    is_new: bool = True  # what was published since the book was written
    over: dict[int, int] = field(default_factory=dict)  # ended, after so many events
    counts: dict[str, int] = field(default_factory=dict)
    made: int = 0
    people: dict[str, int] = field(default_factory=dict)
    owed: list[Deed] = field(default_factory=list)  # what a step must still do

    def begin(self) -> None:
        """Give people managers, and the services policies."""
        self._edit(first_rules)
        with self.desk.session() as session:
            self.people = dict(session.execute(sa.select(Person.key, Person.id)).all())

    def _edit(self, change: Callable[[Year, Data], None]) -> None:
        if self.said and self.chance.random() < 0.5:
            change = self.chance.choice(RULE_EDITS)
        with self.desk.session() as session:
            data = editing.document(session)
            change(self, data)
            editing.publish(data, self.now)
        self._note(data)

    def _note(self, data: Data) -> None:
        """E1: note since when each service has its policy."""
        before = self.said[-1][1]["services"] if self.said else {}
        for key, service in data["services"].items():
            if service.get("policy") != before.get(key, {}).get("policy"):
                self.given[key] = self.now
        self.said.append((self.now, data))
        self.is_new = True

    def _try(self, name: str, what: Callable[[], object]) -> None:
        super()._try(name, what)
        self.look(name)

    def settle(self) -> None:
        """Do all that is still to be done."""
        super().settle()
        self.look("sweep")

    # Looking at what was done

    def look(self, name: str) -> None:
        """Hold what was added to the journal to the rules; after a sweep nothing may be left."""
        if self.book is None or self.is_new:
            self.book, self.is_new = self._book(self.book), False
        book = self.book
        for id, fresh in self._added().items():
            for event in fresh:
                self._judge(book, id, event, name)
                self.journals.setdefault(id, []).append(event)
            assert not self.owed, self._say(id, "not done by its rule", self.owed)
        if name == "sweep":
            self._look_for_more(book)

    def _look_for_more(self, book: Book) -> None:
        """Nothing may be left, but of what was not brought up to the set-up yet."""
        with self.desk.session() as session:
            behind = catching_up.behind(self.desk.setup().revision)
            waits = set(session.scalars(sa.select(Incident.id).where(behind)))
        for id, events in self.journals.items():
            if self.over.get(id) == len(events) or id in waits:
                continue
            look = self._look(book, id)
            left = [*look.due(), *Timetable(look).due()]
            assert not left, self._say(id, "left out", left)
            if look.so.ended:
                self.over[id] = len(events)

    def _book(self, before: Book | None) -> Book:
        """Write down the set-up; tables of calendars that nobody changed are kept."""
        setup = self.desk.setup()
        world = World.of(setup)
        tables = dict(before.tables) if before else {}
        same = {key for key, it in tables.items() if it.versions == world.calendars[key]}
        minutes = int((self.length + 60 * DAY) / simulated.MINUTE)
        return Book(
            data=self.said[-1][1],
            said=self.said,
            world=world,
            first=FIRST - DAY,
            length=minutes,
            given=self.given,
            services=every_service(setup),
            keys={ref: party.key for ref, party in setup.parties.items()},
            targets=before.targets if before and before.world.calendars == world.calendars else {},
            tables={key: tables[key] for key in same},
        )

    def _added(self) -> dict[int, list[Event]]:
        found: dict[int, list[Event]] = {}
        with self.desk.session() as session:
            query = sa.select(EventRow).where(EventRow.id > self.seen).order_by(EventRow.id)
            for row in session.scalars(query):
                found.setdefault(row.incident_id, []).append(row.event())
                self.seen = row.id
        return found

    def _look(self, book: Book, id: int) -> Look:
        return Look(book, self.journals.get(id, []), self.now)

    def _judge(self, book: Book, id: int, event: Event, name: str) -> None:
        data = event.data
        if event.kind == "step.fired":
            assert name == "sweep", self._say(id, "done outside of a sweep", [event])
            look = self._look(book, id)
            first = look.due()[:1]
            done = Due(parsed(data["due"]), data["step"], data["policy"], data["cycle"])
            assert first == [done], self._say(id, f"should be {first}", [done])
            assert not look.had_passed(done), self._say(id, "was due before its rule", [done])
            self._judge_deeds(id, look, done, data.get("told", ()))
        elif is_duty(event) and not data.get("imported"):
            coming = Timetable(self._look(book, id)).due()
            assert (event.at, event.kind) in coming, self._say(id, f"should be {coming}", [event])
            self._count_one("by itself")
        if deed := deed_of(event):
            assert self.owed[:1] == [deed], self._say(id, f"should do {self.owed}", [deed])
            self.owed.pop(0)
        if event.kind == "steps.passed":
            passed = [
                Due(parsed(due), step, policy, cycle) for policy, step, cycle, due in data["steps"]
            ]
            wanted = self._look(book, id).passed()
            assert sorted(passed) == sorted(wanted), self._say(id, f"should be {wanted}", passed)
            self._count_one("passed", len(passed))

    def _count_one(self, what: str, so_many: int = 1) -> None:
        self.counts[what] = self.counts.get(what, 0) + so_many

    def _judge_deeds(self, id: int, look: Look, done: Due, told: Sequence[int]) -> None:
        """E1: it tells whom it should, and does what it should besides."""
        steps = look.book.data["policies"][done.policy]
        step = next(one for one in steps if one["key"] == done.step)
        came = Round(look, step, int(done.cycle.partition("#")[2] or 1), self.people)
        wanted = came.told()
        assert sorted(told) == wanted, self._say(id, f"should tell {wanted}", [done, told])
        assert not self.owed, self._say(id, "not done by its rule", self.owed)
        self.owed = came.deeds()
        kind = step["when"].get("clock") or next(iter(step["when"]))
        self._count_one("again" if "#" in done.cycle else kind)

    def _say(self, id: int, what: str, found: Sequence[Any]) -> str:
        lines = [f"{e.seq} {e.at} {e.kind} {e.actor} {dict(e.data)}" for e in self.journals[id]]
        rules = [f"{key}: {steps}" for key, steps in self.said[-1][1]["policies"].items()]
        head = f"incident {id} at {self.now}: {what}, is {found}"
        return "\n".join([head, *lines, *rules])


def parsed(text: str) -> datetime:
    return datetime.fromisoformat(text)


# What changes in the rules


def first_rules(year: Year, data: Data) -> None:
    """Let a lead have a manager who has one too, a service an owner, and groups other hours."""
    data["people"]["yama"] = {"name": "Yamada Ken", "roles": ["manager"]}
    data["people"]["sato"]["manager"], data["people"]["ueda"]["manager"] = "ueda", "yama"
    data["services"]["internet"]["owner"] = "abe"
    by_night = {"mon-fri": ["09:00-12:00", "13:00-18:00", "23:00-25:00"]}
    data["calendars"]["office"]["hours"] = by_night
    data["calendars"]["always"] = {"zone": "Europe/Berlin", "hours": {"mon-sun": ["06:00-22:00"]}}
    data["groups"]["network"]["calendar"] = "always"
    names = ("usual", "other")
    data["policies"] = dict(zip(names, (yaml.safe_load(USUAL), rules(year.chance)), strict=True))
    for key, service in data["services"].items():
        service["policy"] = names[key == "printing"]


def change_a_step(year: Year, data: Data) -> None:
    assert isinstance(year, RuledYear)
    steps = data["policies"][year.chance.choice(list(data["policies"]))]
    n = year.chance.randrange(len(steps))
    steps[n] = a_step(year.chance, steps[n]["key"])


def other_tell(year: Year, data: Data) -> None:
    """Change what a step does, and not when: it stays the same step."""
    steps = data["policies"][year.chance.choice(list(data["policies"]))]
    step = year.chance.choice(steps)
    step["tell"] = [year.chance.choice(PEOPLE)]
    step.pop("for", None)


def add_a_step(year: Year, data: Data) -> None:
    assert isinstance(year, RuledYear)
    steps = data["policies"][year.chance.choice(list(data["policies"]))]
    year.made += 1
    steps.append(a_step(year.chance, f"n{year.made}"))
    if len(steps) > year.steps:
        steps.pop(year.chance.randrange(len(steps) - 1))


def other_policy(year: Year, data: Data) -> None:
    service = data["services"][year.chance.choice(list(data["services"]))]
    service["policy"] = year.chance.choice(list(data["policies"]))


RULE_EDITS = [change_a_step, change_a_step, other_tell, add_a_step, other_policy]
