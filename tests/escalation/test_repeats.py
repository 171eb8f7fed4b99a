"""E1, E3: steps that come again, a rung higher each time, until somebody takes responsibility."""

from __future__ import annotations

import pytest

from servicedesk.errors import NotAllowed, Refused
from servicedesk.escalation import commands as escalation
from servicedesk.escalation.acknowledging import acknowledge
from servicedesk.incidents import commands
from servicedesk.incidents.models import Firing, HandOff, NextStep
from tests.cast import Desk, at
from tests.escalation.ruled import fired, give_policy, sweep, told

CHAIN = "chain: [assignee, holder-lead, manager], repeat: {every: 30, most: 4}"
CLIMB = "{key: climb, when: {clock: resolution, at: 75}, " + CHAIN + "}"
FIRST = ("usual", "climb", "0")


def urgent(desk: Desk) -> int:
    """Report something of P1 that Ito has in hand: 75 % of its target are used at 12:00."""
    n = desk.log(when="09:00", impact=1, urgency=1)
    desk.do(commands.take, n, by="ito", when="09:05")
    return n


def sweep_all(desk: Desk, *instants: str) -> None:
    """Sweep as at some instants, one after the other."""
    for when in instants:
        sweep(desk, when)


def test_each_round_tells_one_rung_more_of_the_chain(desk: Desk) -> None:
    """E1: the assignee, half a working hour later the lead, then the lead's manager."""
    give_policy(desk, CLIMB)
    n = urgent(desk)
    sweep_all(desk, "12:00", "13:29", "13:30", "14:00")
    assert fired(desk, n) == [
        ("climb", at("12:00")), ("climb", at("13:30")), ("climb", at("14:00")),
    ]  # fmt: skip
    assert told(desk, n) == ["ito", "sato", "ueda"]


def test_the_last_rung_is_told_again_but_not_for_ever(desk: Desk) -> None:
    """E1: at most four times, as the rule says."""
    give_policy(desk, CLIMB)
    n = urgent(desk)
    sweep_all(desk, "12:00", "13:30", "14:00", "14:30", "15:00", "17:00")
    assert told(desk, n) == ["ito", "sato", "ueda", "ueda"]


def test_each_round_is_done_once_and_has_a_cycle_of_its_own(desk: Desk) -> None:
    """E3: unique per incident, step and cycle; the round is part of the cycle."""
    give_policy(desk, CLIMB)
    n = urgent(desk)
    sweep_all(desk, "12:00", "12:00", "13:30", "13:30")
    assert [row.cycle for row in desk.rows(Firing, n)] == ["0", "0#2"]


def test_who_takes_responsibility_stops_it(desk: Desk) -> None:
    """E1: acknowledged by the lead after the second round."""
    give_policy(desk, CLIMB)
    n = urgent(desk)
    sweep_all(desk, "12:00", "13:30")
    desk.do(acknowledge, n, FIRST, by="sato", when="13:40")
    sweep_all(desk, "14:00", "17:00")
    assert told(desk, n) == ["ito", "sato"]
    first = desk.rows(Firing, n)[0]
    assert (first.acknowledged_at, first.acknowledged_by_id) == (at("13:40"), desk.id("sato"))
    with desk.session() as session:
        assert session.get(NextStep, desk.incident(n).id) is None


def test_responsibility_is_taken_once(desk: Desk) -> None:
    """E1: the second one is told that somebody was quicker, and nothing changes."""
    give_policy(desk, CLIMB)
    n = urgent(desk)
    sweep(desk, "12:00")
    desk.do(acknowledge, n, FIRST, by="sato", when="12:10")
    with pytest.raises(Refused):
        desk.do(acknowledge, n, FIRST, by="ueda", when="12:11")
    assert desk.rows(Firing, n)[0].acknowledged_by_id == desk.id("sato")


def test_nobody_takes_responsibility_for_what_has_not_come(desk: Desk) -> None:
    """E1: before the first round there is nothing to take."""
    give_policy(desk, CLIMB)
    n = urgent(desk)
    with pytest.raises(Refused):
        desk.do(acknowledge, n, None, by="sato", when="11:00")


def test_a_requester_cannot_take_responsibility(desk: Desk) -> None:
    """§9: that is for the desk's people and managers."""
    give_policy(desk, CLIMB)
    n = urgent(desk)
    sweep(desk, "12:00")
    with pytest.raises(NotAllowed):
        desk.do(acknowledge, n, FIRST, by="emi", when="12:10")


def test_taking_the_incident_is_taking_responsibility(desk: Desk) -> None:
    """E1: who takes it on themselves needs not say so twice."""
    give_policy(desk, CLIMB)
    n = desk.log(when="09:00", impact=1, urgency=1)
    sweep(desk, "12:00")
    desk.do(commands.take, n, by="ito", when="13:10")
    sweep_all(desk, "13:30", "17:00")
    assert told(desk, n) == ["sato"]


def test_a_rung_with_nobody_on_it_gives_way_to_the_next(desk: Desk) -> None:
    """E1: nobody is assigned, so the lead is told at once, and again as the second rung."""
    give_policy(desk, CLIMB)
    n = desk.log(when="09:00", impact=1, urgency=1)
    sweep_all(desk, "12:00", "13:30")
    assert told(desk, n) == ["sato", "sato"]


def test_rounds_rest_while_it_is_on_hold(desk: Desk) -> None:
    """E4: who waits for the requester is not pressed; working time goes on where it stopped."""
    give_policy(desk, CLIMB)
    n = urgent(desk)
    sweep(desk, "12:00")
    desk.do(commands.hold, n, "requester", by="ito", when="13:10", question="Which room?")
    sweep(desk, "15:00")
    desk.do(commands.comment, n, "reply", "Room 3", by="emi", when="16:00")
    sweep_all(desk, "16:19", "16:20")
    assert fired(desk, n) == [("climb", at("12:00")), ("climb", at("16:20"))]


def test_a_desk_that_stood_still_does_not_catch_up_on_all_rounds(desk: Desk) -> None:
    """E3: late by a day: the first round is done with its own instant, the next comes after it."""
    give_policy(desk, CLIMB)
    n = urgent(desk)
    sweep_all(desk, "Fri 10:00", "Fri 10:29", "Fri 10:30")
    assert fired(desk, n) == [("climb", at("12:00")), ("climb", at("Fri 10:30"))]


def test_it_stops_when_the_target_moves_away(desk: Desk) -> None:
    """E4: with a lower priority three quarters are not used any more."""
    give_policy(desk, CLIMB)
    n = urgent(desk)
    sweep(desk, "12:00")
    desk.do(commands.prioritise, n, 2, 2, by="sato", when="13:10", reason="One desk only")
    sweep(desk, "17:00")
    assert told(desk, n) == ["ito"]


def test_what_a_step_does_besides_telling_it_does_once(desk: Desk) -> None:
    """E3: it is handed on in the first round only."""
    step = "{key: on, when: {clock: resolution, at: 75}, tell: [desk-lead], hand_off: next, "
    give_policy(desk, step + "repeat: {every: 30, most: 3}}")
    n = urgent(desk)
    sweep_all(desk, "12:00", "13:30", "14:00", "17:00")
    assert [row.receiver for row in desk.rows(HandOff, n)] == [desk.ref("network")]
    assert told(desk, n) == ["sato", "sato", "sato"]


def test_repeats_that_are_new_are_for_what_is_to_come(desk: Desk) -> None:
    """E1: a step that fired long ago does not begin to repeat when its rule is changed."""
    give_policy(desk, "{key: climb, when: {clock: resolution, at: 75}, tell: [assignee]}")
    n = urgent(desk)
    sweep(desk, "12:00")
    give_policy(desk, CLIMB, when="2026-11-26 16:00")
    sweep_all(desk, "16:00", "17:30")
    assert told(desk, n) == ["ito"]


def test_out_of_hours_others_are_told(desk: Desk) -> None:
    """E1: printing counts round the clock; at night its desk is closed."""
    step = (
        "{key: night, when: {clock: resolution, at: 75}, tell: [holder-lead], outside: [manager]}"
    )
    give_policy(desk, step, service="printing")
    day = desk.log(when="08:00", service="printing")
    night = desk.log(when="17:00", service="printing")
    sweep_all(desk, "15:30", "Fri 00:30")
    assert told(desk, day) == ["sato"]
    assert told(desk, night) == ["ueda"]


def test_a_step_may_be_for_incidents_or_requests_only(desk: Desk) -> None:
    """E1: per type."""
    give_policy(desk, "{key: r, when: {unassigned: 30}, for: {type: request}, tell: [desk-lead]}")
    incident, request = desk.log(when="09:00"), desk.log(when="09:00", type="request")
    sweep(desk, "10:00")
    assert (told(desk, incident), told(desk, request)) == ([], ["sato"])


def test_a_step_may_be_for_a_partner_only(desk: Desk) -> None:
    """E1: per partner."""
    give_policy(desk, "{key: p, when: {untouched: 30}, for: {partner: netone}, tell: [desk-lead]}")
    n = desk.log(when="09:00")
    sweep(desk, "10:00")
    assert told(desk, n) == []
    desk.do(escalation.hand_off, n, "netone", by="ito", when="10:00", note="Your line")
    sweep(desk, "11:00")
    assert told(desk, n) == ["sato"]


@pytest.mark.parametrize(
    ("word", "who"),
    [("senior-manager", ["yama"]), ("members", ["sato", "ito"]), ("owner", ["abe"])],
)
def test_recipients_above_and_beside(desk: Desk, word: str, who: list[str]) -> None:
    """E1: the manager's manager, all of the holder's group, the service's owner."""
    give_policy(desk, "{key: w, when: {unassigned: 30}, tell: [" + word + "]}")
    n = desk.log(when="09:00")
    sweep(desk, "10:00")
    assert sorted(told(desk, n)) == sorted(who)
