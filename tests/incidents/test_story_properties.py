"""Whatever people do in whatever order: the story and its clocks against a second reckoning."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from servicedesk.errors import DeskError
from servicedesk.escalation import handoffs
from servicedesk.incidents import acts
from servicedesk.incidents.acts import Act
from servicedesk.incidents.clocks import ClockState, follow
from servicedesk.incidents.happenings import tell
from servicedesk.incidents.lifecycle import IllegalMove
from servicedesk.incidents.story import REQUESTER
from servicedesk.setup.directory import Directory
from tests.cast import at
from tests.incidents.told import (
    DESK,
    EMI,
    ITO,
    NETONE,
    NETWORK,
    PRINTCO,
    Told,
    agreement,
    directory,
)

ROUND_THE_CLOCK = {"calendar": "always", "targets": {"holding": 90, "acceptance": 20, "answer": 60}}
RECEIVERS = (DESK, NETWORK, NETONE, PRINTCO)
TARGET = 600 * 60  # the resolution of printing
LATER = timedelta(days=9)


def round_the_clock() -> Directory:
    """A desk that never closes: counted time is elapsed time."""
    setup = directory()
    parties = {
        ref: replace(party, agreement=agreement(9, "round", ROUND_THE_CLOCK))
        for ref, party in setup.parties.items()
    }
    return replace(setup, parties=parties)


SETUP = round_the_clock()


@dataclass
class Reckoning:
    """A second, plain reckoning: who has it, and every second of every party, one act at a time."""

    now: datetime
    open: bool = True
    hold: str | None = None
    has: str = DESK.ref
    # the hand-off that is open: to whom it returns, and who was given it
    senders: list[tuple[str, str]] = field(default_factory=list)
    answered: tuple[str, str] | None = None  # the last hand-off, if it was answered
    asking: bool = False
    held: dict[str, int] = field(default_factory=dict)
    counted: int = 0
    reached: datetime | None = None  # when the resolution's target was used up

    def pass_to(self, instant: datetime) -> None:
        """Let time pass."""
        seconds = int((instant - self.now).total_seconds())
        if self.open:
            has = self.senders[0][0] if self.asking else self.has  # H2
            holder = REQUESTER if self.hold == "requester" else has
            self.held[holder] = self.held.get(holder, 0) + seconds
            if self.hold not in ("requester", "change"):
                if self.reached is None and self.counted + seconds >= TARGET:
                    self.reached = self.now + timedelta(seconds=TARGET - self.counted)
                self.counted += seconds
        self.now = instant

    def note(self, name: str, extra: Any) -> None:
        """Note what was done."""
        match name:
            case "send":
                self._send(extra.ref)
            case "ask" | "reply":
                self.asking = name == "ask"
            case "refuse_answer":
                self._go_on()
            case "answer" | "send_back" | "recall":
                self.answered = self.senders[0] if name == "answer" else None
                self._give_back()
            case "hold":
                self.hold = extra
            case "start" | "reopen":
                self.hold, self.open = None, True
            case "resolve" | "cancel":
                self._end()

    def _go_on(self) -> None:
        self.senders, self.answered = [self.answered or ("", "")], None
        self.has = self.senders[0][1]

    def _end(self) -> None:
        if self.senders:
            self.answered = None
        if self.senders and self.senders[0][1].startswith("partner:"):
            self.has = self.senders[0][0]
        self.open, self.hold, self.senders, self.asking = False, None, [], False

    def _send(self, receiver: str) -> None:
        """A partner can't act on an answer: it goes past it. Who is asked takes it back first."""
        if self.asking:
            self._give_back()
            if self.has == receiver:
                self.answered = None
                return
        through = self.senders and self.senders[0][1].startswith("partner:")
        back = self.senders[0][0] if through else self.has
        self.senders, self.has, self.answered = [(back, receiver)], receiver, None

    def _give_back(self) -> None:
        self.has, self.senders, self.asking = self.senders[0][0], [], False


def number(act: Act) -> int:
    return act.story.handoff.n if act.story.handoff else 0


Doing = Callable[[Act, Any], object]
DOINGS: dict[str, Doing] = {
    "send": lambda act, party: handoffs.send(act, party, note="digest"),
    "accept": lambda act, _: handoffs.accept(act, number(act)),
    "answer": lambda act, _: handoffs.answer(act, number(act), "digest"),
    "send_back": lambda act, _: handoffs.send_back(act, number(act), "digest"),
    "recall": lambda act, _: handoffs.recall(act, number(act)),
    "ask": lambda act, _: handoffs.ask(act, number(act), "digest"),
    "reply": lambda act, _: handoffs.reply(act, number(act), "digest"),
    "refuse_answer": lambda act, _: handoffs.refuse_answer(act, len(act.story.handoffs), "digest"),
    "take": lambda act, _: acts.take(act),
    "start": lambda act, _: acts.start(act),
    "hold": lambda act, reason: acts.hold(act, reason, act.now + LATER),
    "resolve": lambda act, _: acts.resolve(act, "solved"),
    "close": lambda act, _: acts.close(act),
    "reopen": lambda act, _: acts.reopen(act),
    "cancel": lambda act, _: acts.cancel(act, consent=True),
    "prioritise": lambda act, level: acts.prioritise(act, level, 3, reason="digest", lead=True),
    "wish": lambda act, _: acts.wish(act, acts.Due(at=act.now + LATER)),
}
EXTRAS: dict[str, st.SearchStrategy[Any]] = {
    "send": st.sampled_from(RECEIVERS),
    "hold": st.sampled_from(["requester", "change", "delivery"]),
    "prioritise": st.sampled_from([1, 2, 3]),
}
GAPS = st.sampled_from([0, 0, 1, 60, 1799, 3600, 5 * 3600, 40 * 3600])
OFTEN = (
    "send", "hold", "start", "answer", "recall", "send_back", "resolve", "reopen", "ask", "reply",
    "refuse_answer",
)  # fmt: skip
NAMES = st.sampled_from([*DOINGS, *OFTEN, *OFTEN])
STEPS = st.lists(
    NAMES.flatmap(lambda name: st.tuples(GAPS, st.just(name), EXTRAS.get(name, st.none()))),
    max_size=25,
)
Step = tuple[int, str, Any]


def play(steps: list[Step], setup: Directory = SETUP) -> tuple[Told, Reckoning]:
    """Let people do all this; what is refused must change nothing."""
    it = Told("09:00", service="printing", setup=setup)
    second = Reckoning(at("09:00"))
    for gap, name, extra in steps:
        second.pass_to(second.now + timedelta(seconds=gap))
        it.act.now, it.act.actor = second.now, EMI if name in ("cancel", "wish") else ITO
        before = it.story.seq
        if name == "start" and it.story.state == "in_progress":
            continue
        try:
            DOINGS[name](it.act, extra)
        except (IllegalMove, DeskError):
            assert it.story.seq == before
        else:
            second.note(name, extra)
    second.pass_to(second.now + timedelta(hours=1))
    return it, second


def states(it: Told, now: datetime) -> dict[Any, ClockState]:
    return {state.name: state for state in it.act.work.states(now)}


@given(STEPS)
def test_holdings_are_what_a_second_reckoning_says(steps: list[Step]) -> None:
    """H1: exactly one party holds it while it is open: no gap, no overlap, exact sums."""
    it, second = play(steps)
    held: dict[str, int] = {}
    for holding in it.story.holdings:
        seconds = ((holding.end or second.now) - holding.start).total_seconds()
        held[holding.holder] = held.get(holding.holder, 0) + int(seconds)
    assert {k: v for k, v in held.items() if v} == {k: v for k, v in second.held.items() if v}
    for one, two in pairwise(it.story.holdings):
        assert one.end is not None
        gap = (one.end, two.start) in it.story.ended
        assert gap or one.end == two.start
    lasting = [h for h in it.story.holdings if h.end is None]
    assert lasting == (it.story.holdings[-1:] if second.open else [])


@given(STEPS)
def test_one_hand_off_is_open_at_most_and_its_receiver_has_it(steps: list[Step]) -> None:
    """H2: one after the other."""
    it, second = play(steps)
    waiting = [handoff for handoff in it.story.handoffs if handoff.is_open]
    assert len(waiting) == len(second.senders)
    assert it.story.given_to == second.has
    if waiting:
        assert waiting == it.story.handoffs[-1:]
        assert waiting[0].receiver == it.story.given_to


@given(STEPS)
def test_the_resolution_counts_what_a_second_reckoning_counts(steps: list[Step]) -> None:
    """C4, C10, C12: open and not paused; late from the second after the target is used up."""
    it, second = play(steps)
    clock = states(it, second.now)["resolution", None, None]
    assert clock.counted == second.counted
    assert (clock.breached_at is not None) == (second.counted > TARGET)
    if clock.breached_at:
        assert clock.breached_at == second.reached


@given(STEPS)
def test_every_holding_clock_counts_its_partys_seconds(steps: list[Step]) -> None:
    """C4: `holding` runs exactly while its party holds."""
    it, second = play(steps)
    clocks = states(it, second.now)
    for party in RECEIVERS:
        clock = clocks.get(("holding", party.ref, None))
        counted = clock.counted if clock else 0
        assert counted == second.held.get(party.ref, 0)
        if clock:
            has = second.senders[0][0] if second.asking else second.has
            here = second.hold != "requester" and has == party.ref
            assert clock.running == (second.open and here)


@given(STEPS)
def test_no_clock_counts_backwards_or_beyond_the_time_that_passed(steps: list[Step]) -> None:
    """C4: paused time never counts; C10: a verdict is one of five."""
    it, second = play(steps)
    passed = int((second.now - at("09:00")).total_seconds())
    for state in states(it, second.now).values():
        if state.counted is not None:
            assert 0 <= state.counted <= passed
            assert state.counted == sum(s.counted for s in state.stretches) or state.running
        assert state.state in ("running", "paused", "met", "breached", "cancelled")


@given(STEPS)
def test_events_alone_say_all_of_it(steps: list[Step]) -> None:
    """C6: a clock is a function of events and set-up; read again they give the same."""
    it, second = play(steps)
    assert tell(it.act.events) == it.story
    assert follow(it.act.events, SETUP).states(second.now) == it.act.work.states(second.now)


@given(STEPS)
def test_judging_later_never_needs_to_look_again(steps: list[Step]) -> None:
    """C6, C10: what is kept now says the verdict of any later instant."""
    it, second = play(steps)
    now, later = states(it, second.now), second.now + timedelta(hours=30)
    for name, state in states(it, later).items():
        kept = now[name]
        late = kept.running and kept.late_from is not None and kept.late_from <= later
        assert state.breached_at == (kept.breached_at or (kept.breaches_at if late else None))
