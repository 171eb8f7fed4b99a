"""Lists of incidents: what is in each view, pages by cursor, and what they cost."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy import event
from sqlalchemy.orm import Session

from servicedesk.db import db, transaction
from servicedesk.escalation.commands import hand_off, note_ticket
from servicedesk.incidents import commands, queries
from servicedesk.incidents.acts import Due
from servicedesk.incidents.models import Incident
from servicedesk.incidents.queries import Filter, Reader
from servicedesk.people.models import Person
from servicedesk.setup.snapshot import directory
from tests.cast import Desk, at, page_of
from tests.support.clock import Clock
from tests.support.torture import enough


@contextmanager
def reading(desk: Desk, who: str = "ito", when: str = "14:00") -> Iterator[tuple[Session, Reader]]:
    """Read lists as somebody, at an instant."""
    with desk.session() as session:
        person = session.scalars(sa.select(Person).where(Person.key == who)).one()
        yield session, Reader(person, directory(session), at(when))


def numbers(desk: Desk, view: str, who: str = "ito", when: str = "14:00", **how: str) -> list[int]:
    """Give the numbers in a view, in order."""
    sort = how.pop("sort", "next")
    with reading(desk, who, when) as (session, reader):
        page = queries.page(session, reader, view, narrowed=Filter(**how), sort=sort)
        assert page.total == len(page.incidents)
        return [incident.number for incident in page.incidents]


@pytest.fixture
def six(desk: Desk) -> Desk:
    """Six incidents, each of its own kind, as of Thursday 14:00."""
    desk.log(when="09:00", title="At the desk")
    desk.log(when="09:00", title="Taken by Ito")
    desk.do(commands.take, 2, by="ito", when="09:10")
    desk.log(when="09:00", title="With the network team", impact=1, urgency=1)
    desk.do(hand_off, 3, "network", note="Please look", by="ito", when="09:20")
    desk.log(when="09:00", title="With NetOne")
    desk.do(hand_off, 4, "netone", note="Please look", by="ito", when="09:30")
    desk.do(note_ticket, 4, 1, "NO-77", by="kim", when="09:40")
    desk.log(when="09:00", title="With the requester", wish=Due(day=date(2026, 11, 26)))
    desk.do(commands.hold, 5, "requester", by="ito", when="09:50", question="Which room?")
    desk.log(when="09:00", title="Solved", by="taro")
    desk.do(commands.resolve, 6, "solved", "Plugged in", by="ito", when="10:00")
    return desk


def test_each_view_shows_its_own(six: Desk) -> None:
    """Screens: the views of the workbench."""
    shown = {view: set(numbers(six, view)) for view in queries.VIEWS}
    assert shown == {
        "next": {1, 2, 5},  # what Ito's groups have
        "mine": {2},
        "unassigned": {1, 5},
        "handed-off": {3, 4},
        "partners": {4},
        "requester": {5},
        "soon": {5},
        "overdue": {1, 2, 3, 4},  # the first answer was due at 10:00
        "stagnant": set(),
        "all": {1, 2, 3, 4, 5},
        "done": {6},
    }


def test_each_view_is_counted_as_it_shows(six: Desk) -> None:
    """Screens: views with counts."""
    with reading(six) as (session, reader):
        counts = queries.counts(session, reader)
    assert counts == {view: len(numbers(six, view)) for view in queries.VIEWS if view != "done"}


def away(desk: Desk, who: str, first: date, last: date | None = None) -> None:
    """Let somebody be away."""
    with desk.session(), transaction() as session:
        person = session.scalars(sa.select(Person).where(Person.key == who)).one()
        person.absent_from, person.absent_until = first, last


def test_what_an_absent_colleague_has_is_in_the_group_s_list(six: Desk) -> None:
    """§3: an absent assignee's incidents show in the group's list."""
    today = date(2026, 11, 26)
    away(six, "ito", today, today)
    assert set(numbers(six, "unassigned", who="sato")) == {1, 2, 5}
    assert set(numbers(six, "unassigned", who="sato", when="Fri 00:00")) == {1, 5}
    assert set(numbers(six, "unassigned", who="abe")) == {3}
    away(six, "ito", date(2026, 11, 27))
    assert set(numbers(six, "unassigned", who="sato")) == {1, 5}
    assert set(numbers(six, "unassigned", who="sato", when="2027-01-15 10:00")) == {1, 2, 5}


def test_an_absent_colleague_is_marked_in_lists(six: Desk, clock: Clock) -> None:
    away(six, "ito", date(2026, 11, 26))
    page = six.visit("sato").get("/incidents?view=unassigned").text
    assert page.count("Assignee is away") == 1
    assert "Assignee is away" not in six.visit("sato").get("/incidents?view=done").text


def test_who_has_no_group_sees_what_all_have(six: Desk) -> None:
    """§1: one list shows every open incident, whoever holds it."""
    for view in ("next", "all"):
        assert set(numbers(six, view, who="ueda")) == {1, 2, 3, 4, 5}
    assert set(numbers(six, "handed-off", who="ueda")) == {3, 4}


def test_an_employee_has_no_list(six: Desk) -> None:
    """§9: own and watched incidents: never somebody else's, whatever is asked."""
    assert numbers(six, "all", who="taro") == []
    assert numbers(six, "done", who="taro") == [6]
    assert numbers(six, "all", who="kim") == []


def test_what_nobody_touches_is_stagnant(six: Desk) -> None:
    """Screens: stagnant: five working days without any change."""
    assert set(numbers(six, "stagnant", when="2026-12-03 09:59")) == {1, 2, 3, 4, 5}
    assert numbers(six, "stagnant", when="Wed 09:00") == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("INC-00000003", [3]),
        ("3", [3]),
        ("inc-3", [3]),
        ("network TEAM", [3]),
        ("NO-77", [4]),
        ("endo", [1, 2, 3, 4, 5]),
        ("Which room", [5]),
        ("%", []),
        ("_", []),
        ("\\", []),
        ("99999999999999999999", []),
    ],
)
def test_a_search_finds_numbers_titles_and_requesters(
    six: Desk, text: str, found: list[int]
) -> None:
    """H7: the partner's own ticket number is searchable."""
    assert sorted(numbers(six, "all", text=text)) == found


def test_a_list_is_narrowed(six: Desk) -> None:
    """Screens: filters in the address."""
    assert numbers(six, "all", holder="netone") == [4]
    assert numbers(six, "all", holder="requester") == [5]
    assert numbers(six, "all", priority="P1") == [3]
    assert numbers(six, "all", service="printing") == []
    assert numbers(six, "all", type="request") == []
    assert numbers(six, "all", holder="nobody", service="nothing") == []


def test_the_order_of_work_is_by_the_next_date(desk: Desk) -> None:
    """D1: lists plan a wish for the last working moment at or before it."""
    sunday, late = Due(day=date(2026, 11, 29)), Due(at=at("Fri 20:00"))
    for wish in (None, sunday, late, Due(at=at("Fri 17:00"))):
        desk.log(when="Fri 14:00", impact=2, urgency=3, wish=wish)
    desk.log(when="Fri 14:00", impact=1, urgency=1)
    assert numbers(desk, "all") == [5, 4, 2, 3, 1]
    due = {n: desk.incident(n).next_due for n in (1, 2, 3, 4)}
    assert due == {1: at("Mon 14:00"), 2: at("Fri 18:00"), 3: at("Fri 18:00"), 4: at("Fri 17:00")}


@pytest.mark.parametrize("sort", queries.SORTS)
@pytest.mark.parametrize("view", ["all", "done"])
def test_pages_show_every_incident_once_though_more_come(desk: Desk, view: str, sort: str) -> None:
    """Pages by cursor, not offset: what comes in between shifts nothing."""
    for n in range(9):
        wish = Due(at=at(f"Mon 1{n % 3}:00")) if n % 2 else None
        desk.log(when=f"09:0{n // 3}", wish=wish)
        if view == "done":
            desk.do(commands.resolve, n + 1, "solved", "Done", by="ito", when="10:00")
    seen: list[int] = []
    after = None
    for _page in range(12):
        with reading(desk) as (session, reader):
            page = queries.page(session, reader, view, sort=sort, after=after, size=2)
            seen += [incident.number for incident in page.incidents]
            after = page.next
        if after is None:
            break
        if len(seen) < 6:
            desk.log(when="09:00", wish=Due(at=at("Mon 09:00")))
    assert after is None
    assert len(seen) == len(set(seen))
    assert set(range(1, 10)) <= set(seen)


def cursor(value: object) -> str:
    """Write a value as the cursors are written."""
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


NONSENSE = ["x", "!!!!", cursor([1]), cursor(5), cursor({}), cursor([True, None])]
NONSENSE += [cursor(["2026-11-26", 1]), cursor(["2026-11-26T09:00:00", 1])]
NONSENSE += [cursor(["2026-11-26T09:00:00Z", "x"]), cursor(["2026-11-26T09:00:00Z", 10**30])]
NONSENSE += [cursor(["0001-01-01T00:00:00+09:00", 1]), cursor([10**30, 1])]


def test_a_cursor_that_makes_no_sense_counts_as_none(desk: Desk, clock: Clock) -> None:
    """Also one of another list: a filtered list is a link that people change by hand."""
    desk.log()
    desk.do(commands.cancel, desk.log(), by="emi", when="09:10")
    visitor = desk.visit("ito")
    of_the_other = {"all": cursor([5, 1]), "done": cursor(["2026-11-26T09:00:00Z", 1])}
    for view, other in of_the_other.items():
        for after in (*NONSENSE, other):
            answer = visitor.get(f"/incidents?view={view}&after={after}")
            assert answer.status_code == 200
            assert "No network" in answer.text


# What it costs


@contextmanager
def counted(app: Flask) -> Iterator[list[str]]:
    """List the statements that the database is sent."""
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        sent.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", note)


def cost(desk: Desk, who: str, address: str) -> int:
    """Count the statements of a page, opened for the second time."""
    visitor = desk.visit(who)
    visitor.get(address)
    with counted(desk.app) as sent, visitor.get(address) as answer:
        assert answer.status_code == 200, address
        answer.get_data()
    return len(sent)


LISTS = [
    *(("ito", f"/incidents?view={view}") for view in queries.VIEWS),
    ("ito", "/incidents?view=all&q=network"),
    ("ito", "/search?q=network"),
    ("emi", "/search?q=network"),
    ("kim", "/search?q=network"),
    ("ito", "/log?caller=emi"),
    ("ito", "/incidents?view=all&sort=requested&holder=desk"),
    ("ito", "/incidents?view=all&requested=week&promised=none&target=overdue&sort=-target"),
    ("ito", "/incidents.csv?view=all"),
    ("ito", "/search?q=network&sort=requested&requested=week"),
    ("ueda", "/incidents?view=all"),
    ("emi", "/home"),
    ("emi", "/home?show=ended"),
    ("emi", "/home?sort=-requested&promised=none"),
    ("kim", "/inbox?box=to-accept&due=today&answer=none&sort=-due"),
    ("kim", "/inbox?box=to-accept"),
    ("kim", "/inbox?box=ended"),
    ("ito", "/people?q=e"),
    ("ueda", "/reports"),
    ("ueda", "/reports/2026-11/figures/intake"),
]


@pytest.mark.slow
def test_a_list_costs_the_same_whatever_it_shows(desk: Desk, clock: Clock, backend: str) -> None:
    """Every list page: a fixed number of queries whatever it shows, on SQLite over a page."""

    def another() -> None:
        n = desk.log(wish=Due(day=date(2026, 12, 1)))
        desk.do(hand_off, n, "netone", note="Please look", by="ito", when="09:10")
        desk.do(commands.take, desk.log(by="taro"), by="ito", when="09:10")

    another()
    few = {line: cost(desk, *line) for line in LISTS}
    for _ in range(30 if backend == "sqlite" else enough(6, 30)):
        another()
    many = {line: cost(desk, *line) for line in LISTS}
    assert many == few
    assert max(many.values()) <= 20


@pytest.mark.slow
def test_a_page_costs_the_same_however_long_its_story_is(desk: Desk, clock: Clock) -> None:
    """An incident's page too: its conversation, hand-offs, files and dates in one query each."""
    n = desk.log()

    def more(when: str) -> None:
        desk.do(commands.comment, n, "reply", "Which room?", by="ito", when=when)
        # H5: the lead is asked nothing, however often it goes to and fro
        desk.do(hand_off, n, "netone", note="Please look", by="sato", when=when)
        desk.do(hand_off, n, "desk", note="Found it", by="sato", when=when)

    more("09:10")
    pages = [("ito", page_of(n)), ("ito", page_of(n, "preview")), ("emi", page_of(n))]
    few = [cost(desk, *line) for line in pages]
    for k in range(10):
        more(f"10:{k:02d}")
    assert [cost(desk, *line) for line in pages] == few


@pytest.mark.backends("sqlite")
@pytest.mark.parametrize(
    ("narrowed", "index"),
    [
        (Filter(), "ix_incident_open_next"),
        (Filter(holder="netone"), "ix_incident_open_holder"),
    ],
)
def test_open_incidents_are_found_by_their_partial_index(
    desk: Desk, narrowed: Filter, index: str
) -> None:
    """Partial indexes over open incidents: by what is due next, and by holder."""
    with reading(desk, "ueda") as (session, reader):
        condition = queries.within(reader, "all", narrowed)
        query = sa.select(Incident.id).where(condition).order_by(Incident.next_due, Incident.id)
        text = query.compile(session.get_bind(), compile_kwargs={"literal_binds": True})
        plan = session.execute(sa.text(f"EXPLAIN QUERY PLAN {text}")).all()
    said = " ".join(row[-1] for row in plan)
    assert index in said
    assert "TEMP B-TREE" not in said
