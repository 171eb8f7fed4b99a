"""The pages: search, a call, templates, and the questions of a service."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
import sqlalchemy as sa
from werkzeug.test import TestResponse

from servicedesk.escalation import commands as escalation
from servicedesk.escalation.work import commands as work
from servicedesk.incidents import commands
from servicedesk.intake.commands import Draft, add_template
from servicedesk.intake.models import Template
from servicedesk.setup.load import load_text
from tests.cast import DESK, Desk, at, page_of

pytestmark = [pytest.mark.backends("sqlite"), pytest.mark.usefixtures("clock")]

ASKING = DESK.replace(
    "printing: {name: Printing,",
    "printing: {name: Printing, fields: [{key: room, name: Room, required: true},"
    " {key: copies, name: Copies, type: number}],",
)
REPORT = {
    "type": "incident", "title": "No toner", "description": "Since noon", "service": "printing",
    "impact": "3", "urgency": "2", "needed": "none", "day": "", "time": "", "channel": "phone",
}  # fmt: skip


def text(answer: TestResponse) -> str:
    """Give what a page says, without its marks."""
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", answer.text)))


def titles(answer: TestResponse) -> list[str]:
    """List the titles of what was found."""
    cells = re.findall(r'class="row-title"><a[^>]*>(.*?)</a>', answer.text, re.DOTALL)
    return [html.unescape(re.sub(r"<[^>]+>", "", cell)) for cell in cells]


# Search


def test_a_search_shows_where_the_words_stand(desk: Desk) -> None:
    n = desk.log(title="Slow <b>network</b>", description="The router blinks")
    desk.do(commands.comment, n, "note", "Its firmware is old", by="ito", when="09:10")
    visitor = desk.visit("ito")
    page = visitor.get("/search?q=netw").text
    assert "Slow &lt;b&gt;<mark>netw</mark>ork&lt;/b&gt;" in page
    assert "Its <mark>firm</mark>ware is old" in visitor.get("/search?q=firm").text
    assert "Incidents 1" in text(visitor.get("/search?q=router"))


def test_nothing_of_the_desk_s_is_shown_to_its_requester(desk: Desk) -> None:
    """§3: neither found by, nor shown beside, what she may not read."""
    n = desk.log(title="Slow network")
    desk.do(commands.comment, n, "note", "The network is hers to break", by="ito", when="09:10")
    visitor = desk.visit("emi")
    assert titles(visitor.get("/search?q=network")) == ["Slow network"]
    assert "break" not in visitor.get("/search?q=network").text
    assert "Nothing found" in text(visitor.get("/search?q=hers"))


@pytest.mark.parametrize("said", ["INC-00000002", "inc-2", "００００００02", "00000002"])
def test_a_number_in_full_leads_straight_to_it(desk: Desk, said: str) -> None:
    desk.log()
    desk.log(by="taro")
    assert desk.visit("ito").get("/search", query_string={"q": said}).location == page_of(2)
    assert desk.visit("emi").get("/search", query_string={"q": said}).status_code == 200


def test_a_bare_number_comes_first(desk: Desk) -> None:
    desk.log(title="The first")
    desk.log(title="Room 1")
    assert titles(desk.visit("ito").get("/search?q=1")) == ["The first", "Room 1"]


def test_a_partner_searches_what_was_handed_to_it(desk: Desk) -> None:
    """§1: no search outside their hand-offs; it leads to the sheet."""
    n = desk.log(title="Line down")
    desk.log(title="Line noisy")
    desk.do(escalation.hand_off, n, "netone", note="Please look", by="ito", when="09:10")
    visitor = desk.visit("kim")
    answer = visitor.get("/search?q=line")
    assert titles(answer) == ["Line down"]
    assert f"/hand-offs/INC-{n:08d}/1" in answer.text
    assert "Endo" not in answer.text
    assert visitor.get(f"/search?q=INC-{n}").location == f"/hand-offs/INC-{n:08d}/1"
    assert desk.visit("park").get(f"/search?q=INC-{n}").status_code == 200


def test_a_partner_searches_what_was_asked_of_it(desk: Desk) -> None:
    """H6, H8: with its count; of the incident it shows the number alone."""
    n = desk.log(title="zqtitle")
    for number in range(30):
        desk.do(work.request, n, "netone", f"Cable {number}", by="ito", when="09:10")
    desk.do(work.note_ticket, n, 30, "NO-30", by="kim", when="09:20")
    kim = desk.visit("kim")
    page = kim.get("/search?q=cable")
    assert "Work requests 30" in text(page)
    assert "zqtitle" not in page.text
    of_the_desk = desk.visit("ito").get("/search?q=cable")
    assert titles(of_the_desk) == ["zqtitle"]
    assert "<mark>Cable</mark> 0" in of_the_desk.text
    last = [f"Cable {number}" for number in range(30)]
    assert titles(page) == last[:4:-1]
    address = html.unescape(re.findall(r'href="([^"]+)" rel="next"', page.text)[-1])
    assert titles(kim.get(address)) == last[4::-1]
    assert f"/work-requests/INC-{n:08d}/30" in kim.get("/search?q=NO-30").text
    assert kim.get(f"/search?q=INC-{n}").location == f"/work-requests/INC-{n:08d}/30"
    assert "Nothing found" in text(desk.visit("park").get("/search?q=cable"))
    listed = kim.get("/work-requests?q=no-3").text  # a part of the ticket is enough
    assert ("Cable 29" in listed, "Cable 28" in listed) == (True, False)


def test_a_search_goes_on_page_by_page(desk: Desk) -> None:
    for n in range(30):
        desk.log(title=f"Fault {n}")
    visitor = desk.visit("ito")
    seen: list[str] = []
    address: str | None = "/search?q=fault"
    while address:
        page = visitor.get(address)
        seen += titles(page)
        found = re.search(r'href="([^"]+)" rel="next"', page.text)
        address = html.unescape(found[1]) if found else None
    assert seen == [f"Fault {n}" for n in reversed(range(30))]


def test_a_search_can_be_narrowed_to_what_is_open(desk: Desk) -> None:
    desk.do(commands.resolve, desk.log(title="Old"), "solved", "x", by="ito", when="09:10")
    desk.log(title="New")
    visitor = desk.visit("ito")
    assert titles(visitor.get("/search?q=endo")) == ["New", "Old"]
    assert titles(visitor.get("/search?q=endo&show=open")) == ["New"]


@pytest.mark.parametrize(
    "address", ["/search", "/search?q=%00", "/search?q=%27&after=x", "/search?q=a&after=-1"]
)
@pytest.mark.parametrize("who", ["emi", "ito", "kim"])
def test_a_search_that_makes_no_sense_finds_nothing(desk: Desk, address: str, who: str) -> None:
    desk.log()
    answer = desk.visit(who).get(address)
    assert (answer.status_code, titles(answer)) == (200, [])


# A call


@pytest.mark.parametrize("said", ["endo", "Emi E", "sales endo", "0300000001", "03-0000", "emi@"])
def test_a_caller_is_found_by_what_is_known(desk: Desk, said: str) -> None:
    answer = desk.visit("ito").get("/log", query_string={"q": said})
    assert "Endo Emi" in text(answer)
    assert "Give a number" in text(answer)


def test_the_caller_s_open_incidents_stand_beside(desk: Desk) -> None:
    """A second call becomes a comment instead of a new incident."""
    n = desk.log(title="No network")
    desk.log(by="taro", title="Not hers")
    page = desk.visit("ito").get("/log?caller=emi")
    assert "No network" in page.text
    assert f"{page_of(n)}#composer" in page.text
    assert "Not hers" not in page.text


def call(desk: Desk, who: str = "ito") -> Any:
    """Give a number to Emi; gives the visitor."""
    visitor = desk.visit(who)
    answer = visitor.post("/log", caller="emi", channel="phone")
    assert (answer.status_code, answer.location) == (303, "/log/INC-00000001")
    return visitor


def test_a_call_from_its_number_to_its_end(desk: Desk) -> None:
    visitor = call(desk)
    page = visitor.get("/log/INC-00000001")
    assert "INC-00000001" in text(page)
    assert "under way" not in page.text.partition("<main")[2]
    assert "Still to be filled in" in text(visitor.get("/log"))
    kept = visitor.post("/log/INC-00000001", **REPORT | {"title": "", "service": ""}, keep="1")
    assert kept.location == "/log/INC-00000001"
    assert "Since noon" in visitor.get("/log/INC-00000001").text
    saved = visitor.post("/log/INC-00000001", **REPORT, take="1")
    assert saved.location == page_of(1)
    assert (desk.incident(1).title, desk.assignee(1)) == ("No toner", "ito")
    assert "Still to be filled in" not in text(visitor.get("/log"))


def test_a_refused_call_keeps_what_was_typed(desk: Desk) -> None:
    visitor = call(desk)
    answer = visitor.post("/log/INC-00000001", **REPORT | {"title": ""})
    assert answer.status_code == 422
    assert "Since noon" in answer.text
    answer = visitor.post("/log/INC-00000001", **REPORT | {"needed": "pick", "day": "2026-11-20"})
    assert "must lie ahead" in text(answer)
    assert 'value="No toner"' in answer.text


def test_somebody_else_s_change_meanwhile_is_not_lost(desk: Desk) -> None:
    visitor = call(desk)
    version = str(desk.incident(1).version)
    desk.do(commands.take, 1, by="sato", when="14:10")
    answer = visitor.post("/log/INC-00000001", **REPORT, version=version)
    assert answer.status_code == 409
    assert 'value="No toner"' in answer.text
    assert visitor.post("/log/INC-00000001", **REPORT, version="").status_code == 303


def test_the_same_matter_goes_on_under_its_old_number(desk: Desk) -> None:
    n = desk.log(title="No network")
    visitor = desk.visit("ito")
    visitor.post("/log", caller="emi", channel="phone")
    answer = visitor.post("/log/INC-00000002/same", of=str(n))
    assert answer.location == page_of(n) + "#composer"
    cancelled = desk.incident(2)
    assert (cancelled.state, cancelled.duplicate_of_id) == ("cancelled", desk.incident(n).id)


def test_nobody_is_logged_for_nobody(desk: Desk) -> None:
    visitor = desk.visit("ito")
    assert visitor.post("/log", caller="nobody", channel="phone").location == "/log"
    assert visitor.post("/log", caller="emi", channel="pigeon").location == "/log"
    assert desk.log() == 1


# What a service asks


@pytest.fixture
def asking(desk: Desk) -> Desk:
    """The desk, where printing asks for a room."""
    with desk.session():
        load_text(ASKING, "asking.yaml", now=at("2026-04-02 09:00"))
    return desk


def test_a_service_asks_in_a_next_step_without_scripts(asking: Desk) -> None:
    visitor = asking.visit("emi")
    step = visitor.post("/incidents/new", **REPORT)
    assert step.status_code == 200
    assert "One more step" in text(step)
    assert 'name="ask-q_room"' in step.text
    assert "Since noon" in step.text
    missing = visitor.post("/incidents/new", **REPORT, asked="printing")
    assert missing.status_code == 422
    answers = {"asked": "printing", "ask-q_room": "3F", "ask-q_copies": "2"}
    assert visitor.post("/incidents/new", **REPORT | answers).status_code == 303
    assert asking.incident(1).description == "Since noon\n\nRoom: 3F\nCopies: 2"


def test_a_service_that_was_chosen_before_asks_at_once(asking: Desk) -> None:
    page = asking.visit("emi").get("/incidents/new?service=printing")
    assert 'name="ask-q_room"' in page.text
    assert 'name="ask-q_room"' not in asking.visit("emi").get("/incidents/new").text


def test_answers_to_another_service_are_not_taken(asking: Desk) -> None:
    other = REPORT | {"service": "internet", "asked": "printing", "ask-q_room": "3F"}
    asking.visit("emi").post("/incidents/new", **other)
    assert asking.incident(1).description == "Since noon"


def test_a_call_asks_too_and_not_twice(asking: Desk) -> None:
    visitor = call(asking)
    assert "One more step" in text(visitor.post("/log/INC-00000001", **REPORT))
    answers = {"asked": "printing", "ask-q_room": "3F"}
    assert visitor.post("/log/INC-00000001", **REPORT | answers, keep="1").status_code == 303
    again = visitor.get("/log/INC-00000001")
    assert "Room: 3F" in again.text
    assert ('name="ask-q_room"' in again.text, 'name="ask-q_copies"' in again.text) == (False, True)


# Templates


def keep(desk: Desk, name: str = "New toner", **how: Any) -> int:
    draft = Draft(name, "printing", "Toner for ____", "Colour: ____", **how)
    return desk.call(add_template, draft, by="sato", when="09:00")


def test_a_template_fills_in_the_form(desk: Desk) -> None:
    id = keep(desk)
    assert "New toner" in text(desk.visit("emi").get("/home"))
    page = desk.visit("emi").get(f"/incidents/new?template={id}")
    for shown in ('value="Toner for ____"', "Colour: ____", '<option selected value="printing">'):
        assert shown in page.text


def test_a_template_leaves_what_was_typed(desk: Desk) -> None:
    id = keep(desk)
    said = REPORT | {"service": "internet", "template": str(id)}
    page = desk.visit("emi").post("/incidents/new", **said)
    assert 'value="No toner"' in page.text
    assert re.search(r"Since noon\s+Colour: ____", page.text)
    assert desk.log() == 1


def test_a_template_begins_a_call_too(desk: Desk) -> None:
    id = keep(desk, desk_only=True)
    page = call(desk).post("/log/INC-00000001", **REPORT | {"title": "", "template": str(id)})
    assert 'value="Toner for ____"' in page.text


def test_what_is_the_desk_s_alone_is_not_offered_to_others(desk: Desk) -> None:
    id = keep(desk, "For the desk", desk_only=True)
    page = desk.visit("emi").get(f"/incidents/new?template={id}")
    assert "For the desk" not in page.text
    assert "Toner for" not in page.text
    assert "For the desk" in desk.visit("ito").get("/incidents/new").text


def test_templates_are_kept_on_their_pages(desk: Desk) -> None:
    visitor = desk.visit("ito")
    assert "No templates yet" in text(visitor.get("/templates"))
    said = {
        "name": "New toner", "service": "printing", "type": "request", "title": "Toner",
        "description": "", "impact": "3", "urgency": "3", "audience": "everybody", "place": "5",
    }  # fmt: skip
    assert visitor.post("/templates/new", **said | {"name": ""}).status_code == 422
    assert visitor.post("/templates/new", **said).location == "/templates"
    assert 'value="New toner"' in visitor.get("/templates/1").text
    changed = said | {"name": "Fresh toner", "version": "1"}
    assert visitor.post("/templates/1", **changed).status_code == 303
    assert visitor.post("/templates/1", **changed).status_code == 409
    assert "Fresh toner" in text(visitor.get("/templates"))


def test_a_retired_template_is_offered_no_more(desk: Desk) -> None:
    id = keep(desk)
    visitor = desk.visit("ito")
    visitor.post(f"/templates/{id}/retire")
    assert "Out of use" in text(visitor.get("/templates"))
    assert "New toner" not in text(desk.visit("emi").get("/home"))
    visitor.post(f"/templates/{id}/restore")
    assert "New toner" in text(desk.visit("emi").get("/home"))
    with desk.session() as session:
        assert session.scalars(sa.select(Template.version)).one() == 3


def test_templates_stand_in_their_order(desk: Desk) -> None:
    for name, place in (("Last", 9), ("First", 1), ("Middle", 5)):
        keep(desk, name, place=place)
    said = text(desk.visit("emi").get("/home"))
    assert said.index("First") < said.index("Middle") < said.index("Last")
