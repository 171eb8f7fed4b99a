"""The hand-off dialog, a partner's inbox and its sheet, as pages."""

from __future__ import annotations

import html
import re
from io import BytesIO

import pytest
from werkzeug.test import TestResponse

from servicedesk.escalation import commands
from servicedesk.escalation.commands import hand_off
from servicedesk.incidents.commands import comment, take
from servicedesk.incidents.files import Upload
from servicedesk.incidents.models import Comment
from tests.cast import Desk, at, page_of

pytestmark = [pytest.mark.backends("sqlite"), pytest.mark.usefixtures("clock")]

FORM = {"to": "netone", "other": "", "reason": "vendor", "note": "Ping fails since noon"}


def text(answer: TestResponse) -> str:
    """Give what a page says, without its marks."""
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", answer.text)))


def chosen(answer: TestResponse) -> list[str]:
    """Give the values that are chosen in radio buttons."""
    found = re.findall(r"<input[^>]*type=\"radio\"[^>]*>", answer.text)
    return [re.findall(r'value="([^"]*)"', one)[0] for one in found if " checked" in one]


# The dialog


def test_the_next_step_of_the_path_is_chosen_already(desk: Desk) -> None:
    """H3: the next step of the service's path is offered first; any other group can be chosen."""
    n = desk.log()
    visitor = desk.visit("ito")
    assert chosen(visitor.get(page_of(n, "hand-off"))) == ["network"]
    desk.do(hand_off, n, "network", note="Please look", by="ito", when="10:00")
    answer = visitor.get(page_of(n, "hand-off"))
    assert chosen(answer) == ["netone"]
    assert "PrintCo Ltd." in answer.text


def test_the_dialog_says_what_the_contract_promises(desk: Desk) -> None:
    """Screens: hand off: what the agreement promises."""
    answer = desk.visit("ito").get(page_of(desk.log(), "hand-off"))
    said = text(answer)
    assert "accepts within 30 min" in said  # the network team
    assert "accepts within 1 h" in said  # NetOne, for P3
    assert "Service desk stays answerable." in said


def test_handing_off_by_the_dialog(desk: Desk) -> None:
    """H2: reason, note, asked-for answer date."""
    n = desk.log()
    asked = {"day": "2026-11-27", "time": "11:00", "share_requester": "y"}
    answer = desk.visit("ito").post(page_of(n, "hand-off"), **FORM, **asked)
    assert (answer.status_code, answer.location) == (303, page_of(n))
    sent = desk.handoff(n)
    assert (sent.reason, sent.note, sent.answer_by) == ("vendor", FORM["note"], at("Fri 11:00"))
    assert (sent.share_requester, sent.share_files) == (True, False)


def test_an_answer_wished_by_a_day_is_wished_by_its_late_afternoon(desk: Desk) -> None:
    n = desk.log()
    desk.visit("ito").post(page_of(n, "hand-off"), **FORM, day="2026-11-27")
    assert desk.handoff(n).answer_by == at("Fri 17:00")


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"note": ""}, "what you tried and what you need"),
        ({"to": "coffee"}, "Not a valid choice"),
        ({"to": "-", "other": ""}, "choose to whom"),
        ({"day": "2026-11-25"}, "must lie ahead"),
        ({"day": "0001-01-01", "time": "00:00"}, "out of range"),
        ({"day": "tomorrow"}, "Not a valid date"),
    ],
)
def test_a_refused_hand_off_keeps_what_was_typed(
    desk: Desk, said: dict[str, str], sentence: str
) -> None:
    """Screens: errors say what to do and keep what was typed."""
    n = desk.log()
    sent = {**FORM, "note": "Typed with care", **said}
    answer = desk.visit("ito").post(page_of(n, "hand-off"), **sent)
    assert 400 <= answer.status_code < 500
    assert sentence in html.unescape(answer.text)
    assert html.escape(sent["note"]) in answer.text
    assert desk.holders(n) == ["desk"]


def test_over_somebody_elses_change_it_shows_what_changed(desk: Desk) -> None:
    """§4: refused, keeps what was typed, and shows what changed; sent again it goes through."""
    n = desk.log()
    version = str(desk.incident(n).version)
    desk.do(take, n, by="sato", when="10:00")
    desk.do(comment, n, "note", "I have an idea", by="sato", when="10:05")
    visitor = desk.visit("ito")
    answer = visitor.post(page_of(n, "hand-off"), **FORM, version=version)
    said = text(answer)
    assert answer.status_code == 409
    assert "Somebody changed this incident meanwhile." in said
    assert "Sato Yui took it" in said
    assert "Sato Yui wrote: I have an idea" in said
    assert FORM["note"] in said
    again = re.findall(r'name="version"[^>]*value="(\d+)"', answer.text)[0]
    assert visitor.post(page_of(n, "hand-off"), **FORM, version=again).status_code == 303


# A partner's inbox


def handed(desk: Desk, **how: object) -> int:
    """Log an incident and hand it to NetOne."""
    n = desk.log(description="Since noon nothing works.")
    desk.do(hand_off, n, "netone", note="Ping fails", by="ito", when="10:00", **how)
    return n


def test_the_inbox_has_what_was_handed_to_the_company(desk: Desk) -> None:
    """Screens: partner inbox: to accept, in work, answered; nothing else exists."""
    first, second, third = (handed(desk) for _ in range(3))
    desk.do(commands.accept, second, 1, by="kim", when="10:10")
    desk.do(commands.answer, third, 1, "A cut cable", by="kim", when="10:20")
    desk.log(title="Not for partners")
    visitor = desk.visit("kim")
    boxes = {"to-accept": first, "in-work": second, "ended": third}
    for box, n in boxes.items():
        said = text(visitor.get(f"/inbox?box={box}"))
        assert [k for k in (1, 2, 3, 4) if f"INC-{k:08d}" in said] == [n]
        assert "To accept 1" in said
        assert "In work 1" in said


def test_the_inbox_opens_where_something_waits(desk: Desk) -> None:
    handed(desk)
    visitor = desk.visit("kim")
    assert "INC-00000001" in visitor.get("/inbox").text
    desk.do(commands.accept, 1, 1, by="kim", when="10:10")
    assert "INC-00000001" in visitor.get("/inbox").text
    assert "INC-00000001" in visitor.get("/inbox?box=nonsense&before=x").text


def test_an_empty_inbox_says_so(desk: Desk) -> None:
    """Screens: an empty state that says what to do."""
    handed(desk)
    assert "Nothing waits to be accepted" in desk.visit("park").get("/inbox?box=to-accept").text


def test_the_inbox_is_read_page_by_page(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages by cursor, not offset."""
    monkeypatch.setattr("servicedesk.escalation.queries.PAGE", 2)
    for _ in range(5):
        handed(desk)
    visitor = desk.visit("kim")
    seen: list[int] = []
    address = "/inbox?box=to-accept"
    while address and len(seen) < 9:
        page = visitor.get(address).text
        seen += [int(k) for k in dict.fromkeys(re.findall(r"/hand-offs/INC-0*(\d+)/1", page))]
        further = re.findall(r'href="(/inbox\?[^"]*after=[^"]*)"', page)
        address = html.unescape(further[0]) if further else ""
    assert seen == [1, 2, 3, 4, 5]


def test_the_inbox_shows_when_the_contract_wants_something(desk: Desk) -> None:
    """Screens: each with due by our contract."""
    handed(desk)
    said = text(desk.visit("kim").get("/inbox"))
    assert "Today 11:00" in said  # an hour to accept
    assert "over" in said  # now it is 14:05


# A partner's sheet


def test_the_sheet_shows_what_a_hand_off_shows(desk: Desk) -> None:
    """H8: number, title, description, what the desk chose to share, its thread and files."""
    n = handed(desk)
    desk.do(commands.write, n, 1, "Since when?", by="kim", when="10:10")
    said = text(desk.visit("kim").get(f"/hand-offs/INC-{n:08d}/1"))
    for shown in ("INC-00000001", "No network", "Since noon", "Ping fails", "Since when?"):
        assert shown in said
    for hidden in ("Endo", "Sales", "emi@kita.example", "Internet access", "Service desk"):
        assert hidden not in said


def test_the_requesters_name_and_contact_show_only_if_shared(desk: Desk) -> None:
    """H8: requester's name and contact only if shared."""
    n = handed(desk, share_requester=True)
    said = text(desk.visit("kim").get(f"/hand-offs/INC-{n:08d}/1"))
    assert "Endo Emi" in said
    assert "emi@kita.example" in said


def test_a_partner_accepts_writes_notes_its_ticket_and_answers(desk: Desk) -> None:
    """Screens: accept, ask, answer, send back; our own ticket number."""
    n = handed(desk)
    visitor, sheet = desk.visit("kim"), f"/hand-offs/INC-{n:08d}/1"
    assert visitor.post(page_of(n, "hand-offs", "1", "accept")).location == sheet
    answer = visitor.post(page_of(n, "hand-offs", "1", "write"), body="Since when?")
    assert answer.location == f"{sheet}#composer"
    assert visitor.post(f"{sheet}/ticket", ticket="NO-77").location == sheet
    assert "NO-77" in visitor.get(sheet).text
    done = visitor.post(page_of(n, "hand-offs", "1", "answer"), body="A cut cable")
    assert (done.status_code, done.location) == (303, "/inbox")
    assert [c.body for c in desk.rows(Comment, n)] == ["Since when?", "A cut cable"]
    ended = visitor.get(sheet).text
    assert "A cut cable" in ended
    assert 'name="body"' not in ended


def test_an_answer_without_words_keeps_the_dialog(desk: Desk) -> None:
    n = handed(desk)
    for act, sentence in (("answer", "write the answer"), ("send-back", "why you send it back")):
        answer = desk.visit("kim").post(page_of(n, "hand-offs", "1", act), body=" ")
        assert answer.status_code == 422
        assert sentence in answer.text
    assert desk.handoff(n).state == "sent"


def test_answering_what_was_recalled_keeps_what_was_typed(desk: Desk) -> None:
    """§4: a refused form keeps what was typed."""
    n = handed(desk)
    desk.do(commands.recall, n, 1, by="ito", when="10:30")
    answer = desk.visit("kim").post(page_of(n, "hand-offs", "1", "answer"), body="A cut cable")
    assert answer.status_code == 422
    assert "This hand-off has ended already." in answer.text
    assert "A cut cable" in answer.text


def test_a_partner_hands_in_files_and_takes_out_its_own(desk: Desk) -> None:
    """§3: an attachment is seen by exactly those who see what it belongs to."""
    n = handed(desk)
    file = (BytesIO(b"blinks red"), "trace.txt")
    visitor = desk.visit("kim")
    visitor.post(page_of(n, "hand-offs", "1", "write"), body="See the trace", files=file)
    link = re.findall(r'href="(/files/[^"]+)"', visitor.get(f"/hand-offs/INC-{n:08d}/1").text)[0]
    statuses = {}
    for who in ("kim", "ito", "emi", "park"):
        with desk.visit(who).get(link) as answer:
            statuses[who] = answer.status_code
    assert statuses == {"kim": 200, "ito": 200, "emi": 404, "park": 404}


def test_the_desk_sees_a_partners_thread_and_ticket(desk: Desk) -> None:
    """§1: every handling status and every piece of work is visible."""
    n = handed(desk)
    desk.do(commands.write, n, 1, "Since when?", by="kim", when="10:10")
    desk.do(commands.note_ticket, n, 1, "NO-77", by="kim", when="10:20")
    said = text(desk.visit("ueda").get(page_of(n)))
    assert "Since when?" in said
    assert "NO-77" in said


def test_the_desk_notes_the_ticket_of_a_partner_that_works_by_mail_alone(desk: Desk) -> None:
    """H7: on the incident's page; it is found by it then."""
    n = handed(desk)
    dialog, ito = page_of(n, "hand-offs", "1", "ticket"), desk.visit("ito")
    assert "Note their ticket" in ito.get(page_of(n)).text
    assert "Ticket of NetOne Inc." in ito.get(dialog).text
    assert ito.post(dialog, ticket=" ").status_code == 422
    assert ito.post(dialog, ticket="NO-77").status_code == 303
    page = ito.get(page_of(n)).text
    assert "Correct their ticket" in page
    assert "noted the partner&#39;s ticket number" in page
    assert 'value="NO-77"' in ito.get(dialog).text
    assert f"INC-{n:08d}" in ito.get("/search?q=NO-77").text
    assert dialog not in desk.visit("ueda").get(page_of(n)).text


def test_a_group_accepts_answers_and_sends_back_on_the_incidents_page(desk: Desk) -> None:
    """H2: the receiver accepts; H4: answered, sent back."""
    n = desk.log()
    desk.do(hand_off, n, "network", note="Please look", by="ito", when="10:00")
    visitor = desk.visit("abe")
    said = visitor.get(page_of(n)).text
    assert page_of(n, "hand-offs", "1", "accept") in said
    assert visitor.post(page_of(n, "hand-offs", "1", "accept")).location == page_of(n)
    done = visitor.post(page_of(n, "hand-offs", "1", "answer"), body="The port was down")
    assert done.location == page_of(n)
    assert desk.handoff(n).state == "answered"


def test_a_shared_file_is_one_of_the_incident(desk: Desk) -> None:
    """H8: what the desk chose to share."""
    file = Upload("router.txt", BytesIO(b"blinks red"))
    n = desk.log(uploads=(file,))
    desk.do(hand_off, n, "netone", note="See", by="ito", when="10:00", share_files=True)
    assert "router.txt" in desk.visit("kim").get(f"/hand-offs/INC-{n:08d}/1").text


def test_the_wish_of_an_answer_shows_in_the_inbox(desk: Desk) -> None:
    """H2: asked-for answer date."""
    handed(desk, answer_by=at("Fri 11:00"))
    assert "Fri 27, 11:00" in text(desk.visit("kim").get("/inbox"))
