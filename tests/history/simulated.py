"""A year of a desk: people work, the desk does what is due, and the set-up changes meanwhile."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from servicedesk.db import db
from servicedesk.errors import DeskError
from servicedesk.escalation import commands as handing
from servicedesk.escalation.sweep import sweep
from servicedesk.incidents import applying, catching_up, commands
from servicedesk.incidents.acts import Due
from servicedesk.incidents.exclusions import commands as exclusions
from servicedesk.incidents.exclusions.effects import Wanted
from servicedesk.setup import editing
from tests.cast import Desk

BEGIN = datetime(2026, 4, 1, 1, tzinfo=UTC)  # 10:00 in Tokyo
YEAR = timedelta(days=365)
STEPS = 11  # for each incident
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
SOON = timedelta(hours=2)  # from one thing to the next, at most,
MOST_INCIDENTS = 500  # with more of them the set-up does not change more often
QUIET = 0.04  # but for so many pauses of days
AGENTS, NETWORK = ("sato", "ito"), ("abe", "mori")
PRIORITIES = ("P1", "P2", "P3", "P4", "P5")
ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca", "UTC")
HOURS: tuple[dict[str, list[str]], ...] = (
    {"mon-fri": ["09:00-12:00", "13:00-18:00"]},
    {"mon-fri": ["08:30-17:30"], "sat": ["10:00-15:00"]},
    {"mon-thu": ["22:00-06:00"], "fri": ["12:00-20:00"]},
    {"mon-sun": ["00:00-24:00"]},
)
POLICY = (
    {"key": "half", "when": {"clock": "resolution", "at": 50}, "tell": ["assignee"]},
    {"key": "late", "when": {"clock": "resolution", "at": 100}, "tell": ["holder-lead"]},
    {"key": "raise", "when": {"clock": "requested", "at": 90}, "do": {"priority": "up"}},
    {"key": "climb", "when": {"unaccepted": 240}, "do": {"hand_off": "next"}},
)
Data = dict[str, Any]
Change = Callable[["Year", Data], None]


@dataclass
class Year:
    """The desk in its year; what is done to whom when is all by chance."""

    desk: Desk
    chance: random.Random
    incidents: int
    now: datetime = BEGIN
    numbers: list[int] = field(default_factory=list)
    done: dict[str, int] = field(default_factory=dict)

    def begin(self) -> None:
        """Give the services a policy."""
        self._edit(give_policy)

    def live(self, part: float) -> None:
        """Let a part of the year pass."""
        turns = int(self.incidents * STEPS * part)
        soon = min(SOON, YEAR * part / turns)
        quiet = (YEAR * part - turns * soon / 2) / (turns * QUIET)
        changes = min(1.0, MOST_INCIDENTS / self.incidents)
        weights = [weight * (changes if doing in CHANGES else 1) for doing, weight in DOINGS]
        for _ in range(turns):
            most = 2 * quiet if self.chance.random() < QUIET else soon
            self.now += int(self.chance.random() * (most / MINUTE)) * MINUTE
            [(doing, _weight)] = self.chance.choices(DOINGS, weights)
            self._try(doing.__name__, partial(doing, self))

    def settle(self) -> None:
        """Do all that is still to be done."""
        with self.desk.session():
            applying.work_off(self.now)
            sweep(self.now)

    def _try(self, name: str, what: Callable[[], object]) -> None:
        try:
            what()
        except DeskError:
            name = "refused"
        self.done[name] = self.done.get(name, 0) + 1

    # what comes round

    def log(self) -> None:
        """Somebody reports something."""
        chance = self.chance
        wish = self._due() if chance.random() < 0.7 else None
        by = chance.choice(["emi", "taro", "ito"])
        more: Data = {"channel": "phone", "requester": self.desk.id("emi")} if by == "ito" else {}
        number = self.desk.call(
            commands.log,
            by=by,
            when=self.now,
            title="No network",
            service=chance.choice(["internet", "internet", "printing", "payroll"]),
            impact=chance.randint(1, 3),
            urgency=chance.randint(1, 3),
            wish=wish,
            **more,
        )
        self.numbers.append(number)

    def work(self) -> None:
        """Somebody works on something of late."""
        if self.numbers:
            number = self.chance.choice(self.numbers[-6:])
            act = self.chance.choice(ACTS)
            self._try(act.__name__, partial(act, self, number))

    def edit(self) -> None:
        """The administrator changes the set-up; what is open is perhaps not brought up at once."""
        self._edit(self.chance.choice(EDITS))
        if self.chance.random() < 0.4:
            self.catch_up()

    def _edit(self, change: Change) -> None:
        with self.desk.session() as session:
            data = editing.document(session)
            change(self, data)
            editing.publish(data, self.now)

    def catch_up(self) -> None:
        """Bring some of what is open up to the set-up; the rest is left lying."""
        most = self.chance.choice([None, 1, 2, 5])
        with self.desk.session():
            catching_up.catch_up(self.now, most=most)

    def apply(self) -> None:
        """An agreement's version is to be applied to what is open; the work is interrupted."""
        kind, key = self.chance.choice(
            [("sla", "standard"), ("sla", "round"), ("ola", "network"), ("uc", "netone")]
        )
        with self.desk.session():
            applying.begin(kind, key, actor=None, now=self.now)
            for _ in range(self.chance.randint(0, 3)):
                applying.go_on(self.now)

    def sweep(self) -> None:
        """The scheduler comes by, however late."""
        with self.desk.session():
            sweep(self.now)
            db.session.remove()

    def work_off(self) -> None:
        """The scheduler brings everything up to the set-up."""
        with self.desk.session():
            applying.work_off(self.now)

    def _due(self) -> Due:
        at = self.now + self.chance.randint(30, 8000) * MINUTE
        return Due(day=at.date() + DAY) if self.chance.random() < 0.5 else Due(at=at)

    def do(self, act: Callable[..., Any], number: int, *args: Any, by: str, **more: Any) -> Any:
        """Have somebody do something now."""
        return self.desk.do(act, number, *args, by=by, when=self.now, **more)


# What people do


def take(year: Year, n: int) -> None:
    year.do(commands.take, n, by=year.chance.choice(AGENTS + NETWORK))


def reply(year: Year, n: int) -> None:
    year.do(commands.comment, n, "reply", "We look at it", by=year.chance.choice(AGENTS))


def answer_back(year: Year, n: int) -> None:
    year.do(commands.comment, n, "reply", "It still blinks", by="emi")


def ask(year: Year, n: int) -> None:
    year.do(commands.hold, n, "requester", question="Which room?", by="ito")


def wait(year: Year, n: int) -> None:
    until = year.now + year.chance.randint(30, 6000) * MINUTE
    reason = year.chance.choice(["change", "delivery", "other"])
    year.do(commands.hold, n, reason, until=until, by="ito")


def resume(year: Year, n: int) -> None:
    year.do(commands.resume, n, by="ito")


def resolve(year: Year, n: int) -> None:
    year.do(commands.resolve, n, "solved", "Plugged in", by=year.chance.choice(AGENTS))


def reopen(year: Year, n: int) -> None:
    year.do(commands.reopen, n, by="emi", text="It is broken again")


def close(year: Year, n: int) -> None:
    year.do(commands.close, n, by="emi")


def cancel(year: Year, n: int) -> None:
    year.do(commands.cancel, n, by="emi")


def prioritise(year: Year, n: int) -> None:
    impact, urgency = year.chance.randint(1, 3), year.chance.randint(1, 3)
    year.do(commands.prioritise, n, impact, urgency, reason="as it is", by="sato")


def reclassify(year: Year, n: int) -> None:
    service = year.chance.choice(["internet", "printing"])
    year.do(commands.reclassify, n, service, "incident", by="ito")


def hand_off(year: Year, n: int) -> None:
    to = year.chance.choice(["desk", "network", "netone", "printco"])
    year.do(handing.hand_off, n, to, note="Cable is fine", by=year.chance.choice(AGENTS))


def receive(year: Year, n: int) -> None:
    """Whoever has it accepts, answers, sends back, or has it taken away."""
    handoffs = year.desk.story(n).handoffs
    if not handoffs:
        return
    last = handoffs[-1]
    who = {"group:1": "ito", "group:2": "abe", "partner:1": "kim", "partner:2": "park"}
    by = who.get(last.receiver, "ito")
    match year.chance.choice(["accept", "accept", "answer", "send_back", "recall"]):
        case "accept":
            year.do(handing.accept, n, last.n, by=by)
        case "answer":
            year.do(handing.answer, n, last.n, "A switch was dead", by=by)
        case "send_back":
            year.do(handing.send_back, n, last.n, "Not ours", by=by)
        case _:
            year.do(handing.recall, n, last.n, by="ito", reason="Found it")


def wish(year: Year, n: int) -> None:
    year.do(commands.wish, n, year._due(), by=year.chance.choice(["emi", "ito"]), reason="Later")


def confirm(year: Year, n: int) -> None:
    for entry in year.desk.story(n).dates:
        if entry.state == "proposed":
            year.do(commands.confirm_wish, n, entry.n, year.chance.random() < 0.7, by="emi")


def promise(year: Year, n: int) -> None:
    year.do(commands.promise, n, year._due(), by="ito", reason="Parts come then")


def exclude(year: Year, n: int) -> None:
    """Some of the time shall not count; the manager decides."""
    story = year.desk.story(n)
    clock = year.chance.choice(["resolution", "response", story.given_to])
    until = story.resolved_at or year.now
    span = (until - story.logged_at) // MINUTE
    start = story.logged_at + year.chance.randint(0, max(span, 1)) * MINUTE
    wanted = Wanted(start, start + (until - start) // MINUTE // 2 * MINUTE, (clock,))
    asked = year.do(exclusions.ask_for, n, wanted, "The site was closed", by="ito")
    if year.chance.random() < 0.7:
        approved = year.chance.random() < 0.7
        year.do(exclusions.settle, n, asked, approved, "So it is", by="ueda")


OFTEN = [take, reply, ask, answer_back, resume, resolve, hand_off, receive, receive, prioritise]
RARE = [wait, reopen, close, cancel, reclassify, wish, confirm, promise, exclude]
ACTS = [*OFTEN, *OFTEN, *RARE]


# What the administrator changes


def give_policy(year: Year, data: Data) -> None:
    data["policies"] = {"usual": list(POLICY)}
    for service in data["services"].values():
        service["policy"] = "usual"


def close_a_day(year: Year, data: Data) -> None:
    day = (year.now + year.chance.randint(-5, 15) * DAY).date()
    office = data["calendars"]["office"]
    office["closed"] = sorted({*map(str, office.get("closed", [])), str(day)})


def open_a_day(year: Year, data: Data) -> None:
    day = str((year.now + year.chance.randint(0, 9) * DAY).date())
    data["calendars"]["office"].setdefault("open", {})[day] = ["10:00-13:00", "21:00-27:00"]


def other_hours(year: Year, data: Data) -> None:
    data["calendars"]["office"]["hours"] = dict(year.chance.choice(HOURS))


def other_zone(year: Year, data: Data) -> None:
    data["calendars"]["always"]["zone"] = year.chance.choice(ZONES)
    data["calendars"]["always"]["hours"] = dict(year.chance.choice(HOURS))


def other_targets(year: Year, data: Data) -> None:
    standard = data["agreements"]["standard"]
    resolution = year.chance.choice([60, 240, 480, 2400, "1d", "3d"])
    said = {"response": year.chance.choice([15, 60, 240]), "resolution": resolution}
    standard["targets"][year.chance.choice(PRIORITIES)] = said
    standard["targets"].pop(year.chance.choice(PRIORITIES), None)


def other_pauses(year: Year, data: Data) -> None:
    reasons = ["requester", "change", "delivery", "other"]
    key = year.chance.choice(["standard", "round"])
    data["agreements"][key]["pauses"] = year.chance.sample(reasons, year.chance.randint(0, 3))


def other_ola(year: Year, data: Data) -> None:
    data["groups"]["network"]["targets"] = {
        "acceptance": year.chance.choice([15, 60, "1d"]),
        "answer": year.chance.choice([120, "2d"]),
        "holding": year.chance.choice([60, 600, "1d"]),
    }


def other_contract(year: Year, data: Data) -> None:
    targets = data["partners"]["netone"].setdefault("targets", {})
    targets[year.chance.choice(PRIORITIES)] = {"acceptance": 30, "holding": "1d"}


def other_calendar(year: Year, data: Data) -> None:
    key = year.chance.choice(["office", "always"])
    data["agreements"]["round"]["calendar"] = data["groups"]["network"]["calendar"] = key


def other_priorities(year: Year, data: Data) -> None:
    levels = f"{year.chance.randint(1, 3)},{year.chance.randint(1, 3)}"
    data.setdefault("priorities", {})[levels] = year.chance.choice(PRIORITIES)


def other_service(year: Year, data: Data) -> None:
    key = year.chance.choice(["standard", "round"])
    data["services"]["printing"]["agreement"] = key


EDITS = [
    close_a_day, close_a_day, open_a_day, other_hours, other_zone, other_targets, other_pauses,
    other_ola, other_contract, other_calendar, other_priorities, other_service,
]  # fmt: skip

DOINGS: list[tuple[Callable[[Year], None], int]] = [
    (Year.log, 10),
    (Year.work, 80),
    (Year.edit, 4),
    (Year.catch_up, 4),
    (Year.apply, 2),
    (Year.sweep, 12),
    (Year.work_off, 2),
]
CHANGES = (Year.edit, Year.apply)
