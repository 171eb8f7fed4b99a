"""Turns in a calendar: a private address, what stands there, when it changes, when it ends."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

import icalendar
import pytest
import sqlalchemy as sa
from werkzeug.test import TestResponse

from servicedesk.db import transaction
from servicedesk.errors import NotFound, Refused
from servicedesk.oncall import feeds
from servicedesk.oncall.models import CalendarFeed
from servicedesk.people.models import Person
from tests.cast import Desk
from tests.oncall.turns import give_rota, take_over
from tests.support.clock import Clock

pytestmark = pytest.mark.backends("sqlite")


@pytest.fixture(autouse=True)
def _today(clock: Clock) -> None:
    """It is Thursday 26 November, 14:05."""


def make(desk: Desk, key: str = "mori", group: str = "") -> str:
    """Make an address on the page; gives its path."""
    page = desk.visit(key).post("/oncall/feed/new", group=group).text
    found = re.search(r'value="http[^"]*(/oncall/feed/[^"]+\.ics)"', page)
    assert found
    return found[1]


def fetch(desk: Desk, path: str, **headers: str) -> TestResponse:
    return desk.visit().get(
        path, headers={name.replace("_", "-"): it for name, it in headers.items()}
    )


def events(answer: TestResponse) -> list[icalendar.Event]:
    calendar = icalendar.Calendar.from_ical(answer.data)
    return [it for it in calendar.walk("VEVENT") if isinstance(it, icalendar.Event)]


def spans(answer: TestResponse) -> list[tuple[date, date]]:
    return [(it.start, it.end) for it in events(answer)]


def test_ones_own_turns_stand_in_a_calendar_in_utc(desk: Desk) -> None:
    give_rota(desk)
    answer = fetch(desk, make(desk))
    assert (answer.status_code, answer.mimetype) == (200, "text/calendar")
    first = datetime(2026, 11, 16, tzinfo=UTC)
    assert spans(answer)[:2] == [
        (first, first + timedelta(weeks=1)),
        (first + timedelta(weeks=2), first + timedelta(weeks=3)),
    ]
    one = events(answer)[0]
    assert (str(one["summary"]), str(one["transp"])) == ("On call: Network team", "TRANSPARENT")
    assert answer.data.count(b"DTSTART:20261116T000000Z") == 1
    assert b"Abe" not in answer.data


def test_a_groups_calendar_names_everybody(desk: Desk) -> None:
    give_rota(desk, covers="closed")
    answer = fetch(desk, make(desk, "ito", "network"))
    names = {str(it["summary"]) for it in events(answer)}
    assert names == {"Abe Mio: Network team", "Mori Sho: Network team"}
    assert {str(it["description"]) for it in events(answer)} == {"Only while the group is closed."}


def test_a_turn_keeps_its_name_when_others_change(desk: Desk, clock: Clock) -> None:
    give_rota(desk)
    path = make(desk, "ito", "network")
    before = {str(it["uid"]): it.start for it in events(fetch(desk, path))}
    take_over(desk, "mori", "18:00", "Fri 09:00", when="14:05")
    after = {str(it["uid"]): it.start for it in events(fetch(desk, path))}
    assert before.items() <= after.items()
    assert len(after) == len(before) + 2
    clock.advance(days=7)
    later = {str(it["uid"]) for it in events(fetch(desk, path))}
    assert len(later & after.keys()) > len(after) - 4


def test_what_is_unchanged_is_not_sent_again(desk: Desk, clock: Clock) -> None:
    give_rota(desk)
    path = make(desk)
    first = fetch(desk, path)
    tag, since = first.headers["ETag"], first.headers["Last-Modified"]
    clock.advance(hours=2)
    again = fetch(desk, path, If_None_Match=tag)
    assert (again.status_code, again.data) == (304, b"")
    assert fetch(desk, path, If_Modified_Since=since).status_code == 304
    assert fetch(desk, path).data == first.data
    take_over(desk, "mori", "18:00", "Fri 09:00", when="14:05")
    changed = fetch(desk, path, If_None_Match=tag)
    assert changed.status_code == 200
    assert changed.headers["Last-Modified"] != since
    assert fetch(desk, path, If_Modified_Since=since).status_code == 200


def test_no_cache_between_keeps_it(desk: Desk) -> None:
    give_rota(desk)
    path = make(desk)
    assert fetch(desk, path).headers["Cache-Control"] == "private, no-cache"
    assert fetch(desk, path[:-5] + "x.ics").headers["Cache-Control"] == "no-store"
    page = desk.visit("mori").post("/oncall/feed/new")
    assert page.headers["Cache-Control"] == "no-store"


def test_the_address_itself_is_kept_nowhere(desk: Desk) -> None:
    path = make(desk)
    token = path.rpartition("/")[2].removesuffix(".ics")
    with desk.session() as session:
        row = session.scalars(sa.select(CalendarFeed)).one()
        assert token not in str([getattr(row, column.key) for column in row.__table__.columns])
    assert token not in desk.visit("mori").get("/profile").text


@pytest.mark.parametrize("path", ["forged", "", "x" * 5000, "%00", "..%2f"])
def test_what_is_no_address_opens_nothing(desk: Desk, path: str) -> None:
    assert fetch(desk, f"/oncall/feed/{path}.ics").status_code in (302, 404)


def test_whoever_made_it_ends_it_on_the_profile(desk: Desk) -> None:
    give_rota(desk)
    path, mori = make(desk), desk.visit("mori")
    fetch(desk, path)
    assert "last read" in mori.get("/profile").text
    assert desk.visit("abe").post("/oncall/feed/1/revoke").status_code == 404
    assert fetch(desk, path).status_code == 200
    assert mori.post("/oncall/feed/1/revoke").status_code == 303
    assert fetch(desk, path).status_code == 404


@pytest.mark.parametrize("change", [{"active": False}, {"roles": ["employee"]}])
def test_who_may_see_no_rota_any_more_reads_none(desk: Desk, change: dict[str, object]) -> None:
    """§9: the right is asked for again at each reading."""
    give_rota(desk)
    path = make(desk)
    with desk.session(), transaction() as session:
        session.execute(sa.update(Person).where(Person.key == "mori").values(**change))
    assert fetch(desk, path).status_code == 404


def test_the_calendar_speaks_its_readers_language(desk: Desk) -> None:
    give_rota(desk)
    path = make(desk)
    before = fetch(desk, path).headers["ETag"]
    with desk.session(), transaction() as session:
        session.execute(sa.update(Person).where(Person.key == "mori").values(language="ja"))
    answer = fetch(desk, path)
    assert b"//JA" in answer.data
    assert answer.headers["ETag"] != before


def test_there_is_an_end_to_how_many_one_makes(desk: Desk) -> None:
    for _n in range(feeds.MOST):
        desk.call(feeds.make, by="mori", when="14:05")
    with pytest.raises(Refused):
        desk.call(feeds.make, by="mori", when="14:05")
    with pytest.raises(NotFound):
        desk.call(feeds.make, by="emi", when="14:05")
    with pytest.raises(NotFound):
        desk.call(feeds.make, by="ito", when="14:05", group="netone")
