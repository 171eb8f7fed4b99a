"""The desk's pages of an incident: dialogs that lose nothing, the composer, the list."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field
from datetime import date

import pytest
from werkzeug.test import TestResponse

from servicedesk.escalation.commands import hand_off
from servicedesk.incidents import commands
from servicedesk.incidents.acts import Due
from servicedesk.incidents.models import Comment
from tests.cast import Desk, at, page_of

pytestmark = [pytest.mark.backends("sqlite"), pytest.mark.usefixtures("clock")]


def text(answer: TestResponse) -> str:
    """Give what a page says, without its marks."""
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", answer.text)))


def typed(answer: TestResponse, said: str) -> bool:
    """Say whether a form still has what was typed."""
    return html.escape(said) in answer.text


def version_in(answer: TestResponse) -> str:
    """Give the version that a form was read at."""
    found: str = re.findall(r'name="version"[^>]*value="(\d+)"', answer.text)[0]
    return found


@dataclass(frozen=True)
class Dialog:
    """One dialog: what is sent, what it does, and what it refuses."""

    act: str
    sent: dict[str, str]
    done: str  # the event that follows
    keeps: str = ""  # what was typed
    wrong: dict[str, str] = field(default_factory=dict)
    sentence: str = ""


WHEN = {"day": "2026-12-01", "time": "10:00"}
DIALOGS = [
    Dialog(
        "hold",
        {"reason": "delivery", "question": "", **WHEN},
        "incident.held",
        "2026-12-01",
        {"day": "", "time": ""},
        "Please say until when",
    ),
    Dialog(
        "hold",
        {"reason": "requester", "question": "Which room?", "day": "", "time": ""},
        "incident.held",
        "Which room?",
        {"question": " "},
        "Please write what you need to know.",
    ),
    Dialog(
        "resolve",
        {"code": "solved", "text": "Plugged in", "workaround": "", "root_cause": "A cat & a cable"},
        "incident.resolved",
        "A cat & a cable",
        {"text": ""},
        "Please say how it was resolved.",
    ),
    Dialog(
        "promise",
        {"reason": "The part comes then", **WHEN},
        "promise.set",
        "The part comes then",
        {"day": "2026-11-20"},
        "The date promised must lie ahead.",
    ),
    Dialog(
        "wish",
        {"reason": "She called", **WHEN},
        "wish.set",
        "She called",
        {"day": "next week"},
        "Not a valid date",
    ),
    Dialog(
        "priority",
        {"impact": "1", "urgency": "1", "reason": "The whole floor"},
        "incident.prioritised",
        "The whole floor",
        {"impact": "0"},
        "Not a valid choice",
    ),
    Dialog(
        "service",
        {"service": "printing", "type": "request", "category": "Toner"},
        "incident.reclassified",
        "Toner",
        {"service": "coffee"},
        "Not a valid choice",
    ),
    Dialog("assign", {"person": "0"}, "", "", {"person": "4711"}, "Not a valid choice"),
    Dialog(
        "cancel",
        {"consent": "y", "duplicate_of": ""},
        "incident.cancelled",
        "",
        {"consent": "", "duplicate_of": "INC-00000099"},
        "There is no such other incident.",
    ),
]
each_dialog = pytest.mark.parametrize("dialog", DIALOGS, ids=lambda one: one.act)


@each_dialog
def test_a_dialog_does_what_it_says(desk: Desk, dialog: Dialog) -> None:
    """§4: each move by its dialog."""
    n = desk.log()
    visitor = desk.visit("sato")
    version = version_in(visitor.get(page_of(n, dialog.act)))
    assert version == str(desk.incident(n).version)
    answer = visitor.post(page_of(n, dialog.act), version=version, **dialog.sent)
    assert (answer.status_code, answer.location) == (303, page_of(n))
    assert not dialog.done or dialog.done in desk.kinds(n)


@each_dialog
def test_a_refused_dialog_keeps_what_was_typed(desk: Desk, dialog: Dialog) -> None:
    """Screens: errors say what to do and keep what was typed."""
    n = desk.log()
    sent = {**dialog.sent, **dialog.wrong}
    answer = desk.visit("sato").post(page_of(n, dialog.act), version="", **sent)
    assert answer.status_code == 422
    assert dialog.sentence in text(answer)
    kept = [said for said in sent.values() if said == dialog.keeps and said]
    assert all(typed(answer, said) for said in kept)
    assert desk.kinds(n) == ["incident.logged"]


@each_dialog
def test_over_somebody_elses_change_it_shows_what_changed(desk: Desk, dialog: Dialog) -> None:
    """§4: refused, keeps what was typed, shows what changed; sent again it goes through."""
    n = desk.log()
    version = str(desk.incident(n).version)
    desk.do(commands.take, n, by="ito", when="10:00")
    desk.do(commands.comment, n, "note", "I have an idea", by="ito", when="10:05")
    before = desk.kinds(n)
    visitor = desk.visit("sato")
    answer = visitor.post(page_of(n, dialog.act), version=version, **dialog.sent)
    said = text(answer)
    assert answer.status_code == 409
    assert "Somebody changed this incident meanwhile." in said
    assert "Ito Ren took it" in said
    assert "Ito Ren wrote: I have an idea" in said
    assert not dialog.keeps or typed(answer, dialog.keeps)
    assert desk.kinds(n) == before
    again = version_in(answer)
    assert visitor.post(page_of(n, dialog.act), version=again, **dialog.sent).status_code == 303


def test_an_illegal_move_by_dialog_says_what_is_possible(desk: Desk) -> None:
    """§4: refused with a sentence that says what is possible."""
    n = desk.log()
    visitor = desk.visit("ito")
    desk.do(commands.resolve, n, "solved", "Plugged in", by="ito", when="10:00")
    sent = {"reason": "requester", "question": "Which room?", "day": "", "time": "", "version": ""}
    answer = visitor.post(page_of(n, "hold"), **sent)
    assert answer.status_code == 422
    assert "Possible: close, reopen, write, attach a file." in text(answer)


def test_a_wish_may_be_agreed_with_at_once(desk: Desk) -> None:
    """§5: the dialog offers the date asked for."""
    day, instant = desk.log(wish=Due(day=date(2026, 12, 1))), desk.log(wish=Due(at=at("Fri 17:30")))
    visitor = desk.visit("ito")
    assert 'value="2026-12-01"' in visitor.get(page_of(day, "promise")).text
    page = visitor.get(page_of(instant, "promise")).text
    assert 'value="2026-11-27"' in page
    assert 'value="17:30"' in page


def test_only_the_group_that_has_it_is_offered(desk: Desk) -> None:
    n = desk.log()
    page = text(desk.visit("ito").get(page_of(n, "assign")))
    assert "Ito Ren" in page
    assert "Mori Sho" not in page


def test_a_stale_button_says_so_and_changes_nothing(desk: Desk) -> None:
    """§4: also the acts that ask for nothing."""
    n = desk.log()
    version = str(desk.incident(n).version)
    desk.do(commands.take, n, by="ito", when="10:00")
    visitor = desk.visit("sato")
    answer = visitor.post(page_of(n, "take"), version=version)
    assert answer.location == page_of(n)
    assert "Somebody changed this incident meanwhile." in text(visitor.get(page_of(n)))
    assert desk.assignee(n) == "ito"


# The composer


def test_a_reply_and_a_note_go_where_they_belong(desk: Desk) -> None:
    """§3: `reply` (requester sees it), `note` (desk side only)."""
    n = desk.log()
    visitor = desk.visit("ito")
    for kind in ("reply", "note"):
        assert visitor.post(page_of(n, kind), body=f"A {kind}").location == (
            f"{page_of(n)}#composer"
        )
    assert [(c.kind, c.body) for c in desk.rows(Comment, n)] == [
        ("reply", "A reply"),
        ("note", "A note"),
    ]


def test_a_reply_may_wait_for_the_requester(desk: Desk) -> None:
    n = desk.log()
    desk.visit("ito").post(page_of(n, "reply"), body="Which room?", wait="1")
    assert desk.incident(n).holder == "requester"


@pytest.mark.parametrize(
    ("body", "sentence"), [(" ", "Please write something first."), ("x" * 20_001, "20000")]
)
def test_a_refused_message_keeps_what_was_typed(desk: Desk, body: str, sentence: str) -> None:
    n = desk.log()
    answer = desk.visit("ito").post(page_of(n, "note"), body=body)
    assert answer.status_code == 422
    assert sentence in text(answer)
    assert body.strip() in answer.text
    assert desk.rows(Comment, n) == []


def test_nothing_is_written_after_the_end_and_nothing_is_lost(desk: Desk) -> None:
    """§4: somebody closed it while one was writing."""
    n = desk.log()
    desk.do(commands.cancel, n, by="emi", when="10:00")
    answer = desk.visit("ito").post(page_of(n, "note"), body="Typed with care")
    assert answer.status_code == 422
    assert "nothing can be changed any more" in text(answer)
    assert "Typed with care" in answer.text


def test_texts_are_shown_as_they_were_typed(desk: Desk) -> None:
    """Nothing that somebody types is ever a mark of the page."""
    n = desk.log(title="<b>Fire</b>", description="<script>alert(1)</script>")
    desk.do(commands.comment, n, "reply", "<img src=x onerror=alert(1)>", by="ito", when="10:00")
    for who, address in (("ito", page_of(n)), ("emi", page_of(n)), ("ito", "/incidents?view=all")):
        page = desk.visit(who).get(address).text
        assert "<b>Fire" not in page
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert "&lt;b&gt;Fire" in page


# The list and the page


def test_the_list_shows_the_three_dates_and_the_holder(desk: Desk) -> None:
    """§1: every open incident, whoever holds it, with the dates, and who has it since when."""
    n = desk.log(wish=Due(day=date(2026, 12, 1)))
    desk.do(commands.promise, n, Due(at=at("Mon 12:00")), by="ito", when="09:30", reason="Earlier")
    desk.do(hand_off, n, "netone", note="Please look", by="ito", when="10:00")
    said = text(desk.visit("ueda").get("/incidents?view=all"))
    for shown in ("No network", "Endo Emi", "Tue 1", "Mon 30, 12:00", "NetOne Inc.", "Today 10:00"):
        assert shown in said


def test_an_empty_list_says_what_to_do(desk: Desk) -> None:
    """Screens: every list has an empty state."""
    answer = desk.visit("ito").get("/incidents?view=mine")
    assert answer.status_code == 200
    assert 'class="empty' in answer.text


def test_a_search_for_one_goes_straight_to_it(desk: Desk) -> None:
    desk.log(title="A cat")
    desk.log(title="A dog")
    visitor = desk.visit("ito")
    assert visitor.get("/incidents?q=cat").location == page_of(1)
    assert visitor.get("/incidents?q=INC-2").location == page_of(2)
    assert visitor.get("/incidents?q=A").status_code == 200


def test_an_employees_search_stays_among_her_own(desk: Desk) -> None:
    """§9: search too."""
    desk.log(title="A cat")
    desk.log(by="taro", title="A cat in the hall")
    visitor = desk.visit("emi")
    said = text(visitor.get("/incidents?q=cat", follow_redirects=True))
    assert "A cat" in said
    assert "in the hall" not in said


@pytest.mark.parametrize("number", ["INC-00000099", "INC-99999999999", "INC-x", "1"])
def test_there_is_no_page_for_what_is_not_there(desk: Desk, number: str) -> None:
    answer = desk.visit("ito").get(f"/incidents/{number}")
    assert answer.status_code == 404
    assert "There is no such" in text(answer)


def test_the_page_says_who_sees_what(desk: Desk) -> None:
    """Look: the composer says always who will see it."""
    n = desk.log()
    desk.do(hand_off, n, "netone", note="Please look", by="ito", when="10:00")
    said = text(desk.visit("ito").get(page_of(n)))
    for shown in ("Endo Emi will see this", "Desk only", "NetOne Inc. and the desk will see this"):
        assert shown in said


def test_a_whole_story_is_shown_in_japanese_too(desk: Desk) -> None:
    """Screens: in both languages."""
    n = desk.log(title="ネットワークにつながらない", wish=Due(day=date(2026, 12, 1)))
    desk.do(hand_off, n, "netone", note="確認をお願いします", by="ito", when="10:00")
    visitor = desk.visit("ito")
    visitor.post("/preferences", language="ja")
    page = visitor.get(page_of(n))
    assert '<html lang="ja"' in page.text
    for shown in ("ネットワークにつながらない", "希望納期", "1日(火)"):
        assert shown in text(page)
