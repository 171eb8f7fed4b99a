"""The morning page and a group's page."""

from __future__ import annotations

import re

import pytest

from servicedesk.escalation import commands as escalation
from servicedesk.escalation.commands import hand_off
from servicedesk.incidents import commands
from servicedesk.incidents.acts import Due
from tests.cast import Desk, Visitor, at
from tests.support.clock import Clock

pytestmark = pytest.mark.backends("sqlite")


def sections(visitor: Visitor, address: str = "/morning") -> dict[str, list[str]]:
    """Give the titles in each section of the page."""
    page = visitor.get(address).text
    parts = re.split(
        r'<section class="panel panel-flush morning-section" aria-labelledby="at-', page
    )
    return {part[: part.index('"')]: re.findall(r">(zq\w+)</a>", part) for part in parts[1:]}


@pytest.fixture
def morning(desk: Desk, clock: Clock) -> Desk:
    """Monday morning at nine, after a weekend."""
    clock.now = at("Mon 09:00")
    desk.log(
        when="09:00", title="zqtoday", wish=Due(day=at("Mon 09:00").date()), impact=3, urgency=3
    )
    desk.do(commands.comment, 1, "reply", "We look at it", by="ito", when="09:05")
    desk.do(hand_off, 1, "printco", note="Please look", by="ito", when="Fri 17:30")
    desk.do(escalation.accept, 1, 1, by="park", when="Fri 17:40")
    desk.log(when="Fri 09:00", title="zqlate", wish=Due(at=at("Fri 17:00")))
    desk.log(when="Fri 09:00", title="zqback", impact=3, urgency=3)
    desk.do(commands.comment, 3, "reply", "We look at it", by="ito", when="Fri 09:05")
    desk.do(hand_off, 3, "network", note="Please look", by="ito", when="Fri 09:10")
    desk.do(escalation.send_back, 3, 1, "Not ours", by="abe", when="Fri 09:20")
    desk.log(when="Fri 15:00", title="zqsent", impact=3, urgency=3)
    desk.do(commands.comment, 4, "reply", "We look at it", by="ito", when="Fri 15:05")
    desk.do(hand_off, 4, "printco", note="Please look", by="ito", when="Fri 15:10")
    desk.log(when="Sun 20:00", title="zqnew")
    return desk


def test_everything_stands_where_it_is_looked_for(morning: Desk) -> None:
    """朝会: today's wishes, overdue, not accepted, bounced, waiting too long, new."""
    assert sections(morning.visit("ito")) == {
        "today": ["zqtoday"],
        "overdue": ["zqlate"],
        "unaccepted": ["zqsent"],
        "bounced": ["zqback"],
        "waiting": [],
        "fresh": ["zqnew"],
    }


def test_a_line_says_who_has_it_and_what_comes_next(morning: Desk) -> None:
    page = morning.visit("ito").get("/morning").text
    row = page[page.index("zqsent") :].partition("</tr>")[0]
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", row))
    assert "INC-00000004" in text
    assert "PrintCo Ltd." in text
    assert "Fri 27, 15:10" in text
    assert "to accept it" in text
    assert text.count("No date") == 1


def test_a_group_s_morning_is_what_it_has_and_what_it_waits_for(morning: Desk) -> None:
    morning.do(hand_off, 5, "network", note="Please look", by="ito", when="Mon 08:00")
    visitor = morning.visit("abe")
    of_network = sections(visitor, "/morning?group=network")
    assert of_network["fresh"] == ["zqnew"]
    assert [titles for name, titles in of_network.items() if name != "fresh"] == [[]] * 5
    assert sections(visitor, "/morning?group=desk")["unaccepted"] == ["zqsent"]
    assert sections(visitor, "/morning?group=desk")["fresh"] == ["zqnew"]


def test_an_empty_section_is_one_line(desk: Desk, clock: Clock) -> None:
    page = desk.visit("ueda").get("/morning").text
    nothing = re.findall(r'<p class="board-nothing">([^<]+)</p>', page)
    assert nothing == [
        "Nothing is requested for today.",
        "Nothing is overdue.",
        "Nothing waits to be accepted for too long.",
        "Nothing came back.",
        "Nothing has waited too long.",
        "Nothing new came in and is still open.",
    ]


def test_a_long_section_says_how_many_more_there_are(desk: Desk, clock: Clock) -> None:
    for n in range(23):
        desk.log(when="09:00", title=f"zq{n}", impact=1, urgency=1)
    page = desk.visit("ueda").get("/morning").text
    assert len(sections(desk.visit("ueda"))["overdue"]) == 20
    assert '<a href="/incidents?view=overdue">3 more in the list</a>' in page


def test_the_sheet_says_of_which_day_it_is(desk: Desk, clock: Clock) -> None:
    visitor = desk.visit("ueda")
    assert "Thu 26 Nov 2026" in visitor.get("/morning").text
    visitor.post("/preferences", language="ja", next="/")
    assert "2026/11/26(木)" in visitor.get("/morning").text


def test_a_group_sees_who_works_on_what(desk: Desk, clock: Clock) -> None:
    """Screens: load per person, unassigned, sent to us and not accepted, came back."""
    for n, who in enumerate(("ito", "ito", "sato", None), 1):
        desk.log(when="13:00", title=f"zq{n}")
        if who:
            desk.do(commands.take, n, by=who, when="13:10")
    desk.log(when="13:00", title="zqsent")
    desk.do(hand_off, 5, "network", note="Please look", by="ito", when="13:20")
    desk.do(hand_off, 5, "desk", note="Please look", by="abe", when="13:30")
    page = desk.visit("sato").get("/group/desk").text
    loads = re.findall(r'view=all&amp;only=group:desk,person:(\w+)">(\d+)<', page)
    assert loads == [("ito", "2"), ("sato", "1")]
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))
    assert "With nobody, or somebody away 2" in text
    assert "Sent to us, not accepted yet 1 " in text
    assert "Came back 1" in text
    assert "lead: Sato Yui" in text
    assert page.count(">zqsent</a>") == 2  # not accepted, came back


def test_who_works_here_without_being_a_member_is_listed_too(desk: Desk, clock: Clock) -> None:
    desk.log(when="13:00")
    desk.do(commands.assign, 1, desk.id("abe"), by="ito", when="13:10")
    page = desk.visit("sato").get("/group/desk").text
    assert "Abe Mio" in page
    assert "not in this group" in page
