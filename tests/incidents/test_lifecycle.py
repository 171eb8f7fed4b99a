"""The moves of an incident's life, against a table written down a second time from the rules."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import pytest

from servicedesk.errors import BadInput, Refused
from servicedesk.incidents import acts, lifecycle
from servicedesk.incidents.acts import Act
from tests.cast import at
from tests.incidents.told import DESK, EMI, ITO, NETWORK, Told

EVERYWHERE = {"assign", "hand_off", "prioritise", "reclassify", "wish", "promise"}
EVERYWHERE |= {"hold", "resolve", "cancel", "comment", "attach"}
POSSIBLE = {
    "new": EVERYWHERE | {"start"},
    "in_progress": EVERYWHERE,
    "on_hold": EVERYWHERE | {"resume"},
    "resolved": {"close", "reopen", "comment", "attach"},
    "closed": {"continue"},
    "cancelled": set(),
}
LEADS_TO = {
    "start": "in_progress", "resume": "in_progress", "reopen": "in_progress",
    "hold": "on_hold", "resolve": "resolved", "close": "closed", "cancel": "cancelled",
}  # fmt: skip


@pytest.mark.parametrize(
    ("state", "move"), list(itertools.product(lifecycle.STATES, sorted(lifecycle.MOVES)))
)
def test_a_move_is_possible_where_the_table_says_so(state: str, move: str) -> None:
    """§4: the table of moves."""
    if move in POSSIBLE[state]:
        lifecycle.check(move, state)
    else:
        with pytest.raises(lifecycle.IllegalMove) as refused:
            lifecycle.check(move, state)
        assert set(refused.value.possible) == POSSIBLE[state]


def test_the_table_is_about_every_state_and_move() -> None:
    assert set(POSSIBLE) == set(lifecycle.STATES)
    assert {m: move.target for m, move in lifecycle.MOVES.items() if move.target} == LEADS_TO


def in_state(state: str) -> Told:
    """Bring an incident into a state, by what people do."""
    it = Told()
    if state == "on_hold":
        acts.hold(it.at("10:00"), "requester")
    if state in ("in_progress", "resolved", "closed"):
        acts.take(it.at("10:00"))
    if state in ("resolved", "closed"):
        acts.resolve(it.at("10:00"), "solved")
    if state == "closed":
        acts.close(it.at("10:00", by=EMI))
    if state == "cancelled":
        acts.cancel(it.at("10:00", by=EMI))
    assert it.story.state == state
    return it


DO: dict[str, Callable[[Act], object]] = {
    "hold": lambda act: acts.hold(act, "requester"),
    "resolve": lambda act: acts.resolve(act, "solved"),
    "close": acts.close,
    "reopen": acts.reopen,
    "cancel": lambda act: acts.cancel(act, consent=True),
    "assign": lambda act: acts.assign(act, ITO),
    "prioritise": lambda act: acts.prioritise(act, 1, 1),
    "wish": lambda act: acts.wish(act, acts.Due(at=at("Mon 10:00"))),
    "promise": lambda act: acts.promise(act, acts.Due(at=at("Mon 10:00"))),
    "comment": lambda act: acts.comment(act, 1, "note", "digest", desk=True),
    "attach": lambda act: acts.attach(act, 1, "digest"),
}


@pytest.mark.parametrize(("state", "move"), list(itertools.product(lifecycle.STATES, DO)))
def test_an_act_asks_the_table_and_changes_nothing_when_refused(state: str, move: str) -> None:
    """§4: illegal moves are refused."""
    it = in_state(state)
    before = it.story.seq
    if move in POSSIBLE[state]:
        DO[move](it.at("11:00"))
        assert it.story.state == LEADS_TO.get(move, it.story.state)
        return
    with pytest.raises(lifecycle.IllegalMove):
        DO[move](it.at("11:00"))
    assert (it.story.seq, it.story.state) == (before, state)


def test_taking_starts_a_new_incident() -> None:
    """§4: new becomes in progress by taking it."""
    it = Told()
    acts.take(it.at("10:00", by=ITO))
    assert (it.story.state, it.story.assignee) == ("in_progress", ITO)


def test_taking_what_one_has_already_notes_nothing() -> None:
    it = in_state("in_progress")
    acts.take(it.at("11:00", by=ITO))
    assert it.story.changed_at == at("10:00")


def test_nobody_is_nobody_and_starts_nothing() -> None:
    it = Told()
    acts.assign(it.at("10:00"), None)
    assert (it.story.state, it.story.assignee) == ("new", None)


def test_a_first_reply_starts_the_work() -> None:
    """§4: new becomes in progress by a first reply."""
    it = Told()
    acts.comment(it.at("10:00"), 1, "reply", "digest", desk=True)
    assert it.story.state == "in_progress"


def test_a_note_starts_nothing() -> None:
    it = Told()
    acts.comment(it.at("10:00"), 1, "note", "digest", desk=True)
    assert it.story.state == "new"


def test_the_requesters_reply_ends_the_waiting_for_the_requester() -> None:
    """§4: a requester's reply ends the hold *requester* by itself."""
    it = in_state("on_hold")
    acts.comment(it.at("11:00", by=EMI), 1, "reply", "digest", desk=False)
    assert it.story.state == "in_progress"


def test_the_requesters_reply_ends_no_other_hold() -> None:
    """§4: only the hold *requester* waits for the requester."""
    it = Told()
    acts.hold(it.at("10:00"), "delivery", at("Mon 12:00"))
    acts.comment(it.at("11:00", by=EMI), 1, "reply", "digest", desk=False)
    assert it.story.state == "on_hold"


def test_the_desks_reply_does_not_end_the_waiting() -> None:
    it = in_state("on_hold")
    acts.comment(it.at("11:00"), 1, "reply", "digest", desk=True)
    assert it.story.state == "on_hold"


@pytest.mark.parametrize("reason", ["change", "delivery", "other"])
def test_a_hold_for_something_else_says_until_when(reason: str) -> None:
    """§4: a hold with another reason has an `until`."""
    it = Told()
    with pytest.raises(BadInput, match="until when"):
        acts.hold(it.at("10:00"), reason)
    with pytest.raises(BadInput, match="must lie ahead"):
        acts.hold(it.at("10:00"), reason, at("10:00"))
    acts.hold(it.at("10:00"), reason, at("11:00"))
    assert it.story.hold is not None
    assert it.story.hold.until == at("11:00")


def test_a_hold_has_a_reason_of_the_list() -> None:
    with pytest.raises(BadInput, match="what is being waited for"):
        acts.hold(Told().at("10:00"), "lunch")


def test_a_new_hold_ends_the_one_before() -> None:
    """§4: on hold to on hold."""
    it = in_state("on_hold")
    acts.hold(it.at("11:00"), "change", at("Mon 12:00"))
    assert [(h.reason, h.end) for h in it.story.holds] == [
        ("requester", at("11:00")),
        ("change", None),
    ]


def test_resolving_needs_a_code_of_the_list() -> None:
    """§4: resolved with code and text."""
    it = in_state("in_progress")
    with pytest.raises(BadInput, match="how it was resolved"):
        acts.resolve(it.at("11:00"), "magic")


def test_resolving_ends_a_hold() -> None:
    it = in_state("on_hold")
    acts.resolve(it.at("11:00"), "no_answer")
    assert it.story.holds[-1].end == at("11:00")


def test_the_requester_cancels_alone() -> None:
    """§4: cancelled by the requester."""
    it = Told()
    acts.cancel(it.at("10:00", by=EMI))
    assert it.story.state == "cancelled"


def test_the_desk_cancels_only_with_consent_or_as_a_duplicate() -> None:
    """§4: cancelled by the desk with the requester's consent or as duplicate of another."""
    with pytest.raises(Refused, match="consent"):
        acts.cancel(Told().at("10:00"))
    for how in ({"consent": True}, {"duplicate_of": 7}):
        it = Told()
        acts.cancel(it.at("10:00"), **how)
        assert it.story.state == "cancelled"


def test_logging_gives_it_to_the_first_step_of_the_path() -> None:
    it = Told()
    assert (it.story.given_to, it.story.desk_group) == (DESK.ref, DESK.ref)


def test_the_tier_1_group_of_the_path_stays_answerable() -> None:
    """H3: the desk group is the path's tier-1 group, whoever has the incident."""
    it = Told(given_to=NETWORK)
    assert (it.story.given_to, it.story.desk_group) == (NETWORK.ref, DESK.ref)
