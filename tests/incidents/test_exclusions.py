"""C11: exclusions, as acts on an incident told act by act."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from servicedesk.errors import BadInput, NotFound, Refused
from servicedesk.incidents import acts
from servicedesk.incidents.exclusions import commands as exclusions
from servicedesk.incidents.exclusions import effects
from servicedesk.incidents.exclusions.effects import Wanted
from tests.cast import at
from tests.incidents.told import (
    ABE,
    DESK,
    EMI,
    FIELD,
    ITO,
    NETONE,
    NETWORK,
    SATO,
    Told,
    moment,
)

UEDA = 9  # a manager
HOUR = 3600
CUSTOMERS = ("response", "resolution")


def wanted(start: str, end: str, *clocks: str) -> Wanted:
    return Wanted(at(start), at(end), clocks or ("resolution",))


def ask(it: Told, start: str, end: str, *clocks: str, when: str = "22:00", by: int = ITO) -> int:
    exclusions.ask(it.at(when, by), wanted(start, end, *clocks), "digest", "agent")
    return it.story.seq


def decide(
    it: Told, n: int, approved: bool = True, by: int = UEDA, own: tuple[str, ...] = ()
) -> None:
    exclusions.decide(it.at("22:30", by), n, approved, own, "manager", "digest")


def exclude(it: Told, start: str, end: str, *clocks: str) -> int:
    n = ask(it, start, end, *clocks)
    decide(it, n)
    return n


def late() -> Told:
    """Eleven hours of ten: resolved at 20:00, late from 19:00."""
    it = Told("09:00", service="printing")
    acts.resolve(it.at("20:00"), "solved")
    return it


def figures(it: Told, kind: str = "resolution", **how: Any) -> tuple[str, float, str, float]:
    """Give a clock gross and net: verdict and counted hours."""
    state = it.clock(kind, **how)
    hours = (state.counted or 0) / HOUR
    out = state.net.excluded / HOUR if state.net else 0
    return state.state, hours, state.net_state, hours - out


# What it changes


def test_an_approved_exclusion_lifts_a_breach_net_and_leaves_it_gross() -> None:
    """C11: a breach is not un-made; only an exclusion can lift it, and both are shown."""
    it = late()
    assert figures(it) == ("breached", 11, "breached", 11)
    n = ask(it, "10:00", "12:00")
    assert figures(it) == ("breached", 11, "breached", 11)
    decide(it, n)
    assert figures(it) == ("breached", 11, "met", 9)
    assert it.clock("resolution").breached_at == at("19:00")
    assert it.clock("resolution").net_breached_at is None


def test_a_breach_is_not_unmade_by_a_priority() -> None:
    """C11, C9: a lower priority gives a longer target, and the breach stays, net too."""
    it = Told("09:00")
    acts.prioritise(it.at("09:01", SATO), 1, 1)  # P1: four hours
    acts.prioritise(it.at("15:00", SATO), 2, 2, reason="digest", lead=True)  # P3: two days
    acts.resolve(it.at("16:00"), "solved")
    assert figures(it)[:3] == ("breached", 6, "breached")
    exclude(it, "09:30", "12:00")
    assert figures(it) == ("breached", 6, "met", 3.5)


@pytest.mark.parametrize("outcome", ["refused", "withdrawn", "asked"])
def test_what_is_not_approved_changes_nothing(outcome: str) -> None:
    """C11: asked for by one person and approved by another."""
    it = late()
    n = ask(it, "10:00", "12:00")
    if outcome == "refused":
        decide(it, n, approved=False)
    if outcome == "withdrawn":
        exclusions.withdraw(it.at("22:10", ITO), n)
    assert it.story.exclusions[0].state == outcome
    assert figures(it) == ("breached", 11, "breached", 11)


def test_overlapping_exclusions_count_once() -> None:
    """C11."""
    it = late()
    exclude(it, "10:00", "12:00")
    exclude(it, "11:00", "13:00")
    assert figures(it) == ("breached", 11, "met", 8)


@pytest.mark.parametrize(
    ("start", "end", "left"),
    [("12:00", "13:00", 7), ("18:00", "20:00", 7), ("12:30", "14:00", 6), ("17:00", "18:30", 6)],
)
def test_outside_hours_an_exclusion_takes_nothing_out(start: str, end: str, left: int) -> None:
    """C11, C3: only what was counted can be taken out of what was counted."""
    it = Told("10:00")
    acts.resolve(it.at("Fri 09:00"), "solved")
    exclusions.ask(it.at("Fri 10:00"), wanted(start, end), "digest", "agent")
    exclusions.decide(it.at("Fri 11:00", UEDA), it.story.seq, True, (), "manager")
    assert figures(it) == ("met", 7, "met", left)


def test_paused_time_is_not_taken_out_twice() -> None:
    """C11, C4: it did not count anyway."""
    it = Told("09:00")
    acts.hold(it.at("10:00"), "requester")
    acts.start(it.at("12:00"))
    acts.resolve(it.at("16:00"), "solved")
    exclude(it, "09:30", "13:30")
    assert figures(it) == ("met", 4, "met", 3)


def test_the_wish_and_the_promise_are_judged_as_ever() -> None:
    """C11: an exclusion never touches the wish."""
    it = Told("09:00", service="printing")
    acts.wish(it.at("09:00", EMI), moment("18:00"))
    acts.promise(it.at("09:05"), moment("19:00"), reason="digest")
    acts.resolve(it.at("20:00"), "solved")
    exclude(it, "10:00", "19:30", *CUSTOMERS)
    for kind in effects.DATES:
        state = it.clock(kind)
        assert (state.state, state.net_state, state.net) == ("breached", "breached", None)


def test_a_partys_clocks_are_excluded_together_and_no_other() -> None:
    """C11: a party's by its name, the requester's by theirs."""
    it = Told("09:00")
    it.hand(NETONE, "10:00")
    acts.resolve(it.at("Fri 17:00"), "solved")
    exclusions.ask(it.at("Fri 17:30"), wanted("10:00", "12:00", NETONE.ref), "digest", "agent")
    exclusions.decide(it.at("Fri 17:40", UEDA), it.story.seq, True, (), "manager")
    now = {"now": "Fri 18:00"}
    assert it.clock("holding", NETONE, **now).net.excluded == 2 * HOUR  # type: ignore[arg-type,union-attr]
    assert it.clock("resolution", **now).net is None  # type: ignore[arg-type]
    assert it.clock("holding", DESK, **now).net is None  # type: ignore[arg-type]


# Asking


@pytest.mark.parametrize(
    ("start", "end", "clocks", "said"),
    [
        ("12:00", "12:00", CUSTOMERS, "after the beginning"),
        ("12:00", "11:00", CUSTOMERS, "after the beginning"),
        ("12:00", "21:00", CUSTOMERS, "has passed"),  # asked at 20:30
        ("08:59", "11:00", CUSTOMERS, "between the logging and the end"),
        ("19:00", "20:10", CUSTOMERS, "between the logging and the end"),
        ("10:00", "11:00", (), "for which clocks"),
        ("10:00", "11:00", ("requested",), "for which clocks"),
        ("10:00", "11:00", ("resolution", "promised"), "for which clocks"),
        ("10:00", "11:00", (NETWORK.ref,), "for which clocks"),  # never had it
        ("10:00", "11:00", ("holding",), "for which clocks"),
    ],
)
def test_what_cannot_be_excluded_is_refused(
    start: str, end: str, clocks: tuple[str, ...], said: str
) -> None:
    """C11: an interval of the past within the incident's life, for clocks that there are."""
    it = late()
    acts_before = len(it.act.events)
    with pytest.raises(BadInput, match=said):
        exclusions.ask(it.at("20:30"), Wanted(at(start), at(end), clocks), "digest", "agent")
    assert len(it.act.events) == acts_before


@pytest.mark.parametrize("end", [lambda it: None, acts.close, acts.reopen])
def test_it_can_be_asked_for_whatever_the_state(end: Callable[[Any], None]) -> None:
    """C11: of what is resolved, closed or open again too; what was sealed stays sealed."""
    it = late()
    end(it.at("20:30"))
    exclude(it, "10:00", "12:00")
    open_again = it.story.is_open
    net = ("breached", 11) if open_again else ("met", 9)
    assert figures(it, now="22:30")[2:] == net


def test_of_what_was_cancelled_the_breach_of_before_can_be_lifted() -> None:
    """C11, C10: cancelling left it breached."""
    it = Told("09:00", service="printing")
    acts.cancel(it.at("11:00", EMI))
    exclude(it, "09:30", "10:30", *CUSTOMERS)
    assert figures(it, "response") == ("breached", 2, "cancelled", 1)


def test_the_dates_are_no_choice() -> None:
    it = late()
    acts.reopen(it.at("20:30"))
    acts.wish(it.at("20:40", EMI), moment("Fri 12:00"))
    it.hand(NETWORK, "20:50")
    choices = effects.choices(it.act.work, at("21:00"))
    assert choices[:2] == ["response", "resolution"]
    assert set(choices[2:]) == {DESK.ref, NETWORK.ref}


# Deciding


def test_nobody_decides_on_what_they_have_asked_for() -> None:
    """C11: asked for by one person and approved by another."""
    it = late()
    n = ask(it, "10:00", "12:00", by=UEDA)
    with pytest.raises(Refused, match="asked for themselves"):
        decide(it, n)


@pytest.mark.parametrize(
    ("start", "end", "clocks", "gain"),
    [
        ("09:30", "09:50", ("resolution",), [DESK]),
        ("10:10", "10:50", ("resolution",), [DESK, NETWORK]),  # where it was, and the desk
        ("09:30", "10:10", ("response",), [DESK, NETWORK]),
        ("10:10", "11:20", ("resolution",), [DESK, NETWORK, NETONE]),
        ("09:30", "11:20", (NETONE.ref,), [NETONE]),
        ("09:30", "11:20", (NETWORK.ref,), [NETWORK]),
        ("09:30", "09:50", (NETWORK.ref, "resolution"), [DESK, NETWORK]),
    ],
)
def test_who_gains(start: str, end: str, clocks: tuple[str, ...], gain: list[Any]) -> None:
    """C11: a party by its own clocks; by the requester's the desk group and who held it then."""
    it = Told("09:00")
    it.hand(NETWORK, "10:00")
    it.hand(NETONE, "11:00", by=ABE)
    acts.resolve(it.at("12:00"), "solved")
    n = ask(it, start, end, *clocks)
    refs = {party.ref for party in gain}
    assert effects.gaining(it.story, it.story.exclusions[0]) == refs
    for party in (DESK, NETWORK, FIELD, NETONE):
        why = exclusions.hindrance(it.story, it.story.exclusions[0], UEDA, (party.ref,))
        assert (why is not None) == (party.ref in refs)
        if why:
            with pytest.raises(Refused, match="outside of the groups that gain"):
                decide(it, n, own=(party.ref,))
    decide(it, n, own=(FIELD.ref,))


@pytest.mark.parametrize("first", [True, False])
def test_what_was_decided_is_decided(first: bool) -> None:
    it = late()
    n = ask(it, "10:00", "12:00")
    decide(it, n, approved=first)
    with pytest.raises(Refused, match="decided already"):
        decide(it, n)
    with pytest.raises(Refused, match="decided already"):
        exclusions.withdraw(it.at("22:40", ITO), n)


def test_only_who_asked_withdraws() -> None:
    it = late()
    n = ask(it, "10:00", "12:00")
    with pytest.raises(Refused, match="Only who has asked"):
        exclusions.withdraw(it.at("22:40", SATO), n)
    with pytest.raises(NotFound):
        exclusions.withdraw(it.at("22:40", ITO), n + 1)


def test_nobody_takes_care_of_an_incident_by_excluding_time_of_it() -> None:
    """E1: it is no touch."""
    it = Told("09:00")
    before = it.story.touched
    exclude(it, "09:10", "09:20")
    assert it.story.touched == before


# What one sees before


def test_the_effect_is_seen_beforehand() -> None:
    """C11: gross, net without it, and net with it."""
    it = late()
    exclude(it, "10:00", "10:30")
    [effect] = effects.effects(it.act.work, wanted("10:15", "12:00"), at("22:00"))
    assert (effect.gross.counted, effect.gross.state) == (11 * HOUR, "breached")
    assert (effect.without.counted, effect.without.state) == (10.5 * HOUR, "breached")
    assert (effect.net.counted, effect.net.state) == (9 * HOUR, "met")
    assert effect.changes


@pytest.mark.parametrize(("start", "end"), [("09:30", "10:00"), ("12:10", "12:50")])
def test_one_that_changes_nothing_says_so(start: str, end: str) -> None:
    """C11: it is paused time, or lies outside of working hours, and is accepted all the same."""
    it = Told("09:00")
    acts.hold(it.at("09:20"), "requester")
    acts.start(it.at("10:10"))
    acts.resolve(it.at("16:00"), "solved")
    n = ask(it, start, end)
    [effect] = effects.effects(it.act.work, it.story.exclusions[0], at("22:00"))
    assert not effect.changes
    decide(it, n)


def test_minutes_that_were_typed_reach_to_the_second() -> None:
    """The logging and the end are known to the second, forms to the minute."""
    it = Told("09:00:37", service="printing")
    acts.resolve(it.at("20:00:10"), "solved")
    fitted = exclusions.fitted(it.story, wanted("09:00", "20:00"), at("22:00"))
    assert (fitted.start, fitted.end) == (at("09:00:37"), at("20:00:10"))
    inside = wanted("09:01", "19:59")
    assert exclusions.fitted(it.story, inside, at("22:00")) == inside
