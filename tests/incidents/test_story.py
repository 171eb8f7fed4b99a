"""Who holds an incident when, and what became of its dates: the story that events add up to."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from servicedesk.errors import BadInput, Refused
from servicedesk.escalation import handoffs
from servicedesk.incidents import acts
from servicedesk.incidents.acts import Act
from servicedesk.incidents.happenings import tell
from servicedesk.incidents.lifecycle import IllegalMove
from servicedesk.setup.directory import Party
from tests.cast import at
from tests.incidents.told import (
    ABE,
    CORE,
    DESK,
    EMI,
    FIELD,
    ITO,
    KIM,
    NETONE,
    NETWORK,
    PRINTCO,
    Told,
    day,
    moment,
)

# Who holds it


def test_the_first_group_holds_it_from_the_start() -> None:
    """H1: from logged on."""
    assert Told("09:00").holders() == [("desk", at("09:00"), None)]


def test_whoever_it_is_handed_to_holds_it_from_sent() -> None:
    """H2: the receiver holds it from `sent`, not only from `accepted`."""
    it = Told("09:00")
    it.hand(NETWORK, "10:00")
    handoffs.accept(it.at("11:00", by=ABE), 1)
    assert it.holders() == [
        ("desk", at("09:00"), at("10:00")),
        ("network", at("10:00"), None),
    ]


def test_the_requester_holds_it_while_we_wait_for_the_requester() -> None:
    """H1: the hold *requester*; what the group had before it has again after it."""
    it = Told("09:00")
    acts.hold(it.at("10:00"), "requester")
    acts.start(it.at("11:00"))
    assert it.holders() == [
        ("desk", at("09:00"), at("10:00")),
        ("requester", at("10:00"), at("11:00")),
        ("desk", at("11:00"), None),
    ]


@pytest.mark.parametrize("reason", ["change", "delivery", "other", "approval"])
def test_the_group_keeps_holding_during_other_holds(reason: str) -> None:
    """H1: only the hold *requester* gives it to the requester."""
    it = Told("09:00")
    acts.hold(it.at("10:00"), reason, at("Mon 10:00"))
    assert it.holders() == [("desk", at("09:00"), None)]


def test_a_group_that_is_given_it_meanwhile_holds_from_the_end_of_the_waiting() -> None:
    """H1: during the hold *requester* the requester holds, whoever is given the incident."""
    it = Told("09:00")
    acts.hold(it.at("10:00"), "requester")
    it.hand(NETWORK, "11:00")
    acts.start(it.at("12:00"))
    assert it.holders() == [
        ("desk", at("09:00"), at("10:00")),
        ("requester", at("10:00"), at("12:00")),
        ("network", at("12:00"), None),
    ]


def test_nobody_holds_what_is_resolved() -> None:
    """H1: to resolved; reopened it has its holder again, and the time between has none."""
    it = Told("09:00")
    it.hand(NETWORK, "10:00")
    acts.resolve(it.at("11:00", by=ABE), "solved")
    assert it.story.holder is None
    acts.reopen(it.at("12:00", by=EMI))
    assert it.holders() == [
        ("desk", at("09:00"), at("10:00")),
        ("network", at("10:00"), at("11:00")),
        ("network", at("12:00"), None),
    ]
    assert it.story.holder_at(at("11:30")) is None


def test_who_held_it_at_an_instant_is_who_held_it_from_then_on() -> None:
    """H1: no overlap: at the instant of the hand-off it is the receiver."""
    it = Told("09:00")
    it.hand(NETWORK, "10:00")
    keys = [it.story.holder_at(at(when)) for when in ("08:59", "09:00", "09:59", "10:00")]
    assert keys == [None, DESK.ref, DESK.ref, NETWORK.ref]


# Hand-offs


@pytest.mark.parametrize(
    ("path", "directions"),
    [
        ([NETWORK, CORE], ["up", "up"]),
        ([CORE, NETWORK, DESK], ["up", "down", "down"]),
        ([NETWORK, FIELD], ["up", "across"]),
        ([NETONE, PRINTCO, CORE], ["partner", "partner", "from-partner"]),
    ],
)
def test_the_direction_follows_from_both_ends(path: list[Party], directions: list[str]) -> None:
    """H2: up, down, across, to or from a partner."""
    it = Told("09:00")
    for n, party in enumerate(path):
        it.hand(party, f"1{n}:00")
    assert [handoff.direction for handoff in it.story.handoffs] == directions


def test_an_answer_brings_it_back_to_who_sent_it() -> None:
    """H4: answered returns it with the answer; whoever sent it has it on the desk again."""
    it = Told("09:00")
    it.hand(NETWORK, "10:00", by=ITO)
    handoffs.accept(it.at("10:30", by=ABE), 1)
    handoffs.answer(it.at("11:00", by=ABE), 1, "digest")
    done = it.story.handoffs[0]
    assert (done.state, done.accepted_at, done.ended_at) == ("answered", at("10:30"), at("11:00"))
    assert (it.story.holder, it.story.assignee) == (DESK.ref, ITO)


def test_answering_at_once_accepts_too() -> None:
    """H2: sent, accepted, answered: none is left out."""
    it = Told("09:00")
    it.hand(NETWORK, "10:00")
    handoffs.answer(it.at("11:00", by=ABE), 1, "digest")
    assert it.story.handoffs[0].accepted_at == at("11:00")


def test_sending_back_returns_it_unaccepted_and_needs_a_reason() -> None:
    """H4: sent back needs a reason."""
    it = Told("09:00")
    it.hand(NETWORK, "10:00")
    with pytest.raises(BadInput, match="why you send it back"):
        handoffs.send_back(it.at("10:30", by=ABE), 1, None)
    handoffs.send_back(it.at("11:00", by=ABE), 1, "digest")
    done = it.story.handoffs[0]
    assert (done.state, done.accepted_at, it.story.holder) == ("sent_back", None, DESK.ref)


def test_what_is_not_yet_answered_can_be_recalled() -> None:
    """H4: recalled takes back what is not yet answered."""
    it = Told("09:00")
    it.hand(NETONE, "10:00")
    handoffs.accept(it.at("10:30", by=KIM), 1)
    handoffs.recall(it.at("11:00"), 1)
    assert (it.story.handoffs[0].state, it.story.holder) == ("recalled", DESK.ref)


def test_what_has_ended_is_neither_accepted_nor_answered_nor_recalled() -> None:
    """H2: a hand-off ends once."""
    it = Told("09:00")
    it.hand(NETONE, "10:00")
    handoffs.answer(it.at("11:00", by=KIM), 1, "digest")
    again: list[Callable[[Act], object]] = [
        lambda act: handoffs.accept(act, 1),
        lambda act: handoffs.answer(act, 1, "digest"),
        lambda act: handoffs.send_back(act, 1, "digest"),
        lambda act: handoffs.recall(act, 1),
    ]
    for do in again:
        with pytest.raises(Refused, match="ended already"):
            do(it.at("12:00", by=KIM))


def test_it_is_accepted_once() -> None:
    it = Told("09:00")
    it.hand(NETONE, "10:00")
    handoffs.accept(it.at("10:30", by=KIM), 1)
    with pytest.raises(Refused, match="accepted already"):
        handoffs.accept(it.at("11:00", by=KIM), 1)


def test_handing_further_passes_on_and_the_answer_returns_to_who_passed_it_on() -> None:
    """H2: passed on; its answer returns to the one who passed it on."""
    it = Told("09:00")
    it.hand(NETWORK, "10:00")
    handoffs.accept(it.at("10:10", by=ABE), 1)
    it.hand(NETONE, "11:00", by=ABE)
    handoffs.answer(it.at("12:00", by=KIM), 2, "digest")
    assert [handoff.state for handoff in it.story.handoffs] == ["passed_on", "answered"]
    assert it.story.handoffs[0].ended_at == at("11:00")
    assert (it.story.holder, it.story.assignee) == (NETWORK.ref, ABE)


def test_there_is_at_most_one_open_hand_off() -> None:
    it = Told("09:00")
    for n, party in enumerate([NETWORK, NETONE, PRINTCO, CORE]):
        it.hand(party, f"1{n}:00")
    assert [handoff.is_open for handoff in it.story.handoffs] == [False, False, False, True]


def test_a_group_that_resolves_has_answered() -> None:
    """H2: resolved there."""
    it = Told("09:00")
    it.hand(NETWORK, "10:00")
    acts.resolve(it.at("11:00", by=ABE), "solved")
    assert (it.story.handoffs[0].state, it.story.given_to) == ("resolved_there", NETWORK.ref)


def test_resolving_recalls_what_a_partner_has() -> None:
    """H2: a partner's open hand-off ends as recalled when the desk resolves; the sender has it."""
    it = Told("09:00")
    it.hand(NETONE, "10:00")
    acts.resolve(it.at("11:00"), "solved")
    assert (it.story.handoffs[0].state, it.story.given_to) == ("recalled", DESK.ref)
    acts.reopen(it.at("12:00", by=EMI))
    assert it.story.holder == DESK.ref


@pytest.mark.parametrize("party", [NETWORK, NETONE])
def test_cancelling_recalls_whatever_is_open(party: Party) -> None:
    it = Told("09:00")
    it.hand(party, "10:00")
    acts.cancel(it.at("11:00", by=EMI))
    assert it.story.handoffs[0].state == "recalled"


def test_a_hand_off_says_what_is_needed() -> None:
    """H2: reason and note."""
    with pytest.raises(BadInput, match="what you need"):
        handoffs.send(Told("09:00").at("10:00"), NETWORK)


def test_the_answer_is_wished_for_a_time_ahead() -> None:
    it = Told("09:00")
    with pytest.raises(BadInput, match="must lie ahead"):
        handoffs.send(it.at("10:00"), NETWORK, note="digest", answer_by=at("10:00"))


def test_nobody_is_handed_what_they_have() -> None:
    with pytest.raises(Refused, match="has this incident already"):
        Told("09:00").hand(DESK, "10:00")


def test_who_gets_it_assigns_it_anew() -> None:
    it = Told("09:00")
    acts.take(it.at("09:30", by=ITO))
    it.hand(NETWORK, "10:00")
    assert it.story.assignee is None


def test_taking_it_accepts_the_hand_off_to_the_group() -> None:
    """H2: accepted."""
    it = Told("09:00")
    it.hand(NETWORK, "10:00")
    acts.take(it.at("10:30", by=ABE))
    assert (it.story.handoffs[0].accepted_at, it.story.assignee) == (at("10:30"), ABE)


def test_a_return_is_a_hand_off_to_who_had_it_before() -> None:
    """H5: logging included; an answer, a sending back, a recall, a hold are none."""
    it = Told("09:00")
    it.hand(NETWORK, "10:00")
    handoffs.answer(it.at("10:30", by=ABE), 1, "digest")  # back at the desk: no return
    it.hand(NETWORK, "11:00")  # a return
    it.hand(DESK, "11:30", by=ABE)  # a return: it was logged there
    it.hand(NETONE, "12:00")
    handoffs.send_back(it.at("12:30", by=KIM), 4, "digest")
    assert [handoff.is_return for handoff in it.story.handoffs] == [False, True, True, False]
    assert it.story.returns == 2


def test_tiers_are_those_of_whoever_it_was_ever_given_to() -> None:
    """F4: tier 1 only means that no other tier or partner ever had it."""
    it = Told("09:00")
    assert it.story.tiers == {1}
    acts.hold(it.at("10:00"), "requester")
    it.hand(NETONE, "10:30")  # behind a hold for the requester
    handoffs.recall(it.at("10:40"), 1)
    assert it.story.tiers == {0, 1}


# Wish and promise


def test_only_the_first_and_the_current_wish_count() -> None:
    """D3, D4: every revision is kept; the first is the headline."""
    it = Told("09:00")
    for when, wish in (("09:00", "2026-11-27"), ("10:00", "2026-12-01"), ("11:00", "2026-12-04")):
        acts.wish(it.at(when, by=EMI), day(wish))
    first, current = it.story.first_wish(), it.story.current("requested")
    assert first is not None
    assert current is not None
    assert (str(first.day), str(current.day)) == ("2026-11-27", "2026-12-04")
    assert [(d.state, d.at) for d in it.story.dates] == [
        ("superseded", at("09:00")),
        ("superseded", at("10:00")),
        ("current", at("11:00")),
    ]


def test_what_the_desk_notes_of_a_wish_waits_for_the_requester() -> None:
    """D3: the desk's revision counts once the requester has confirmed it."""
    it = Told("09:00")
    acts.wish(it.at("09:00", by=EMI), day("2026-11-27"))
    noted = acts.wish(it.at("10:00"), day("2026-12-01"), by_requester=False)
    assert noted is not None
    assert str(it.story.current("requested").day) == "2026-11-27"  # type: ignore[union-attr]
    acts.confirm_wish(it.at("11:00", by=EMI), noted.seq, accept=True)
    assert str(it.story.current("requested").day) == "2026-12-01"  # type: ignore[union-attr]


def test_a_declined_revision_never_counts() -> None:
    """D3: and it can't be confirmed any more."""
    it = Told("09:00")
    acts.wish(it.at("09:00", by=EMI), day("2026-11-27"))
    noted = acts.wish(it.at("10:00"), day("2026-12-01"), by_requester=False)
    assert noted is not None
    acts.confirm_wish(it.at("11:00", by=EMI), noted.seq, accept=False)
    with pytest.raises(Refused, match="no longer waits"):
        acts.confirm_wish(it.at("11:30", by=EMI), noted.seq, accept=True)
    assert str(it.story.current("requested").day) == "2026-11-27"  # type: ignore[union-attr]


def test_a_revision_is_confirmed_before_the_old_date_or_never() -> None:
    """D3: confirmed before the old date."""
    it = Told("09:00")
    acts.wish(it.at("09:00", by=EMI), moment("11:00"))
    noted = acts.wish(it.at("10:00"), day("2026-12-01"), by_requester=False)
    assert noted is not None
    with pytest.raises(Refused, match="has passed"):
        acts.confirm_wish(it.at("11:00", by=EMI), noted.seq, accept=True)
    with pytest.raises(Refused, match="has passed"):
        acts.wish(it.at("11:00"), day("2026-12-02"), by_requester=False)


def test_a_later_revision_of_the_requester_withdraws_what_the_desk_had_noted() -> None:
    """D3: only one date waits or counts."""
    it = Told("09:00")
    acts.wish(it.at("09:00", by=EMI), day("2026-11-27"))
    noted = acts.wish(it.at("10:00"), day("2026-12-01"), by_requester=False)
    acts.wish(it.at("11:00", by=EMI), day("2026-12-02"))
    assert [d.state for d in it.story.dates] == ["superseded", "withdrawn", "current"]
    assert noted is not None
    with pytest.raises(Refused):
        acts.confirm_wish(it.at("11:30", by=EMI), noted.seq, accept=True)


def test_nothing_is_confirmed_once_it_has_ended() -> None:
    """§4: what is closed does not change any more, its dates neither."""
    it = Told("09:00")
    acts.wish(it.at("09:00", by=EMI), day("2026-11-27"))
    noted = acts.wish(it.at("10:00"), day("2026-12-01"), by_requester=False)
    offered = acts.promise(it.at("10:10"), day("2026-12-02"), reason="digest")
    acts.resolve(it.at("11:00"), "solved")
    assert noted is not None
    assert offered is not None
    with pytest.raises(IllegalMove):
        acts.confirm_wish(it.at("12:00", by=EMI), noted.seq, accept=True)
    with pytest.raises(IllegalMove):
        acts.answer_promise(it.at("12:00", by=EMI), offered.seq, accept=True)


def test_a_wish_lies_ahead() -> None:
    """D6: a wish lies after logging."""
    it = Told("09:00")
    for past in (moment("09:00"), day("2026-11-25")):
        with pytest.raises(BadInput, match="must lie ahead"):
            acts.wish(it.at("09:00", by=EMI), past)
    acts.wish(it.at("09:00", by=EMI), day("2026-11-26"))  # today is in time until midnight


def test_the_same_wish_again_is_none() -> None:
    it = Told("09:00")
    acts.wish(it.at("09:00", by=EMI), day("2026-11-27"))
    assert acts.wish(it.at("10:00", by=EMI), day("2026-11-27")) is None


def test_a_wish_taken_back_leaves_the_first_as_headline() -> None:
    """D4, D5: without a current wish there is none; the first stays."""
    it = Told("09:00")
    acts.wish(it.at("09:00", by=EMI), day("2026-11-27"))
    acts.wish(it.at("10:00", by=EMI), None)
    assert it.story.current("requested") is None
    assert it.story.first_wish() is not None


def test_a_promise_of_another_date_needs_a_reason() -> None:
    """§5: the desk agrees, or offers another date with a reason."""
    it = Told("09:00")
    acts.wish(it.at("09:00", by=EMI), day("2026-11-27"))
    with pytest.raises(BadInput, match="why another date"):
        acts.promise(it.at("10:00"), day("2026-12-01"))
    agreed = acts.promise(it.at("10:00"), day("2026-11-27"))
    assert agreed is not None
    assert agreed.data["agrees"] is True


def test_the_requester_answers_a_promise_once() -> None:
    """§5: accepts or declines."""
    it = Told("09:00")
    offered = acts.promise(it.at("10:00"), day("2026-12-01"))
    assert offered is not None
    acts.answer_promise(it.at("11:00", by=EMI), offered.seq, accept=True)
    assert it.story.dates[-1].answer == "accepted"
    with pytest.raises(Refused, match="no longer waits"):
        acts.answer_promise(it.at("11:30", by=EMI), offered.seq, accept=False)


def test_an_earlier_promise_is_not_answered_any_more() -> None:
    it = Told("09:00")
    first = acts.promise(it.at("10:00"), day("2026-12-01"))
    acts.promise(it.at("10:30"), day("2026-12-02"))
    assert first is not None
    with pytest.raises(Refused, match="no longer waits"):
        acts.answer_promise(it.at("11:00", by=EMI), first.seq, accept=True)


# The whole


def test_events_say_all_that_is_so() -> None:
    """C6: the same events tell the same story."""
    it = Told("09:00")
    acts.wish(it.at("09:00", by=EMI), day("2026-11-27"))
    it.hand(NETWORK, "10:00")
    acts.hold(it.at("11:00", by=ABE), "requester")
    acts.comment(it.at("11:30", by=EMI), 1, "reply", "digest", desk=False)
    acts.resolve(it.at("12:00", by=ABE), "solved")
    acts.reopen(it.at("Fri 09:00", by=EMI))
    assert tell(it.act.events) == it.story


def test_events_hold_neither_names_nor_texts() -> None:
    """§3: events hold ids, values and keyed digests."""
    it = Told("09:00", title="d1", description="d2")
    said = it.act.events[0].data
    assert {name for name in said if isinstance(said[name], str)} <= {
        "type", "channel", "priority", "desk_group", "given_to", "title", "description",
    }  # fmt: skip
