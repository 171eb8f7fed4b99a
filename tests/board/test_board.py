"""The board: every number leads to exactly its incidents, and no title to who may not read it."""

from __future__ import annotations

import re
from random import Random

import pytest
import sqlalchemy as sa

from servicedesk.board import between, queries
from servicedesk.board.between import Waiting
from servicedesk.board.queries import Held
from servicedesk.escalation.commands import hand_off
from servicedesk.incidents import commands
from servicedesk.incidents.acts import Due
from servicedesk.incidents.queries import Reader
from servicedesk.people.models import Person
from servicedesk.setup.snapshot import directory
from tests.board.pages import links, numbered, rows
from tests.board.played import Play
from tests.cast import Desk, at, marks
from tests.incidents.test_queries import cost
from tests.support.clock import Clock

sqlite = pytest.mark.backends("sqlite")


def played(desk: Desk, clock: Clock, seed: int, weeks: int = 4) -> Play:
    """Play some weeks up to the instant of the page."""
    play = Play(desk, Random(seed), at("2026-11-26 14:05"))
    play.now = at("2026-10-28 09:00") if weeks == 4 else at("2026-11-20 09:00")
    play.go_on(at("2026-11-26 14:05"))
    if weeks == 4:
        due_this_afternoon(desk)
    clock.now = play.now
    return play


def due_this_afternoon(desk: Desk) -> None:
    """Leave something that is due soon with everybody, and something that came back."""
    for to in ("", "network", "netone", "printco", "requester", "back"):
        n = desk.log(when="13:30", wish=Due(at=at("17:00")), impact=3, urgency=3)
        desk.do(commands.take, n, by="ito", when="13:35")
        if to == "requester":
            desk.do(commands.hold, n, to, by="ito", when="13:40", question="Which room?")
        elif to == "back":
            desk.do(hand_off, n, "network", note="Please look", by="ito", when="13:40")
            desk.do(hand_off, n, "desk", note="Please look", by="abe", when="13:50")
        elif to:
            desk.do(hand_off, n, to, note="Please look", by="ito", when="14:00")


@sqlite
@pytest.mark.parametrize(("seed", "who"), [(1, "ueda"), (2, "sato"), (3, "abe")])
def test_every_number_leads_to_exactly_its_incidents(
    desk: Desk, clock: Clock, seed: int, who: str
) -> None:
    """F7; §9: a confidential one counts, and the list says how many it does not show."""
    follow_every_number(desk, clock, seed, who)


@pytest.mark.backends("postgresql")
def test_so_does_every_number_on_postgresql(desk: Desk, clock: Clock) -> None:
    """F7: the same queries, in the other database's words."""
    follow_every_number(desk, clock, 1, "ueda")


def follow_every_number(desk: Desk, clock: Clock, seed: int, who: str) -> None:
    play = played(desk, clock, seed)
    visitor = desk.visit(who)
    pages = (
        "/board", "/group/desk", "/group/network", "/morning", "/morning?group=network",
        "/board/flow", "/board/flow?period=2026-10..2026-11",
    )  # fmt: skip
    found: dict[str, int] = {}
    for page in pages:
        said = numbered(visitor.get(page).text)
        assert said, page
        found |= said
    assert len(found) > 25
    assert {address: rows(visitor, address) for address in found} == found, "\n".join(play.done)


def test_who_holds_what_adds_up_to_what_is_open(desk: Desk, clock: Clock) -> None:
    """H1: exactly one party holds each."""
    played(desk, clock, 5)
    with desk.session() as session:
        person = session.scalars(sa.select(Person).where(Person.key == "ueda")).one()
        reader = Reader(person, directory(session), clock.now)
        held = queries.held(session, reader)
        waits = between.waiting(session, reader)
        rows = between.rows(reader, held, waits)
    whole = sum(held.values(), Held())
    columns = [row for row in rows if row.kind != "group"]
    assert sum((row.held for row in columns), Held()) == whole
    assert sum((row.waiting for row in columns), Waiting()) == sum(waits.values(), Waiting())
    assert whole.count > 5
    assert [row.key for row in columns] == ["1", "2", "netone", "printco", "requester"]
    assert {row.party.ref: row.held for row in rows if row.party and row.has_anything} == {
        ref: mine for ref, mine in held.items() if ref != "requester"
    }


@sqlite
def test_a_confidential_one_counts_and_its_title_is_not_told(desk: Desk, clock: Clock) -> None:
    """§9: others, managers too, see number and figures, never title or text."""
    desk.log(service="payroll", title="zqsalary", impact=1, urgency=1, wish=Due(at=at("Fri 09:00")))
    desk.do(commands.hold, 1, "requester", by="ito", when="09:30", question="Which month?")
    desk.log(service="payroll", title="zqbonus", wish=Due(at=at("09:30")))
    desk.do(hand_off, 2, "network", note="Please look", by="ito", when="09:40")
    pages = ["/board", "/morning", "/group/desk", "/group/network"]
    pages += [
        "/board/wishes",
        "/board/hand-offs",
        "/incidents?view=all",
        "/incidents?view=doubtful",
    ]
    for who in ("ueda", "ito"):
        visitor = desk.visit(who)
        texts = {page: visitor.get(page).text for page in pages}
        told = {page for page, text in texts.items() if marks(text)}
        assert told == (set() if who == "ueda" else set(pages)), who
        assert all("INC-0000000" in texts[page] for page in pages[:4])
        assert who == "ito" or all("Endo" not in text for text in texts.values())
        assert numbered(texts["/board"])["/incidents?view=all"] == 2
    seen = desk.visit("ueda").get("/incidents?view=all").text
    assert "2 confidential ones not shown" in seen
    assert "confidential" not in desk.visit("ueda").get("/incidents?view=all&q=zqsalary").text


@sqlite
def test_who_may_read_a_confidential_one_gets_to_it(desk: Desk, clock: Clock) -> None:
    desk.log(service="payroll", title="zqsalary", wish=Due(at=at("Fri 09:00")))
    hrefs = [link.href for link in links(desk.visit("ito").get("/board").text)]
    assert any(href.startswith("/incidents/INC-00000001?") for href in hrefs)
    hrefs = [link.href for link in links(desk.visit("ueda").get("/board").text)]
    assert not any(href.startswith("/incidents/INC-") for href in hrefs)


@sqlite
def test_what_will_probably_be_missed_says_why(desk: Desk, clock: Clock) -> None:
    wish = Due(at=at("Fri 17:00"))
    for title in ("zqhold", "zqsent", "zqnobody", "zqtarget", "zqgood", "zqlater"):
        desk.log(title=title, wish=Due(at=at("2026-12-03 17:00")) if title == "zqlater" else wish)
    for n in (1, 2, 4, 5, 6):
        desk.do(commands.comment, n, "reply", "We look at it", by="ito", when="09:10")
        desk.do(commands.take, n, by="ito", when="09:20")
    desk.do(commands.hold, 1, "requester", by="ito", when="09:30", question="Which room?")
    desk.do(hand_off, 2, "netone", note="Please look", by="ito", when="09:30")
    desk.do(commands.comment, 3, "reply", "We look at it", by="ito", when="09:30")
    desk.log(title="zqweekend", wish=Due(day=at("Sun 09:00").date()))
    page = desk.visit("ueda").get("/board").text
    why = dict(
        re.findall(r"(?s)>(zq\w+)</a>\s*<p class=\"meta\">[^<]*? · [^·<]*? · ([^<]*)</p>", page)
    )
    assert why == {
        "zqhold": "on hold",
        "zqsent": "not accepted yet · past its next target",
        "zqnobody": "nobody works on it",
        "zqweekend": "nobody works on it · past its next target",
    }


@sqlite
def test_an_empty_desk_has_an_empty_board(desk: Desk, clock: Clock) -> None:
    """Screens: every list has an empty state; F5: no share of nothing."""
    page = desk.visit("ueda").get("/board").text
    assert "No wish has fallen due this month" in page
    assert "Nothing is in doubt" in page
    assert "Nothing was handed off this month" in page
    assert "Nothing is open" in page
    assert "vs last week" not in page
    assert numbered(page) == {
        "/incidents?view=all": 0, "/incidents?view=long": 0, "/incidents?view=urgent": 0,
        "/incidents?view=at-risk": 0, "/incidents?view=overdue": 0,
    }  # fmt: skip


@sqlite
def test_numbers_are_compared_with_last_week_and_last_month(desk: Desk, clock: Clock) -> None:
    desk.log(when="2026-10-20 09:00")
    desk.log(when="2026-10-29 14:00")
    desk.do(commands.resolve, 2, "solved", "Plugged in", by="ito", when="2026-11-23 10:00")
    desk.log(when="2026-11-24 10:00", impact=1, urgency=1)
    page = re.sub(r"<svg.*?</svg>", "", desk.visit("ueda").get("/board").text, flags=re.DOTALL)
    said = re.findall(r"compare-(\w+)\"><b>(\S+)</b> ([^<]+)<", page)
    assert said == [
        ("same", "±0", "vs last week"), ("worse", "+1", "vs last month"),  # open
        ("same", "±0", "vs last week"), ("worse", "+1", "vs last month"),  # long-running
        ("worse", "+1", "vs last week"), ("worse", "+1", "vs last month"),  # most urgent
        ("same", "±0", "overdue, vs last week"), ("worse", "+1", "overdue, vs last month"),
    ]  # fmt: skip


PAGES = [
    "/board", "/board/wishes", "/board/hand-offs", "/board/flow", "/board/work-requests",
    "/board/stays?holder=desk", "/group/desk", "/morning",
]  # fmt: skip


@sqlite
def test_a_page_costs_the_same_whatever_it_shows(desk: Desk, clock: Clock) -> None:
    """The number of queries does not grow with the rows."""
    desk.log(when="2026-10-01 09:00")  # so that there is a past to compare with
    play = played(desk, clock, 7, weeks=1)
    few = {address: cost(desk, "ueda", address) for address in PAGES}
    play.go_on(at("2026-12-09 14:05"))
    clock.now = play.now
    many = {address: cost(desk, "ueda", address) for address in PAGES}
    assert {address: n for address, n in many.items() if n > few[address]} == {}
    assert max(few.values()) <= 42


@sqlite
def test_pages_of_the_board_need_no_script_and_no_role_of_another(desk: Desk) -> None:
    """§9: agents, leads and managers see who holds what; nobody else."""
    for who, status in (("ito", 200), ("abe", 200), ("ueda", 200), ("emi", 404), ("kim", 404)):
        assert desk.visit(who).get("/board").status_code == status
        assert desk.visit(who).get("/morning").status_code == status
    assert desk.visit("ueda").get("/group/netone").status_code == 404
    assert desk.visit("ueda").get("/group/nothing").status_code == 404
    assert desk.visit("ueda").get("/morning?group=nothing").status_code == 404
    names = list(re.findall(r'<li><a href="([^"]+)"', desk.visit("abe").get("/board").text))
    assert "/group" in names
    assert desk.visit("abe").get("/group").location == "/group/network"
    assert desk.visit("ueda").get("/group").location == "/board"
