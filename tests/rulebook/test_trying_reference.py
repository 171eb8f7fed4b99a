"""The dry run against a desk that looks at every minute, on random stories (E1 to E4)."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from servicedesk.errors import DeskError
from servicedesk.event import Event
from servicedesk.incidents import acts
from servicedesk.incidents.acts import Act
from servicedesk.incidents.clocks import Clockwork
from servicedesk.incidents.lifecycle import IllegalMove
from servicedesk.incidents.rules import StepDue, to_come
from servicedesk.rulebook.simulating import noticed, simulate
from servicedesk.setup.directory import Directory
from servicedesk.setup.steps import read_steps
from servicedesk.times import iso
from tests.incidents.imagined import DOINGS, EXTRAS, OFTEN, Imagined
from tests.incidents.told import EMI, ITO
from tests.support.torture import enough

MINUTE = timedelta(minutes=1)
GAPS = (0, 0, 1, 7, 30, 60, 181, 480)  # minutes; the desk looks at each of them
TAIL = 900
# What is due at whole minutes, so that whoever looks at each of them is never late (`wish` is not).
STEPS = [
    *({"key": f"{kind}-{at}", "when": {"clock": kind, "at": at}}
      for kind in ("response", "resolution", "holding", "answer", "acceptance", "requested")
      for at in (100, 200)),
    {"key": "unaccepted", "when": {"unaccepted": 10}},
    {"key": "unassigned", "when": {"unassigned": 20}},
    {"key": "untouched", "when": {"untouched": 45}},
    {"key": "urgent", "when": {"clock": "resolution", "at": 100},
     "for": {"priority": ["P1", "P2"]}},
    {"key": "away", "when": {"clock": "response", "at": 100}, "for": {"partner": ["partner-1"]}},
    {"key": "climb", "when": {"untouched": 15}, "repeat": {"every": 5, "most": 4}},
    {"key": "late", "when": {"clock": "resolution", "at": 100}, "for": {"priority": ["P1", "P3"]},
     "repeat": {"every": 20, "most": 6}},
]  # fmt: skip
NAMES = [*DOINGS, *OFTEN, *OFTEN, "take", "take", "acknowledge"]
NAMES = [name for name in NAMES if name != "resolve_elsewhere"]

Rule = tuple[str, int, datetime, datetime]  # step, round, due, done


def ruled(setup: Directory) -> Directory:
    """The same desk with rules for all its services."""
    services = {id: replace(it, policy="usual") for id, it in setup.services.items()}
    return replace(setup, policies={"usual": read_steps(STEPS)}, services=services)


class Live:
    """A desk that sweeps each minute while people act, as it notes what it fired."""

    def __init__(self, setup: Directory, at: datetime) -> None:
        self.act = Act(Clockwork(setup), at, EMI)
        self.fired: list[Rule] = []
        acts.log(self.act, requester=EMI, service=setup.services[1])
        self.dues = to_come(self.act.work)

    def pass_time(self, since: datetime, minutes: int) -> None:
        """Look at each minute from then on."""
        for n in range(minutes):
            self.sweep(since + n * MINUTE)

    def sweep(self, now: datetime) -> None:
        """Do what is due, the earliest first."""
        while self.dues and self.dues[0].at <= now:
            self._fire(self.dues[0], now)

    def _fire(self, due: StepDue, now: datetime) -> None:
        policy, step, cycle = due.identity
        self.act.now, self.act.actor = now, None
        self.act.record("step.fired", policy=policy, step=step, cycle=cycle, due=iso(due.at))
        self.fired.append((step, due.round, due.at, now))
        self.dues = to_come(self.act.work)

    def do(self, name: str, extra: Any, now: datetime) -> None:
        """Let somebody do something, if it is allowed then."""
        requesters = ("wish", "confirm", "answered")
        self.act.now, self.act.actor = now, EMI if name in requesters else ITO
        with suppress(IllegalMove, DeskError, LookupError):
            if name == "acknowledge":
                acts.acknowledge(self.act)
            elif name != "take" or self.act.story.assignee != ITO:
                DOINGS[name](self.act, extra)
        self.dues = to_come(self.act.work)


class Whole(Imagined):
    """A desk of which everything changes at whole minutes."""

    def instant(self, first: int, last: int) -> datetime:
        """Some instant without seconds."""
        return super().instant(first, last).replace(second=0)


@st.composite
def lived(draw: st.DrawFn) -> tuple[Live, datetime]:
    """Any incident at any desk with rules, and when it was looked at last."""
    imagined, chance = Whole(draw), draw(st.randoms(use_true_random=True))
    at = imagined.instant(-2, 1)
    live = Live(ruled(imagined.setup), at)
    for _ in range(draw(st.integers(0, 14))):
        minutes = chance.choice(GAPS)
        live.pass_time(at, minutes)
        at += minutes * MINUTE
        _something(live, at, chance)
    live.pass_time(at, TAIL)
    return live, at + TAIL * MINUTE


def _something(live: Live, at: datetime, chance: Random) -> None:
    name = chance.choice(NAMES)
    live.do(name, EXTRAS[name](chance) if name in EXTRAS else None, at)


def tried(events: list[Event], live: Live, start: datetime, end: datetime) -> list[Rule]:
    """What the dry run says of a journal, by the rules that were in force."""
    found = simulate(events, live.act.directory, start, end)
    return [(due.step.key, due.round, due.at, noticed(due, work)) for due, work in found]


@settings(max_examples=enough(25, 2000))
@given(lived())
def test_it_finds_what_a_desk_fires_that_looks_at_every_minute(one: tuple[Live, datetime]) -> None:
    """E1 to E4: the same steps and rounds, due and done at the same instants."""
    live, end = one
    start = live.act.story.logged_at
    said = tried(live.act.events, live, start, end)
    assert sorted(said) == sorted(live.fired)
    middle = start + (end - start) / 2
    halves = tried(live.act.events, live, start, middle), tried(live.act.events, live, middle, end)
    assert [rule for half in halves for rule in half] == said


@settings(max_examples=enough(15, 2000))
@given(lived())
def test_rules_that_were_not_there_find_the_same(one: tuple[Live, datetime]) -> None:
    """E1, E3: where others were in force then, and nobody took responsibility by a link."""
    live, end = one
    if any(_is_alone(live.act.events, n) for n in range(len(live.act.events))):
        return
    journal = [
        replace(event, data={**event.data, "policy": "older"})
        if event.kind.startswith("step.")
        else event
        for event in live.act.events
    ]
    assert sorted(tried(journal, live, live.act.story.logged_at, end)) == sorted(live.fired)


def _is_alone(events: list[Event], n: int) -> bool:
    """Say whether responsibility was taken otherwise than by taking the incident."""
    one = events[n]
    if one.kind != "step.acknowledged":
        return False
    same = (it for it in events if it.at == one.at and it.kind == "incident.assigned")
    return not any(it.data.get("assignee") == one.actor for it in same)
