"""The pages of scores: what leads where, who sees which, and nothing of another company."""

from __future__ import annotations

import csv
import io
import re

import pytest
import sqlalchemy as sa

from servicedesk.escalation import commands
from servicedesk.escalation.work import commands as work_requests
from servicedesk.incidents import commands as incidents
from servicedesk.incidents.models import label
from servicedesk.partners.score import handed
from servicedesk.reports import shelf
from tests.cast import Desk, at
from tests.support.clock import Clock

pytestmark = pytest.mark.usefixtures("clock", "empty_shelf")
NOVEMBER = "period=2026-11"


@pytest.fixture
def empty_shelf() -> None:
    """Databases come and go under the same address."""
    shelf.clear()


@pytest.fixture
def told(desk: Desk) -> Desk:
    """One answered, one sent back, one open and late with NetOne; one open with PrintCo."""
    for title in ("zqanswered", "zqback", "zqopen"):
        n = desk.log(title=title, when="08:50")
        desk.do(commands.hand_off, n, "netone", by="ito", when="09:00", note="Please look")
    desk.do(commands.accept, 1, 1, by="kim", when="09:10")
    desk.do(commands.answer, 1, 1, "Done", by="kim", when="11:00")
    desk.do(commands.send_back, 2, 1, "Not ours", by="kim", when="10:00")
    n = desk.log(title="zqprint", when="08:50", service="printing")
    desk.do(commands.hand_off, n, "printco", by="ito", when="09:00", note="Please look")
    desk.do(work_requests.request, n, "netone", "zqwork", by="ito", when="09:30")
    return desk


def text_of(desk: Desk, who: str, path: str) -> str:
    answer = desk.visit(who).get(path)
    assert answer.status_code == 200, (path, answer.status_code)
    return answer.text


def links(page: str, part: str) -> list[str]:
    return [x.replace("&amp;", "&") for x in re.findall(r'href="([^"]+)"', page) if part in x]


@pytest.mark.backends("sqlite")
def test_companies_stand_side_by_side(told: Desk) -> None:
    """H2: headline figures of every company, for who sees the board."""
    page = text_of(told, "ueda", f"/partners?{NOVEMBER}")
    assert "NetOne Inc." in page
    assert "PrintCo Ltd." in page
    assert told.visit("emi").get("/partners").status_code == 404
    assert told.visit("kim").get("/partners").status_code == 404


def test_every_number_leads_to_its_list(told: Desk) -> None:
    """F7: each link of a score opens, and a count's list is as long as it says."""
    page = text_of(told, "ueda", f"/partners/netone?{NOVEMBER}")
    found = set(links(page, "/partners/netone/"))
    assert len(found) > 15
    for path in found:
        text_of(told, "ueda", path)
    listed = text_of(told, "ueda", f"/partners/netone/figures/partner.sent?{NOVEMBER}")
    assert listed.count('<th scope="row">') == 3
    back = text_of(told, "ueda", f"/partners/netone/figures/partner.sent_back?{NOVEMBER}")
    assert "zqback" in back
    assert "zqopen" not in back
    assert told.visit("ueda").get("/partners/netone/figures/nothing").status_code == 404


def test_open_and_overdue_are_of_now(told: Desk) -> None:
    """H2, C10: not accepted within the hour that the contract gives."""
    with told.session() as session:
        ref = told.ref("netone")
        early = handed.held(session, [ref], at("09:30"))[ref]
        late = handed.held(session, [ref], at("14:05"))[ref]
    assert (early.open, early.overdue) == (1, 0)
    assert (late.open, late.overdue, late.requests) == (1, 1, 1)
    assert "zqopen" in text_of(told, "ito", "/partners/netone/hand-offs?box=overdue")
    assert "zqanswered" not in text_of(told, "ito", "/partners/netone/hand-offs")


def test_a_list_of_handoffs_goes_page_by_page_and_as_a_file(told: Desk) -> None:
    setup, ref = told.setup(), told.ref("netone")
    asked = handed.Asked("all", sort="sent")
    with told.session() as session:
        seen, after = [], None
        while True:
            page = handed.page(session, setup, ref, asked, at("14:05"), after, size=2)
            seen += [row.incident.number for row in page.rows]
            if (after := page.next) is None:
                break
    assert (sorted(seen), page.total) == ([1, 2, 3], 3)
    file = told.visit("ito").get("/partners/netone/hand-offs.csv?box=all")
    rows = list(csv.DictReader(io.StringIO(file.text.removeprefix("\ufeff"))))
    assert {row["number"]: row["state"] for row in rows} == {
        label(1): "answered", label(2): "sent_back", label(3): "sent",
    }  # fmt: skip


@pytest.mark.parametrize("query", ["box=all&priority=P3", "box=all&sent_from=2026-11-26"])
def test_a_list_can_be_narrowed(told: Desk, query: str) -> None:
    assert "zqback" in text_of(told, "ito", f"/partners/netone/hand-offs?{query}")
    other = query.replace("P3", "P1").replace("11-26", "11-27")
    assert "zqback" not in text_of(told, "ito", f"/partners/netone/hand-offs?{other}")


@pytest.mark.backends("sqlite")
@pytest.mark.parametrize("query", ["box=x&sort=y&priority=z", "sent_from=1&after=%%%", "after=e30"])
def test_an_address_that_makes_no_sense_shows_the_usual(told: Desk, query: str) -> None:
    assert "zqopen" in text_of(told, "ito", f"/partners/netone/hand-offs?{query}")
    assert "NetOne" in text_of(told, "ito", f"/partners/netone?period=9&{query}")


def test_a_company_sees_its_own_score_and_nothing_of_another(told: Desk) -> None:
    """H8, §9: no number, title, name or figure of what was not handed to it."""
    for path in own_pages(text_of(told, "kim", f"/inbox/score?{NOVEMBER}")):
        page = text_of(told, "kim", path)
        assert "zqprint" not in page
        assert "PrintCo" not in page
    park = text_of(told, "park", f"/inbox/score?{NOVEMBER}")
    for path in own_pages(park):
        page = text_of(told, "park", path)
        assert not re.search("zqanswered|zqback|zqopen|zqwork|NetOne", page), path
    for path in ("/inbox/score?company=netone", "/inbox/score/partner.sent?company=netone"):
        assert told.visit("park").get(path).status_code == 404


def own_pages(page: str) -> set[str]:
    return {f"/inbox/score?{NOVEMBER}", *links(page, "/inbox/score")}


@pytest.mark.backends("sqlite")
def test_of_a_work_request_a_company_sees_its_title_and_not_the_incidents(told: Desk) -> None:
    """H6, H8: the incident stays with another party."""
    listed = text_of(told, "kim", f"/inbox/score/partner.requests?{NOVEMBER}")
    assert "zqwork" in listed
    assert "zqprint" not in listed


@pytest.mark.backends("sqlite")
def test_titles_of_what_is_confidential_are_not_told(desk: Desk) -> None:
    """§9: others see number and figures, never the title."""
    n = desk.log(title="zqsecret", when="08:50", confidential=True)
    desk.do(commands.hand_off, n, "netone", by="ito", when="09:00", note="Please look")
    paths = ("", "/hand-offs?box=all", f"/figures/partner.sent?{NOVEMBER}")
    for path in paths:
        page = text_of(desk, "ueda", f"/partners/netone{path}")
        assert "zqsecret" not in page
        assert label(n) in page
    assert "zqsecret" in text_of(desk, "kim", f"/inbox/score/partner.sent?{NOVEMBER}")


@pytest.mark.backends("sqlite")
def test_an_empty_desk_and_a_period_ahead_are_said(desk: Desk) -> None:
    """F5: nothing to count is no 0 %."""
    page = text_of(desk, "ueda", "/partners/netone")
    assert "0.0 %" not in page
    assert "Nothing is open" in page
    assert "has not begun" in text_of(desk, "ueda", "/partners/netone?period=2027-03")


@pytest.mark.backends("sqlite")
def test_the_number_of_queries_does_not_depend_on_how_many_there_are(told: Desk) -> None:
    paths = ("/partners", "/partners/netone", "/partners/netone/hand-offs?box=all")
    before = [queries_of(told, path) for path in paths]
    for _more in range(5):
        n = told.log(when="09:00")
        told.do(commands.hand_off, n, "netone", by="ito", when="09:05", note="Please look")
    assert [queries_of(told, path) for path in paths] == before


def queries_of(desk: Desk, path: str) -> int:
    shelf.clear()
    visitor, found = desk.visit("ueda"), list[str]()
    visitor.get(path)
    shelf.clear()
    with desk.session() as session:
        engine = session.get_bind()
        sa.event.listen(engine, "before_cursor_execute", lambda *it: found.append(it[2]))
        visitor.get(path)
        return len(found)


@pytest.mark.backends("sqlite")
def test_what_ended_and_was_kept_is_read_again_when_it_changes(told: Desk) -> None:
    """C6: by the hash of its last event, which is another one then."""
    told.do(incidents.resolve, 1, "solved", "Fixed", by="ito", when="12:00")
    path = f"/partners/netone/figures/partner.sent?{NOVEMBER}"
    assert text_of(told, "ueda", path).count('<th scope="row">') == 3
    told.do(incidents.reopen, 1, by="emi", when="12:30", text="Again")
    told.do(commands.hand_off, 1, "netone", by="ito", when="13:00", note="Please look")
    assert text_of(told, "ueda", path).count('<th scope="row">') == 4


@pytest.mark.backends("sqlite")
def test_resolving_recalls_what_the_company_has(told: Desk, clock: Clock) -> None:
    """H2: a partner's open hand-off ends as recalled when the desk resolves."""
    told.do(incidents.resolve, 3, "solved", "Fixed", by="ito", when="13:00")
    page = text_of(told, "ueda", f"/partners/netone/figures/partner.recalled?{NOVEMBER}")
    assert "zqopen" in page
