"""Random desks and what people do at them, for the clocks' properties."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from random import Random
from typing import Any

from hypothesis import strategies as st

from servicedesk.errors import DeskError
from servicedesk.escalation import handoffs
from servicedesk.event import Event
from servicedesk.incidents import acts
from servicedesk.incidents.acts import Act, Due
from servicedesk.incidents.clocks import ClockState, Clockwork, Name, follow
from servicedesk.incidents.lifecycle import IllegalMove
from servicedesk.setup.directory import Directory, Party, Service
from servicedesk.sla.agreement import Agreement, read_terms
from servicedesk.sla.calendar import Calendar, Version, Window, parse_hours
from servicedesk.times import iso
from tests.incidents.told import EMI, ITO
from tests.incidents.world import World
from tests.sla.naive import DAY, MINUTE, SECOND
from tests.sla.test_calendar_properties import PIVOTS

PRIORITIES = ("P1", "P2", "P3", "P4", "P5")
REFS = (("group:1", 1), ("group:2", 2), ("partner:1", 0), ("partner:2", 0))
REASONS = ("requester", "change", "delivery", "approval")
CALENDARS = ("here", "there")
CONTRACT = ("acceptance", "answer", "holding")
CUSTOMER = ("response", "resolution")
ALWAYS = {"mon-sun": ["00:00-24:00"]}
HOURS = {"mon-fri": ["09:00-12:00", "13:00-18:00"], "sat": ["10:00-14:00"]}
MINUTES = st.sampled_from([1, 15, 60, 90, 240, 480, 1440])


@st.composite
def windows(draw: st.DrawFn) -> Window:
    """A window of any day, overnight too."""
    start = draw(st.sampled_from([0, 60, 120, 150, 540, 780, 1320, 1380]))
    return start, min(start + draw(st.sampled_from([0, 30, 180, 300, 480, 1440])), 2880)


def versions(zone: str, noon: datetime) -> st.SearchStrategy[Version]:
    """A version: usual hours or any, days off and special days near the day of the jump."""
    week = st.tuples(*[st.lists(windows(), max_size=2).map(tuple)] * 7)
    days = st.integers(-4, 4).map(lambda distance: noon.date() + distance * DAY)
    return st.builds(
        Version,
        zone=st.sampled_from([zone, zone, "Asia/Tokyo"]),
        weekly=st.one_of(st.just(parse_hours(ALWAYS)), st.just(parse_hours(HOURS)), week),
        days_off=st.frozensets(days, max_size=2),
        special=st.dictionaries(days, st.lists(windows(), max_size=2).map(tuple), max_size=2),
    )


def targets(kinds: tuple[str, ...]) -> st.SearchStrategy[dict[str, Any]]:
    """Targets, by priority or the same for all."""
    target = st.one_of(MINUTES, MINUTES, st.sampled_from(["1d", "2d"]))
    by_kind = st.dictionaries(st.sampled_from(kinds), target)
    by_priority = st.dictionaries(st.sampled_from(PRIORITIES), by_kind, max_size=4)
    whole = st.fixed_dictionaries(dict.fromkeys(kinds, target))
    return st.one_of(whole, whole, whole, by_kind, by_priority)


@dataclass
class Imagined:
    """A desk with calendars, agreements and parties of random versions."""

    draw: st.DrawFn

    def __post_init__(self) -> None:
        zone, day = self.draw(st.sampled_from(PIVOTS))
        self.noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
        calendars = {key: self._calendar(zone) for key in CALENDARS}
        parties = [
            Party(ref, ref.replace(":", "-"), ref, self._agreement(10 + n, CONTRACT), tier)
            for n, (ref, tier) in enumerate(REFS)
        ]
        path = tuple(ref for ref, _tier in REFS)
        services = [
            Service(id, f"service-{id}", "Service", path, self._agreement(id, CUSTOMER))
            for id in (1, 2)
        ]
        self.setup = Directory(
            name="Desk",
            zone=zone,
            language="en",
            revision=1,
            calendars=calendars,
            agreements={service.agreement.id: service.agreement for service in services},
            parties={party.ref: party for party in parties},
            services={service.id: service for service in services},
        )

    def instant(self, first: int, last: int) -> datetime:
        """Some instant, mostly a whole minute, in days from the jump."""
        minutes = self.draw(st.integers(first * 1440, last * 1440))
        return self.noon + minutes * MINUTE + self.draw(st.sampled_from([0, 0, 0, 17])) * SECOND

    def _since(self, most: int) -> list[datetime | None]:
        later = [self.instant(-3, 4) for _ in range(self.draw(st.integers(0, most)))]
        return [None, *sorted(later)]

    def _calendar(self, zone: str) -> Calendar:
        since = self._since(2)
        drawn = (self.draw(versions(zone, self.noon)) for _ in since)
        return Calendar([replace(v, valid_from=at) for v, at in zip(drawn, since, strict=True)])

    def _agreement(self, id: int, kinds: tuple[str, ...]) -> Agreement:
        terms = []
        for number, since in enumerate(self._since(2), start=1):
            said = {
                "calendar": self.draw(st.sampled_from(CALENDARS)),
                "targets": self.draw(targets(kinds)),
                "pauses": self.draw(st.lists(st.sampled_from(REASONS), max_size=3)),
            }
            terms.append(read_terms(said, since, number))
        return Agreement(id, f"agreement-{id}", tuple(terms))


# What people do


def _open(act: Act) -> int:
    return act.story.handoff.n if act.story.handoff else 0


def _apply(act: Act, id: int) -> None:
    """C8: apply the version in force to what is open."""
    every = [s.agreement for s in act.directory.services.values()]
    every += [party.agreement for party in act.directory.parties.values()]
    agreement = next(one for one in every if one.id == id)
    since = (terms for terms in agreement.versions[1:] if terms.valid_from)
    number = 1 + sum(terms.valid_from <= act.now for terms in since if terms.valid_from)
    if act.story.is_open:
        act.record("agreement.applied", agreement=id, version=number)


def _exclude(act: Act, said: tuple[int, int, str]) -> None:
    """C11: ask for an interval before now; every second one is approved."""
    back, length, clock = said
    start = act.now - back * MINUTE
    end = start + length * MINUTE
    asked = act.record("exclusion.asked", start=iso(start), end=iso(end), clocks=[clock])
    if length % 2:
        act.record("exclusion.approved", n=asked.seq)


def _send(act: Act, ref: str) -> None:
    history = act.imported
    handoffs.send(act, act.directory.party(ref), note="digest", accepted=history)


def _resolve_elsewhere(act: Act, ref: str) -> None:
    """A history says in one line that it was handed off and resolved."""
    if act.imported and ref != act.story.given_to:
        handoffs.send(act, act.directory.party(ref), accepted=True, resolving=True)
        acts.resolve(act, "solved")


def _go_on(act: Act, _extra: Any) -> None:
    """A history that goes on with what had ended says first that it is open again."""
    if act.imported and not act.story.is_open:
        acts.reopen(act)
    elif act.story.state != "in_progress":
        acts.start(act)


def _hold(act: Act, reason: str) -> None:
    if act.imported and not act.story.is_open:
        acts.reopen(act)
    acts.hold(act, reason, act.now + 90 * DAY)


def _confirm(act: Act, yes: bool) -> None:
    proposed = [d.n for d in act.story.dates if d.state == "proposed"]
    acts.confirm_wish(act, proposed[-1] if proposed else 0, yes)


def _due(act: Act, minutes: int) -> Due:
    at = act.now + minutes * MINUTE
    return Due(day=at.date()) if minutes % 2 else Due(at=at)


DOINGS: dict[str, Callable[[Act, Any], object]] = {
    "send": _send,
    "accept": lambda act, _: handoffs.accept(act, _open(act)),
    "answer": lambda act, _: handoffs.answer(act, _open(act), "digest"),
    "send_back": lambda act, _: handoffs.send_back(act, _open(act), "digest"),
    "recall": lambda act, _: handoffs.recall(act, _open(act)),
    "ask": lambda act, _: handoffs.ask(act, _open(act), "digest"),
    "tell": lambda act, _: handoffs.reply(act, _open(act), "digest"),
    "refuse_answer": lambda act, _: handoffs.refuse_answer(act, len(act.story.handoffs), "digest"),
    "nudge": lambda act, _: handoffs.nudge(act, _open(act)),
    "take": lambda act, _: acts.take(act),
    "start": _go_on,
    "hold": _hold,
    "resolve": lambda act, _: acts.resolve(act, "solved"),
    "resolve_elsewhere": _resolve_elsewhere,
    "close": lambda act, _: acts.close(act),
    "reopen": lambda act, _: acts.reopen(act) if not act.story.is_open else None,
    "cancel": lambda act, _: acts.cancel(act, consent=True),
    "reply": lambda act, _: acts.comment(act, None, "reply", "digest", desk=True),
    "answered": lambda act, _: acts.comment(act, None, "reply", "digest", desk=False),
    "prioritise": lambda act, level: acts.prioritise(act, *level, reason="digest", lead=True),
    "reclassify": lambda act, id: acts.reclassify(act, act.directory.services[id]),
    "apply": _apply,
    "exclude": _exclude,
    "wish": lambda act, minutes: acts.wish(act, _due(act, minutes)),
    "propose": lambda act, minutes: acts.wish(act, _due(act, minutes), by_requester=False),
    "confirm": _confirm,
    "promise": lambda act, minutes: acts.promise(act, _due(act, minutes), reason="digest"),
}
ALL_AGREEMENTS = (1, 2, *range(10, 10 + len(REFS)))


def _excluded(chance: Random) -> tuple[int, int, str]:
    length = chance.choice([31, 121, 301, 601, 602, 3001])
    clock = chance.choice([*CUSTOMER, *(ref for ref, _tier in REFS)])
    return chance.choice([60, 300, 1440, 4000]), length, clock


def _from_now(chance: Random) -> int:
    return chance.choice([1, 30, 61, 240, 1441, 4320])


def _ref(chance: Random) -> str:
    return chance.choice(REFS)[0]


EXTRAS: dict[str, Callable[[Random], Any]] = {
    "send": _ref,
    "resolve_elsewhere": _ref,
    "hold": lambda chance: chance.choice(REASONS),
    "prioritise": lambda chance: (chance.randint(1, 3), chance.randint(1, 3)),
    "reclassify": lambda chance: chance.choice([1, 2]),
    "apply": lambda chance: chance.choice(ALL_AGREEMENTS),
    "exclude": _excluded,
    "wish": _from_now,
    "propose": _from_now,
    "confirm": lambda chance: chance.random() < 0.7,
    "promise": _from_now,
}
GAPS = (0, 0, 1, 43, 60, 900, 3600, 3660, 7200, 14_400, 28_799)
OFTEN = ("send", "send", "hold", "hold", "start", "prioritise", "reopen", "exclude", "send_back",
         "ask", "tell", "answer", "refuse_answer")  # fmt: skip
NAMES = (*DOINGS, *OFTEN, *OFTEN)
TRIES = 12  # until something is allowed


@dataclass
class Played:
    """An incident that was played, on its set-up."""

    setup: Directory
    events: list[Event]
    now: datetime

    def _repr_pretty_(self, printer: Any, _cycle: bool) -> None:
        """Say it briefly: what fails is read by people."""
        printer.text(str(self))

    def __str__(self) -> str:
        said = [f"until {self.now:%m-%d %H:%M}"]
        world = World.of(self.setup)
        said += [f"{key}: {one}" for key, every in world.calendars.items() for one in every]
        said += [
            f"agreement {id}: {one}" for id, every in world.agreements.items() for one in every
        ]
        said += [f"{e.seq} {e.at:%m-%d %H:%M} {e.kind} {dict(e.data)}" for e in self.events]
        return "\n".join(["", *said, ""])

    @property
    def world(self) -> World:
        """The set-up for the reference."""
        return World.of(self.setup)

    def states(self, now: datetime | None = None) -> dict[Name, ClockState]:
        """Give what the engine says, followed anew."""
        work = follow(self.events, self.setup)
        return {state.name: state for state in work.states(now or self.now)}


def play(imagined: Imagined, doings: int, chance: Random, *, imported: bool = False) -> Played:
    """Let people do so many things, of which each is allowed when it is done."""
    at = imagined.instant(-2, 1)
    act = Act(Clockwork(imagined.setup), at, EMI, imported=imported)
    service = imagined.setup.services[1]
    acts.log(act, requester=EMI, service=service, response=chance.random() < 0.3)
    for _ in range(doings):
        at += chance.choice(GAPS) * SECOND
        _do_something(act, at, chance)
    later = chance.choice([1, 60, 7777, 120_000])
    return Played(imagined.setup, act.events, at + later * SECOND)


def _do_something(act: Act, at: datetime, chance: Random) -> None:
    for _ in range(TRIES):
        name, before = chance.choice(NAMES), act.story.seq
        act.now, act.actor = at, EMI if name in ("wish", "confirm", "answered") else ITO
        extra = EXTRAS[name](chance) if name in EXTRAS else None
        with suppress(IllegalMove, DeskError, LookupError):
            DOINGS[name](act, extra)
        if act.story.seq > before:
            return


def some(draw: st.DrawFn) -> tuple[int, Random]:
    """How many things are done, and by which chance: fewer show more plainly what goes wrong."""
    return draw(st.integers(0, 16)), draw(st.randoms(use_true_random=True))


@st.composite
def played(draw: st.DrawFn, *, imported: bool | None = None) -> Played:
    """Any incident at any desk."""
    history = draw(st.booleans()) if imported is None else imported
    return play(Imagined(draw), *some(draw), imported=history)
