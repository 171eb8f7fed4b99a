"""H7, H8: a hand-off by the link in its mail, for a company of which nobody can sign in."""

from __future__ import annotations

import io
from urllib.parse import urlsplit

import pytest

from servicedesk.escalation import commands as escalation
from servicedesk.incidents import commands
from servicedesk.incidents.files import Upload
from servicedesk.incidents.models import Attachment, label
from tests.bridge.letterbox import Letterbox

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


def _token(page: str) -> str:
    return page.partition('name="csrf_token"')[2].partition('value="')[2].partition('"')[0]
