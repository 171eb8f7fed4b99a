"""Lists by each of the three dates: narrowed, sorted, counted, walked through and exported."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from datetime import date
from html import unescape

import pytest
import sqlalchemy as sa

from servicedesk.escalation.commands import hand_off
from servicedesk.incidents import commands, queries
from servicedesk.incidents.acts import Due
from servicedesk.incidents.chips import Chips
from servicedesk.incidents.dated import DATES, choices
from servicedesk.incidents.queries import Filter, Reader
from servicedesk.people.models import Person
from servicedesk.setup.snapshot import directory
from tests.cast import Desk, at
from tests.support.clock import Clock

WISHES = {
    1: None,
    2: Due(day=date(2026, 11, 26)),  # today
    3: Due(day=date(2026, 11, 27)),
    4: Due(day=date(2026, 11, 29)),  # Sunday: the desk is closed
    5: Due(at=at("Fri 00:00")),  # the midnight with which Thursday ends belongs to Friday
    6: Due(at=at("Thu 13:00")),
    7: Due(day=date(2026, 12, 2)),
}


@pytest.fixture
def wished(desk: Desk) -> Desk:
    """Seven incidents with wishes, logged on Thursday at 09:00."""
    for wish in WISHES.values():
        desk.log(wish=wish, impact=2, urgency=3)
    return desk


def listed(
    desk: Desk, view: str = "all", when: str = "14:00", sort: str = "newest", **how: str
) -> list[int]:
    with desk.session() as session:
        person = session.scalars(sa.select(Person).where(Person.key == "ito")).one()
        reader = Reader(person, directory(session), at(when))
        page = queries.page(session, reader, view, narrowed=Filter(**how), sort=sort)
        assert page.total == len(page.incidents)
        return [incident.number for incident in page.incidents]


# Narrowed


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"requested": "overdue"}, {6}),
        ({"requested": "today"}, {2, 6}),
        ({"requested": "week"}, {2, 3, 4, 5, 6}),
        ({"requested": "7d"}, {2, 3, 4, 5, 6, 7}),
        ({"requested": "none"}, {1}),
        ({"requested_from": "2026-11-27"}, {3, 4, 5, 7}),
        ({"requested_to": "2026-11-26"}, {2, 6}),
        ({"requested_from": "2026-11-27", "requested_to": "2026-11-28"}, {3, 5}),
        ({"requested": "week", "requested_from": "2026-11-28"}, {4}),
        ({"requested": "7d", "promised": "none", "target": "overdue"}, set()),
    ],
)
def test_a_list_is_narrowed_by_the_wish(
    wished: Desk, asked: dict[str, str], found: set[int]
) -> None:
    """D1: a day by itself, an instant by the day of the desk's zone; D5: none is none."""
    assert set(listed(wished, **asked)) == found


@pytest.mark.parametrize(("when", "late"), [("Thu 23:59:59", {6}), ("Fri 00:00", {2, 6}),
                                            ("Fri 00:00:01", {2, 5, 6})])  # fmt: skip
def test_a_day_is_late_from_its_midnight_and_an_instant_after_it(
    wished: Desk, when: str, late: set[int]
) -> None:
    """D1: a day is judged at 24:00; an instant is in time at or before it."""
    assert set(listed(wished, when=when, requested="overdue")) == late


def test_what_has_ended_is_late_as_it_ended(wished: Desk) -> None:
    """D1: judged at the resolution, whenever the list is read."""
    for n, when in ((2, "Thu 23:59:59"), (3, "Sat 00:00"), (5, "Fri 00:00"), (6, "Thu 13:00:01")):
        wished.do(commands.resolve, n, "solved", "Done", by="ito", when=when)
    wished.do(commands.cancel, 7, by="emi", when="10:00")
    assert set(listed(wished, "done", when="Wed 10:00", requested="overdue")) == {3, 6}


def test_neither_a_hold_nor_a_closed_day_moves_a_wish_in_a_list(wished: Desk) -> None:
    """D2: never moved by holds, calendars or the desk."""
    wished.do(commands.hold, 3, "requester", by="ito", when="10:00", question="Which room?")
    assert set(listed(wished, requested_from="2026-11-27", requested_to="2026-11-27")) == {3, 5}
    assert listed(wished, requested_from="2026-11-29", requested_to="2026-11-29") == [4]


def test_a_list_is_narrowed_by_the_promise(wished: Desk) -> None:
    """D1: a promise is a day or an instant, as a wish."""
    wished.do(commands.promise, 3, Due(day=date(2026, 11, 27)), by="ito", when="10:00")
    later = Due(at=at("Mon 10:00"))
    wished.do(commands.promise, 4, later, by="ito", when="10:00", reason="Closed on Sunday")
    assert listed(wished, promised="today") == []
    assert listed(wished, promised="week") == [3]
    assert set(listed(wished, promised="7d")) == {3, 4}
    assert set(listed(wished, promised="none")) == {1, 2, 5, 6, 7}
    assert listed(wished, when="Sat 10:00", promised="overdue") == [3]
    assert listed(wished, requested="week", promised_from="2026-11-30") == [4]


def test_a_list_is_narrowed_by_the_next_target(desk: Desk) -> None:
    """C5: what is paused has no due instant; C10: late is what has exceeded its target."""
    first, paused, none = (desk.log(impact=1, urgency=1) for _ in range(3))
    for n in (first, paused):
        desk.do(commands.comment, n, "reply", "We look at it", by="ito", when="09:05")
    desk.do(commands.hold, paused, "requester", by="ito", when="10:00", question="Which room?")
    desk.do(commands.resolve, none, "solved", "Done", by="ito", when="09:10")
    assert listed(desk, target="today") == [first]  # at 14:00
    assert listed(desk, target="paused") == [paused]
    assert listed(desk, when="14:00", target="overdue") == []
    assert listed(desk, when="14:00:01", target="overdue") == [first]
    assert listed(desk, "done", target="none") == [none]
    assert listed(desk, target="none") == []
    assert listed(desk, when="Wed 10:00", target_to="2026-11-26") == [first]


def test_a_target_reached_at_closing_time_is_not_overdue_before_work_goes_on(desk: Desk) -> None:
    """C3, C10: due at closing time, exceeded from the next opening on."""
    n = desk.log(when="14:00", impact=1, urgency=1)
    desk.do(commands.comment, n, "reply", "We look at it", by="ito", when="14:00")
    assert listed(desk, when="Fri 09:00", target="overdue") == []
    assert listed(desk, when="Fri 09:00:01", target="overdue") == [n]


@pytest.mark.parametrize(
    "when", ["10:00", "13:00:01", "18:00", "Fri 00:00", "Fri 09:30", "Mon 12:00"]
)
def test_overdue_is_what_shows_as_late(wished: Desk, when: str) -> None:
    """D1, C10: a list narrowed to what is overdue shows exactly the red dates."""
    wished.do(commands.promise, 3, Due(at=at("Thu 17:00")), by="ito", when="10:00", reason="Sooner")
    wished.do(hand_off, 4, "netone", note="Please look", by="ito", when="10:00")
    wished.do(hand_off, 7, "netone", note="Please look", by="ito", when="10:00")
    wished.do(hand_off, 7, "desk", note="Found it", by="ito", when="10:30")
    wished.do(hand_off, 7, "netone", note="Once more", by="sato", when="11:30")
    wished.do(commands.hold, 5, "requester", by="ito", when="11:00", question="Which room?")
    wished.do(commands.resolve, 6, "solved", "Done", by="ito", when="11:00")
    late: dict[str, set[int]] = {kind: set() for kind in DATES}
    with wished.app.test_request_context("/"):
        chips = Chips(wished.setup(), at(when))
        for n in WISHES:
            for chip in chips.all(wished.incident(n)):
                if chip.tone == "late":
                    late[chip.kind].add(n)
    for kind in DATES:
        both = [*listed(wished, when=when, **{kind: "overdue"})]
        both += listed(wished, "done", when=when, **{kind: "overdue"})
        assert set(both) == late[kind], kind


def test_it_is_narrowed_by_everything_together_and_counted_so(wished: Desk, clock: Clock) -> None:
    """Screens: filters in the address; every list has a count."""
    wished.do(hand_off, 3, "netone", note="Please look", by="ito", when="10:00")
    page = wished.visit("ito").get("/incidents?view=all&holder=netone&requested=week").text
    assert "1 incident" in page
    assert "INC-00000003" in page
    assert "INC-00000004" not in page
    assert "Requested: This week" in unescape(page)


def test_dates_that_make_no_sense_narrow_nothing(wished: Desk, clock: Clock) -> None:
    """Filters in the address: people change them by hand."""
    said = "requested=soonish&promised=paused&target_from=2026-13-01&target_to=%00"
    assert "7 open" in wished.visit("ito").get(f"/incidents?view=all&{said}").text


# Sorted


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("requested", [6, 2, 5, 3, 4, 7, 1]),
        ("-requested", [7, 4, 3, 5, 2, 6, 1]),
        ("newest", [7, 6, 5, 4, 3, 2, 1]),
        ("-newest", [1, 2, 3, 4, 5, 6, 7]),
        ("changed", [1, 3, 4, 5, 6, 7, 2]),
        ("-changed", [2, 7, 6, 5, 4, 3, 1]),
    ],
)
def test_a_list_is_sorted_both_ways_and_what_has_no_date_comes_last(
    wished: Desk, sort: str, order: list[int]
) -> None:
    """D5: without a wish: behind all that have one, whichever way round.

    The midnight that ends Thursday is that of the day wish and of the instant alike.
    """
    wished.do(commands.take, 2, by="ito", when="10:00")
    assert listed(wished, sort=sort) == order


def test_it_is_sorted_by_the_promise_and_by_the_next_target(desk: Desk) -> None:
    for impact, promise in ((2, "Mon 10:00"), (1, "Fri 10:00"), (3, None)):
        n = desk.log(impact=impact, urgency=2)
        desk.do(commands.comment, n, "reply", "We look at it", by="ito", when="09:05")
        if promise:
            desk.do(commands.promise, n, Due(at=at(promise)), by="ito", when="10:00", reason="So")
    assert listed(desk, sort="promised") == [2, 1, 3]
    assert listed(desk, sort="-promised") == [1, 2, 3]
    dues = {n: desk.incident(n).target_due for n in (1, 2, 3)}
    by_target = sorted(dues, key=lambda n: (dues[n] or at("2027-01-01 00:00"), n))
    assert listed(desk, sort="target") == by_target


def head(page: str, column: str) -> tuple[str, str]:
    """Give how a column says that it is sorted, and where a click on it leads."""
    found = re.search(
        rf'<th role="columnheader" scope="col" class="at-{column}"(.*?)><a href="(.*?)"', page
    )
    assert found
    return found[1].strip(), unescape(found[2])


def test_a_click_on_a_head_sorts_and_another_turns_it_round(wished: Desk, clock: Clock) -> None:
    """WCAG: a head says by `aria-sort` how the list is sorted; it works without a script."""
    visitor, address, seen = wished.visit("ito"), "/incidents?view=all&requested=week", []
    for _click in range(3):
        said, address = head(visitor.get(address).text, "requested")
        seen.append(said)
        assert "requested=week" in address
    assert seen == ["", 'aria-sort="ascending"', 'aria-sort="descending"']
    page = visitor.get("/incidents?view=all&sort=newest").text
    assert head(page, "title")[0] == 'aria-sort="descending"'
    assert page.count("aria-sort") == 1


# Page by page, and as a file


def pages(desk: Desk, address: str) -> Iterator[str]:
    visitor = desk.visit("ito")
    while address:
        page = visitor.get(address).text
        yield page
        further = re.search(r'href="([^"]*)" rel="next"', page)
        address = unescape(further[1]) if further else ""


def test_a_narrowed_and_sorted_list_is_read_page_by_page(
    wished: Desk, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pages by cursor keep what narrows the list and its order."""
    monkeypatch.setattr(queries, "PAGE", 2)
    seen = [
        int(n)
        for page in pages(wished, "/incidents?view=all&requested=7d&sort=-requested")
        for n in dict.fromkeys(re.findall(r'data-link="/incidents/INC-0*(\d+)', page))
    ]
    assert seen == [7, 4, 3, 5, 2, 6]


def test_the_file_is_exactly_what_is_shown(wished: Desk, clock: Clock) -> None:
    """Screens: export of exactly what is shown: narrowed, and in the order of the list."""
    page = wished.visit("ito").get("/incidents?view=all&requested=week&sort=-requested").text
    shown = dict.fromkeys(re.findall(r'data-link="/incidents/(INC-\d+)', page))
    address = re.search(r'href="(/exports/incidents\.csv[^"]*)"', page)
    assert address
    answer = wished.visit("ito").get(unescape(address[1]))
    rows = list(csv.DictReader(io.StringIO(answer.get_data().decode("utf-8-sig"))))
    assert [row["Number"] for row in rows] == list(shown)
    assert [row["Requested (Asia/Tokyo)"] for row in rows][:2] == ["2026-11-29", "2026-11-27"]
    assert {row["Next target"] for row in rows} == {"Service desk holding"}
    assert all(row["Due (Asia/Tokyo)"] for row in rows)


def test_every_choice_that_is_offered_can_be_asked_for(wished: Desk, clock: Clock) -> None:
    visitor = wished.visit("ito")
    page = visitor.get("/incidents?view=all").text
    for kind in DATES:
        for when in choices(kind):
            assert f'<option value="{when}">' in page
            answer = visitor.get(f"/incidents?view=all&{kind}={when}")
            assert f'value="{when}" selected' in answer.text
    assert 'name="target"' not in visitor.get("/incidents?view=done").text
