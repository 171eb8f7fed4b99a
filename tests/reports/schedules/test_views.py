"""The page of scheduled reports, as each role sees it."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from servicedesk.db import transaction
from servicedesk.errors import BadInput
from servicedesk.reports import commands as reports
from servicedesk.reports.models import Report
from servicedesk.setup.dump import dump
from servicedesk.setup.load import load_text
from tests.cast import at
from tests.reports.schedules.room import BOARD, DUE, SINCE, Room, text
from tests.support.clock import Clock

pytestmark = pytest.mark.backends("sqlite")
PAGE = "/reports/schedules"
FILLED: dict[str, Any] = {
    "name": "Quarterly", "scope": "all", "every": "quarter", "day": "last", "at": "09:00",
    "languages": ["en", "ja"], "send": "link", "seal": "itself", "people": ["ueda"],
}  # fmt: skip


@pytest.fixture(autouse=True)
def _now(clock: Clock) -> None:
    clock.now = at("2026-12-02 10:00")


def test_without_a_schedule_it_says_what_to_do(room: Room) -> None:
    page = room.desk.visit("ueda").get(PAGE).text
    assert "No schedule yet" in page
    assert "New schedule" in page


def test_it_lists_when_each_comes_next_and_what_became_of_the_last(room: Room) -> None:
    room.load(BOARD)
    page = room.desk.visit("ueda").get(PAGE).text
    assert "For the board" in page
    assert "On working day 3 at 08:00" in page
    assert "2026-12-02T23:00:00Z" in page
    room.run(DUE)
    assert "to 1 person" in room.desk.visit("ueda").get(PAGE).text


def test_a_manager_makes_one_that_stands_in_desk_yaml(room: Room) -> None:
    visitor = room.desk.visit("ueda")
    assert visitor.get("/reports/new-schedule").status_code == 200
    visitor.get(PAGE)
    revision = room.desk.setup().revision
    assert visitor.post("/reports/new-schedule", revision=revision, **FILLED).status_code == 303
    with room.desk.session():
        said = dump()
        assert "quarter: {name: Quarterly, every: quarter, day: last, at:" in said
        assert load_text(said, "again.yaml", now=at("2026-12-02 11:00")) == ["nothing to change"]
    assert "Quarterly" in visitor.get(PAGE).text


def test_what_is_wrong_is_said_beside_its_field(room: Room) -> None:
    visitor = room.desk.visit("ueda")
    revision = room.desk.setup().revision
    said = {**FILLED, "name": "", "languages": [], "people": ["kim"]}
    answer = visitor.post("/reports/new-schedule", revision=revision, **said)
    assert answer.status_code == 422
    for words in ("This must not be empty.", "Please choose at least one.", "not for Kim Haneul"):
        assert words in answer.text


def test_a_form_over_somebody_elses_newer_set_up_is_refused(room: Room) -> None:
    visitor = room.desk.visit("ueda")
    answer = visitor.post("/reports/new-schedule", revision=0, **FILLED)
    assert answer.status_code == 409
    assert "Quarterly" in answer.text


def test_it_is_changed_paused_run_and_removed(room: Room) -> None:
    room.load(BOARD)
    visitor = room.desk.visit("ueda")
    assert 'value="For the board"' in visitor.get(f"{PAGE}/board/edit").text
    revision = room.desk.setup().revision
    assert visitor.post(f"{PAGE}/board/edit", revision=revision, **FILLED).status_code == 303
    assert "On the last working day at 09:00" in visitor.get(PAGE).text
    visitor.post(f"{PAGE}/board/pause", paused="yes")
    assert "Paused" in visitor.get(PAGE).text
    visitor.post(f"{PAGE}/board/pause", paused="no")
    visitor.post(f"{PAGE}/board/run")
    assert [run.period for run in room.runs()] == ["2026-07..2026-09"]
    assert room.told() == []
    assert "Nothing is made or sent" in visitor.get(f"{PAGE}/board/remove").text
    visitor.post(f"{PAGE}/board/remove")
    assert "No schedule yet" in visitor.get(PAGE).text


def test_a_partner_sees_their_own_and_gets_their_own_file_only(room: Room) -> None:
    """§9: no other schedule, no other file."""
    room.load(BOARD, "netone: {name: For NetOne, scope: 'partner:netone', people: [kim]}")
    room.run(DUE)
    runs = {run.scope: run.report_in("en") for run in room.runs()}
    kim, park = room.desk.visit("kim"), room.desk.visit("park")
    page = kim.get(PAGE).text
    assert "For NetOne" in page
    assert "For the board" not in page
    assert "For NetOne" not in park.get(PAGE).text
    assert kim.get(f"{PAGE}/files/{runs['partner:netone']}").data.startswith(b"%PDF")
    assert kim.get(f"{PAGE}/files/{runs['all']}").status_code == 404
    assert park.get(f"{PAGE}/files/{runs['partner:netone']}").status_code == 404
    assert room.desk.visit("ueda").get(f"{PAGE}/files/{runs['all']}").status_code == 200


def test_a_partners_page_names_no_other_reader_and_no_reason(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    """§9: neither who else gets it, nor why the desk fails to make it."""
    room.load("netone: {name: For NetOne, scope: 'partner:netone', people: [kim, ueda]}")
    kim = room.desk.visit("kim")
    with monkeypatch.context() as patch:
        patch.setattr(reports, "make", lambda *_a, **_h: 1 / 0)
        room.run(DUE)
    for page in (f"{PAGE}/netone", PAGE):
        said = kim.get(page).text
        assert "Fails" in said
        assert "ZeroDivisionError" not in said
    room.change("ueda", mail=None)
    room.run("2026-12-03 08:05")
    room.deliver()
    said = kim.get(f"{PAGE}/netone").text
    assert "Sent" in said
    assert "Ueda" not in said
    assert "Ueda" in room.desk.visit("root").get(f"{PAGE}/netone").text
    assert room.desk.visit("park").get(f"{PAGE}/netone").status_code == 404


def test_a_partner_gets_no_file_from_before_there_was_an_edition_of_their_own(room: Room) -> None:
    """§9, F6: what was sealed then names others, and is served to the desk as it is."""
    room.load("netone: {name: For NetOne, scope: 'partner:netone', people: [kim, ueda]}")
    room.run(DUE)
    with room.desk.session(), transaction() as session:
        session.execute(sa.update(Report).values(definitions="3"))
    file = f"{PAGE}/files/{room.run_of().report_in('en')}"
    assert room.desk.visit("ueda").get(file).status_code == 200
    kim = room.desk.visit("kim")
    assert kim.get(file).status_code == 404
    assert file not in kim.get(f"{PAGE}/netone").text
    room.deliver()
    assert [mail.to for mail in room.files()] == ["ueda@kita.example"]


def test_its_page_says_what_became_of_each_report(room: Room) -> None:
    """F9: with the file, why one fails, and who did not get it."""
    room.load("board: {name: For the board, people: [ueda, root], languages: [en, ja]}")
    visitor = room.desk.visit("ueda")
    assert "Nothing was due yet" in visitor.get(f"{PAGE}/board").text
    room.run(DUE)
    room.change("ueda", mail=None)
    room.deliver()
    page = visitor.get(f"{PAGE}/board").text
    assert "November 2026" in page
    assert "to 1 person" in page
    assert "not to Ueda Rin: has no address" in page
    for file in room.run_of().reports.values():
        assert f"{PAGE}/files/{file}" in page
    assert room.desk.visit("ito").get(f"{PAGE}/board").status_code == 404
    assert visitor.get(f"{PAGE}/other").status_code == 404


def test_its_page_says_why_one_is_not_sent_yet(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    """F9: it waits, it fails, or nobody waits for it any more."""
    room.load("board: {people: [ueda], seal: approved}")
    room.run(DUE)
    visitor = room.desk.visit("ueda")
    assert "Waits to be sealed" in visitor.get(f"{PAGE}/board").text
    room.load(BOARD)
    with monkeypatch.context() as patch:
        patch.setattr(reports, "make", lambda *_a, **_h: 1 / 0)
        room.run("2026-12-03 08:20")
    page = visitor.get(f"{PAGE}/board").text
    assert "ZeroDivisionError" in page
    assert "1 try" in page
    room.load(when="2026-12-04 09:00")
    room.run("2026-12-04 09:01")
    room.load(BOARD, when="2026-12-04 10:00")
    assert "it was removed meanwhile" in visitor.get(f"{PAGE}/board").text


def test_subscribing_and_unsubscribing_by_a_click(room: Room) -> None:
    room.load("board: {name: For the board}")
    visitor = room.desk.visit("ueda")
    assert "Nobody yet" in visitor.get(PAGE).text
    visitor.post(f"{PAGE}/board/subscribe", wants="yes")
    assert "Unsubscribe" in visitor.get(PAGE).text
    visitor.post(f"{PAGE}/board/subscribe", wants="no")
    assert "Nobody yet" in visitor.get(PAGE).text


@pytest.mark.parametrize(
    ("schedule", "said"),
    [
        ("b: {scope: 'group:nobody'}", 'there is no group "nobody"'),
        ("b: {scope: everything}", "must be all, group:KEY"),
        ("b: {day: 24}", "must be a number from 1 to 23 or last"),
        ("b: {every: week}", "must be month, quarter or year"),
        ("b: {people: [uedaa]}", 'there is no person "uedaa"'),
    ],
)
def test_what_is_wrong_in_desk_yaml_is_named(room: Room, schedule: str, said: str) -> None:
    with room.desk.session(), pytest.raises(BadInput, match=r"reports\.schedules\.b") as error:
        load_text(text(schedule), "cast.yaml", now=at(SINCE))
    assert said in str(error.value)
