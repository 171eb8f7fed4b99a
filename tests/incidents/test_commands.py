"""What people do with incidents, one transaction each, on both databases."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from io import BytesIO
from typing import Any

import pytest

from servicedesk.errors import BadInput, NotAllowed, NotFound, Refused, Stale
from servicedesk.escalation.commands import hand_off
from servicedesk.incidents import commands
from servicedesk.incidents.acts import Due
from servicedesk.incidents.catching_up import catch_up
from servicedesk.incidents.files import Upload
from servicedesk.incidents.models import Attachment, Comment, DateChange
from servicedesk.setup.load import load_text
from tests.cast import DESK, Desk, at

FRIDAY = Due(day=date(2026, 11, 27))


# Logging


def test_numbers_are_given_in_order(desk: Desk) -> None:
    """§3: INC-00000001, and so on."""
    assert [desk.log() for _ in range(3)] == [1, 2, 3]
    assert desk.incident(3).label == "INC-00000003"


def test_logging_keeps_the_texts_and_notes_only_digests(desk: Desk) -> None:
    """§3: events hold keyed digests of texts, never the texts."""
    n = desk.log(title="  No   network ", description="In room 3\r\nsince noon\x00")
    incident = desk.incident(n)
    assert (incident.title, incident.description) == ("No network", "In room 3\nsince noon")
    assert incident.department == "Sales"
    assert "network" not in str(desk.events(n)[0].data)


def test_logging_starts_the_clocks_and_notes_the_wish(desk: Desk) -> None:
    """§4: number given, clocks start, requested date noted."""
    n = desk.log(when="09:00", wish=FRIDAY)
    assert desk.kinds(n) == ["incident.logged", "wish.set"]
    assert desk.clock(n, "response").due_at == at("10:00")
    assert desk.clock(n, "requested").due_at == at("Sat 00:00")
    assert desk.incident(n).state == "new"


def test_a_call_logged_by_the_desk_is_a_first_response(desk: Desk) -> None:
    """C13: logging a call by the desk while talking to the requester is a response."""
    called = desk.log(by="ito", requester=desk.id("emi"), channel="phone")
    mailed = desk.log(by="ito", requester=desk.id("emi"), channel="mail")
    own = desk.log(by="ito", channel="phone")
    answered = [desk.incident(n).first_response_at is not None for n in (called, mailed, own)]
    assert answered == [True, False, False]
    assert (desk.incident(called).requester.key, desk.incident(called).department) == (
        "emi",
        "Sales",
    )


@pytest.mark.parametrize("by", ["emi", "ueda", "root"])
def test_only_the_desk_logs_for_others(desk: Desk, by: str) -> None:
    """§9: default is no."""
    with pytest.raises(NotAllowed):
        desk.log(by=by, requester=desk.id("taro"))


def test_a_partner_logs_nothing(desk: Desk) -> None:
    """§9: partners: their hand-offs."""
    with pytest.raises(NotAllowed):
        desk.log(by="kim")


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"title": "  "}, "in a few words"),
        ({"title": "x" * 301}, "too long"),
        ({"description": "x" * 20_001}, "too long"),
        ({"service": "coffee"}, "choose a service"),
        ({"wish": Due(at=at("09:00"))}, "must lie ahead"),
        ({"wish": Due(day=date(2026, 11, 25))}, "must lie ahead"),
    ],
)
def test_what_cannot_be_logged_leaves_no_number_used(
    desk: Desk, said: dict[str, Any], sentence: str
) -> None:
    """D6, §4: one clear sentence, and nothing changes."""
    with pytest.raises(BadInput, match=sentence):
        desk.log(**said)
    assert desk.log() == 1


def test_nobody_logs_for_who_is_not_there(desk: Desk) -> None:
    with pytest.raises(BadInput, match="for whom"):
        desk.log(by="ito", requester=4711)


def test_a_confidential_service_makes_confidential_incidents(desk: Desk) -> None:
    """§9: marked one by one or by service."""
    marked = desk.log(confidential=True)
    by_service = desk.log(service="payroll")
    assert [desk.incident(n).confidential for n in (marked, by_service, desk.log())] == [
        True,
        True,
        False,
    ]


# The version


def test_the_second_of_two_with_the_same_version_is_refused(desk: Desk) -> None:
    """§4: every move checks the `version` it was based on; a refused one changes nothing."""
    n = desk.log()
    version = desk.incident(n).version
    desk.do(commands.take, n, by="ito", when="10:00", version=version)
    with pytest.raises(Stale) as stale:
        desk.do(commands.assign, n, desk.id("sato"), by="sato", when="10:01", version=version)
    assert stale.value.since == version
    assert desk.assignee(n) == "ito"
    assert desk.kinds(n)[-1] == "incident.started"


def test_the_version_is_the_number_of_the_last_event(desk: Desk) -> None:
    n = desk.log()
    desk.do(commands.take, n, by="ito", when="10:00")
    assert desk.incident(n).version == len(desk.events(n)) == 3


STALE: list[tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any]]] = [
    (commands.take, (), {}),
    (commands.resolve, ("solved", "Done"), {}),
    (commands.hold, ("requester",), {"question": "Which room?"}),
    (commands.prioritise, (1, 1), {}),
    (commands.reclassify, ("printing", "request"), {}),
    (commands.promise, (FRIDAY,), {}),
    (commands.wish, (FRIDAY,), {}),
    (commands.cancel, (), {"consent": True}),
    (commands.comment, ("note", "Seen"), {}),
    (hand_off, ("network",), {"note": "Please look"}),
]


@pytest.mark.parametrize(("act", "what", "how"), STALE)
def test_no_move_goes_over_somebody_elses(
    desk: Desk, act: Callable[..., Any], what: tuple[Any, ...], how: dict[str, Any]
) -> None:
    """§4: a form sent over somebody else's newer change is refused."""
    n = desk.log()
    desk.do(commands.comment, n, "note", "I look at it", by="sato", when="09:30")
    before = desk.events(n)
    with pytest.raises(Stale):
        desk.do(act, n, *what, by="ito", when="10:00", version=1, **how)
    assert desk.events(n) == before
    assert len(desk.rows(Comment, n)) == 1


# Moves


def test_an_illegal_move_says_what_is_possible(desk: Desk) -> None:
    """§4: illegal moves are refused with a sentence that says what is possible."""
    n = desk.log()
    desk.do(commands.resolve, n, "solved", "Done", by="ito", when="10:00")
    with pytest.raises(Refused) as refused:
        desk.do(commands.take, n, by="ito", when="10:10")
    assert str(refused.value) == (
        "This is not possible while the incident is “Resolved”. "
        "Possible: close, reopen, write, attach a file."
    )
    desk.do(commands.close, n, by="emi", when="10:20")
    with pytest.raises(Refused, match="Possible: continue it as a new one"):
        desk.do(commands.reopen, n, by="emi", when="10:30")
    m = desk.log()
    desk.do(commands.cancel, m, by="emi", when="10:40")
    with pytest.raises(Refused, match="nothing can be changed any more"):
        desk.do(commands.reopen, m, by="emi", when="10:50")


def test_time_does_not_run_backwards_within_an_incident(desk: Desk) -> None:
    """H1: whatever the machine's clock says."""
    n = desk.log(when="10:00")
    desk.do(commands.take, n, by="ito", when="09:00")
    assert desk.events(n)[-1].at == at("10:00")


def test_waiting_for_the_requester_asks_a_question_that_the_requester_sees(desk: Desk) -> None:
    """§4: *requester* needs a visible question."""
    n = desk.log()
    with pytest.raises(BadInput, match="what you need to know"):
        desk.do(commands.hold, n, "requester", by="ito", when="09:10")
    desk.do(commands.hold, n, "requester", by="ito", when="09:10", question="Which room?")
    assert [(c.kind, c.body) for c in desk.rows(Comment, n)] == [("reply", "Which room?")]
    assert desk.incident(n).holder == "requester"
    assert desk.incident(n).first_response_at == at("09:10")


def test_the_requesters_answer_ends_the_waiting(desk: Desk) -> None:
    """§4: a requester's reply ends *requester* by itself."""
    n = desk.log()
    desk.do(commands.hold, n, "requester", by="ito", when="09:10", question="Which room?")
    desk.do(commands.comment, n, "reply", "Room 3", by="emi", when="09:30")
    assert desk.incident(n).state == "in_progress"
    assert desk.holders(n) == ["desk", "requester", "desk"]


def test_a_reply_may_wait_for_the_requester_at_once(desk: Desk) -> None:
    n = desk.log()
    desk.do(commands.comment, n, "reply", "Which room?", by="ito", when="09:10", then_wait=True)
    assert desk.incident(n).holder == "requester"
    with pytest.raises(NotAllowed):
        desk.do(commands.comment, n, "reply", "Wait", by="emi", when="09:20", then_wait=True)


def test_approval_is_no_hold_of_the_desk(desk: Desk) -> None:
    """§4: the hold *approval* lasts until it is decided."""
    with pytest.raises(BadInput):
        desk.do(commands.hold, desk.log(), "approval", by="ito", when="09:10")


def test_a_hold_is_resumed(desk: Desk) -> None:
    n = desk.log()
    desk.do(commands.hold, n, "delivery", by="ito", when="09:10", until=at("Mon 12:00"))
    assert desk.incident(n).hold_until == at("Mon 12:00")
    desk.do(commands.resume, n, by="ito", when="Fri 09:10")
    assert (desk.incident(n).state, desk.incident(n).hold_until) == ("in_progress", None)


def test_resolving_keeps_what_was_done(desk: Desk) -> None:
    """§4: with code and text."""
    n = desk.log()
    with pytest.raises(BadInput, match="how it was resolved"):
        desk.do(commands.resolve, n, "solved", " ", by="ito", when="10:00")
    how = {"workaround": "Use the cable", "root_cause": "A cat"}
    desk.do(commands.resolve, n, "solved", "Plugged in", by="ito", when="10:00", **how)
    incident = desk.incident(n)
    assert (incident.resolution_code, incident.resolution_text) == ("solved", "Plugged in")
    assert (incident.workaround, incident.root_cause) == ("Use the cable", "A cat")
    assert (incident.resolved_at, incident.holder) == (at("10:00"), None)


def test_the_requester_confirms_or_says_not_solved(desk: Desk) -> None:
    """§4: resolved to closed, or back in progress."""
    n = desk.log()
    desk.do(commands.resolve, n, "solved", "Done", by="ito", when="10:00")
    desk.do(commands.reopen, n, by="emi", when="10:10", text="Still nothing")
    assert (desk.incident(n).state, desk.incident(n).reopened) == ("in_progress", 1)
    assert [c.body for c in desk.rows(Comment, n)] == ["Still nothing"]
    desk.do(commands.resolve, n, "solved", "Done", by="ito", when="11:00")
    desk.do(commands.close, n, by="emi", when="11:10")
    assert desk.incident(n).closed_at == at("11:10")


def test_only_the_requester_confirms(desk: Desk) -> None:
    """§4: requester confirms; §9: default is no."""
    n = desk.log()
    desk.do(commands.resolve, n, "solved", "Done", by="ito", when="10:00")
    with pytest.raises(NotAllowed):
        desk.do(commands.close, n, by="ito", when="10:10")


def test_a_duplicate_names_another_incident_that_one_sees(desk: Desk) -> None:
    """§4: the desk cancels as duplicate of another."""
    first, second = desk.log(), desk.log()
    secret = desk.log(by="taro", service="payroll", title="Pay of the board")
    for other in (second, 99, secret):
        with pytest.raises(BadInput, match="no such other incident"):
            desk.do(commands.cancel, second, by="mori", when="10:00", duplicate_of=other)
    desk.do(commands.cancel, second, by="mori", when="10:00", duplicate_of=first)
    assert desk.incident(second).duplicate_of_id == desk.incident(first).id


def test_the_lead_lowers_late_with_a_reason(desk: Desk) -> None:
    """C9: lowering a priority after half the target is used needs a reason and the lead."""
    n = desk.log(impact=1, urgency=1)
    with pytest.raises(Refused, match="only the lead"):
        desk.do(commands.prioritise, n, 2, 2, by="ito", when="14:00", reason="One person only")
    desk.do(commands.prioritise, n, 2, 2, by="sato", when="14:00", reason="One person only")
    assert (desk.incident(n).priority, desk.incident(n).priority_reason) == (
        "P3",
        "One person only",
    )


def test_at_a_partner_the_desks_lead_lowers(desk: Desk) -> None:
    """C9: the lead of the group that stays answerable (H3); a partner has none."""
    n = desk.log(impact=1, urgency=1)
    desk.do(hand_off, n, "netone", note="Line is down", by="ito", when="09:30")
    with pytest.raises(Refused):
        desk.do(commands.prioritise, n, 2, 2, by="abe", when="14:00", reason="One person only")
    desk.do(commands.prioritise, n, 2, 2, by="sato", when="14:00", reason="One person only")
    assert desk.incident(n).priority == "P3"


def test_only_somebody_of_the_desk_is_assigned(desk: Desk) -> None:
    n = desk.log()
    for nobody in (desk.id("taro"), desk.id("kim"), 4711):
        with pytest.raises(BadInput, match="somebody of the desk"):
            desk.do(commands.assign, n, nobody, by="ito", when="10:00")
    desk.do(commands.assign, n, desk.id("sato"), by="ito", when="10:00")
    desk.do(commands.assign, n, None, by="ito", when="10:10")
    assert desk.assignee(n) is None


def test_another_service_brings_its_targets(desk: Desk) -> None:
    """C9: a change of service re-targets."""
    n = desk.log()
    desk.do(commands.reclassify, n, "printing", "request", by="ito", when="09:30", category="Toner")
    incident = desk.incident(n)
    assert (incident.type, incident.category) == ("request", "Toner")
    assert desk.clock(n, "resolution").calendar == "always"
    with pytest.raises(BadInput, match="choose a service"):
        desk.do(commands.reclassify, n, "coffee", "incident", by="ito", when="09:40")


# Dates


def test_every_date_keeps_who_when_and_why(desk: Desk) -> None:
    """D3: every revision is kept with who, when, why."""
    n = desk.log(wish=FRIDAY)
    later = Due(day=date(2026, 12, 1))
    desk.do(commands.wish, n, later, by="emi", when="10:00", reason="The fair was moved")
    desk.do(commands.promise, n, FRIDAY, by="ito", when="10:10", reason="We can do it earlier")
    kept = [(d.kind, d.state, d.by_id, d.at, d.reason) for d in desk.rows(DateChange, n)]
    assert kept == [
        ("requested", "superseded", desk.id("emi"), at("09:00"), None),
        ("requested", "current", desk.id("emi"), at("10:00"), "The fair was moved"),
        ("promised", "current", desk.id("ito"), at("10:10"), "We can do it earlier"),
    ]
    incident = desk.incident(n)
    assert (incident.requested_day, incident.first_requested_day) == (
        date(2026, 12, 1),
        date(2026, 11, 27),
    )


def test_the_desks_revision_counts_once_it_is_confirmed(desk: Desk) -> None:
    """D3: on the requester's word."""
    n = desk.log(wish=FRIDAY)
    later = Due(day=date(2026, 12, 1))
    desk.do(commands.wish, n, later, by="ito", when="10:00", reason="She called")
    assert desk.incident(n).requested_day == date(2026, 11, 27)
    noted = desk.rows(DateChange, n)[-1].n
    with pytest.raises(NotAllowed):
        desk.do(commands.confirm_wish, n, noted, True, by="ito", when="10:10")
    desk.do(commands.confirm_wish, n, noted, True, by="emi", when="10:10")
    assert desk.incident(n).requested_day == date(2026, 12, 1)


def test_the_requester_answers_the_date_offered(desk: Desk) -> None:
    """§5: promised due: the requester accepts or declines."""
    n = desk.log()
    desk.do(commands.promise, n, FRIDAY, by="ito", when="10:00")
    offered = desk.rows(DateChange, n)[-1].n
    with pytest.raises(NotAllowed):
        desk.do(commands.answer_promise, n, offered, True, by="ito", when="10:10")
    desk.do(commands.answer_promise, n, offered, False, by="emi", when="10:10")
    assert desk.rows(DateChange, n)[-1].answer == "declined"


# Who may


@pytest.mark.parametrize(
    ("by", "error"),
    [
        ("emi", NotAllowed),  # her own, but not her work
        ("taro", NotFound),
        ("kim", NotFound),
        ("root", NotFound),
        ("ueda", NotAllowed),
    ],
)
def test_who_does_not_work_on_incidents_changes_nothing(
    desk: Desk, by: str, error: type[Exception]
) -> None:
    """§9: default is no."""
    n = desk.log()
    for act, what, how in STALE:
        if act is commands.wish and by == "emi":
            continue
        if act is commands.cancel and by == "emi":
            continue
        if act is commands.comment and by == "ueda":
            continue  # managers may leave a note
        with pytest.raises(error):
            desk.do(act, n, *what, by=by, when="10:00", **how)
    assert desk.kinds(n) == ["incident.logged"]


def test_a_watcher_reads_and_does_nothing(desk: Desk) -> None:
    """§9: employees: own and watched incidents."""
    n = desk.log()
    desk.do(commands.watch, n, desk.id("taro"), by="ito", when="09:10")
    desk.do(commands.watch, n, desk.id("taro"), by="ito", when="09:20")
    assert desk.kinds(n).count("watcher.added") == 1
    with pytest.raises(NotAllowed):
        desk.do(commands.comment, n, "reply", "Me too", by="taro", when="10:00")


@pytest.mark.parametrize("kind", ["reply", "note"])
def test_an_employee_writes_only_replies(desk: Desk, kind: str) -> None:
    """§1: must never see internal notes, so writes none."""
    n = desk.log()
    if kind == "note":
        with pytest.raises(NotAllowed):
            desk.do(commands.comment, n, kind, "Hello", by="emi", when="10:00")
    else:
        desk.do(commands.comment, n, kind, "Hello", by="emi", when="10:00")
        assert desk.incident(n).first_response_at is None


def test_an_agent_who_asks_for_herself_does_not_answer_herself(desk: Desk) -> None:
    """C13: a response comes from the desk side, not from the requester."""
    n = desk.log(by="ito")
    desk.do(commands.comment, n, "reply", "It blinks", by="ito", when="10:00")
    assert desk.incident(n).first_response_at is None
    assert desk.incident(n).state == "new"


# Files


def test_a_file_belongs_to_what_it_came_with(desk: Desk) -> None:
    """§3: an attachment belongs to a comment or the incident."""
    file = Upload("router.txt", BytesIO(b"blinks red"))
    n = desk.log(uploads=(file,))
    comment = desk.do(
        commands.comment, n, "note", "See here", by="ito", when="10:00", uploads=(file,)
    )
    assert [f.comment_id for f in desk.rows(Attachment, n)] == [None, comment]
    assert desk.kinds(n).count("file.attached") == 2


def test_a_refused_act_leaves_nothing_behind(desk: Desk) -> None:
    """One transaction: comment, file, event and rows, or none of them."""
    n = desk.log()
    desk.do(commands.resolve, n, "solved", "Done", by="ito", when="10:00")
    file = Upload("router.txt", BytesIO(b"blinks red"))
    with pytest.raises(Refused):
        desk.do(hand_off, n, "network", note="x", by="ito", when="10:10", uploads=(file,))
    with pytest.raises(BadInput):
        desk.do(commands.comment, n, "note", " ", by="ito", when="10:10", uploads=(file,))
    assert desk.rows(Attachment, n) == []


CLOSING = DESK.replace("closed: [2026-12-29", "closed: [2026-11-27, 2026-12-29")


def close_friday(desk: Desk, when: str) -> None:
    """Announce that Friday is a day off."""
    with desk.session():
        load_text(CLOSING, "cast.yaml", now=at(when), then=catch_up)


def test_a_closing_day_announced_ahead_moves_open_deadlines(desk: Desk) -> None:
    """C7: so a closing day announced ahead moves open deadlines."""
    n = desk.log(when="Thu 16:00", impact=1, urgency=1)
    desk.do(commands.comment, n, "reply", "We look at it", by="ito", when="16:10")
    close_friday(desk, "Thu 17:00")
    assert desk.clock(n, "resolution").due_at == at("Mon 11:00")
    assert desk.incident(n).target_due == at("Mon 11:00")


@pytest.mark.parametrize("end", [commands.resolve, commands.cancel])
def test_a_closing_day_changes_nothing_that_has_ended(desk: Desk, end: Callable[..., None]) -> None:
    """C7, C8: time that has passed stays as it was; what is closed never changes."""
    n = desk.log(when="Thu 16:00", impact=1, urgency=1)
    if end is commands.resolve:
        desk.do(end, n, "solved", "Done", by="ito", when="Thu 16:10")
    else:
        desk.do(end, n, by="emi", when="Thu 16:10")
    before = desk.clock(n, "resolution").due_at
    close_friday(desk, "Thu 17:00")
    assert desk.clock(n, "resolution").due_at == before == at("Fri 11:00")
    assert desk.differences() == []


def test_a_reason_without_a_change_of_priority_is_not_kept(desk: Desk) -> None:
    n = desk.log(when="09:00")
    desk.do(commands.prioritise, n, 2, 2, by="sato", when="10:00", reason="As it was")
    assert desk.incident(n).priority_reason is None
