"""Weeks at a desk, played at random: whatever people may do, at some time of the day."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from servicedesk.errors import DeskError
from servicedesk.escalation import commands as escalation
from servicedesk.escalation import returns
from servicedesk.escalation.work import commands as work_requests
from servicedesk.incidents import commands
from servicedesk.incidents.acts import Due
from servicedesk.incidents.models import HandOff, ReturnProposal, WorkRequest, label
from tests.cast import Desk, at

RECEIVERS = {"netone": "kim", "printco": "park", "network": "abe", "desk": "sato"}


@dataclass
class Play:
    """Somebody does something, again and again."""

    desk: Desk
    random: Random
    now: datetime
    count: int = 0
    done: list[str] = field(default_factory=list)
    acts: Sequence[Callable[[Play, int], None]] = ()  # what they do; none: whatever there is

    def go_on(self, until: datetime, most: timedelta = timedelta(hours=7)) -> None:
        """Play up to an instant."""
        while (then := self.now + self._a_while(most)) < until:
            self.now = then
            self.step()
        self.now = until

    def _a_while(self, most: timedelta) -> timedelta:
        return timedelta(minutes=self.random.randint(1, int(most.total_seconds()) // 60))

    def step(self) -> None:
        """Do one thing; what is refused is not done."""
        if not self.count or self.random.random() < 0.25:
            self.log()
            return
        act = self.random.choice(self.acts or ACTS)
        number = self.random.randint(max(1, self.count - 14), self.count)
        try:
            act(self, number)
            self.done.append(f"{self.now:%m-%d %H:%M} {label(number)} {act.__name__}")
        except DeskError:
            return

    def log(self) -> None:
        """Report something new."""
        impact, urgency = self.random.randint(1, 3), self.random.randint(1, 3)
        self.count = self.desk.call(
            commands.log, when=self.now, title=f"zq{self.count + 1}", impact=impact,
            urgency=urgency,
            service=self.random.choice(["internet", "internet", "printing", "payroll"]),
            by=self.random.choice(["emi", "taro"]), wish=self.date(0.7),
        )  # fmt: skip
        self.done.append(f"{self.now:%m-%d %H:%M} {label(self.count)} log {impact}{urgency}")

    def date(self, share: float = 1) -> Due | None:
        """Give some date ahead: a day or an instant, or none."""
        if self.random.random() >= share:
            return None
        then = self.now + timedelta(minutes=self.random.randint(30, 6 * 24 * 60))
        local = then.astimezone(at("09:00").tzinfo)
        return Due(day=local.date()) if self.random.random() < 0.6 else Due(at=then)

    def do(self, act: Callable[..., Any], number: int, *said: Any, by: str, **more: Any) -> None:
        """Have somebody do it now."""
        self.desk.do(act, number, *said, by=by, when=self.now, **more)

    def handoff(self, number: int) -> tuple[HandOff, str]:
        """Give the last hand-off and who answers for its receiver; a refusal if there is none."""
        rows = self.desk.rows(HandOff, number)
        if not rows:
            raise DeskError("none")
        keys = {party.ref: party.key for party in self.desk.setup().parties.values()}
        return rows[-1], RECEIVERS[keys[rows[-1].receiver]]


def take(play: Play, n: int) -> None:
    play.do(commands.take, n, by=play.random.choice(["ito", "sato", "abe"]))


def reply(play: Play, n: int) -> None:
    play.do(commands.comment, n, "reply", "We look at it", by="ito")


def ask(play: Play, n: int) -> None:
    play.do(commands.hold, n, "requester", by="ito", question="Which room?")


def wait(play: Play, n: int) -> None:
    reason = play.random.choice(["change", "delivery", "other"])
    until = play.now + timedelta(days=play.random.randint(1, 3))
    play.do(commands.hold, n, reason, by="ito", until=until)


def resume(play: Play, n: int) -> None:
    play.do(commands.resume, n, by="ito")


def resolve(play: Play, n: int) -> None:
    play.do(commands.resolve, n, "solved", "Plugged in", by="ito")


def reopen(play: Play, n: int) -> None:
    play.do(commands.reopen, n, by="ito")


def cancel(play: Play, n: int) -> None:
    if play.random.random() < 0.3:
        play.do(commands.cancel, n, by="ito", consent=True)


def promise(play: Play, n: int) -> None:
    play.do(commands.promise, n, play.date(), by="ito", reason="The part comes then")


def wish(play: Play, n: int) -> None:
    play.do(commands.wish, n, play.date(), by=play.random.choice(["emi", "taro"]), reason="Moved")


def raise_priority(play: Play, n: int) -> None:
    if play.desk.incident(n).urgency > 1:
        play.do(commands.prioritise, n, 1, 1, by="ito", reason="It stops the plant")


def hand_off(play: Play, n: int) -> None:
    to, wish = play.random.choice(list(RECEIVERS)), play.date(0.4)
    answer_by = wish.at if wish else None
    play.do(escalation.hand_off, n, to, by="ito", note="Please", answer_by=answer_by)


def accept(play: Play, n: int) -> None:
    row, by = play.handoff(n)
    play.do(escalation.accept, n, row.n, by=by)


def answer(play: Play, n: int) -> None:
    row, by = play.handoff(n)
    play.do(escalation.answer, n, row.n, "Changed the cable", by=by)


def send_back(play: Play, n: int) -> None:
    row, by = play.handoff(n)
    play.do(escalation.send_back, n, row.n, "Not ours", by=by)


def hand_back(play: Play, n: int) -> None:
    keys = {party.ref: party.key for party in play.desk.setup().parties.values()}
    row, _by = play.handoff(n)
    play.do(escalation.hand_off, n, keys[row.sender], by="ito", note="Once more")


def ask_sender(play: Play, n: int) -> None:
    row, by = play.handoff(n)
    play.do(escalation.ask, n, row.n, "Which cable?", by=by)


def reply_to(play: Play, n: int) -> None:
    row, _by = play.handoff(n)
    play.do(escalation.reply, n, row.n, "The blue one", by="ito")


def refuse(play: Play, n: int) -> None:
    row, _by = play.handoff(n)
    play.do(escalation.refuse_answer, n, row.n, "It is still down", by="ito")


def decide(play: Play, n: int) -> None:
    rows = play.desk.rows(ReturnProposal, n)
    if rows and play.random.random() < 0.5:
        play.do(returns.allow, n, rows[-1].n, by=play.random.choice(["sato", "abe"]))


def ask_for_work(play: Play, n: int) -> None:
    to, wish = play.random.choice(list(RECEIVERS)), play.date(0.6)
    due = wish.at if wish else None
    play.do(work_requests.request, n, to, f"zqwork{n}", by="ito", due=due)


def finish_work(play: Play, n: int) -> None:
    rows = play.desk.rows(WorkRequest, n)
    if rows:
        keys = {party.ref: party.key for party in play.desk.setup().parties.values()}
        by = RECEIVERS[keys[rows[-1].receiver]]
        play.do(work_requests.finish, n, rows[-1].n, "Done", by=by)


MOVING = (hand_off, hand_back, hand_back, accept, answer, send_back, refuse, decide, resolve)
ACTS: tuple[Callable[[Play, int], None], ...] = (
    take, reply, ask, wait, resume, resolve, resolve, resolve, reopen, cancel, promise, wish,
    raise_priority, hand_off, hand_off, hand_off, accept, answer, send_back, hand_back, hand_back,
    ask_sender, reply_to,
    refuse, decide, ask_for_work, finish_work,
)  # fmt: skip
