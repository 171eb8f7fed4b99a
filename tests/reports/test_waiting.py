"""What an open incident waits for, at the instant that lists look at."""

from __future__ import annotations

from servicedesk.escalation import handoffs
from servicedesk.incidents import acts
from servicedesk.reports import facts
from servicedesk.reports.waiting import ACCEPT, ANSWER, ASSIGN, HOLD, WORK, Waits, waits
from servicedesk.setup.directory import REQUESTER
from tests.cast import at
from tests.incidents.told import DESK, ITO, NETONE, Told, directory


def next_of(it: Told) -> tuple[str, str]:
    said = waits(it.story)
    assert said is not None
    return said.action, said.who


def test_what_nobody_has_taken_is_to_be_assigned() -> None:
    assert next_of(Told()) == (ASSIGN, DESK.ref)


def test_what_somebody_has_taken_is_to_be_solved() -> None:
    it = Told()
    acts.assign(it.at("10:00"), ITO)
    assert next_of(it) == (WORK, DESK.ref)


def test_a_hand_off_is_to_be_accepted_and_then_answered() -> None:
    it = Told()
    it.hand(NETONE, "10:00")
    assert waits(it.story) == Waits(ACCEPT, NETONE.ref, at("10:00"))
    handoffs.accept(it.at("10:30"), 1)
    assert waits(it.story) == Waits(ANSWER, NETONE.ref, at("10:30"))


def test_a_hold_says_its_reason_and_its_end() -> None:
    it = Told()
    acts.hold(it.at("10:00"), "delivery", at("Mon 10:00"))
    assert waits(it.story) == Waits(HOLD, DESK.ref, at("10:00"), at("Mon 10:00"), "delivery")
    acts.hold(it.at("11:00"), REQUESTER)
    assert next_of(it) == (HOLD, REQUESTER)


def test_what_is_resolved_waits_for_nothing() -> None:
    it = Told()
    acts.resolve(it.at("10:00"), "solved")
    assert waits(it.story) is None


def test_lists_look_at_the_end_of_the_period_whatever_came_later() -> None:
    """F6: later facts that change no figure change no list."""
    it = Told()
    it.hand(NETONE, "10:00")
    acts.resolve(it.at("11:00"), "solved")
    before, end, after = (
        facts.follow(it.act.events, directory(), at(until))[1]
        for until in ("10:30", "11:00", "11:01")
    )
    assert before == end == Waits(ACCEPT, NETONE.ref, at("10:00"))
    assert after is None


def test_the_story_is_followed_to_its_end_all_the_same() -> None:
    it = Told()
    acts.resolve(it.at("11:00"), "solved")
    work, _waits = facts.follow(it.act.events, directory(), at("10:00"))
    assert work.story == it.story
