"""From a list to an incident and on to the next; who holds what in a list; the list as a file."""

from __future__ import annotations

import csv
import io

import pytest

from servicedesk.escalation.commands import hand_off
from servicedesk.incidents import queries
from servicedesk.incidents.commands import resolve
from servicedesk.incidents.queries import Filter, Place, Reader
from servicedesk.people.models import Person
from servicedesk.setup.snapshot import directory
from tests.cast import Desk, at, page_of


def place(desk: Desk, number: int, view: str = "all", **more: str) -> Place | None:
    with desk.session() as session:
        person = session.get_one(Person, desk.id("ueda"))
        reader = Reader(person, directory(session), at("10:00"))
        found = queries.find(session, person, number)
        assert found
        sort = more.pop("sort", "next")
        return queries.place(session, reader, view, found, Filter(**more), sort)


@pytest.mark.parametrize("sort", queries.SORTS)
def test_walking_from_one_to_the_next_meets_the_whole_list(desk: Desk, sort: str) -> None:
    logged = [desk.log(when=f"09:{n:02}", impact=n % 3 + 1) for n in range(5)]
    places = {n: place(desk, n, sort=sort) for n in logged}
    first = next(n for n, found in places.items() if found and found.previous is None)
    walked = [first]
    while (here := places[walked[-1]]) and here.next:
        walked.append(here.next)
    assert sorted(walked) == logged
    found = [here for n in walked if (here := places[n])]
    assert [here.position for here in found] == [1, 2, 3, 4, 5]
    assert [here.previous for here in found] == [None, *walked[:-1]]


def test_what_left_the_list_has_no_place_in_it(desk: Desk) -> None:
    n = desk.log()
    assert place(desk, n, service="printing") is None
    desk.do(resolve, n, "solved", "Done.", by="ito", when="09:30")
    assert place(desk, n) is None
    assert place(desk, n, "done") == Place(1, 1, None, None)


def test_the_page_leads_back_to_its_list_and_on(desk: Desk) -> None:
    one, two = desk.log(when="09:00"), desk.log(when="09:05")
    page = desk.visit("ito").get(page_of(one) + "?from=all&service=internet").text
    assert "1 of 2" in page
    assert f"{page_of(two)}?from=all&amp;service=internet" in page


def test_a_list_says_who_holds_how_many(desk: Desk) -> None:
    desk.log()
    n = desk.log()
    desk.do(hand_off, n, "netone", note="Line down", by="ito", when="09:20")
    page = desk.visit("ito").get("/incidents?view=all").text
    assert "Service desk · 1</option>" in page
    assert "NetOne Inc. · 1</option>" in page
    assert "Network team" not in page.partition("<tbody")[0]


def test_the_file_has_what_the_list_shows(desk: Desk) -> None:
    kept = desk.log(service="printing")
    desk.log(service="internet")
    answer = desk.visit("ito").get("/incidents.csv?view=all&service=printing")
    rows = list(csv.DictReader(io.StringIO(answer.get_data().decode("utf-8-sig"))))
    assert [row["number"] for row in rows] == [f"INC-{kept:08d}"]


@pytest.mark.parametrize("key", ["emi", "kim"])
def test_the_file_is_for_the_desk(desk: Desk, key: str) -> None:
    assert desk.visit(key).get("/incidents.csv").status_code == 404


def test_a_manager_s_first_list_is_everything_open(desk: Desk) -> None:
    n = desk.log()
    page = desk.visit("ueda").get("/incidents", follow_redirects=True).text
    assert "<h1>All open</h1>" in page
    assert f"INC-{n:08d}" in page
