"""What people do in a year with rules, besides what they do anyway; some of it in a row."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from servicedesk.escalation import commands as handing
from servicedesk.escalation.acknowledging import acknowledge
from servicedesk.incidents import commands
from servicedesk.incidents.acts import Due
from servicedesk.major import commands as major
from tests.escalation.year_minutes import DAY
from tests.history import simulated
from tests.history.simulated import Year

Act = Callable[[Year, int], None]


def take_responsibility(year: Year, n: int) -> None:
    year.do(acknowledge, n, None, by=year.chance.choice(["sato", "ito", "abe", "ueda"]))


def lie(_year: Year, _n: int) -> None:
    """Nobody does anything."""


def to_the_network(year: Year, n: int) -> None:
    year.do(handing.hand_off, n, "network", note="Cable is fine", by="ito")


def to_the_partner(year: Year, n: int) -> None:
    """The end of the path."""
    year.do(handing.hand_off, n, "netone", note="Cable is fine", by="ito")


def taken_by_the_partner(year: Year, n: int) -> None:
    to_the_partner(year, n)
    year.do(handing.accept, n, len(year.desk.story(n).handoffs), by="kim")


def be_asked(year: Year, n: int) -> None:
    """Hand it over and be asked at once: it is the sender's hands that it lies in."""
    to_the_network(year, n)
    year.do(handing.ask, n, len(year.desk.story(n).handoffs), "Which port?", by="abe")


def reply_to_it(year: Year, n: int) -> None:
    year.do(handing.reply, n, len(year.desk.story(n).handoffs), "Port 3", by="ito")


def want_it_sooner(year: Year, n: int) -> None:
    """The desk notes another date on the requester's word, which they confirm later."""
    at = year.now + year.chance.randint(600, 3000) * simulated.MINUTE
    year.do(commands.wish, n, Due(at=at), by="ito", reason="They rang")


def confirm_it(year: Year, n: int) -> None:
    for entry in year.desk.story(n).dates:
        if entry.state == "proposed":
            year.do(commands.confirm_wish, n, entry.n, True, by="emi")


def make_it_a_request(year: Year, n: int) -> None:
    service = year.chance.choice(["internet", "printing"])
    year.do(commands.reclassify, n, service, "request", by="ito")


# What says most about rules, for one incident: one after the other, with a sweep after each.
ROWS: tuple[tuple[Act, ...], ...] = (
    (simulated.ask, simulated.answer_back, lie),
    (simulated.ask,),
    (simulated.wait, lie),
    (simulated.take, simulated.resolve),
    (simulated.take, simulated.resolve, simulated.reopen, lie),
    (lie, simulated.cancel, lie),
    (lie, take_responsibility, lie),
    (be_asked, lie, reply_to_it),
    (to_the_network, lie, lie),
    (to_the_partner, lie, lie),
    (taken_by_the_partner, lie),
    (want_it_sooner, confirm_it, lie),
    (make_it_a_request, lie, lie),
)


def in_a_row(year: Year, acts: Sequence[Act]) -> None:
    """Report something that is wanted some time, and let that happen to it."""
    said = {"title": "Slow", "service": "internet", "impact": year.chance.randint(1, 2)}
    wish = Due(at=year.now + 20 * DAY)
    n = year.desk.call(commands.log, by="emi", when=year.now, urgency=1, wish=wish, **said)
    year.numbers.append(n)
    for act in acts:
        year._try(act.__name__, partial(act, year, n))
        year.now += year.chance.randint(5, 500) * simulated.MINUTE
        year._try("sweep", partial(Year.sweep, year))


def a_row(year: Year, _n: int) -> None:
    in_a_row(year, year.chance.choice(ROWS))


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
DATES = [simulated.wish, simulated.promise, simulated.promise]
MORE = [take_responsibility, leave, question, propose, make_it_a_request, *DATES, a_row, a_row]
ACTS = [*simulated.ACTS, *MORE]
DOINGS = [*simulated.DOINGS, (sweep_twice, 6), (Year.edit, 5)]
