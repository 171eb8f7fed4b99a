"""A year of a desk with rules made by chance, each step of which is looked at as it is done."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from servicedesk.escalation import commands as handing
from servicedesk.escalation.acknowledging import acknowledge
from servicedesk.event import Event
from servicedesk.incidents import catching_up, commands
from servicedesk.incidents.models import Incident
from servicedesk.journal import EventRow
from servicedesk.major import commands as major
from servicedesk.setup import editing
from tests.escalation.year_minutes import DAY
from tests.escalation.year_reference import Book, Due, Look, every_service, identity
from tests.history import simulated
from tests.history.simulated import BEGIN, Year
from tests.incidents.world import World

Data = dict[str, Any]
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


def a_step(chance: random.Random, key: str) -> Data:
    """Make a rule up."""
    if chance.random() < 0.55:
        share = chance.choice([1, 10, 33, 50, 75, 100, 150, 300])
        when: Data = {"clock": chance.choice(CLOCKS), "at": share}
    else:
        when = {chance.choice(WAITS): chance.choice([1, 7, 30, 60, 240, 700])}
    step: Data = {"key": key, "when": when, "tell": chance.sample(PEOPLE, chance.randint(0, 2))}
    only = chance.choice([*FOR, *FOR, "", "", "", "", ""])
    if only:
        step["for"] = {only: chance.sample(FOR[only], chance.randint(1, len(FOR[only]) - 1))}
    if chance.random() < 0.4:
        step["repeat"] = {"every": chance.choice([5, 45, 240]), "most": chance.randint(2, 5)}
        step["chain"] = chance.sample(PEOPLE[:5], chance.randint(1, 4))
    if chance.random() < 0.2:
        step["outside"] = [chance.choice(PEOPLE)]
    if chance.random() < 0.12:
        step["hand_off"] = chance.choice(["next", "next", "network", "netone", "desk"])
    deeds = {"priority": "up"} if chance.random() < 0.1 else {}
    deeds |= {"major": "propose"} if chance.random() < 0.05 else {}
    return {**step, "do": deeds} if deeds else step


def rules(chance: random.Random, count: int) -> list[Data]:
    return [a_step(chance, f"s{n}") for n in range(count)]


@dataclass
class RuledYear(Year):
    """The desk in its year; after each thing that happens its journal is held to the rules."""

    length: timedelta = timedelta(days=365)
    steps: int = 6
    said: Data = field(default_factory=dict)  # the set-up as it was published last
    since: dict[tuple[str, str], datetime] = field(default_factory=dict)
    given: dict[str, datetime] = field(default_factory=dict)
    journals: dict[int, list[Event]] = field(default_factory=dict)
    seen: int = 0
    book: Book | None = None
    is_new: bool = True  # what was published since the book was written
    over: dict[int, int] = field(default_factory=dict)  # ended, after so many events
    counts: dict[str, int] = field(default_factory=dict)
    made: int = 0

    def begin(self) -> None:
        """Give the services policies."""
        self._edit(new_policies)

    def _edit(self, change: Callable[[Year, Data], None]) -> None:
        if self.said and self.chance.random() < 0.5:
            change = self.chance.choice(RULE_EDITS)
        with self.desk.session() as session:
            data = editing.document(session)
            change(self, data)
            editing.publish(data, self.now)
        self._note(data)

    def _note(self, data: Data) -> None:
        """E1: note since when each step stands there, and each service has its policy."""
        before = self.said
        for policy, steps in data["policies"].items():
            known = {identity(step) for step in before.get("policies", {}).get(policy, ())}
            fresh = {identity(step) for step in steps} - known
            self.since |= dict.fromkeys(((policy, one) for one in fresh), self.now)
        for key, service in data["services"].items():
            if service.get("policy") != before.get("services", {}).get(key, {}).get("policy"):
                self.given[key] = self.now
        self.said, self.is_new = data, True

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
            left = look.due()
            assert not left, self._say(id, "left out", left)
            if look.so.ended:
                self.over[id] = len(events)

    def _book(self, before: Book | None) -> Book:
        """Write down the set-up; tables of calendars that nobody changed are kept."""
        setup = self.desk.setup()
        world = World.of(setup)
        tables = dict(before.tables) if before else {}
        same = {key for key, it in tables.items() if it.versions == world.calendars[key]}
        minutes = int((self.length + 40 * DAY) / simulated.MINUTE)
        return Book(
            data=self.said,
            world=world,
            first=BEGIN - DAY,
            length=minutes,
            since=self.since,
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
            first = self._look(book, id).due()[:1]
            done = Due(parsed(data["due"]), data["step"], data["policy"], data["cycle"])
            assert first == [done], self._say(id, f"should be {first}", [done])
            self._count(book, done)
        if event.kind == "steps.passed":
            passed = [
                Due(parsed(due), step, policy, cycle) for policy, step, cycle, due in data["steps"]
            ]
            wanted = self._look(book, id).passed()
            assert sorted(passed) == sorted(wanted), self._say(id, f"should be {wanted}", passed)
            self.counts["passed"] = self.counts.get("passed", 0) + len(passed)

    def _count(self, book: Book, done: Due) -> None:
        step = next(one for one in book.data["policies"][done.policy] if one["key"] == done.step)
        kind = step["when"].get("clock") or next(iter(step["when"]))
        again = "again" if "#" in done.cycle else kind
        self.counts[again] = self.counts.get(again, 0) + 1

    def _say(self, id: int, what: str, found: Sequence[Any]) -> str:
        lines = [f"{e.seq} {e.at} {e.kind} {e.actor} {dict(e.data)}" for e in self.journals[id]]
        rules = [f"{key}: {steps}" for key, steps in self.said["policies"].items()]
        head = f"incident {id} at {self.now}: {what}, is {found}"
        return "\n".join([head, *lines, *rules])


def parsed(text: str) -> datetime:
    return datetime.fromisoformat(text)


# What changes in the rules


def new_policies(year: Year, data: Data) -> None:
    assert isinstance(year, RuledYear)
    names = ("usual", "other")
    data["policies"] = {name: rules(year.chance, year.steps) for name in names}
    for service in data["services"].values():
        service["policy"] = year.chance.choice(names)


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


# What people do besides


def take_responsibility(year: Year, n: int) -> None:
    year.do(acknowledge, n, None, by=year.chance.choice(["sato", "ito", "abe", "ueda"]))


def leave(year: Year, n: int) -> None:
    """Nobody has it any more."""
    year.do(commands.assign, n, None, by="sato")


def question(year: Year, n: int) -> None:
    """The receiver asks, the sender replies, or refuses the answer, or presses for one."""
    handoffs = year.desk.story(n).handoffs
    if not handoffs:
        return
    last = handoffs[-1]
    people = {"group:1": "ito", "group:2": "abe", "partner:1": "kim", "partner:2": "park"}
    receiver, sender = (people.get(ref, "ito") for ref in (last.receiver, last.sender))
    match year.chance.choice(["ask", "ask", "reply", "refuse", "nudge"]):
        case "ask":
            year.do(handing.ask, n, last.n, "Which port?", by=receiver)
        case "reply":
            year.do(handing.reply, n, last.n, "Port 3", by=sender)
        case "refuse":
            year.do(handing.refuse_answer, n, last.n, "It still blinks", by=sender)
        case _:
            year.do(handing.nudge, n, last.n, by=sender)


def propose(year: Year, n: int) -> None:
    year.do(major.propose, n, "The whole floor", by="ito")


def sweep_twice(year: Year) -> None:
    """Two workers come by, one after the other."""
    for _ in range(2):
        Year.sweep(year)


sweep_twice.__name__ = "sweep"
MORE = [take_responsibility, leave, question, question, propose]
ACTS = [*simulated.ACTS, *MORE]
DOINGS = [*simulated.DOINGS, (sweep_twice, 6)]
