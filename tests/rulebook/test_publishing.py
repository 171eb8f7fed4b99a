"""E1: what a published rule does about what is open: nothing about what was due before."""

from __future__ import annotations

import pytest
import yaml

from servicedesk.incidents.catching_up import catch_up
from servicedesk.incidents.models import Firing
from servicedesk.setup import editing
from tests.cast import Desk, at
from tests.escalation.ruled import fired, give_policy, sweep, told
from tests.escalation.test_repeats import CLIMB, urgent

WARN = "{key: warn, when: {clock: resolution, at: 25}, tell: [manager]}"
LATE = "{key: warn, when: {clock: resolution, at: 95}, tell: [manager]}"
FOR = WARN.replace("tell", "for: {%s}, tell")


def publish(desk: Desk, *steps: str, when: str = "11:30", service: str = "internet") -> None:
    """Publish other steps as the pages do."""
    with desk.session() as session:
        data = editing.document(session)
        data["policies"] = {"usual": [yaml.safe_load(step) for step in steps]}
        data["services"][service]["policy"] = "usual"
        editing.publish(data, at(when))


def bring_up(desk: Desk, when: str) -> None:
    """Bring what is open up to the rules, as the scheduler does."""
    with desk.session():
        catch_up(at(when))


def passed(desk: Desk, number: int) -> list[str]:
    return [row.step for row in desk.rows(Firing, number) if row.fired_at is None]


BEFORE = {
    "new": [],
    "at another instant": [LATE],
    "of another name": [WARN.replace("warn", "other", 1).replace("25", "95")],
    "for one priority": [FOR % "priority: P5"],
    "for other priorities": [FOR % "priority: [P2, P3]"],
    "for requests": [FOR % "type: request"],
    "for a group": [FOR % "group: network"],
    "for a company and a service": [FOR % "partner: netone, service: internet"],
}


@pytest.mark.parametrize("brought_up", [True, False])
@pytest.mark.parametrize("before", BEFORE)
@pytest.mark.backends("sqlite")
def test_a_rule_that_is_published_is_for_what_is_to_come(
    desk: Desk, before: str, brought_up: bool
) -> None:
    """E1: a new one, one due at another instant, one that is for more: no storm, now or later."""
    give_policy(desk, *BEFORE[before])
    many = [urgent(desk) for _n in range(3)]
    publish(desk, WARN)
    if brought_up:
        bring_up(desk, "11:31")
    sweep(desk, "11:31")
    sweep(desk, "17:00")
    n = desk.log(when="14:30", impact=1, urgency=1)
    sweep(desk, "18:00")
    assert fired(desk, n) == [("warn", at("15:30"))]
    bring_up(desk, "18:01")
    for n in many:
        assert (told(desk, n), passed(desk, n)) == ([], ["warn"])


@pytest.mark.backends("sqlite")
def test_a_service_that_is_given_a_policy_has_it_from_then_on(desk: Desk) -> None:
    give_policy(desk, WARN)
    n = desk.log(when="02:00", service="printing")
    publish(desk, WARN, service="printing")
    bring_up(desk, "11:31")
    sweep(desk, "17:00")
    assert told(desk, n) == []


def test_a_rule_that_is_for_more_still_does_what_it_was_for(desk: Desk) -> None:
    """E3: what was due before and not done yet is not left out; for the others it is new."""
    give_policy(desk, FOR % "priority: P1")
    n, other = urgent(desk), desk.log(when="08:00", impact=1, urgency=2)
    publish(desk, WARN)
    bring_up(desk, "11:31")
    sweep(desk, "11:31")
    assert fired(desk, n) == [("warn", at("10:00"))]
    assert fired(desk, other) == []
    assert passed(desk, other) == ["warn"]


@pytest.mark.backends("sqlite")
def test_a_rule_that_was_for_less_meanwhile_is_new_for_the_others(desk: Desk) -> None:
    """E1: for P1 and P2, then for P1 alone, then for all: of a P2 it has stood there once more."""
    give_policy(desk, FOR % "priority: [P1, P2]")
    n, other = urgent(desk), desk.log(when="08:00", impact=1, urgency=2)
    publish(desk, FOR % "priority: P1", when="09:30")
    publish(desk, WARN)
    publish(desk, FOR % "type: incident", when="11:31")
    bring_up(desk, "11:32")
    sweep(desk, "11:32")
    assert (fired(desk, n), fired(desk, other)) == ([("warn", at("10:00"))], [])


@pytest.mark.backends("sqlite")
def test_a_rule_that_tells_somebody_else_stays_as_it_was(desk: Desk) -> None:
    """E3: what was due is done, by what the rule says now, and once."""
    give_policy(desk, WARN)
    n = urgent(desk)
    publish(desk, WARN.replace("manager", "holder-lead"))
    sweep(desk, "11:31")
    publish(desk, WARN, when="11:40")
    sweep(desk, "17:00")
    assert told(desk, n) == ["sato"]


@pytest.mark.backends("sqlite")
def test_who_is_to_be_told_sooner_again_is_still_told(desk: Desk) -> None:
    """E1: a climb goes on when the time between its rounds is changed."""
    give_policy(desk, CLIMB)
    n = urgent(desk)
    sweep(desk, "12:00")
    publish(desk, CLIMB.replace("every: 30", "every: 10"), when="13:25")
    bring_up(desk, "13:26")
    sweep(desk, "13:26")
    assert told(desk, n) == ["ito", "sato"]
    sweep(desk, "13:36")
    assert told(desk, n) == ["ito", "sato", "ueda"]


@pytest.mark.backends("sqlite")
def test_more_rounds_do_not_wake_what_had_come_to_its_end(desk: Desk) -> None:
    """E1: a rule that was to come twice and did begins nothing anew when it may come oftener."""
    give_policy(desk, CLIMB.replace("most: 4", "most: 2"))
    n = urgent(desk)
    sweep(desk, "12:00")
    sweep(desk, "13:30")
    publish(desk, CLIMB, when="15:00")
    bring_up(desk, "15:01")
    sweep(desk, "15:01")
    sweep(desk, "17:00")
    assert told(desk, n) == ["ito", "sato"]
