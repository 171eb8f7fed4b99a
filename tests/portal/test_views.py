"""What an employee sees: home, reporting, and the story of one's own incidents."""

from __future__ import annotations

import html
import re
from datetime import date
from io import BytesIO

import pytest
from werkzeug.test import TestResponse

from servicedesk.escalation.commands import hand_off
from servicedesk.incidents import commands
from servicedesk.incidents.acts import Due
from servicedesk.incidents.models import Attachment, DateChange
from tests.cast import Desk, at, page_of

pytestmark = [pytest.mark.backends("sqlite"), pytest.mark.usefixtures("clock")]

REPORT = {
    "type": "incident", "title": "No network", "description": "Since noon", "service": "internet",
    "impact": "3", "urgency": "2", "needed": "none", "day": "", "time": "", "channel": "phone",
}  # fmt: skip
FRIDAY = Due(day=date(2026, 11, 27))


def text(answer: TestResponse) -> str:
    """Give what a page says, without its marks."""
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", answer.text)))


# Home


def test_home_shows_ones_own_incidents_under_way(desk: Desk) -> None:
    """Screens: my open incidents as cards; §9: own incidents only."""
    desk.log(title="No network")
    desk.log(by="taro", title="Not hers")
    cancelled = desk.log(title="Not needed")
    desk.do(commands.cancel, cancelled, by="emi", when="09:10")
    visitor = desk.visit("emi")
    home, ended = text(visitor.get("/home")), text(visitor.get("/home?show=ended"))
    assert "No network" in home
    assert "We have it. Somebody will look at it soon." in home
    assert "Not hers" not in home + ended
    assert ("Not needed" in home, "Not needed" in ended) == (False, True)


def test_home_says_who_has_it_and_the_two_dates(desk: Desk) -> None:
    """Screens: state in plain words, who has it, the date I asked for and the date promised."""
    n = desk.log(wish=FRIDAY)
    desk.do(commands.promise, n, FRIDAY, by="ito", when="10:00")
    said = text(desk.visit("emi").get("/home"))
    for shown in ("Service desk", "Requested Fri 27", "Promised Fri 27"):
        assert shown in said


def test_home_offers_the_one_obvious_act(desk: Desk) -> None:
    """Screens: one obvious next action."""
    asked, solved = desk.log(title="Asked"), desk.log(title="Solved")
    desk.do(commands.hold, asked, "requester", by="ito", when="10:00", question="Which room?")
    desk.do(commands.resolve, solved, "solved", "Plugged in", by="ito", when="10:00")
    page = desk.visit("emi").get("/home").text
    assert "Answer the question" in page
    assert page_of(solved, "close") in page
    assert page_of(solved, "reopen") in page


def test_home_is_empty_at_first_and_says_what_to_do(desk: Desk) -> None:
    said = text(desk.visit("taro").get("/home"))
    assert "Nothing under way" in said
    assert "Usual first answer: Today 15:05" in said


# Reporting


def test_reporting_gives_the_number_and_when_the_first_answer_is_due(desk: Desk) -> None:
    """Screens: then: the number, and when the first answer is due."""
    visitor = desk.visit("emi")
    answer = visitor.post("/incidents/new", **REPORT)
    assert (answer.status_code, answer.location) == (303, page_of(1))
    incident = desk.incident(1)
    assert (incident.title, incident.description, incident.channel) == (
        "No network",
        "Since noon",
        "portal",
    )
    assert (incident.impact, incident.urgency, incident.logged_at) == (3, 2, at("14:05"))
    said = text(visitor.get(page_of(1)))
    assert "Received as INC-00000001." in said
    urgent = visitor.post("/incidents/new", **{**REPORT, "impact": "1", "urgency": "1"})
    said = text(visitor.get(urgent.location or ""))
    assert "Received as INC-00000002. First answer by Today 14:20." in said


@pytest.mark.parametrize(
    ("said", "due"),
    [
        ({"needed": "today"}, at("Fri 00:00")),
        ({"needed": "pick", "day": "2026-12-01"}, at("2026-12-02 00:00")),
        ({"needed": "pick", "day": "2026-11-27", "time": "09:30"}, at("Fri 09:30")),
    ],
)
def test_reporting_with_a_wish(desk: Desk, said: dict[str, str], due: object) -> None:
    """D1: needed by: today, tomorrow, this Friday, pick."""
    desk.visit("emi").post("/incidents/new", **{**REPORT, **said})
    assert desk.incident(1).requested_due == due


def test_reporting_with_files(desk: Desk) -> None:
    """Screens: files by drop or paste."""
    files = [(BytesIO(b"blinks red"), "router.txt"), (BytesIO(b"again"), "router.txt")]
    assert desk.visit("emi").post("/incidents/new", **REPORT, files=files).status_code == 303
    assert [row.name for row in desk.rows(Attachment, 1)] == ["router.txt", "router.txt"]


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"title": ""}, "in a few words what it is about"),
        ({"title": "x" * 301}, "301"),
        ({"service": "coffee"}, "Not a valid choice"),
        ({"service": ""}, "Please fill this in."),
        ({"impact": "9"}, "Not a valid choice"),
        ({"needed": "pick"}, "Please choose a day."),
        ({"needed": "pick", "day": "2026-11-20"}, "The date wished for must lie ahead."),
        ({"needed": "someday"}, "Not a valid choice"),
    ],
)
def test_a_refused_report_keeps_what_was_typed(
    desk: Desk, said: dict[str, str], sentence: str
) -> None:
    """Screens: errors say what to do and keep what was typed."""
    answer = desk.visit("emi").post("/incidents/new", **{**REPORT, **said})
    assert 400 <= answer.status_code < 500
    assert sentence in text(answer) or sentence == "301"
    assert "Since noon" in answer.text
    assert desk.log() == 1


def test_the_words_of_home_are_taken_along(desk: Desk) -> None:
    """Screens: one box; the title is not typed twice."""
    answer = desk.visit("emi").get("/incidents/new?title=Internet%20is%20slow")
    assert 'value="Internet is slow"' in answer.text
    assert re.search(r'<option selected value="internet">', answer.text)


def test_the_desk_logs_a_call_for_somebody(desk: Desk) -> None:
    """C13: logging a call by the desk is a first response."""
    visitor = desk.visit("ito")
    for said in ("emi", "Endo Emi", "emi@kita.example"):
        visitor.post("/incidents/new", **REPORT, requester=said)
    incidents = [desk.incident(n) for n in (1, 2, 3)]
    assert {incident.requester.key for incident in incidents} == {"emi"}
    assert {incident.channel for incident in incidents} == {"phone"}
    assert {incident.first_response_at for incident in incidents} == {at("14:05")}


def test_the_desk_is_told_whom_it_cannot_find(desk: Desk) -> None:
    answer = desk.visit("ito").post("/incidents/new", **REPORT, requester="Nobody")
    assert "There is nobody of this name." in text(answer)
    assert 'value="Nobody"' in answer.text


def test_an_employee_reports_for_nobody_else(desk: Desk) -> None:
    """§9: default is no: what the form does not ask is not heard."""
    desk.visit("emi").post("/incidents/new", **REPORT, requester="taro")
    assert desk.incident(1).requester.key == "emi"


def test_who_logs_something_confidential_comes_to_its_page(desk: Desk) -> None:
    """§9: named people: whoever logged it is one."""
    visitor = desk.visit("mori")
    answer = visitor.post("/incidents/new", **REPORT, requester="emi", confidential="y")
    assert visitor.get(answer.location or "").status_code == 200
    assert desk.visit("abe").get(page_of(1)).status_code == 404


def test_names_are_completed_for_the_desk(desk: Desk) -> None:
    found = desk.visit("ito").get("/people?q=endo").json
    assert found == {"people": [{"key": "emi", "name": "Endo Emi", "department": "Sales"}]}
    assert desk.visit("ito").get("/people?q=").json == {"people": []}
    assert desk.visit("ito").get("/people?q=%25").json == {"people": []}


# The story


def test_the_requesters_page_never_shows_what_is_the_desks(desk: Desk) -> None:
    """§1: must never see internal notes, partner threads."""
    n = desk.log()
    desk.do(commands.comment, n, "note", "A difficult customer", by="ito", when="10:00")
    desk.do(commands.comment, n, "reply", "We look at it", by="ito", when="10:10")
    desk.do(hand_off, n, "netone", note="Please hurry", by="ito", when="10:20")
    desk.do(commands.prioritise, n, 1, 1, by="ito", when="10:30", reason="She shouted")
    said = text(desk.visit("emi").get(page_of(n)))
    assert "We look at it" in said
    for hidden in ("difficult", "hurry", "shouted", "handed it off", "Priority", "P1"):
        assert hidden not in said


def test_the_requester_answers_a_question_on_the_page(desk: Desk) -> None:
    """§4: a requester's reply ends *requester* by itself."""
    n = desk.log()
    desk.do(commands.hold, n, "requester", by="ito", when="10:00", question="Which room?")
    visitor = desk.visit("emi")
    assert "Which room?" in text(visitor.get(page_of(n)))
    assert visitor.post(page_of(n, "reply"), body="Room 3").status_code == 303
    assert desk.incident(n).state == "in_progress"


def test_the_requester_confirms_or_not(desk: Desk) -> None:
    """§4: it's solved / it isn't."""
    n = desk.log()
    visitor = desk.visit("emi")
    for _ in range(2):
        desk.do(commands.resolve, n, "solved", "Plugged in", by="ito", when="14:05")
        assert "Plugged in" in text(visitor.get(page_of(n)))
        visitor.post(page_of(n, "reopen"), text="Still nothing", version="")
        assert desk.incident(n).state == "in_progress"
        page = visitor.get(page_of(n))
        assert page.status_code == 200
        assert "Still nothing" in text(page)
    desk.do(commands.resolve, n, "solved", "Plugged in", by="ito", when="14:05")
    visitor.post(page_of(n, "close"))
    assert desk.incident(n).state == "closed"
    assert "Solved" in text(visitor.get(page_of(n)))


def test_a_date_offered_is_accepted_or_declined(desk: Desk) -> None:
    """§5: offers another date with a reason; the requester accepts or declines."""
    n = desk.log(wish=FRIDAY)
    later = Due(day=date(2026, 12, 1))
    desk.do(commands.promise, n, later, by="ito", when="10:00", reason="The part comes then")
    visitor = desk.visit("emi")
    page = visitor.get(page_of(n))
    assert "We can promise Tue 1. Is that all right?" in text(page)
    assert "The part comes then" in text(page)
    address = re.findall(r'action="([^"]*/dates/\d+/promised)"', page.text)[0]
    assert visitor.post(address, answer="decline").status_code == 303
    assert desk.rows(DateChange, n)[-1].answer == "declined"
    assert "Is that all right?" not in text(visitor.get(page_of(n)))
    assert visitor.post(address, answer="accept").status_code == 409


def test_a_revision_noted_by_the_desk_is_confirmed(desk: Desk) -> None:
    """D3: on the requester's word: it counts once the requester has confirmed it."""
    n = desk.log(wish=FRIDAY)
    later = Due(day=date(2026, 12, 1))
    desk.do(commands.wish, n, later, by="ito", when="10:00", reason="She called")
    visitor = desk.visit("emi")
    page = visitor.get(page_of(n))
    assert "We noted that you now need it by Tue 1. Is that right?" in text(page)
    address = re.findall(r'action="([^"]*/dates/\d+/requested)"', page.text)[0]
    visitor.post(address, answer="accept")
    assert desk.incident(n).requested_day == date(2026, 12, 1)


def test_nothing_is_asked_about_what_has_ended(desk: Desk) -> None:
    """§4: what is resolved has no date to be promised any more."""
    n = desk.log(wish=FRIDAY)
    later = Due(day=date(2026, 12, 1))
    desk.do(commands.promise, n, later, by="ito", when="10:00", reason="The part comes then")
    desk.do(commands.resolve, n, "solved", "Plugged in", by="ito", when="11:00")
    assert "Is that all right?" not in text(desk.visit("emi").get(page_of(n)))


def test_the_requester_revises_the_wish(desk: Desk) -> None:
    """D3: only the requester revises it."""
    n = desk.log(wish=FRIDAY)
    visitor = desk.visit("emi")
    assert 'value="2026-11-27"' in visitor.get(page_of(n, "wish")).text
    visitor.post(page_of(n, "wish"), day="2026-12-01", time="", reason="Moved", version="")
    assert desk.incident(n).requested_day == date(2026, 12, 1)


def test_the_requester_cancels(desk: Desk) -> None:
    """§4: cancelled by the requester."""
    n = desk.log()
    visitor = desk.visit("emi")
    assert "Nobody will work on it any more." in text(visitor.get(page_of(n, "cancel")))
    visitor.post(page_of(n, "cancel"), version="")
    assert desk.incident(n).state == "cancelled"


def test_what_changed_meanwhile_tells_the_requester_only_what_is_hers(desk: Desk) -> None:
    """§4, §1: shows what changed: replies and what concerns her, nothing of the desk's."""
    n = desk.log()
    version = str(desk.incident(n).version)
    desk.do(commands.comment, n, "note", "A difficult customer", by="ito", when="10:00")
    desk.do(commands.comment, n, "reply", "We look at it", by="ito", when="10:05")
    desk.do(commands.take, n, by="sato", when="10:10")
    desk.do(hand_off, n, "netone", note="Please hurry", by="ito", when="10:20")
    sent = {"day": "2026-12-01", "time": "", "reason": "The fair was moved", "version": version}
    answer = desk.visit("emi").post(page_of(n, "wish"), **sent)
    said = text(answer)
    assert answer.status_code == 409
    assert "Ito Ren wrote: We look at it" in said
    assert "The fair was moved" in said
    for hidden in ("difficult", "NetOne", "took it", "hurry"):
        assert hidden not in said
