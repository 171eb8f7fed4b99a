"""H7, H8: a hand-off or work request by the link in its mail, where nobody can sign in."""

from __future__ import annotations

import io
from datetime import timedelta
from urllib.parse import urlsplit

import pytest

from servicedesk.bridge.by_link import LASTS
from servicedesk.escalation import commands as escalation
from servicedesk.escalation.work import commands as work
from servicedesk.incidents import commands
from servicedesk.incidents.files import Upload
from servicedesk.incidents.models import Attachment, WorkRequest, label
from tests.bridge.letterbox import Letterbox
from tests.cast import Visitor, at

pytestmark = pytest.mark.backends("sqlite")


def link(letterbox: Letterbox, number: int, when: str = "14:10", **more: object) -> str:
    """Hand an incident to NetOne; gives the path that its mail leads to."""
    letterbox.desk.do(
        escalation.hand_off, number, "netone", by="ito", when=when, note="zqnote", **more
    )
    letterbox.clock.advance(minutes=10)
    return urlsplit(letterbox.sent("handed_off", "netone").link).path


def test_the_link_shows_what_the_hand_off_shows_and_nothing_else(letterbox: Letterbox) -> None:
    """H8: number, title, description, note, thread; the requester and files only if shared."""
    desk = letterbox.desk
    plain = (Upload("plan.txt", io.BytesIO(b"zqfile")),)
    number = desk.log(when="14:00", title="zqtitle", description="zqdescribed", uploads=plain)
    desk.do(commands.comment, number, "note", "zqinside", by="ito", when="14:01")
    desk.do(commands.comment, number, "reply", "zqreply", by="ito", when="14:02")
    path, visitor = link(letterbox, number), desk.visit()
    page = visitor.get(path)
    assert page.status_code == 200
    assert all(word in page.text for word in ("zqtitle", "zqdescribed", "zqnote", label(number)))
    hidden = ("zqinside", "zqreply", "Endo", "emi@", "plan.txt")
    assert not [word for word in hidden if word in page.text]
    (file,) = desk.rows(Attachment, number)
    assert visitor.get(f"{path}/files/{file.id}/plan.txt").status_code == 404
    assert desk.handoff(number).state == "sent"  # opening it does nothing


def test_shared_files_are_handed_out_by_the_link(letterbox: Letterbox) -> None:
    """H8: the files of the incident where the desk shares them; those of others' never."""
    desk = letterbox.desk
    number = desk.log(when="14:00", uploads=(Upload("plan.txt", io.BytesIO(b"zqfile")),))
    other = desk.log(when="14:00", uploads=(Upload("own.txt", io.BytesIO(b"zqown")),))
    path, visitor = link(letterbox, number, share_files=True), desk.visit()
    (file,), (own,) = desk.rows(Attachment, number), desk.rows(Attachment, other)
    shown = f"{path}/files/{file.id}/plan.txt"
    assert shown in visitor.get(path).text
    assert visitor.get(shown, buffered=True).data == b"zqfile"
    assert visitor.get(f"{path}/files/{own.id}/own.txt").status_code == 404


def test_a_company_works_on_a_hand_off_by_the_link(letterbox: Letterbox) -> None:
    """H2, H4, H7: accept, ask, answer; each in the company's name."""
    desk, number = letterbox.desk, letterbox.desk.log(when="14:00")
    path, visitor = link(letterbox, number), desk.visit()
    visitor.token = _token(visitor.get(path).text)
    assert visitor.post(path, act="accept").status_code == 303
    assert visitor.post(path, act="ticket", ticket="NO-9").status_code == 303
    assert visitor.post(path, act="answer", body="").status_code == 422
    assert visitor.post(path, act="nothing").status_code == 422
    assert visitor.post(path, act="ask", body="zqwhich").status_code == 303
    assert desk.incident(number).holder == desk.ref("desk")
    desk.do(escalation.reply, number, 1, "zqthat", by="ito", when="14:40")
    letterbox.clock.advance(minutes=40)
    assert visitor.post(path, act="answer", body="zqdone").status_code == 303
    handoff = desk.handoff(number)
    assert (handoff.state, handoff.outcome_text, handoff.partner_ticket) == (
        "answered", "zqdone", "NO-9",
    )  # fmt: skip
    assert visitor.post(path, act="write", body="late").status_code == 409
    over = visitor.get(path).text
    assert "NO-9" in over
    assert not [word for word in ("zqnote", "zqwhich", "zqthat", "zqdone") if word in over]
    page = desk.visit("ito").get(f"/incidents/{label(number)}").text
    assert "NetOne Inc., by mail answered the hand-off" in page


def test_a_link_is_for_one_hand_off_alone(letterbox: Letterbox) -> None:
    """H7: a changed token says nothing, and one's own leads to no other hand-off."""
    desk = letterbox.desk
    one, two = (desk.log(when="14:00", title=f"zqtitle{n}") for n in (1, 2))
    first, second = link(letterbox, one), link(letterbox, two)
    visitor = desk.visit()
    assert "zqtitle2" not in visitor.get(first).text
    assert visitor.get(first[:-1]).status_code == 404
    visitor.token = _token(visitor.get(second).text)
    visitor.post(second, act="accept")
    assert [desk.handoff(n).state for n in (one, two)] == ["sent", "accepted"]


def test_who_can_sign_in_gets_the_usual_page(letterbox: Letterbox) -> None:
    """H7: a company with people on the desk is led to its inbox."""
    letterbox.change("kim", password_hash="can sign in")
    number = letterbox.desk.log(when="14:00")
    assert link(letterbox, number) == f"/hand-offs/{label(number)}/1"


# Work requests


def asked(letterbox: Letterbox, number: int, **more: object) -> str:
    """Ask NetOne for work; gives the path that its mail leads to."""
    said = {"by": "ito", "when": "14:10", **more}
    letterbox.desk.do(work.request, number, "netone", "zqhead", "zqbody", **said)
    letterbox.clock.now = at("14:20")
    return urlsplit(letterbox.sent("work_requested", "netone").link).path


def opened(letterbox: Letterbox, path: str) -> Visitor:
    visitor = letterbox.desk.visit()
    visitor.token = _token(visitor.get(path).text)
    return visitor


def request_of(letterbox: Letterbox, number: int, n: int = 1) -> WorkRequest:
    return letterbox.desk.rows(WorkRequest, number)[n - 1]


def test_a_company_works_on_a_work_request_by_the_link_alone(letterbox: Letterbox) -> None:
    """H6, H7, H8: accept, ask, be answered, enclose a file, say that it is done."""
    desk = letterbox.desk
    number = desk.log(when="14:00", title="zqtitle", description="zqdescribed")
    path = asked(letterbox, number)
    visitor = opened(letterbox, path)
    page = visitor.get(path).text
    assert all(word in page for word in ("zqhead", "zqbody", label(number)))
    assert not [word for word in ("zqtitle", "zqdescribed", "Endo") if word in page]
    assert request_of(letterbox, number).state == "sent"  # opening it does nothing

    assert visitor.post(path, act="accept").status_code == 303
    assert visitor.post(path, act="ticket", ticket="NO-7").status_code == 303
    plan = (io.BytesIO(b"zqplan"), "plan.txt")
    assert visitor.post(path, act="write", body="zqwhich", files=plan).status_code == 303
    desk.do(work.write, number, 1, "zqthat", by="ito", when="14:30")
    letterbox.clock.now = at("14:40")
    assert urlsplit(letterbox.sent("work_wrote", "netone").link).path != path  # each its own
    assert "zqthat" in visitor.get(path).text
    assert visitor.post(path, act="finish", body=" ").status_code == 422
    (file,) = desk.rows(Attachment, number)
    shown = f"{path}/files/{file.id}/plan.txt"
    assert visitor.get(shown, buffered=True).data == b"zqplan"
    assert visitor.post(path, act="finish", body="zqdone").status_code == 303

    row = request_of(letterbox, number)
    assert (row.state, row.result, row.partner_ticket) == ("done", "zqdone", "NO-7")
    assert row.accepted_at == at("14:20")
    sheet = desk.visit("ito").get(f"/work-requests/{label(number)}/1").text
    assert "<b>NetOne Inc., by mail</b>" in sheet
    assert desk.incident(number).holder == desk.ref("desk")


def test_a_company_sends_a_work_request_back_by_the_link(letterbox: Letterbox) -> None:
    """H6: with a reason, in the company's name."""
    number = letterbox.desk.log(when="14:00")
    path = asked(letterbox, number)
    visitor = opened(letterbox, path)
    assert visitor.post(path, act="send-back", body="").status_code == 422
    assert visitor.post(path, act="answer", body="x").status_code == 422  # that is of hand-offs
    assert visitor.post(path, act="send-back", body="zqnone").status_code == 303
    row = request_of(letterbox, number)
    assert (row.state, row.result) == ("sent_back", "zqnone")
    assert letterbox.comment(number).partner_id is not None


@pytest.mark.parametrize("how", ["withdrawn", "closed", "done"])
def test_a_link_shows_no_text_of_what_is_over(letterbox: Letterbox, how: str) -> None:
    """H7: withdrawn or ended, it leads to the state alone, and nothing can be done by it."""
    desk = letterbox.desk
    number = desk.log(when="14:00")
    enclosed = (Upload("own.txt", io.BytesIO(b"zqfile")),)
    path = asked(letterbox, number, uploads=enclosed)
    (file,) = desk.rows(Attachment, number)
    visitor = opened(letterbox, path)
    if how == "withdrawn":
        desk.do(work.withdraw, number, 1, "zqwhy", by="ito", when="14:20")
    elif how == "closed":
        desk.do(commands.resolve, number, "solved", "x", by="ito", when="14:20")
        desk.do(commands.close, number, by="emi", when="14:21")
    else:
        desk.do(work.finish, number, 1, "zqdone", by="kim", when="14:20")
    page = visitor.get(path)
    assert page.status_code == 200
    assert label(number) in page.text
    words = ("zqhead", "zqbody", "zqwhy", "zqdone", "own.txt")
    assert not [word for word in words if word in page.text]
    assert visitor.get(f"{path}/files/{file.id}/own.txt").status_code == 404
    for act in ("accept", "write", "finish", "ticket"):
        assert visitor.post(path, act=act, body="late", ticket="L").status_code == 409
    assert request_of(letterbox, number).partner_ticket is None


def test_a_link_ends_with_its_time_and_with_its_company(letterbox: Letterbox) -> None:
    """H7: after 90 days, or once nothing goes to the company any more, it says nothing."""
    desk = letterbox.desk
    path = asked(letterbox, desk.log(when="14:00"))
    letterbox.company("netone", active=False)
    assert desk.visit().get(path).status_code == 404
    letterbox.company("netone", active=True)
    assert desk.visit().get(path).status_code == 200
    letterbox.clock.now += LASTS + timedelta(minutes=1)
    assert desk.visit().get(path).status_code == 404


def test_a_link_is_for_one_work_request_alone(letterbox: Letterbox) -> None:
    """H7, H8: not for the hand-off or the other request of the same incident and number."""
    desk = letterbox.desk
    number = desk.log(when="14:00", uploads=(Upload("plan.txt", io.BytesIO(b"zq")),))
    first = asked(letterbox, number)
    other = (Upload("other.txt", io.BytesIO(b"zqother")),)
    said = {"by": "ito", "when": "14:25", "uploads": other}
    desk.do(work.request, number, "netone", "zqsecond", "zqmore", **said)
    desk.do(
        escalation.hand_off, number, "netone", by="ito", when="14:30", note="zqnote",
        share_files=True,
    )  # fmt: skip
    letterbox.clock.now = at("14:40")
    visitor = opened(letterbox, first)
    page = visitor.get(first).text
    assert not [word for word in ("zqsecond", "zqmore", "zqnote", "plan.txt") if word in page]
    for file in desk.rows(Attachment, number):
        assert visitor.get(f"{first}/files/{file.id}/x.txt").status_code == 404
    assert visitor.post(first, act="accept").status_code == 303
    states = [request_of(letterbox, number, n).state for n in (1, 2)]
    assert (states, desk.handoff(number).state) == (["accepted", "sent"], "sent")


def test_who_can_sign_in_gets_the_usual_page_of_a_work_request(letterbox: Letterbox) -> None:
    """H7: a company with people on the desk is led to its sheet."""
    letterbox.change("kim", password_hash="can sign in")
    number = letterbox.desk.log(when="14:00")
    assert asked(letterbox, number) == f"/work-requests/{label(number)}/1"


def _token(page: str) -> str:
    return page.partition('name="csrf_token"')[2].partition('value="')[2].partition('"')[0]
