"""The pages of major incidents: what they show, to whom, and what they do."""

from __future__ import annotations

import pytest

from servicedesk.incidents import commands
from servicedesk.incidents.models import MajorIncident
from servicedesk.major import commands as major
from tests.cast import Desk, Visitor, page_of
from tests.escalation.ruled import sweep
from tests.major.played import (
    HEADLINE,
    REASON,
    add_many,
    confirm,
    link,
    propose,
    row_of,
    running,
)
from tests.support.statements import counted

pytestmark = [pytest.mark.backends("sqlite"), pytest.mark.usefixtures("clock")]
SECRET = "Secret plan of the board"


def of(number: int, *more: str) -> str:
    return "/".join(["/major", f"INC-{number:08d}", *more])


def test_an_incident_is_proposed_decided_and_updated_on_pages(desk: Desk) -> None:
    number = desk.log(when="09:00")
    ito, sato = desk.visit("ito"), desk.visit("sato")
    assert "Not proposed as one." in ito.get(page_of(number)).text
    assert ito.post(of(number, "propose"), reason="").status_code == 422
    assert ito.post(of(number, "propose"), reason=REASON).status_code == 303
    page = sato.get(page_of(number)).text
    assert "proposes it as a major incident" in page
    assert REASON in page
    n = str(desk.story(number).majors[-1].n)
    said = {"n": n, "headline": HEADLINE, "coordinator": str(desk.id("ito")), "minutes": "30"}
    assert sato.post(of(number, "confirm"), **said | {"minutes": "3"}).status_code == 422
    assert sato.post(of(number, "confirm"), **said | {"headline": " "}).status_code == 422
    assert sato.post(of(number, "confirm"), **said).status_code == 303
    assert ito.post(of(number, "update"), body="On it", minutes="60").status_code == 303
    assert row_of(desk, number).every_seconds == 3600
    assert sato.post(of(number, "coordinate"), coordinator=str(desk.id("abe"))).status_code == 303
    assert sato.post(of(number, "stand-down"), body="Over").status_code == 303
    assert row_of(desk, number).state == "over"


def test_the_headline_begins_empty(desk: Desk) -> None:
    """§9: the title is not offered as what everybody reads."""
    number, _n = propose(desk, title=SECRET)
    page = desk.visit("sato").get(of(number, "confirm")).text
    assert 'name="headline" required type="text" value=""' in page
    assert "The title of the incident stays private." in page


def test_a_proposal_is_refused_with_a_reason(desk: Desk) -> None:
    number, n = propose(desk)
    sato = desk.visit("sato")
    assert sato.post(of(number, "refuse"), n=str(n), reason=" ").status_code == 422
    assert sato.post(of(number, "refuse"), n=str(n), reason="One printer").status_code == 303
    assert sato.post(of(number, "refuse"), n=str(n), reason="Again").status_code == 409


def test_what_was_proposed_anew_is_not_decided_by_an_old_form(desk: Desk) -> None:
    number, n = propose(desk)
    desk.do(major.refuse, number, n, "No", by="sato", when="09:12")
    desk.do(major.propose, number, "Now it is", by="ito", when="09:13")
    answer = desk.visit("ueda").post(of(number, "refuse"), n=str(n), reason="One printer")
    assert answer.status_code == 422
    assert row_of(desk, number).state == "proposed"


def test_only_who_may_decide_is_offered_it(desk: Desk) -> None:
    number, _n = propose(desk)
    assert of(number, "confirm") not in desk.visit("ito").get(page_of(number)).text
    assert of(number, "confirm") in desk.visit("ueda").get(page_of(number)).text
    assert desk.visit("ito").get(of(number, "confirm")).status_code == 403


def test_the_bar_says_when_news_is_due_or_overdue(desk: Desk) -> None:
    number = running(desk)
    page = desk.visit("ito").get(page_of(number)).text  # at 14:05
    assert "Update overdue for 4 h 15" in page
    sweep(desk, "14:04")
    assert "Update overdue" in desk.visit("ito").get(page_of(number)).text
    desk.do(major.update, number, "On it", by="ito", when="14:00")
    assert "Next update in 25 min" in desk.visit("ito").get(page_of(number)).text


def test_the_list_shows_what_goes_on_waits_and_is_over(desk: Desk) -> None:
    running(desk)
    waiting, _n = propose(desk, title="Phones dead")
    past, n = propose(desk)
    confirm(desk, past, n, headline="Printing disturbed")
    desk.do(major.stand_down, past, "Over", by="sato", when="10:00")
    page = desk.visit("ito").get("/major").text
    places = [page.index(one) for one in (HEADLINE, "Phones dead", "Printing disturbed")]
    assert places == sorted(places)
    assert "review to be written" in page
    assert "Major incidents (2)" in page
    assert of(waiting, "confirm") not in page


def test_the_list_is_read_page_by_page(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("servicedesk.major.queries.PAGE", 2)
    for name in ("one", "two", "three"):
        number, n = propose(desk)
        confirm(desk, number, n, headline=f"Disturbed {name}")
        desk.do(major.stand_down, number, "Over", by="sato", when="10:00")
    visitor = desk.visit("ito")
    first = visitor.get("/major").text
    assert "Disturbed one" not in first
    following = first.split('rel="next"')[0].rpartition('href="')[2].partition('"')[0]
    second = visitor.get(following.replace("&amp;", "&")).text
    assert "Disturbed one" in second
    assert "Disturbed two" not in second


def test_the_room_shows_who_is_concerned(desk: Desk) -> None:
    number = running(desk, title=SECRET)
    link(desk, number, title="No mail")
    desk.call(major.me_too, number, by="mori", when="09:30")
    page = desk.visit("ueda").get(of(number)).text
    for words in (HEADLINE, "No mail", "People by department", "Sales", "coordinates"):
        assert words in page
    assert "of these said “me too”</dt><dd>1</dd>" in page
    assert desk.visit("emi").get(of(number)).status_code == 404


def test_the_room_offers_what_can_be_done_then(desk: Desk) -> None:
    number = running(desk)
    acts = [of(number, act) for act in ("update", "link", "coordinate", "stand-down")]
    page = desk.visit("ueda").get(of(number)).text
    assert [act in page for act in acts] == [True] * 4
    desk.do(major.stand_down, number, "Over", by="sato", when="10:00")
    page = desk.visit("ueda").get(of(number)).text
    assert [act in page for act in acts] == [False] * 4
    assert of(number, "review") in page


def test_pages_ask_no_more_for_many_that_belong_to_it(desk: Desk) -> None:
    """The number of questions to the database does not depend on what is linked."""
    number = running(desk)
    other = link(desk, number)
    places = {"ito": (of(number), page_of(number), "/major"), "taro": ("/home", page_of(other))}
    visits = [(desk.visit(who), path) for who, paths in places.items() for path in paths]
    for visitor, path in visits:
        visitor.get(path)  # what is noted at a first visit is noted now
    before = [asked(desk, visitor, path) for visitor, path in visits]
    add_many(desk, number, 200)
    assert [asked(desk, visitor, path) for visitor, path in visits] == before


def asked(desk: Desk, visitor: Visitor, path: str) -> int:
    """Count what a page asks the database."""
    with counted(desk) as sent:
        assert visitor.get(path).status_code == 200
    return len(sent)


def test_what_is_refused_or_only_proposed_has_no_room(desk: Desk) -> None:
    number, _n = propose(desk)
    assert desk.visit("ito").get(of(number)).status_code == 404


# What belongs to it


def test_several_are_linked_at_once_by_box_and_by_number(desk: Desk) -> None:
    number = running(desk)
    one, two = desk.log(by="taro", title="No mail"), desk.log(by="taro", title="No web")
    desk.log(by="taro", service="printing", title="Toner")
    visitor = desk.visit("ito")
    page = visitor.get(of(number, "link")).text
    assert "No mail" in page
    assert "Toner" not in page  # of another service
    said = {"chosen": f"INC-{one:08d}", "numbers": f" {two} "}
    answer = visitor.post(of(number, "link"), **said)
    assert answer.status_code == 303
    assert [desk.incident(n).major_id for n in (one, two)] == [desk.incident(number).id] * 2
    assert "No mail" not in visitor.get(of(number, "link")).text


@pytest.mark.parametrize("typed", ["", "what", "INC-"])
def test_what_is_no_number_is_said_so(desk: Desk, typed: str) -> None:
    number = running(desk)
    answer = desk.visit("ito").post(of(number, "link"), numbers=typed)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text


def test_one_that_cannot_be_linked_is_named_and_stops_no_other(desk: Desk) -> None:
    number, one = running(desk), desk.log(by="taro", title="No mail")
    visitor = desk.visit("ito")
    numbers = f"{number}, 99, {one}"
    shown = visitor.client.post(
        of(number, "link"),
        data={"csrf_token": _token(visitor), "numbers": numbers},
        follow_redirects=True,
    ).text
    assert "1 incident is linked." in shown
    assert "INC-00000099: There is no such incident" in shown
    assert desk.incident(one).major_id


def _token(visitor: object) -> str:
    visitor.post("/preferences", theme="auto")  # type: ignore[attr-defined]
    return str(visitor.token)  # type: ignore[attr-defined]


def test_similar_ones_are_searched(desk: Desk) -> None:
    number = running(desk)
    desk.log(by="taro", title="No mail since nine")
    desk.log(by="taro", title="Web is slow")
    page = desk.visit("ito").get(of(number, "link") + "?q=mail").text
    assert "No mail since nine" in page
    assert "Web is slow" not in page


def test_a_linked_one_says_what_it_belongs_to(desk: Desk) -> None:
    number = running(desk, title=SECRET)
    other = link(desk, number)
    page = desk.visit("ito").get(page_of(other)).text
    assert f"INC-{number:08d}</a>: {HEADLINE}" in page
    desk.visit("ito").post(of(other, "unlink"))
    assert desk.incident(other).major_id is None


def test_of_a_confidential_one_a_linked_one_says_only_the_number(desk: Desk) -> None:
    """§9: others see number and figures, never title or text."""
    number = running(desk, confidential=True)
    other = link(desk, number)
    page = desk.visit("ueda").get(page_of(other)).text
    assert f"INC-{number:08d}" in page
    assert HEADLINE not in page
    assert desk.visit("ueda").get(of(number)).status_code == 404
    assert HEADLINE not in desk.visit("ueda").get("/major").text


# Everybody


def test_everybody_knows_of_a_disturbance_and_can_say_me_too(desk: Desk) -> None:
    number = running(desk, title=SECRET)
    desk.do(major.update, number, "A switch is replaced", by="ito", when="09:40")
    taro = desk.visit("taro")
    for path in ("/home", "/incidents/new"):
        page = taro.get(path).text
        assert HEADLINE in page
        assert "A switch is replaced" in page
        assert SECRET not in page
        assert of(number, "me-too") in page
    answer = taro.post(of(number, "me-too"))
    assert answer.status_code == 303
    own = taro.get(answer.location).text
    assert "Part of a disturbance" in own
    assert "A switch is replaced" in own
    assert SECRET not in own
    assert REASON not in own
    assert of(number, "me-too") not in taro.get("/home").text


def test_what_is_over_solved_or_confidential_is_nobodys_disturbance(desk: Desk) -> None:
    """§9: nothing of a confidential one; and no old news."""
    over, solved, hidden = running(desk), running(desk), running(desk, confidential=True)
    desk.do(major.stand_down, over, "Over", by="sato", when="10:00")
    desk.do(commands.resolve, solved, "solved", "Replaced", by="ito", when="10:00")
    taro = desk.visit("taro")
    assert HEADLINE not in taro.get("/home").text
    for number in (over, solved, hidden):
        assert taro.post(of(number, "me-too")).status_code == 404


def test_partners_know_nothing_of_it(desk: Desk) -> None:
    """§9, H8: nothing but their hand-offs."""
    number = running(desk)
    kim = desk.visit("kim")
    for path in ("/major", of(number), of(number, "review"), of(number, "link")):
        assert kim.get(path).status_code == 404
    assert kim.post(of(number, "me-too")).status_code == 404
    assert HEADLINE not in kim.get("/inbox").text


def test_its_own_requester_reads_headline_and_updates(desk: Desk) -> None:
    number = running(desk)
    desk.do(major.update, number, "A switch is replaced", by="ito", when="09:40")
    page = desk.visit("emi").get(page_of(number)).text
    assert HEADLINE in page
    assert "A switch is replaced" in page
    assert REASON not in page


def test_the_rows_of_an_old_proposal_stay(desk: Desk) -> None:
    number, n = propose(desk)
    desk.do(major.refuse, number, n, "No", by="sato", when="09:12")
    desk.do(major.propose, number, "Now it is", by="ito", when="09:13")
    assert [row.decision for row in desk.rows(MajorIncident, number)] == ["No", ""]
