"""A partner's inbox: sorted and narrowed by the dates that it shows."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest

from servicedesk.escalation import commands
from servicedesk.escalation.queries import Asked, inbox
from servicedesk.people.models import Person
from servicedesk.setup.snapshot import directory
from tests.cast import Desk, at

P1 = {"impact": 1, "urgency": 1}  # accepted within 15 minutes, answered within 120
P2 = {"impact": 1, "urgency": 2}  # no target in the contract


@pytest.fixture
def five(desk: Desk) -> Desk:
    """Handed to NetOne on Thursday at 10:00, and accepted, but the last."""
    wished = {1: None, 2: "Fri 09:00", 3: "Thu 11:00", 4: "Mon 10:00", 5: None}
    for n, (number, answer_by) in enumerate(wished.items()):
        priority: dict[str, Any] = {4: P2}.get(number, {} if n % 2 else P1)
        desk.log(when="09:00", **priority)
        said = {"answer_by": at(answer_by)} if answer_by else {}
        desk.do(commands.hand_off, number, "netone", note="Look", by="ito", when=f"10:0{n}", **said)
        if number != 5:
            desk.do(commands.accept, number, 1, by="kim", when=f"10:1{n}")
    return desk


def read(desk: Desk, when: str = "10:30", **how: str) -> list[int]:
    with desk.session() as session:
        person = session.get_one(Person, desk.id("kim"))
        asked = Asked(how.pop("box", "in-work"), **how)
        page = inbox(session, person, asked, directory(session), at(when))
        assert page.total == len(page.lines)
        return [line.handoff.incident.number for line in page.lines]


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("", [3, 1, 2, 4]),  # what is wanted first: answer or contract
        ("answer", [3, 2, 4, 1]),
        ("-answer", [4, 2, 3, 1]),
        ("due", [1, 3, 2, 4]),
        ("-due", [2, 3, 1, 4]),
        ("sent", [1, 2, 3, 4]),
        ("-sent", [4, 3, 2, 1]),
        ("nonsense", [3, 1, 2, 4]),
    ],
)
def test_a_box_is_sorted_by_each_of_its_dates(five: Desk, sort: str, order: list[int]) -> None:
    """What has no date comes last, whichever way round."""
    assert read(five, sort=sort) == order


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"answer": "today"}, {3}),
        ({"answer": "7d"}, {2, 3, 4}),
        ({"answer": "none"}, {1}),
        ({"due": "none"}, {4}),
        ({"due": "today"}, {1, 3}),
        ({"due": "week", "answer": "week"}, {2, 3}),
        ({"due": "overdue"}, set()),
        ({"due": "nonsense", "answer": "nonsense"}, {1, 2, 3, 4}),
    ],
)
def test_a_box_is_narrowed_by_each_of_its_dates(
    five: Desk, asked: dict[str, str], found: set[int]
) -> None:
    """D1: days are those of the desk."""
    assert set(read(five, **asked)) == found


def test_what_is_overdue_is_so_by_contract_or_by_what_was_wished(five: Desk) -> None:
    """C10: later than the contract's due; the answer wished for is an instant."""
    assert read(five, when="Thu 11:00", answer="overdue") == []
    assert read(five, when="Thu 11:00:01", answer="overdue") == [3]
    late = {when: set(read(five, when=when, due="overdue")) for when in ("13:00", "13:00:01")}
    assert late == {"13:00": set(), "13:00:01": {1}}
    assert read(five, when="10:20", box="to-accept", due="overdue") == [5]


def test_the_heads_sort_and_say_so(five: Desk, clock: object) -> None:
    """WCAG: `aria-sort`; without a script a head is a link."""
    visitor, address, seen = five.visit("kim"), "/inbox?box=in-work", []
    for _click in range(3):
        page = visitor.get(address).text
        found = re.search(
            r'<th scope="col"([^>]*)><a class="sort-head" href="([^"]*)">Answer', page
        )
        assert found
        seen.append(found[1].strip())
        address = unescape(found[2])
    assert seen == ["", 'aria-sort="ascending"', 'aria-sort="descending"']


def test_an_answer_wished_for_soon_warns(five: Desk, clock: object) -> None:
    """D1: what is left is working time of the contract; of Thursday 11:00 nothing at 14:05."""
    page = five.visit("kim").get("/inbox?box=in-work&sort=answer").text
    tones = re.findall(r'Answer wished by" class="at-due"><span class="chip chip-(\w+)"', page)
    assert tones == ["late", "soon", "quiet"]


def test_a_box_without_what_is_asked_for_says_so(five: Desk, clock: object) -> None:
    page = five.visit("kim").get("/inbox?box=to-accept&due=none").text
    assert "Nothing has these dates" in page
    assert "0 hand-offs" in page
