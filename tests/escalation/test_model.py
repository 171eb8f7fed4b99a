"""Random people of every role do random legal and illegal things; after each the rules hold."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, ClassVar

import pytest
import sqlalchemy as sa
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from servicedesk.errors import DeskError
from servicedesk.escalation import commands, returns
from servicedesk.escalation.sweep import sweep
from servicedesk.escalation.work import commands as work
from servicedesk.event import Event
from servicedesk.history.check import check
from servicedesk.incidents import commands as incidents
from servicedesk.incidents.clocks import follow
from servicedesk.incidents.models import Comment, HandOff, Incident, WorkRequest
from servicedesk.incidents.visibility import handed, requested, visible, visible_comments
from servicedesk.people.models import Person
from tests.cast import TOKYO, Desk, at
from tests.incidents import reference
from tests.incidents.situations import holdings, situations
from tests.incidents.world import TooFar, World
from tests.support.torture import enough

DESK_SIDE = ("ito", "sato", "abe", "mori")
PARTNERS = {"kim": "netone", "park": "printco"}
OTHERS = ("emi", "taro", "ueda", "root")
EVERYBODY = (*DESK_SIDE, *PARTNERS, *OTHERS)
PARTIES = ("desk", "network", "netone", "printco")
WORDS = st.sampled_from(["Look", "Which floor?", "電源が入らない", " "])
NUMBER = st.integers(1, 4)
DECIDED = {"return.allowed", "return.lapsed"}
GAPS = st.sampled_from([0, 60, 900, 3600, 5 * 3600, 26 * 3600])

# What somebody may try, with what it takes besides the incident's number.
BY_DESK: dict[str, tuple[Callable[..., Any], tuple[Any, ...]]] = {
    "hand_off": (commands.hand_off, (st.sampled_from(PARTIES),)),
    "recall": (commands.recall, (NUMBER,)),
    "reply": (commands.reply, (NUMBER, WORDS)),
    "refuse_answer": (commands.refuse_answer, (NUMBER, WORDS)),
    "nudge": (commands.nudge, (NUMBER,)),
    "take": (incidents.take, ()),
    "resolve": (incidents.resolve, (st.just("solved"), WORDS)),
    "hold": (incidents.hold, (st.just("requester"),)),
    "resume": (incidents.resume, ()),
    "request": (work.request, (st.sampled_from(PARTIES), WORDS)),
    "withdraw": (work.withdraw, (NUMBER,)),
}
BY_RECEIVER: dict[str, tuple[Callable[..., Any], tuple[Any, ...]]] = {
    "accept": (commands.accept, (NUMBER,)),
    "ask": (commands.ask, (NUMBER, WORDS)),
    "answer": (commands.answer, (NUMBER, WORDS)),
    "send_back": (commands.send_back, (NUMBER, WORDS)),
    "accept_work": (work.accept, (NUMBER,)),
    "finish_work": (work.finish, (NUMBER, WORDS)),
    "send_work_back": (work.send_back, (NUMBER, WORDS)),
}
BY_LEAD: dict[str, tuple[Callable[..., Any], tuple[Any, ...]]] = {
    "allow": (returns.allow, ()),
    "refuse_return": (returns.refuse, (WORDS,)),
    "withdraw_return": (returns.withdraw, ()),
}
TRIED = {**BY_DESK, **BY_RECEIVER, **BY_LEAD}
TRIES = st.sampled_from([*TRIED, "hand_off", "hand_off", "answer", "ask", "refuse_answer"]).flatmap(
    lambda name: st.tuples(st.just(name), st.tuples(*TRIED[name][1]))
)


class Between(RuleBasedStateMachine):
    """Two incidents, and everybody at them."""

    desk: ClassVar[Desk]
    world: ClassVar[World]

    @initialize()
    def log_two(self) -> None:
        """Report two incidents on Thursday morning."""
        self.now = at("09:00")
        self.numbers = [
            self.desk.log(when="09:00", service=service) for service in ("internet", "printing")
        ]

    @rule(gap=GAPS, sweeping=st.booleans())
    def let_time_pass(self, gap: int, sweeping: bool) -> None:
        """Wait, and let what is due by itself be done, or not."""
        self.now += timedelta(seconds=gap)
        if sweeping:
            with self.desk.session():
                sweep(self.now)
            for number in self.numbers:
                self._look(number)

    @rule(which=st.integers(0, 1), who=st.sampled_from(EVERYBODY), tried=TRIES)
    def try_something(self, which: int, who: str, tried: tuple[str, tuple[Any, ...]]) -> None:
        """Have anybody try anything; what is refused changes nothing."""
        self._try(self.numbers[which], who, *tried)

    @rule(which=st.integers(0, 1), times=st.integers(1, 2), data=st.data())
    def do_something_likely(self, which: int, times: int, data: st.DataObject) -> None:
        """Have somebody do what fits, so that stories grow long; perhaps twice in a row."""
        number = self.numbers[which]
        who, name, said = data.draw(st.sampled_from(self._likely(number)))
        for _time in range(times):
            self._try(number, who, name, said)

    def _likely(self, number: int) -> list[tuple[str, str, tuple[Any, ...]]]:
        story = self.desk.story(number)
        found: list[tuple[str, str, tuple[Any, ...]]] = [
            ("ito", "hand_off", (party,)) for party in PARTIES
        ]
        if story.proposal:
            found += [("sato", "allow", ()), ("abe", "refuse_return", ("No",))]
        found += [("ito", "request", ("netone", "Look"))]
        for asked in story.requests[-1:]:  # whoever it is for, one of them may not
            found += [(who, "finish_work", (asked.n, "Look")) for who in ("kim", "park", "abe")]
        last = story.handoffs[-1] if story.handoffs else None
        if last is None:
            return found
        people = {"netone": "kim", "printco": "park"}
        receiver = people.get(self.desk.setup().party(last.receiver).key, "mori")
        if not last.is_open:
            return [*found, ("ito", "refuse_answer", (last.n, "Still slow"))]
        if last.question:
            return [("ito", "reply", (last.n, "Third")), ("ito", "recall", (last.n,)), *found]
        acts = [(receiver, name, (last.n, "Look")) for name in ("answer", "answer", "ask")]
        forbidden = [("abe", "answer", (last.n, "Look")), (receiver, "recall", (last.n,))]
        once = [(receiver, "accept", (last.n,)), ("ito", "nudge", (last.n,))]
        return [*acts, *once * 3, *forbidden, *found]

    def _try(self, number: int, who: str, name: str, said: tuple[Any, ...]) -> None:
        before = self.desk.events(number)
        more: dict[str, Any] = {"note": "Please look"} if name == "hand_off" else {}
        if name in BY_LEAD:
            waiting = self.desk.story(number).proposal
            said = (waiting.n if waiting else 99, *said)
        try:
            self.desk.do(TRIED[name][0], number, *said, by=who, when=self.now, **more)
        except DeskError:
            assert self.desk.events(number) == before
            return
        self._may(number, who, name, before)
        self._look(number)

    def _may(self, number: int, who: str, name: str, before: list[Event]) -> None:
        """§9: the desk's own act by the desk alone, a partner's by that partner's people."""
        done = self.desk.events(number)[len(before) :]
        if name in BY_DESK or name in BY_LEAD:
            assert who in DESK_SIDE, (who, name)
            return
        words = [e for e in done if e.kind.startswith(("handoff.", "work."))]
        story = self.desk.story(number)
        of_work = name.endswith(("_work", "_back")) and words[0].kind.startswith("work.")
        rows: Any = story.requests if of_work else story.handoffs
        receiver = rows[words[0].data["n"] - 1].receiver
        if receiver.startswith("partner:"):
            assert self.desk.ref(PARTNERS.get(who, "desk")) == receiver, (who, name)
        else:
            assert who in DESK_SIDE

    def _look(self, number: int) -> None:
        events = self.desk.events(number)
        self._one_holder(number, events)
        self._clocks(events)
        self._between(number, events)
        for who, company in PARTNERS.items():
            self._sees_its_own(number, events, who, company)

    def _one_holder(self, number: int, events: list[Event]) -> None:
        """H1: holdings leave no second out and do not overlap."""
        now = max(self.now, events[-1].at)
        story = self.desk.story(number)
        expected = holdings(situations(events), now)
        kept = [(h.holder, h.start, h.end or now) for h in story.holdings]
        assert [one for one in kept if one[1] < one[2]] == expected
        ends = story.resolved_at or story.cancelled_at or now
        assert sum(_seconds(start, end) for _, start, end in expected) == _seconds(
            story.logged_at, ends
        )
        row = self.desk.incident(number)
        assert (row.holder is not None) == story.is_open
        assert sum(h.is_open for h in story.handoffs) <= 1

    def _between(self, number: int, events: list[Event]) -> None:
        """H2, H5: accepted once, pressed once a day, returned twice only with the lead's word."""
        accepted = [e.data["n"] for e in events if e.kind == "handoff.accepted"]
        pressed = [(e.data["n"], e.at.astimezone(TOKYO).date()) for e in events if _presses(e)]
        assert len(accepted) == len(set(accepted))
        assert len(pressed) == len(set(pressed))
        leads = {self.desk.id("sato"), self.desk.id("abe")}
        given, returns = {self.desk.ref("desk")}, 0
        for place, event in enumerate(events):
            if event.kind == "handoff.sent":
                returns += event.data["to"] in given
                decided = {e.kind for e in events[max(0, place - 3) : place]} & DECIDED
                if returns > 1 and event.data["to"] in given:
                    assert decided or event.actor in leads
                given.add(event.data["to"])

    def _clocks(self, events: list[Event]) -> None:
        """C1 to C14, H2: each clock is what a look at every minute finds."""
        now = max(self.now, events[-1].at) + timedelta(minutes=1)
        try:
            found = reference.clocks(events, self.world, now)
        except TooFar:
            return
        states = {s.name: s for s in follow(events, self.desk.setup()).states(now)}
        counted = {name: s for name, s in states.items() if s.counted is not None}
        assert {name: clock.state() for name, clock in found.items()} == {
            name: state.state for name, state in counted.items()
        }
        assert {name: clock.seconds for name, clock in found.items()} == {
            name: state.counted for name, state in counted.items()
        }

    def _sees_its_own(self, number: int, events: list[Event], who: str, company: str) -> None:
        """§9, H8: a partner sees exactly what was given to it, and its own threads."""
        ref = self.desk.ref(company)
        sent = [e.data["to"] for e in events if e.kind == "handoff.sent"]
        asked = [e.data["to"] for e in events if e.kind == "work.requested"]
        with self.desk.session() as session:
            person = session.get_one(Person, self.desk.id(who))
            id = session.scalars(sa.select(Incident.id).where(Incident.number == number)).one()

            def own(table: Any, seen: sa.ColumnElement[bool]) -> list[int]:
                query = sa.select(table.n).where(table.incident_id == id, seen)
                return list(session.scalars(query.order_by(table.n)))

            assert own(HandOff, handed(person)) == _places(sent, ref)
            assert own(WorkRequest, requested(person)) == _places(asked, ref)
            mine = sa.select(Incident.id).where(Incident.id == id, visible(person))
            assert session.scalar(mine) is None
            read = sa.select(Comment).where(Comment.incident_id == id, visible_comments(person))
            for comment in session.scalars(read):
                table: Any = HandOff if comment.handoff_id else WorkRequest
                of = session.get_one(table, comment.handoff_id or comment.work_request_id)
                assert of.receiver == ref

    def teardown(self) -> None:
        """C6: whatever was done, the rows are those of the journal."""
        if hasattr(self, "numbers"):
            with self.desk.session():
                assert check(now=self.now).differences == []


def _presses(event: Event) -> bool:
    return event.kind == "handoff.nudged"


def _seconds(start: datetime, end: datetime) -> int:
    return int((end - start).total_seconds())


def _places(receivers: list[str], ref: str) -> list[int]:
    return [n for n, receiver in enumerate(receivers, 1) if receiver == ref]


@pytest.mark.slow
@pytest.mark.backends("sqlite")
def test_whatever_anybody_tries_the_rules_hold(desk: Desk) -> None:
    """H1 to H6, §9, C6: one holder, no second lost, nobody sees what is another's."""
    Between.desk, Between.world = desk, World.of(desk.setup())
    many = settings(max_examples=enough(10, 60), stateful_step_count=25)
    run_state_machine_as_test(Between, settings=many)
