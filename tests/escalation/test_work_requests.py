"""Work asked of groups and partners while the incident stays where it is."""

from __future__ import annotations

from datetime import UTC
from io import BytesIO

import pytest

from servicedesk.errors import BadInput, NotAllowed, NotFound, Refused
from servicedesk.escalation import commands as handoffs
from servicedesk.escalation.work import commands
from servicedesk.incidents import commands as incidents
from servicedesk.incidents.files import Upload
from servicedesk.incidents.models import Comment, WorkRequest
from servicedesk.setup.load import load_text
from tests.cast import DESK, Desk, at
from tests.support.clock import Clock


@pytest.fixture
def asked(desk: Desk) -> Desk:
    """NetOne is asked for a cable until Friday, which must be there first; the desk keeps it."""
    desk.log(when="09:00")
    said = {"due": at("Fri 17:00"), "must_finish": True}
    assert (
        desk.do(commands.request, 1, "netone", "A cable", "5 m", by="ito", when="10:00", **said)
        == 1
    )
    return desk


def row(desk: Desk) -> WorkRequest:
    return desk.rows(WorkRequest, 1)[0]


def test_the_incident_stays_where_it_is(asked: Desk) -> None:
    """H6: who holds it and the clocks do not know of it."""
    assert asked.incident(1).holder == asked.ref("desk")
    assert asked.story(1).returns == 0
    found = row(asked)
    assert (found.title, found.body, found.state) == ("A cable", "5 m", "sent")
    assert (found.due, found.must_finish) == (at("Fri 17:00"), True)


def test_several_go_side_by_side(asked: Desk) -> None:
    """H6: to groups and partners, each with a number of its own."""
    assert asked.do(commands.request, 1, "network", "A port", by="ito", when="10:10") == 2
    assert asked.do(commands.request, 1, "printco", "Toner", by="ito", when="10:11") == 3


def test_what_must_finish_first_blocks_resolving(asked: Desk) -> None:
    """H6: until it is done, sent back or withdrawn."""
    with pytest.raises(Refused, match="must finish first"):
        asked.do(incidents.resolve, 1, "solved", "Cable", by="ito", when="10:30")
    asked.do(commands.finish, 1, 1, "It is there", by="kim", when="11:00")
    assert (row(asked).state, row(asked).result) == ("done", "It is there")
    assert row(asked).accepted_at == at("11:00")
    asked.do(incidents.resolve, 1, "solved", "Cable", by="ito", when="11:30")


def test_what_need_not_finish_first_goes_on_until_it_is_closed(desk: Desk) -> None:
    """H6: closing withdraws what is still open."""
    desk.log(when="09:00")
    desk.do(commands.request, 1, "netone", "A spare", by="ito", when="10:00")
    desk.do(incidents.resolve, 1, "solved", "Cable", by="ito", when="10:30")
    assert row(desk).state == "sent"
    desk.do(incidents.close, 1, by="emi", when="11:00")
    assert (row(desk).state, row(desk).ended_at) == ("withdrawn", at("11:00"))


def test_a_receiver_accepts_once_and_sends_back_with_a_reason(asked: Desk) -> None:
    """H6: its own state."""
    asked.do(commands.accept, 1, 1, by="kim", when="10:30")
    with pytest.raises(Refused):
        asked.do(commands.accept, 1, 1, by="kim", when="10:31")
    with pytest.raises(BadInput):
        asked.do(commands.send_back, 1, 1, "", by="kim", when="10:32")
    asked.do(commands.send_back, 1, 1, "None left", by="kim", when="10:33")
    assert (row(asked).state, row(asked).result) == ("sent_back", "None left")
    with pytest.raises(Refused, match="ended already"):
        asked.do(commands.finish, 1, 1, "Found one", by="kim", when="10:34")


def test_its_thread_is_its_own(asked: Desk) -> None:
    """H6, §3: the desk and that partner alone, with files."""
    file = Upload("photo.txt", BytesIO(b"red"))
    asked.do(commands.write, 1, 1, "Which colour?", by="kim", when="10:20", uploads=(file,))
    asked.do(commands.write, 1, 1, "Red", by="ito", when="10:25")
    lines = asked.rows(Comment, 1)
    assert [(line.kind, line.body, line.work_request_id) for line in lines] == [
        ("partner", "Which colour?", row(asked).id),
        ("partner", "Red", row(asked).id),
    ]
    kim, park = asked.visit("kim"), asked.visit("park")
    assert "Which colour?" in kim.get("/work-requests/INC-00000001/1").text
    assert park.get("/work-requests/INC-00000001/1").status_code == 404
    assert "NetOne Inc. and desk" in asked.visit("ito").get("/incidents/INC-00000001").text


@pytest.mark.parametrize(
    ("who", "error"), [("park", NotFound), ("emi", NotFound), ("ito", NotAllowed)]
)
def test_nobody_but_the_partner_answers_for_it(
    asked: Desk, who: str, error: type[Exception]
) -> None:
    """§9: not another partner, not the requester, not the desk."""
    with pytest.raises(error):
        asked.do(commands.accept, 1, 1, by=who, when="10:30")


def test_a_partner_sees_the_number_and_what_was_written_to_it(asked: Desk) -> None:
    """H8: not the incident's title, texts or requester."""
    page = asked.visit("kim").get("/work-requests/INC-00000001/1").text
    assert "A cable" in page
    assert "INC-00000001" in page
    assert "No network" not in page
    assert "Endo Emi" not in page


@pytest.mark.parametrize(("to", "when"), [("desk", "10:00"), ("nobody", "10:00")])
def test_a_request_needs_somebody_else(desk: Desk, to: str, when: str) -> None:
    """H6: a group or partner that does not have the incident."""
    desk.log(when="09:00")
    with pytest.raises((Refused, BadInput)):
        desk.do(commands.request, 1, to, "A cable", by="ito", when=when)


def test_the_pages_work_from_asking_to_done(desk: Desk) -> None:
    """H6: the desk asks, the company sees it in its list, accepts and finishes it."""
    desk.log(when="09:00")
    ito, kim = desk.visit("ito"), desk.visit("kim")
    new = "/incidents/INC-00000001/work-requests/new"
    assert "NetOne Inc." in ito.get(new).text
    assert ito.post(new, to="netone", title="", body="").status_code == 422
    said = {"to": "netone", "title": "A cable", "must_finish": "y"}
    assert ito.post(new, **said).status_code == 303
    assert "A cable" in ito.get("/incidents/INC-00000001").text
    assert "A cable" in kim.get("/work-requests").text
    sheet = "/work-requests/INC-00000001/1"
    assert kim.post(f"{sheet}/accept").status_code == 303
    assert kim.get(f"{sheet}/finish").status_code == 200
    assert kim.post(f"{sheet}/finish", body="").status_code == 422
    assert kim.post(f"{sheet}/ticket", ticket="N-77").status_code == 303
    assert kim.post(f"{sheet}/finish", body="It is there").status_code == 303
    assert (row(desk).state, row(desk).partner_ticket) == ("done", "N-77")
    assert "A cable" in kim.get("/work-requests?box=ended").text


def test_who_is_offered_goes_by_the_day_of_the_desk(desk: Desk, clock: Clock) -> None:
    """H6: a contract that ended on Thursday holds no more at half past midnight in Tokyo."""
    desk.log(when="09:00")
    with desk.session():
        text = DESK.replace("members: [kim],", "members: [kim], valid: {to: 2026-11-26},")
        load_text(text, "desk.yaml", now=at("09:00"))
    ito, new = desk.visit("ito"), "/incidents/INC-00000001/work-requests/new"
    clock.now = at("23:30").astimezone(UTC)
    assert "NetOne Inc." in ito.get(new).text
    clock.now = at("Fri 00:30").astimezone(UTC)  # still Thursday in UTC
    assert "NetOne Inc." not in ito.get(new).text


def test_of_what_is_confidential_only_its_own_groups_are_asked(desk: Desk) -> None:
    """§9, H8: others could not open it; a partner reads the request alone."""
    desk.log(when="09:00", service="payroll")
    ito, new = desk.visit("ito"), "/incidents/INC-00000001/work-requests/new"
    said = {"to": "network", "title": "A port"}
    assert "Network team" not in ito.get(new).text
    refused = ito.post(new, **said)
    assert refused.status_code == 422
    assert "This incident is confidential: Network team can&#39;t open it." in refused.text
    assert ito.post(new, to="netone", title="A cable").status_code == 303
    desk.do(handoffs.hand_off, 1, "network", by="ito", when="10:00", note="Yours")
    mori, asks = desk.visit("mori"), {"to": "desk", "title": "A form"}
    assert "Service desk" in mori.get(new).text
    assert mori.post(new, **asks).status_code == 303
    assert "A form" in ito.get("/work-requests").text


def test_a_group_is_asked_as_well(desk: Desk) -> None:
    """H6: its people find it in their list, and its lines are notes of the desk."""
    desk.log(when="09:00")
    desk.do(commands.request, 1, "network", "A port", by="ito", when="10:00")
    mori = desk.visit("mori")
    assert "A port" in mori.get("/work-requests").text
    desk.do(commands.write, 1, 1, "Port 7", by="mori", when="10:20")
    desk.do(commands.finish, 1, 1, "Done", by="mori", when="10:30")
    assert {line.kind for line in desk.rows(Comment, 1)} == {"note"}
    assert "Work requests (1)" not in mori.get("/work-requests").text


def test_the_desk_notes_a_partners_ticket_on_the_sheet(asked: Desk) -> None:
    """H7: journalled, found by the search, and also when the work is done already."""
    sheet, ito = "/work-requests/INC-00000001/1", asked.visit("ito")
    assert "Ticket number" in ito.get(sheet).text
    assert ito.post(f"{sheet}/ticket", ticket="N-76").status_code == 303
    asked.do(commands.finish, 1, 1, "It is there", by="kim", when="11:00")
    assert ito.post(f"{sheet}/ticket", ticket="N-77").status_code == 303
    assert row(asked).partner_ticket == "N-77"
    assert asked.kinds(1).count("work.ticket_noted") == 2
    assert "INC-00000001" in ito.get("/search?q=N-77").text
    kim, ueda = asked.visit("kim"), asked.visit("ueda")
    assert f"{sheet}/ticket" not in kim.get(sheet).text  # it has ended for the company
    assert f"{sheet}/ticket" not in ueda.get(sheet).text
    assert ueda.post(f"{sheet}/ticket", ticket="N-78").status_code == 404


def test_a_groups_request_has_no_ticket(desk: Desk) -> None:
    desk.log(when="09:00")
    desk.do(commands.request, 1, "network", "A port", by="ito", when="10:00")
    with pytest.raises(NotFound):
        desk.do(commands.note_ticket, 1, 1, "N-1", by="ito", when="10:10")


def test_an_incident_can_be_handed_off_beside_it(asked: Desk) -> None:
    """H6: the request stays as it is."""
    asked.do(handoffs.hand_off, 1, "network", note="Look", by="ito", when="10:10")
    assert row(asked).state == "sent"
