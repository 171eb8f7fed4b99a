"""Asking, answering, refusing an answer, pressing, going past a partner."""

from __future__ import annotations

import pytest

from servicedesk.errors import BadInput, Refused
from servicedesk.escalation import commands
from servicedesk.incidents import commands as incidents
from servicedesk.incidents.clocks import ClockState, follow
from servicedesk.incidents.models import Comment, HandOff, Incident
from tests.cast import Desk, at


def hand(desk: Desk, to: str, when: str = "10:00", by: str = "ito") -> None:
    desk.do(commands.hand_off, 1, to, note="Please look", by=by, when=when)


@pytest.fixture
def handed(desk: Desk) -> Desk:
    """A P3 that the desk handed to NetOne on Thursday at 10:00, accepted at 10:10."""
    desk.log(when="09:00")
    hand(desk, "netone")
    desk.do(commands.accept, 1, 1, by="kim", when="10:10")
    return desk


def holder(desk: Desk) -> str | None:
    with desk.session() as session:
        return session.get_one(Incident, 1).holder


def clocks(desk: Desk, when: str) -> dict[str, ClockState]:
    states = follow(desk.events(1), desk.setup()).states(at(when))
    return {state.kind: state for state in states if state.handoff}


def row(desk: Desk, n: int = 1) -> HandOff:
    with desk.session() as session:
        return session.query(HandOff).filter_by(n=n).one()


def test_who_is_asked_holds_it_and_the_receivers_clocks_rest(handed: Desk) -> None:
    """H2: the sender holds it meanwhile, the time is shown, and the receiver has it again."""
    handed.do(commands.ask, 1, 1, "Which building?", by="kim", when="10:30")
    assert holder(handed) == handed.ref("desk")
    answer = clocks(handed, "11:30")["answer"]
    assert (answer.state, answer.counted) == ("paused", 30 * 60)
    handed.do(commands.reply, 1, 1, "Building 4", by="ito", when="11:30")
    assert holder(handed) == handed.ref("netone")
    assert clocks(handed, "11:40")["answer"].counted == 40 * 60


def test_a_question_before_accepting_lets_acceptance_rest_too(desk: Desk) -> None:
    """H2: all of the receiver's clocks rest."""
    desk.log(when="09:00")
    hand(desk, "netone")
    desk.do(commands.ask, 1, 1, "Which building?", by="kim", when="10:20")
    assert clocks(desk, "11:50")["acceptance"].counted == 20 * 60
    desk.do(commands.reply, 1, 1, "Building 4", by="ito", when="11:50")
    desk.do(commands.accept, 1, 1, by="kim", when="11:55")
    assert clocks(desk, "11:59")["acceptance"].counted == 25 * 60


def test_a_question_lands_with_who_sent_it(handed: Desk) -> None:
    """H2: somebody has to answer it."""
    handed.do(commands.ask, 1, 1, "Which building?", by="kim", when="10:30")
    with handed.session() as session:
        assert session.get_one(Incident, 1).assignee_id == handed.id("ito")
        body = session.query(Comment).filter_by(kind="partner").one().body
    assert body == "Which building?"


def test_one_question_at_a_time(handed: Desk) -> None:
    """H2: and a reply needs a question."""
    with pytest.raises(Refused, match="No question"):
        handed.do(commands.reply, 1, 1, "Building 4", by="ito", when="10:20")
    handed.do(commands.ask, 1, 1, "Which building?", by="kim", when="10:30")
    with pytest.raises(Refused, match="waits for its answer"):
        handed.do(commands.ask, 1, 1, "And which floor?", by="kim", when="10:31")


def test_who_is_asked_and_hands_it_elsewhere_takes_it_back_first(handed: Desk) -> None:
    """H2: the question ends with the hand-off."""
    handed.do(commands.ask, 1, 1, "Which building?", by="kim", when="10:30")
    hand(handed, "network", "10:40")
    assert (row(handed).state, row(handed, 2).sender) == ("recalled", handed.ref("desk"))


def test_an_answer_that_is_refused_lets_the_same_hand_off_go_on(handed: Desk) -> None:
    """H2: the receiver holds again, and its clocks go on with what they had counted."""
    handed.do(commands.answer, 1, 1, "Done", by="kim", when="10:40")
    assert clocks(handed, "11:00")["answer"].state == "met"
    handed.do(commands.refuse_answer, 1, 1, "Still slow", by="ito", when="11:00")
    assert (row(handed).state, row(handed).refusals, row(handed).ended_at) == ("accepted", 1, None)
    assert holder(handed) == handed.ref("netone")
    answer = clocks(handed, "11:10")["answer"]
    assert (answer.state, answer.counted) == ("running", 50 * 60)


def test_a_question_that_was_overtaken_by_the_answer_waits_no_more(handed: Desk) -> None:
    """H2: refusing that answer lets the receiver hold it, and not who was asked."""
    handed.do(commands.ask, 1, 1, "Which building?", by="kim", when="10:30")
    handed.do(commands.answer, 1, 1, "Found it: done", by="kim", when="10:40")
    handed.do(commands.refuse_answer, 1, 1, "Still slow", by="ito", when="11:00")
    assert (holder(handed), row(handed).asked_at) == (handed.ref("netone"), None)
    assert clocks(handed, "11:10")["answer"].state == "running"


@pytest.mark.parametrize("after", ["handed on", "resolved"])
def test_only_the_last_answer_on_what_is_open_can_be_refused(handed: Desk, after: str) -> None:
    """H2: what went on since can't be undone so."""
    handed.do(commands.answer, 1, 1, "Done", by="kim", when="10:40")
    if after == "resolved":
        handed.do(incidents.resolve, 1, "solved", "Cable", by="ito", when="10:50")
    else:
        hand(handed, "network", "10:50")
    with pytest.raises(Refused, match="last answer"):
        handed.do(commands.refuse_answer, 1, 1, "Still slow", by="ito", when="11:00")


def test_a_receiver_is_pressed_once_in_a_working_day_of_its_own(handed: Desk) -> None:
    """催促: counted, and again when its next working day begins."""
    handed.do(commands.nudge, 1, 1, by="ito", when="10:30")
    for when in ("17:00", "Fri 08:59"):
        with pytest.raises(Refused, match="next working day"):
            handed.do(commands.nudge, 1, 1, by="sato", when=when)
    handed.do(commands.nudge, 1, 1, by="ito", when="Fri 09:00")
    with pytest.raises(Refused, match="next working day"):
        handed.do(commands.nudge, 1, 1, by="ito", when="Sun 12:00")
    assert (row(handed).nudges, row(handed).nudged_at) == (2, at("Fri 09:00"))


def test_what_is_passed_from_partner_to_partner_returns_to_the_desk(handed: Desk) -> None:
    """H2: a partner can't act on an answer, so it returns to who had given it to that partner."""
    hand(handed, "printco", "11:00")
    assert row(handed, 2).returns_to == handed.ref("desk")
    handed.do(commands.answer, 1, 2, "A new cable", by="park", when="11:30")
    assert holder(handed) == handed.ref("desk")


def test_a_question_and_a_refusal_need_words(handed: Desk) -> None:
    """H2: they are for somebody to read."""
    with pytest.raises(BadInput, match="question"):
        handed.do(commands.ask, 1, 1, " ", by="kim", when="10:30")
    handed.do(commands.answer, 1, 1, "Done", by="kim", when="10:40")
    with pytest.raises(BadInput, match="missing"):
        handed.do(commands.refuse_answer, 1, 1, "", by="ito", when="11:00")
