"""E1 to E4: what rules would have fired in the past, without firing anything."""

from __future__ import annotations

from datetime import datetime

from servicedesk.escalation import commands as escalation
from servicedesk.escalation.acknowledging import acknowledge
from servicedesk.incidents import commands
from servicedesk.rulebook.simulating import simulate
from tests.cast import Desk, at
from tests.escalation.ruled import fired, give_policy, sweep

RULES = (
    "{key: warn, when: {clock: resolution, at: 75}, tell: [assignee, holder-lead]}",
    "{key: loose, when: {unassigned: 30}, tell: [holder-lead]}",
    "{key: cold, when: {untouched: 60}, tell: [desk-lead]}",
    (
        "{key: climb, when: {clock: resolution, at: 50}, chain: [assignee, holder-lead, manager], "
        "repeat: {every: 30, most: 4}}"
    ),
)


def simulated(desk: Desk, n: int, end: str, start: str = "00:00") -> list[tuple[str, datetime]]:
    """List what the present rules would have fired for an incident up to an instant."""
    found = simulate(desk.events(n), desk.setup(), at(start), at(end))
    return [(due.step.key, due.at) for due, _work in found]


def busy(desk: Desk) -> int:
    """Report something of P1, take it, hand it off and back, hold it, and go on."""
    n = desk.log(when="09:00", impact=1, urgency=1)
    desk.do(commands.take, n, by="ito", when="09:45")
    desk.do(escalation.hand_off, n, "network", by="ito", when="10:30", note="The switch")
    desk.do(escalation.accept, n, 1, by="abe", when="10:40")
    desk.do(commands.hold, n, "requester", by="abe", when="11:20", question="Which room?")
    desk.do(commands.comment, n, "reply", "Room 3", by="emi", when="13:30")
    return n


def test_it_finds_what_was_fired(desk: Desk) -> None:
    """E3: a desk that sweeps each minute fires the same, at the same instants."""
    give_policy(desk, *RULES)
    n = desk.log(when="09:00", impact=1, urgency=1)
    for hour in range(9, 18):
        for minute in range(60):
            sweep(desk, f"{hour:02}:{minute:02}")
    assert simulated(desk, n, "18:00") == fired(desk, n)
    assert len(fired(desk, n)) > 5


def test_rules_that_came_later_are_tried_on_what_was_before(desk: Desk) -> None:
    """A rule that never was would have fired."""
    n = busy(desk)
    give_policy(desk, *RULES)
    said = simulated(desk, n, "18:00")
    assert ("loose", at("09:30")) in said
    assert ("cold", at("14:30")) in said
    assert fired(desk, n) == []


def test_only_the_span_that_is_asked_for_is_given(desk: Desk) -> None:
    """What fired before it is not fired again in it."""
    n = busy(desk)
    give_policy(desk, *RULES)
    everything = simulated(desk, n, "18:00")
    assert simulated(desk, n, "18:00", start="12:00") == [
        one for one in everything if one[1] >= at("12:00")
    ]
    assert simulated(desk, n, "12:00") == [one for one in everything if one[1] < at("12:00")]


def test_what_the_rules_of_that_time_fired_is_not_in_the_way(desk: Desk) -> None:
    """With the same rules it comes to the same, whether they fired then or not."""
    give_policy(desk, *RULES)
    n = desk.log(when="09:00", impact=1, urgency=1)
    before = simulated(desk, n, "18:00")
    for hour in range(9, 18):
        sweep(desk, f"{hour:02}:00")
    assert simulated(desk, n, "18:00") == before


def test_responsibility_that_was_taken_counts(desk: Desk) -> None:
    """E1: what people did stays as it was."""
    give_policy(desk, RULES[-1])
    n = desk.log(when="09:00", impact=1, urgency=1)
    sweep(desk, "11:00")
    desk.do(acknowledge, n, None, by="sato", when="11:10")
    assert simulated(desk, n, "18:00") == [("climb", at("11:00"))]
