"""Hand-offs between groups and to partner companies, one transaction each, on both databases."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest

from servicedesk.errors import BadInput, NotAllowed, NotFound, Refused, Stale
from servicedesk.escalation import commands
from servicedesk.escalation.commands import hand_off
from servicedesk.incidents import commands as incidents
from servicedesk.incidents.commands import comment, hold, reopen, resolve, take
from servicedesk.incidents.files import Upload
from servicedesk.incidents.models import Attachment, Comment
from tests.cast import Desk, at


def handed(desk: Desk, to: str = "netone", **how: Any) -> int:
    """Log an incident and hand it off at 10:00."""
    n = desk.log()
    desk.do(hand_off, n, to, note="Please look", by="ito", when="10:00", **how)
    return n


# Sending


def test_handing_off_keeps_why_and_what_is_asked(desk: Desk) -> None:
    """H2: from, to, reason, note, asked-for answer date."""
    n = handed(desk, reason="vendor", answer_by=at("Fri 17:00"))
    sent = desk.handoff(n)
    assert (sent.reason, sent.note, sent.answer_by) == ("vendor", "Please look", at("Fri 17:00"))
    assert (sent.state, sent.direction, sent.sent_by_id) == ("sent", "partner", desk.id("ito"))
    assert (sent.sender, sent.receiver) == (desk.ref("desk"), desk.ref("netone"))


def test_the_desk_group_stays_answerable(desk: Desk) -> None:
    """H3: handing off keeps the desk group answerable."""
    n = handed(desk)
    incident = desk.incident(n)
    assert (incident.desk_group, incident.given_to) == (desk.ref("desk"), desk.ref("netone"))
    assert (incident.holder, incident.held_since) == (desk.ref("netone"), at("10:00"))


@pytest.mark.parametrize(
    ("to", "how", "sentence"),
    [
        ("coffee", {}, "choose a group or a partner"),
        ("netone", {"reason": "boredom"}, "choose a reason"),
        ("netone", {"note": " "}, "what you tried"),
        ("netone", {"note": "x" * 20_001}, "too long"),
        ("netone", {"answer_by": at("09:00")}, "must lie ahead"),
    ],
)
def test_what_says_too_little_is_not_sent(
    desk: Desk, to: str, how: dict[str, Any], sentence: str
) -> None:
    """H2: one clear sentence, and nothing changes."""
    n = desk.log()
    with pytest.raises(BadInput, match=sentence):
        desk.do(hand_off, n, to, by="ito", when="10:00", **{"note": "Please look", **how})
    assert desk.holders(n) == ["desk"]


def test_nobody_is_handed_what_they_have(desk: Desk) -> None:
    with pytest.raises(Refused, match="Service desk has this incident already"):
        handed(desk, "desk")


def test_what_is_sent_along_is_a_partners_thread_or_a_groups_note(desk: Desk) -> None:
    """§3: `partner`: desk side and the one partner; `note`: desk side only."""
    file = Upload("trace.txt", BytesIO(b"blinks red"))
    n = handed(desk, uploads=(file,))
    desk.do(commands.recall, n, 1, by="ito", when="10:10")
    desk.do(hand_off, n, "network", note="See", by="ito", when="10:20", uploads=(file,))
    kinds = [(c.kind, c.handoff_id is not None) for c in desk.rows(Comment, n)]
    assert kinds == [("partner", True), ("note", False)]
    assert len(desk.rows(Attachment, n)) == 2


# Receiving


def test_a_partner_accepts_and_answers(desk: Desk) -> None:
    """H2, H4: sent, accepted, answered; the sender has it again, with the answer."""
    n = handed(desk)
    desk.do(commands.accept, n, 1, by="kim", when="10:30")
    assert desk.handoff(n).state == "accepted"
    desk.do(commands.answer, n, 1, "A cut cable", by="kim", when="11:00")
    done = desk.handoff(n)
    assert (done.state, done.accepted_at, done.ended_at) == ("answered", at("10:30"), at("11:00"))
    assert done.outcome_text == "A cut cable"
    assert desk.holders(n) == ["desk", "netone", "desk"]
    assert desk.assignee(n) == "ito"


def test_a_partner_sends_back_with_a_reason(desk: Desk) -> None:
    """H4: sent back needs a reason and returns it to the sender."""
    n = handed(desk)
    with pytest.raises(BadInput, match="why you send it back"):
        desk.do(commands.send_back, n, 1, " ", by="kim", when="10:20")
    desk.do(commands.send_back, n, 1, "Not our line", by="kim", when="10:30")
    assert (desk.handoff(n).state, desk.handoff(n).outcome_text) == ("sent_back", "Not our line")
    assert desk.incident(n).holder == desk.ref("desk")


def test_the_desk_recalls_what_is_not_answered(desk: Desk) -> None:
    """H4: recalled."""
    n = handed(desk)
    desk.do(commands.accept, n, 1, by="kim", when="10:10")
    desk.do(commands.recall, n, 1, by="sato", when="10:30", reason="Found it")
    assert (desk.handoff(n).state, desk.handoff(n).outcome_text) == ("recalled", "Found it")
    with pytest.raises(Refused, match="ended already"):
        desk.do(commands.answer, n, 1, "Too late", by="kim", when="10:40")
    with pytest.raises(Refused, match="ended already"):
        desk.do(commands.recall, n, 1, by="ito", when="10:50")
    assert [c.body for c in desk.rows(Comment, n)] == []


def test_resolving_recalls_what_a_partner_has(desk: Desk) -> None:
    """H2: a partner's open hand-off ends as recalled when the desk resolves."""
    n = handed(desk)
    desk.do(resolve, n, "solved", "It came back", by="ito", when="11:00")
    assert desk.handoff(n).state == "recalled"
    assert desk.clock(n, "answer", "netone").state == "cancelled"
    desk.do(reopen, n, by="emi", when="12:00")
    assert desk.holders(n) == ["desk", "netone", "desk"]


def test_a_partner_answers_but_never_resolves(desk: Desk) -> None:
    """§4: desk side; a partner answers, it does not resolve."""
    n = handed(desk)
    with pytest.raises(NotFound):
        desk.do(resolve, n, "solved", "Done", by="kim", when="11:00")


def test_a_group_takes_and_answers(desk: Desk) -> None:
    """H2: taking it accepts the hand-off."""
    n = handed(desk, "network")
    desk.do(take, n, by="abe", when="10:10")
    assert (desk.handoff(n).accepted_at, desk.assignee(n)) == (at("10:10"), "abe")
    desk.do(commands.answer, n, 1, "Port was down", by="abe", when="10:30")
    assert (desk.assignee(n), [c.kind for c in desk.rows(Comment, n)]) == ("ito", ["note"])


def test_a_group_that_resolves_has_answered(desk: Desk) -> None:
    """H2: resolved there."""
    n = handed(desk, "network")
    desk.do(resolve, n, "solved", "Port was down", by="abe", when="10:30")
    assert desk.handoff(n).state == "resolved_there"


def test_handing_further_brings_the_answer_back_to_who_passed_it_on(desk: Desk) -> None:
    """H2: passed on; its answer returns to the one who passed it on."""
    n = handed(desk, "network")
    desk.do(take, n, by="abe", when="10:10")
    desk.do(hand_off, n, "netone", note="Their line", by="abe", when="10:20")
    desk.do(commands.answer, n, 2, "A cut cable", by="kim", when="11:00")
    assert [desk.handoff(n, k).state for k in (1, 2)] == ["passed_on", "answered"]
    assert (desk.incident(n).holder, desk.assignee(n)) == (desk.ref("network"), "abe")


def test_waiting_for_the_requester_the_partner_rests(desk: Desk) -> None:
    """H1, C4: the requester holds it, then the partner again; `answer` rests meanwhile."""
    n = handed(desk)
    desk.do(hold, n, "requester", by="ito", when="10:30", question="Which room?")
    assert desk.clock(n, "answer", "netone").state == "paused"
    desk.do(comment, n, "reply", "Room 3", by="emi", when="11:00")
    assert desk.holders(n) == ["desk", "netone", "requester", "netone"]
    assert desk.clock(n, "answer", "netone").state == "running"


def test_the_partners_own_ticket_number_is_kept(desk: Desk) -> None:
    """H7: kept, and in the journal only as a digest."""
    n = handed(desk)
    desk.do(commands.note_ticket, n, 1, " NO-77 ", by="kim", when="10:10")
    assert desk.handoff(n).partner_ticket == "NO-77"
    assert "NO-77" not in str(desk.events(n)[-1].data)


# The thread with a partner


def test_both_sides_write_in_a_partners_thread(desk: Desk) -> None:
    """§3: `partner`: desk side and the one partner whose hand-off it belongs to."""
    n = handed(desk)
    desk.do(commands.write, n, 1, "Since when?", by="kim", when="10:10")
    desk.do(commands.write, n, 1, "Since noon", by="sato", when="10:20")
    written = [(c.kind, c.body, c.handoff_id) for c in desk.rows(Comment, n)]
    id = desk.handoff(n).id
    assert written == [("partner", "Since when?", id), ("partner", "Since noon", id)]
    assert desk.incident(n).first_response_at is None


def test_after_its_end_a_partner_writes_no_more(desk: Desk) -> None:
    n = handed(desk)
    desk.do(commands.recall, n, 1, by="ito", when="10:10")
    with pytest.raises(Refused, match="ended already"):
        desk.do(commands.write, n, 1, "But wait", by="kim", when="10:20")
    desk.do(commands.write, n, 1, "Thank you", by="ito", when="10:30")


def test_a_group_has_no_partners_thread(desk: Desk) -> None:
    n = handed(desk, "network")
    with pytest.raises(NotFound):
        desk.do(commands.write, n, 1, "Hello", by="ito", when="10:10")


# Who may

RECEIVE: list[tuple[Callable[..., Any], tuple[Any, ...]]] = [
    (commands.accept, (1,)),
    (commands.answer, (1, "Done")),
    (commands.send_back, (1, "Not ours")),
]


@pytest.mark.parametrize(
    ("by", "error"),
    [
        ("ito", NotAllowed),  # the desk sees it, but does not answer for a partner
        ("emi", NotFound),
        ("taro", NotFound),
        ("ueda", NotFound),
        ("park", NotFound),  # another partner
        ("root", NotFound),
    ],
)
def test_only_its_own_people_answer_for_a_partner(
    desk: Desk, by: str, error: type[Exception]
) -> None:
    """§9: partners: their hand-offs."""
    n = handed(desk)
    for act, what in RECEIVE:
        with pytest.raises(error):
            desk.do(act, n, *what, by=by, when="10:10")
    assert desk.handoff(n).state == "sent"


@pytest.mark.parametrize("by", ["emi", "taro", "ueda", "park", "root"])
def test_nobody_else_notes_a_partners_ticket(desk: Desk, by: str) -> None:
    """H7, §9: the partner itself, or who works on the incident."""
    n = handed(desk)
    with pytest.raises(NotFound):
        desk.do(commands.note_ticket, n, 1, "NO-77", by=by, when="10:10")
    assert desk.handoff(n).partner_ticket is None


def test_the_desk_notes_and_corrects_a_partners_ticket(desk: Desk) -> None:
    """H7: for one that works by mail alone; journalled, and until the incident is closed."""
    n = handed(desk)
    desk.do(commands.note_ticket, n, 1, "NO-7", by="ito", when="10:10")
    desk.do(commands.note_ticket, n, 1, "NO-8", by="mori", when="10:20")
    assert desk.handoff(n).partner_ticket == "NO-8"
    assert [e.actor for e in desk.events(n) if e.kind == "handoff.ticket_noted"] == [
        desk.id("ito"), desk.id("mori"),
    ]  # fmt: skip
    desk.do(incidents.cancel, n, by="emi", when="10:30")
    with pytest.raises(Refused):
        desk.do(commands.note_ticket, n, 1, "NO-9", by="ito", when="10:40")


def test_a_hand_off_to_a_group_has_no_ticket(desk: Desk) -> None:
    n = handed(desk, "network")
    with pytest.raises(NotFound):
        desk.do(commands.note_ticket, n, 1, "NO-7", by="ito", when="10:10")


def test_a_partner_answers_for_no_group(desk: Desk) -> None:
    """§9: nothing outside their hand-offs."""
    n = handed(desk)
    desk.do(commands.recall, n, 1, by="ito", when="10:05")
    desk.do(hand_off, n, "network", note="Please look", by="ito", when="10:10")
    with pytest.raises(NotFound):
        desk.do(commands.answer, n, 2, "Done", by="kim", when="10:20")


@pytest.mark.parametrize("by", ["emi", "taro", "ueda", "kim", "park", "root"])
def test_only_the_desk_hands_off_and_recalls(desk: Desk, by: str) -> None:
    """§9: default is no."""
    n = handed(desk)
    with pytest.raises((NotAllowed, NotFound)):
        desk.do(hand_off, n, "network", note="Please look", by=by, when="10:10")
    with pytest.raises((NotAllowed, NotFound)):
        desk.do(commands.recall, n, 1, by=by, when="10:10")


@pytest.mark.parametrize("n", [2, 99])
def test_there_is_no_such_hand_off(desk: Desk, n: int) -> None:
    number = handed(desk)
    for act, (_one, *what) in RECEIVE:
        with pytest.raises(NotFound):
            desk.do(act, number, n, *what, by="kim", when="10:10")
    with pytest.raises(NotFound):
        desk.do(commands.recall, number, n, by="ito", when="10:10")


def test_the_second_of_two_hand_offs_is_refused(desk: Desk) -> None:
    """§4: a form sent over somebody else's newer change is refused."""
    n = desk.log()
    version = desk.incident(n).version
    first = {"by": "ito", "when": "10:00", "version": version}
    desk.do(hand_off, n, "netone", note="Please look", **first)
    with pytest.raises(Stale):
        desk.do(hand_off, n, "network", note="Please look", **first | {"by": "sato"})
    assert desk.holders(n) == ["desk", "netone"]


def test_nothing_is_handed_off_after_its_end(desk: Desk) -> None:
    """§4: any open."""
    n = desk.log()
    desk.do(resolve, n, "solved", "Done", by="ito", when="10:00")
    with pytest.raises(Refused, match="not possible while the incident is “Resolved”"):
        desk.do(hand_off, n, "netone", note="Please look", by="ito", when="10:10")
