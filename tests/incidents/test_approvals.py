"""§4: a service may want approval; whoever is asked decides, and nobody else."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from servicedesk.errors import BadInput, NotFound, Refused, Stale
from servicedesk.history.replay import replay
from servicedesk.incidents import approvals, commands
from servicedesk.incidents.approvals import Answer
from servicedesk.incidents.models import Comment, label
from tests.cast import Desk, at, page_of
from tests.incidents.approving import send_away, tokens, told, want_approval
from tests.support.clock import Clock

YES, NO = Answer(True), Answer(False, "Too expensive")


@pytest.fixture(autouse=True)
def services(desk: Desk) -> None:
    want_approval(desk)


def asked(desk: Desk, number: int) -> str | None:
    """Who is asked to approve, by key."""
    incident = desk.incident(number)
    if incident.approval is None:
        return None
    keys = {desk.id(key): key for key in ("emi", "taro", "ueda", "abe", "sato", "ito")}
    return keys[incident.approver_id or 0]


# asking


def test_logging_asks_the_manager_and_holds_it(desk: Desk) -> None:
    """§4: the hold *approval* until decided, a mail to who is asked, all in the journal."""
    n = desk.log(service="laptop")
    incident = desk.incident(n)
    assert (incident.state, incident.hold_reason, incident.approval) == (
        "on_hold",
        "approval",
        "asked",
    )
    assert desk.kinds(n) == ["incident.logged", "approval.asked", "incident.held"]
    assert asked(desk, n) == "ueda"
    assert told(desk, n) == [("approval_asked", "ueda")]
    assert len(tokens(desk, n)) == 1
    assert desk.holders(n) == ["desk"]  # H1: the group keeps holding


def test_logging_asks_the_owner_where_the_service_says_so(desk: Desk) -> None:
    assert asked(desk, desk.log(service="licence")) == "abe"


def test_a_service_without_approval_asks_nobody(desk: Desk) -> None:
    n = desk.log(service="internet")
    assert (desk.incident(n).state, asked(desk, n), told(desk, n)) == ("new", None, [])


@pytest.mark.parametrize(
    ("service", "by", "who"),
    [
        ("laptop", "ueda", "abe"),  # nobody is above the manager: the owner
        ("licence", "abe", "sato"),  # the owner is the requester and has no manager: the lead
        ("orphan", "taro", "sato"),  # neither is there
        ("orphan", "sato", None),  # nobody but herself
    ],
)
def test_never_the_requester(desk: Desk, service: str, by: str, who: str | None) -> None:
    """§4: then the other one, then the desk group's lead, then nobody."""
    n = desk.log(by=by, service=service)
    assert asked(desk, n) == who
    if who is None:
        assert (desk.incident(n).state, desk.kinds(n)[-1]) == ("new", "approval.skipped")


def test_logging_a_call_asks_the_callers_manager(desk: Desk) -> None:
    n = desk.log(by="ito", service="laptop", requester=desk.id("emi"), channel="phone")
    assert asked(desk, n) == "ueda"


def test_while_the_approver_is_absent_the_deputy_is_asked(desk: Desk) -> None:
    """§3: wherever an approver is asked, the deputy is asked while they are absent."""
    send_away(desk, "ueda")
    n = desk.log(service="laptop")
    assert (asked(desk, n), told(desk, n)) == ("ueda", [("approval_asked", "taro")])
    desk.do(approvals.decide, n, YES, by="taro", when="10:00")
    assert desk.incident(n).approval == "granted"


def test_a_deputy_who_asked_for_it_is_passed_over(desk: Desk) -> None:
    """§4: never the requester, also not in somebody's place."""
    send_away(desk, "ueda")
    send_away(desk, "taro", manager_id=desk.id("ueda"))
    n = desk.log(by="taro", service="laptop")
    assert (asked(desk, n), told(desk, n)) == ("abe", [("approval_asked", "abe")])


def test_a_requester_who_becomes_the_deputy_later_cannot_decide(desk: Desk) -> None:
    send_away(desk, "taro", manager_id=desk.id("ueda"))
    n = desk.log(by="taro", service="laptop")
    send_away(desk, "ueda")
    with pytest.raises(NotFound):
        desk.do(approvals.decide, n, YES, by="taro", when="10:00")
    assert "Approvals" not in desk.visit("taro").get("/home").text
    desk.do(approvals.decide, n, YES, by="ueda", when="10:00")  # absent, and yet there


def test_a_history_asks_nobody(desk: Desk, tmp_path: Path) -> None:
    """contract: approval does not act on imported rows."""
    head = (
        "incident,at,state,hold,group,assignee,impact,urgency,service,title,requester,"
        "requested_due,promised_due,replied"
    )
    rows = [
        "A,2026-11-02T09:00:00+09:00,new,,,,,,laptop,Old,emi,,,",
        "A,2026-11-02T10:00:00+09:00,on_hold,approval,,,,,,,,,,",
    ]
    path = tmp_path / "history.csv"
    path.write_text("\n".join([head, *rows]) + "\n")
    with desk.session():
        replay(path, now=at("09:00"))
    assert (desk.incident(1).hold_reason, asked(desk, 1), told(desk, 1)) == ("approval", None, [])
    desk.do(commands.resume, 1, by="ito", when="10:00")
    assert desk.incident(1).state == "in_progress"


# deciding


def test_what_is_approved_is_new_again(desk: Desk) -> None:
    """§4: the hold lasts until it is decided; the decision is in the journal."""
    n = desk.log(service="laptop")
    desk.do(approvals.decide, n, YES, by="ueda", when="11:00")
    incident = desk.incident(n)
    assert (incident.state, incident.approval, incident.hold_reason) == ("new", "granted", None)
    granted = desk.events(n)[-2]
    assert (granted.kind, granted.actor) == ("approval.granted", desk.id("ueda"))


def test_what_was_taken_meanwhile_is_in_progress(desk: Desk) -> None:
    n = desk.log(service="laptop")
    desk.do(commands.take, n, by="ito", when="10:00")
    assert desk.incident(n).state == "on_hold"
    desk.do(approvals.decide, n, YES, by="ueda", when="11:00")
    assert desk.incident(n).state == "in_progress"


def test_what_was_under_way_goes_on(desk: Desk) -> None:
    """§4: a change of service asks as well; approval leads back to where it was."""
    n = desk.log(service="internet")
    desk.do(commands.take, n, by="ito", when="09:30")
    desk.do(commands.reclassify, n, "laptop", "request", by="ito", when="10:00")
    assert asked(desk, n) == "ueda"
    desk.do(approvals.decide, n, YES, by="ueda", when="11:00")
    assert desk.incident(n).state == "in_progress"


def test_what_is_refused_is_cancelled_and_the_requester_reads_why(desk: Desk) -> None:
    """§4: clocks that still run end as cancelled."""
    n = desk.log(service="laptop")
    desk.do(approvals.decide, n, NO, by="ueda", when="11:00")
    incident, comment = desk.incident(n), desk.rows(Comment, n)[0]
    assert (incident.state, incident.approval) == ("cancelled", "refused")
    assert (comment.kind, comment.body, comment.author_id) == (
        "reply",
        "Too expensive",
        desk.id("ueda"),
    )
    assert desk.clock(n, "resolution").state == "cancelled"
    assert incident.first_response_at is None  # C13: not by desk side
    assert "Too expensive" in desk.visit("emi").get(page_of(n)).text


def test_refusing_needs_a_reason(desk: Desk) -> None:
    n = desk.log(service="laptop")
    with pytest.raises(BadInput, match="why"):
        desk.do(approvals.decide, n, Answer(False, " "), by="ueda", when="11:00")
    assert desk.incident(n).approval == "asked"


def test_it_is_decided_once(desk: Desk) -> None:
    n = desk.log(service="laptop")
    desk.do(approvals.decide, n, YES, by="ueda", when="11:00")
    with pytest.raises(Refused, match="decided"):
        desk.do(approvals.decide, n, NO, by="ueda", when="11:01")
    assert desk.incident(n).approval == "granted"


@pytest.mark.parametrize("who", ["emi", "taro", "ito", "sato", "abe", "kim", "root"])
def test_nobody_else_decides(desk: Desk, who: str) -> None:
    """§4: the desk can't decide, nor a deputy while who is asked is here."""
    n = desk.log(service="laptop")
    with pytest.raises(NotFound):
        desk.do(approvals.decide, n, YES, by=who, when="11:00")


def test_a_decision_is_based_on_what_was_read(desk: Desk) -> None:
    """§4: every move checks the version; a reminder since changes nothing."""
    n = desk.log(service="laptop")
    version = desk.incident(n).version
    desk.do(commands.prioritise, n, 1, 1, by="ito", when="10:00")
    with pytest.raises(Stale):
        desk.do(approvals.decide, n, YES, by="ueda", when="11:00", version=version)


# what the desk can and cannot do meanwhile


def test_the_desk_cannot_go_round_it(desk: Desk) -> None:
    n = desk.log(service="laptop")
    how = {"by": "ito", "when": "10:00"}
    with pytest.raises(Refused, match="approval"):
        desk.do(commands.resume, n, **how)
    with pytest.raises(Refused, match="approval"):
        desk.do(commands.hold, n, "delivery", until=at("Fri 12:00"), **how)
    with pytest.raises(Refused, match="approval"):
        desk.do(commands.resolve, n, "solved", "Here you are", **how)
    page = desk.visit("ito").get(page_of(n)).text
    assert "Resume" not in page
    assert desk.incident(n).approval == "asked"


@pytest.mark.parametrize("how", ["cancel", "decline"])
def test_the_desk_can_end_it(desk: Desk, how: str) -> None:
    """§4: it may cancel as usual, or say that nothing will be done; then nobody is asked."""
    n = desk.log(service="laptop")
    if how == "cancel":
        desk.do(commands.cancel, n, by="ito", when="10:00", consent=True)
    else:
        desk.do(commands.resolve, n, "declined", "We lend none", by="ito", when="10:00")
    assert asked(desk, n) is None
    with pytest.raises(Refused, match="no longer"):
        desk.do(approvals.decide, n, YES, by="ueda", when="11:00")
    assert desk.visit("ueda").get("/approvals").text.count(label(n)) == 0


@pytest.mark.parametrize(("service", "counted"), [("laptop", 2 * 3600), ("licence", 0)])
def test_the_resolution_rests_only_where_the_agreement_says_so(
    desk: Desk, service: str, counted: int
) -> None:
    """C4, C14: only hold reasons that the agreement names pause it."""
    n = desk.log(service=service)
    desk.do(approvals.decide, n, YES, by="ueda" if service == "laptop" else "abe", when="11:00")
    assert desk.clock(n, "resolution").counted_seconds == counted


def test_another_service_ends_the_asking(desk: Desk) -> None:
    n = desk.log(service="laptop")
    desk.do(commands.reclassify, n, "internet", "request", by="ito", when="10:00")
    assert (asked(desk, n), desk.incident(n).state) == (None, "new")
    assert desk.kinds(n)[-2:] == ["approval.withdrawn", "incident.requeued"]


def test_another_service_that_wants_approval_asks_anew(desk: Desk) -> None:
    """The link of the first asking decides nothing about the second."""
    n = desk.log(service="laptop")
    desk.do(commands.reclassify, n, "licence", "request", by="ito", when="10:00")
    assert asked(desk, n) == "abe"
    desk.do(commands.reclassify, n, "laptop", "request", by="ito", when="10:30")
    assert told(desk, n) == [
        ("approval_asked", "ueda"),
        ("approval_asked", "abe"),
        ("approval_asked", "ueda"),
    ]
    first, _second, third = tokens(desk, n)
    with desk.session():
        with pytest.raises(Refused, match="no longer"):
            approvals.decide_by_link(first, YES, now=at("11:00"))
        approvals.decide_by_link(third, YES, now=at("11:00"))
    assert desk.incident(n).approval == "granted"


def test_another_type_alone_asks_nobody_again(desk: Desk) -> None:
    n = desk.log(service="laptop")
    desk.do(approvals.decide, n, YES, by="ueda", when="10:00")
    desk.do(commands.reclassify, n, "laptop", "request", by="ito", when="11:00")
    assert (desk.incident(n).approval, desk.incident(n).state) == ("granted", "new")


# the pages


def test_who_is_asked_finds_it_and_decides_on_its_page(desk: Desk, clock: Clock) -> None:
    n = desk.log(service="laptop", description="Mine is broken")
    desk.do(commands.comment, n, "note", "He asks each year", by="ito", when="09:10")
    send_away(desk, "ueda")
    taro = desk.visit("taro")
    assert "Approvals (1)" in taro.get("/home").text
    assert label(n) in taro.get("/approvals").text
    page = taro.get(f"/approvals/{label(n)}").text
    for text in ("No network", "Endo Emi", "Laptop", "Mine is broken", "Ueda Rin"):
        assert text in page
    assert "He asks each year" not in page
    assert taro.get(page_of(n)).status_code == 404  # to decide, and nothing else
    answer = taro.post(f"/approvals/{label(n)}", answer="approve")
    assert answer.status_code == 303
    page = taro.get(f"/approvals/{label(n)}").text
    assert "Tada Taro approved it" in page
    assert "Mine is broken" not in page
    assert "Approvals" not in taro.get("/home").text


def test_who_is_not_asked_has_no_page(desk: Desk) -> None:
    n = desk.log(service="laptop")
    for who in ("emi", "taro", "ito", "root"):
        assert desk.visit(who).get(f"/approvals/{label(n)}").status_code == 404
        assert label(n) not in desk.visit(who).get("/approvals").text


def test_the_approver_reads_a_confidential_one(desk: Desk, clock: Clock) -> None:
    """§9: named people only; the approver is one of them, for the time of deciding."""
    n = desk.log(service="secret", title="Merger")
    page = desk.visit("ueda").get(f"/approvals/{label(n)}").text
    assert "Merger" in page
    assert desk.visit("ueda").get(page_of(n)).status_code == 404


def test_a_refusal_without_reason_keeps_the_page(desk: Desk, clock: Clock) -> None:
    n = desk.log(service="laptop")
    answer = desk.visit("ueda").post(f"/approvals/{label(n)}", answer="refuse", reason="")
    assert answer.status_code == 422
    assert "say why" in answer.text
    answer = desk.visit("ueda").post(f"/approvals/{label(n)}", reason="Hm")
    assert answer.status_code == 422


def test_both_sides_see_for_whom_it_waits(desk: Desk, clock: Clock) -> None:
    n = desk.log(service="laptop")
    for who in ("ito", "emi"):
        page = desk.visit(who).get(page_of(n)).text
        assert "waiting for approval by Ueda Rin since Today 09:00" in page
        assert "Ueda Rin is asked to approve it" in page
    assert "It waits for approval" in desk.visit("emi").get("/home").text


# by the link in the mail


def test_the_link_decides_without_signing_in(desk: Desk, clock: Clock) -> None:
    """§4: a link scanner opens it and does nothing; a button decides, once."""
    n = desk.log(service="laptop", description="Mine is broken")
    path = f"/approve/{tokens(desk, n)[0]}"
    stranger = desk.visit()
    page = stranger.get(path).text
    assert "Mine is broken" in page
    assert desk.incident(n).approval == "asked"
    assert stranger.post(path, answer="approve").status_code == 303
    assert desk.events(n)[-2].actor == desk.id("ueda")
    page = stranger.get(path).text
    assert "Ueda Rin approved it" in page
    assert "Mine is broken" not in page
    assert stranger.post(path, answer="refuse", reason="No").status_code == 404
    assert desk.incident(n).approval == "granted"


def test_two_who_decide_at_once_decide_once(desk: Desk) -> None:
    """§4: by the mail's link and signed in at the same instant."""
    n = desk.log(service="laptop")
    said = tokens(desk, n)[0]

    def decide(way: int) -> bool:
        try:
            if way % 2:
                desk.do(approvals.decide, n, YES, by="ueda", when="10:00")
            else:
                with desk.session():
                    approvals.decide_by_link(said, NO, now=at("10:00"))
        except (NotFound, Refused):
            return False
        return True

    with ThreadPoolExecutor(4) as people:
        assert sorted(people.map(decide, range(4))) == [False, False, False, True]
    decided = [kind for kind in desk.kinds(n) if kind in ("approval.granted", "approval.refused")]
    assert len(decided) == 1


def test_the_link_says_so_where_it_was_decided_otherwise(desk: Desk, clock: Clock) -> None:
    n = desk.log(service="laptop")
    path = f"/approve/{tokens(desk, n)[0]}"
    desk.do(approvals.decide, n, NO, by="ueda", when="10:00")
    stranger = desk.visit()
    assert "Ueda Rin did not approve it" in stranger.get(path).text
    assert stranger.post(path, answer="approve").status_code == 409
    assert desk.incident(n).approval == "refused"


def test_a_deputys_link_ends_with_the_absence(desk: Desk, clock: Clock) -> None:
    send_away(desk, "ueda")
    n = desk.log(service="laptop")
    send_away(desk, "ueda", absent_from=None)
    path = f"/approve/{tokens(desk, n)[0]}"
    assert desk.visit().get(path).status_code == 404
    assert desk.visit().post(path, answer="approve").status_code == 404
    assert desk.incident(n).approval == "asked"


def test_a_link_ends_and_a_forged_one_is_none(desk: Desk, clock: Clock) -> None:
    n = desk.log(service="laptop")
    token = tokens(desk, n)[0]
    assert desk.visit().get(f"/approve/{token}x").status_code == 404
    assert desk.visit().get(f"/solved/{token}").status_code == 404
    clock.advance(days=31)
    assert desk.visit().get(f"/approve/{token}").status_code == 404


def test_the_links_form_has_its_own_token(desk: Desk, clock: Clock) -> None:
    n = desk.log(service="laptop")
    path = f"/approve/{tokens(desk, n)[0]}"
    assert desk.visit().client.post(path, data={"answer": "approve"}).status_code == 400
    assert desk.incident(n).approval == "asked"
