"""H7: mails that were set aside, and what a person decides about them."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest

from servicedesk.bridge.models import ReceivedMail
from servicedesk.db import transaction
from servicedesk.escalation import commands as escalation
from servicedesk.escalation.work import commands as work
from servicedesk.incidents import commands
from servicedesk.incidents.models import Attachment, Comment, Incident, WorkRequest, label
from tests.bridge.letterbox import Letterbox
from tests.cast import Visitor, at

pytestmark = pytest.mark.backends("sqlite")


def aside(letterbox: Letterbox, text: str = "zqtext", **more: Any) -> str:
    """Have a mail set aside; gives its address on the desk."""
    taken = letterbox.write("eve@evil.example", "desk@kita.example", text, **more)
    assert taken.state == "set_aside"
    return f"/mail/set-aside/{taken.id}"


def row(letterbox: Letterbox) -> ReceivedMail:
    return letterbox.rows()[-1]


def test_the_list_says_what_waits_and_why(letterbox: Letterbox) -> None:
    """H7: set aside for a person to decide, with the reason; a partner never sees the page."""
    aside(letterbox, subject="zqsubject")
    ito = letterbox.desk.visit("ito")
    page = ito.get("/mail/set-aside").text
    assert "zqsubject" in page
    assert "Nobody here has the sender&#39;s address" in page
    assert "Mail set aside (1)" in ito.get("/incidents").text
    for key in ("emi", "ueda", "kim", "root"):
        visitor = letterbox.desk.visit(key)
        assert visitor.get("/mail/set-aside").status_code == 404
        assert visitor.get("/mail/set-aside/1").status_code == 404
    assert "zqsubject" not in ito.get("/mail/set-aside?box=decided").text


def test_a_mail_is_shown_as_plain_text(letterbox: Letterbox) -> None:
    path = aside(letterbox, "<script>alert(1)</script> & more", files={"x.pdf": b"%PDF-1.4"})
    page = letterbox.desk.visit("ito").get(path).text
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; more" in page
    assert "x.pdf" in page
    assert "Message-ID: &lt;" in page


def test_it_is_put_into_a_partners_thread_and_noted_by_whom(letterbox: Letterbox) -> None:
    """H7: as a line of the company's; nothing else is done by it."""
    desk, number = letterbox.desk, letterbox.desk.log()
    desk.do(escalation.hand_off, number, "netone", by="ito", when="09:30", note="Look")
    path = aside(letterbox, "#answer from home")
    ito = desk.visit("ito")
    said = {"number": label(number), "about": "handoff"}
    assert ito.post(f"{path}/thread", n="2", **said).status_code == 422
    assert ito.post(f"{path}/thread", n="1", **said).status_code == 303
    assert letterbox.lines(number) == ["#answer from home"]
    assert desk.handoff(number).state == "sent"
    comment = letterbox.comment(number)
    assert (comment.author_id, comment.partner_id is not None) == (None, True)
    kept = row(letterbox)
    assert (kept.state, kept.decided_by_id, kept.comment_id) == (
        "taken", desk.id("ito"), comment.id,
    )  # fmt: skip
    assert ito.post(f"{path}/away").status_code == 409


def test_it_is_put_into_the_thread_of_a_work_request(letterbox: Letterbox) -> None:
    """H6, H7: as a line of the company's; the form is filled in with what the mail is about."""
    desk, number = letterbox.desk, letterbox.desk.log()
    desk.do(work.request, number, "netone", "A cable", by="ito", when="09:30")
    desk.do(work.request, number, "network", "A port", by="ito", when="09:31")
    address = letterbox.address(number, "netone")
    taken = letterbox.write("eve@evil.example", address, "zqtext", files={"a.pdf": b"%PDF-1.4"})
    path, ito = f"/mail/set-aside/{taken.id}", desk.visit("ito")
    assert '<option selected value="request">' in ito.get(path).text
    said = {"number": label(number), "about": "request"}
    for n in ("2", "3"):  # a group's has no partner's thread; there is no third
        assert ito.post(f"{path}/thread", n=n, **said).status_code == 422
    assert ito.post(f"{path}/thread", n="1", number=label(number), about="x").status_code == 422
    assert ito.post(f"{path}/thread", n="1", **said).status_code == 303
    comment, (asked, _port) = letterbox.comment(number), desk.rows(WorkRequest, number)
    assert (comment.body, comment.work_request_id, asked.state) == ("zqtext", asked.id, "sent")
    assert (comment.author_id, comment.partner_id is not None) == (None, True)
    assert [file.comment_id for file in desk.rows(Attachment, number)] == [comment.id]
    assert "work request 1" in ito.get("/mail/set-aside?box=decided").text
    assert "zqtext" in desk.visit("kim").get(f"/work-requests/{label(number)}/1").text


def test_it_is_put_in_as_the_requesters_reply(letterbox: Letterbox) -> None:
    """§4, H7: as if the requester had written it: it ends the waiting for them."""
    desk, number = letterbox.desk, letterbox.desk.log()
    desk.do(commands.hold, number, "requester", by="ito", when="09:30", question="Floor?")
    path = aside(letterbox, "The third.")
    assert desk.visit("ito").post(f"{path}/reply", number=str(number)).status_code == 303
    assert letterbox.lines(number, "reply")[-1] == "The third."
    assert letterbox.comment(number).author_id == desk.id("emi")
    assert desk.incident(number).state == "in_progress"


def test_it_becomes_a_new_incident_for_a_person(letterbox: Letterbox) -> None:
    desk = letterbox.desk
    path = aside(letterbox, "No light", subject="Fwd: Lamp")
    ito = desk.visit("ito")
    assert ito.post(f"{path}/new", person="nobody", service="").status_code == 422
    assert ito.post(f"{path}/new", person="emi", service="printing").status_code == 303
    incident = desk.incident(1)
    assert (incident.title, incident.requester.key, incident.channel) == ("Lamp", "emi", "mail")


def test_what_is_closed_goes_on_under_a_new_number(letterbox: Letterbox) -> None:
    """§4: a closed incident is continued by a linked new one."""
    desk, number = letterbox.desk, letterbox.desk.log()
    desk.do(commands.resolve, number, "solved", "Done", by="ito", when="09:30")
    desk.do(commands.close, number, by="emi", when="09:40")
    address = letterbox.address(number, "emi")
    taken = letterbox.write("emi@kita.example", address, "It is back.")
    path = f"/mail/set-aside/{taken.id}"
    ito = desk.visit("ito")
    assert "Continue under a new number" in ito.get(path).text
    assert ito.post(f"{path}/continue").status_code == 303
    assert desk.incident(2).parent_id == desk.incident(1).id
    assert desk.incident(2).description == "It is back."


def test_it_is_thrown_away(letterbox: Letterbox) -> None:
    path = aside(letterbox)
    ito = letterbox.desk.visit("ito")
    assert ito.post(f"{path}/away").status_code == 303
    assert row(letterbox).state == "thrown_away"
    assert "Ito Ren" in ito.get("/mail/set-aside?box=decided").text


def test_what_is_about_a_confidential_incident_is_for_who_may_see_it(letterbox: Letterbox) -> None:
    """§9: nothing of an unseen confidential incident; nor can anything be put into it unseen."""
    desk = letterbox.desk
    number = desk.log(service="payroll")
    plain = desk.log()
    desk.do(commands.resolve, number, "solved", "x", by="sato", when="09:30")
    desk.do(commands.close, number, by="emi", when="09:40")
    address = letterbox.address(number, "emi")
    secret = letterbox.write("emi@kita.example", address, "zqsecret", subject="zqsubject")
    named = letterbox.write(
        "eve@evil.example", "desk@kita.example", "zqsecret", subject=f"zqsubject {label(number)}"
    )
    assert {secret.state, named.state} == {"set_aside"}
    abe, sato = desk.visit("abe"), desk.visit("sato")
    assert "zqsubject" not in abe.get("/mail/set-aside").text
    assert "Mail set aside" not in abe.get("/incidents").text
    assert "zqsubject" in sato.get("/mail/set-aside").text
    for taken in (secret, named):
        path = f"/mail/set-aside/{taken.id}"
        assert abe.get(path).status_code == 404
        assert abe.post(f"{path}/reply", number=str(plain)).status_code == 404
    other = aside(letterbox)
    assert abe.post(f"{other}/reply", number=str(number)).status_code == 422
    assert not [c for c in desk.rows(Comment, number) if c.body == "zqtext"]


def test_two_who_decide_at_once_do_not_both_do_it(letterbox: Letterbox) -> None:
    path = aside(letterbox)
    visitors = [letterbox.desk.visit(key) for key in ("ito", "sato")]
    found = [it.post(f"{path}/new", person="emi", service="").status_code for it in visitors]
    assert found == [303, 409]
    with letterbox.desk.session() as session:
        assert session.query(Incident).count() == 1


def test_the_list_goes_on_page_by_page(letterbox: Letterbox) -> None:
    with letterbox.desk.app.app_context(), transaction() as session:
        for n in range(120):
            said = {"kept": "0", "received_at": at("09:00"), "state": "set_aside"}
            session.add(ReceivedMail(digest=f"{n:064d}", subject=f"n{n:03d}", **said))
    ito = letterbox.desk.visit("ito")
    found = _all_pages(ito)
    assert sorted(found) == sorted({f"n{n:03d}" for n in range(120)})


def _all_pages(visitor: Visitor) -> list[str]:
    path, found = "/mail/set-aside", list[str]()
    while path:
        page = visitor.get(path).text
        found += re.findall(r">(n\d{3})<", page)
        following = re.findall(r'href="([^"]*after=[^"]*)"', page)
        path = unescape(following[-1]) if following else ""
    return found
