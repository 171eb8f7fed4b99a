"""The pages of moving in, step by step, and who may open them."""

from __future__ import annotations

import csv
import io
import os
import re
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from werkzeug.test import TestResponse

from servicedesk.incidents.models import Incident
from servicedesk.people.models import Person
from servicedesk.scheduler import sweep_sheets
from servicedesk.spreadsheet import drafts, importing
from tests.cast import Desk, Visitor, at
from tests.spreadsheet.dirt import clean
from tests.spreadsheet.ledgers import Ledger
from tests.support.clock import Clock

pytestmark = pytest.mark.backends("sqlite")
OPTIONS = {
    "prefix": "", "order": "ymd", "months_from": "", "opens": "09:00", "closes": "18:00",
    "duplicates": "out", "unnumbered": "out", "undated": "out",
}  # fmt: skip
SELECT = re.compile(r'<select class="input" name="([\w-]+)".*?</select>', re.DOTALL)
CHOSEN = re.compile(r'<option value="([^"]*)" selected')


@pytest.fixture
def root(desk: Desk, clock: Clock) -> Visitor:
    """The administrator, on the 26th of November."""
    return desk.visit("root")


def ledger() -> Ledger:
    """Two lines that fit, one without a date, one of an unknown service, and an empty row."""
    made = Ledger()
    made.add(**clean(1))
    made.add(**clean(2) | {"依頼者": "山田 花子", "件名": "=1+1 は動かない"})
    made.add()
    made.add(**clean(3) | {"受付日": None, "備考": "=HYPERLINK(1)"})
    made.add(**clean(4) | {"対象システム": "社内ＬＡＮ"})
    return made


def upload(visitor: Visitor, data: bytes, name: str = "台帳.xlsx") -> str:
    """Upload a ledger; gives the address of its draft."""
    answer = visitor.post("/move-in", file=(io.BytesIO(data), name))
    assert answer.status_code == 303, answer.text
    return answer.location.rsplit("/", 1)[0]


def filled_in(answer: TestResponse) -> dict[str, str]:
    """Give what the selects of a page stand at."""
    found = {}
    for select in SELECT.finditer(answer.text):
        chosen = CHOSEN.search(select[0])
        found[select[1]] = chosen[1] if chosen else ""
    return found


def go_to_columns(visitor: Visitor, place: str) -> dict[str, str]:
    visitor.post(f"{place}/sheet", sheet="0", head="3")
    return filled_in(visitor.get(f"{place}/columns"))


def go_to_values(visitor: Visitor, place: str, **more: str) -> dict[str, str]:
    columns = go_to_columns(visitor, place)
    answer = visitor.post(f"{place}/columns", **OPTIONS | columns | more)
    assert answer.location == f"{place}/values"
    return filled_in(visitor.get(f"{place}/values"))


def go_to_preview(visitor: Visitor, place: str, **more: str) -> TestResponse:
    said = go_to_values(visitor, place)
    answer = visitor.post(f"{place}/values", **said | more)
    assert answer.location == f"{place}/preview", answer.text
    return visitor.get(f"{place}/preview")


def rows_of(visitor: Visitor, path: str) -> list[dict[str, str]]:
    with visitor.get(path) as answer:
        assert answer.status_code == 200
        return list(csv.DictReader(io.StringIO(answer.get_data().decode("utf-8-sig"))))


def incidents(desk: Desk) -> list[str | None]:
    with desk.session() as session:
        return list(session.scalars(sa.select(Incident.external_id).order_by(Incident.number)))


# The way through


def test_a_ledger_is_imported_as_it_is_guessed(desk: Desk, root: Visitor) -> None:
    place = upload(root, ledger().xlsx()[0])
    page = go_to_preview(root, place)
    assert "Import 2 lines" in page.text
    answer = root.post(f"{place}/preview", name="")
    assert answer.location == place
    done = root.get(place)
    assert "Imported" in done.text
    assert incidents(desk) == ["K-00001", "K-00002"]
    with desk.session() as session:
        made = session.scalars(sa.select(Person).where(Person.key == "山田 花子")).one()
        assert (made.listed, made.password_hash) == (False, None)


def test_what_is_left_out_can_be_corrected_and_uploaded_again(desk: Desk, root: Visitor) -> None:
    place = upload(root, ledger().csv()[0], "台帳.csv")
    go_to_preview(root, place)
    root.post(f"{place}/preview", name="")
    rest = rows_of(root, f"{place}/rest.csv")
    assert [row["Row"] for row in rest] == ["7", "8"]
    assert [row["Why"] for row in rest] == [
        "There is no date on which it was logged.",
        "Nothing was chosen for this value.",
    ]
    assert rest[0]["備考"] == "'=HYPERLINK(1)"
    rest[0]["受付日"], rest[1]["対象システム"] = "2026/06/01", "Internet access"
    text = io.StringIO()
    writer = csv.DictWriter(text, rest[0])
    writer.writeheader()
    writer.writerows(rest)
    place = upload(root, text.getvalue().encode("utf-8-sig"), "台帳-rest.csv")
    root.post(f"{place}/sheet", sheet="0", head="1")
    columns = filled_in(root.get(f"{place}/columns"))
    root.post(f"{place}/columns", **OPTIONS | columns)
    root.post(f"{place}/values", **filled_in(root.get(f"{place}/values")))
    root.post(f"{place}/preview", name="")
    assert sorted(map(str, incidents(desk))) == ["K-00001", "K-00002", "K-00003", "K-00004"]


def test_a_second_import_of_the_same_adds_nothing(desk: Desk, root: Visitor) -> None:
    data = ledger().xlsx()[0]
    place = upload(root, data)
    go_to_preview(root, place)
    root.post(f"{place}/preview", name="")
    page = go_to_preview(root, upload(root, data))
    assert "Import 2 lines" not in page.text
    assert "There already" in page.text


def test_a_line_that_changed_since_is_explained_and_stays(desk: Desk, root: Visitor) -> None:
    made = ledger()
    first = upload(root, made.xlsx()[0])
    go_to_preview(root, first)
    root.post(f"{first}/preview", name="")
    made.rows[0]["件名"] = "ちがう件名"
    place = upload(root, made.xlsx()[0])
    page = go_to_preview(root, place)
    assert "This number was imported before, and the line says something else now." in page.text
    assert desk.incident(1).title == "つながらない 1"


def test_columns_and_values_can_be_corrected(desk: Desk, root: Visitor) -> None:
    place = upload(root, ledger().xlsx()[0])
    said = go_to_values(root, place, duplicates="suffix", prefix="NET-")
    page = root.get(f"{place}/values")
    unknown = re.search(r"社内ＬＡＮ.*?name=\"(service-\d)\"", page.text, re.DOTALL)
    person = re.search(r'<th scope="row">山田 花子</th>.*?name="(person-\d)"', page.text, re.DOTALL)
    assert unknown
    assert person
    root.post(f"{place}/values", **said | {unknown[1]: "printing", person[1]: "Endo Emi"})
    root.post(f"{place}/preview", name="")
    assert incidents(desk) == ["NET-K-00001", "NET-K-00002", "NET-K-00004"]
    assert desk.incident(2).requester.key == "emi"


def test_a_name_that_nobody_has_is_asked_again(desk: Desk, root: Visitor) -> None:
    place = upload(root, ledger().xlsx()[0])
    said = go_to_values(root, place)
    answer = root.post(f"{place}/values", **said | {"person-0": "Nobody At All"})
    assert answer.status_code == 422
    assert 'value="Nobody At All"' in answer.text


def test_the_same_field_twice_and_no_date_of_logging_are_refused(root: Visitor) -> None:
    place = upload(root, ledger().xlsx()[0])
    columns = go_to_columns(root, place)
    twice = root.post(f"{place}/columns", **OPTIONS | columns | {"column-18": "title"})
    assert (twice.status_code, "“Title” is chosen for two columns" in twice.text) == (422, True)
    none = root.post(f"{place}/columns", **OPTIONS | columns | {"column-1": ""})
    assert (none.status_code, "date of logging" in none.text) == (422, True)
    bad = root.post(f"{place}/columns", **OPTIONS | columns | {"months_from": "April"})
    assert (bad.status_code, "2026-04" in bad.text) == (422, True)


def test_a_mapping_is_kept_and_offered_where_the_heads_match(desk: Desk, root: Visitor) -> None:
    place = upload(root, ledger().xlsx()[0])
    go_to_values(root, place, prefix="NET-")
    root.post(f"{place}/values", **filled_in(root.get(f"{place}/values")))
    root.post(f"{place}/preview", name=" 障害 台帳 ")
    assert "障害 台帳" in root.get("/move-in").text
    again = upload(root, ledger().xlsx()[0])
    root.post(f"{again}/sheet", sheet="0", head="3")
    page = root.get(f"{again}/columns")
    assert "The mapping “障害 台帳” fits these columns." in page.text
    assert 'value="NET-"' in page.text
    assert 'value="NET-"' not in root.get(f"{again}/columns?use=guess").text
    root.post("/move-in/mappings/1/forget")
    assert "障害 台帳" not in root.get("/move-in").text


def test_another_encoding_can_be_chosen(root: Visitor) -> None:
    place = upload(root, "No,受付日,依頼者\r\n1,2026/06/01,山\r\n".encode("cp932"), "台帳.csv")
    assert "受付日" in root.get(f"{place}/sheet").text
    root.post(f"{place}/sheet", act="again", encoding="cp1252", separator="semicolon")
    assert "受付日" not in root.get(f"{place}/sheet").text
    odd = root.post(f"{place}/sheet", act="again", encoding="rot13", separator="tab")
    assert odd.status_code == 400


def test_sheets_with_the_same_head_are_read_together(desk: Desk, root: Visitor) -> None:
    import openpyxl

    from tests.spreadsheet.ledgers import HEADS, saved

    book = openpyxl.Workbook()
    for n, name in enumerate(("4月", "5月", "メモ"), 1):
        sheet = book.create_sheet(name)
        sheet.append(list(HEADS) if n < 3 else ["メモ", "日付"])
        sheet.append([clean(n).get(head) for head in HEADS] if n < 3 else ["x", "y"])
    place = upload(root, saved(book))
    assert "Other sheets with the same head" in root.get(f"{place}/sheet").text
    root.post(f"{place}/sheet", sheet="0", also=["1", "2"], head="1")
    root.post(f"{place}/columns", **OPTIONS | filled_in(root.get(f"{place}/columns")))
    root.post(f"{place}/values", **filled_in(root.get(f"{place}/values")))
    assert "Sheets with another head" in root.get(f"{place}/preview").text
    root.post(f"{place}/preview", name="")
    assert incidents(desk) == ["K-00001", "K-00002"]


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("leer.xlsx", b"", "is empty"),
        ("alt.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "older Excel format"),
        ("kaputt.xlsx", b"PK\x03\x04junk", "damaged"),
        ("nichts.csv", b"\r\n\r\n", "There is nothing in"),
    ],
)
def test_what_is_no_ledger_is_refused(root: Visitor, name: str, data: bytes, said: str) -> None:
    answer = root.post("/move-in", file=(io.BytesIO(data), name))
    assert (answer.status_code, said in answer.text) == (422, True)
    assert "Not finished" not in root.get("/move-in").text


# Who sees it


@pytest.fixture
def place(root: Visitor) -> str:
    """A ledger that the administrator has uploaded and planned."""
    place = upload(root, ledger().xlsx()[0])
    go_to_preview(root, place)
    return place


PAGES = ("", "/sheet", "/columns", "/values", "/preview", "/rest.csv", "/findings.csv")


@pytest.mark.parametrize("who", ["emi", "ito", "sato", "ueda", "kim"])
def test_only_administrators_find_it(desk: Desk, place: str, who: str) -> None:
    """§9: default is no."""
    visitor = desk.visit(who)
    assert {visitor.get(place + page).status_code for page in PAGES} == {404}
    assert {visitor.post(place + page).status_code for page in ("/preview", "/discard")} == {404}
    assert incidents(desk) == []


def test_another_administrator_does_not_see_the_upload(desk: Desk, place: str) -> None:
    with desk.session() as session:
        session.execute(sa.update(Person).where(Person.key == "ueda").values(roles=["admin"]))
        session.commit()
    other = desk.visit("ueda")
    assert other.get("/move-in").status_code == 200
    assert place not in other.get("/move-in").text
    assert {other.get(place + page).status_code for page in PAGES} == {404}


def test_an_upload_is_gone_after_a_day(desk: Desk, root: Visitor, place: str, clock: Clock) -> None:
    clock.advance(hours=24)
    assert root.get(f"{place}/preview").status_code in (302, 404)
    with desk.session():
        folder = drafts.root() / place.rsplit("/", 1)[1]
        made = at("Thu 14:05").timestamp()
        os.utime(folder / drafts.MADE, (made, made))
        assert sweep_sheets(at("Fri 14:05")) == 0
        assert folder.exists()
        assert sweep_sheets(at("Fri 14:06")) == 1
        assert not folder.exists()


def test_after_the_import_only_the_lists_are_left(desk: Desk, root: Visitor, place: str) -> None:
    root.post(f"{place}/preview", name="")
    with desk.session():
        folder = drafts.root() / place.rsplit("/", 1)[1]
        assert {path.name for path in folder.iterdir()} == {
            "draft.json", "findings.csv", "made", "rest.csv",
        }  # fmt: skip
    assert root.get(f"{place}/columns").location == place


def test_it_can_be_thrown_away(desk: Desk, root: Visitor, place: str) -> None:
    root.post(f"{place}/discard")
    assert root.get(f"{place}/preview").status_code == 404
    with desk.session():
        assert list(drafts.own(desk.id("root"), at("14:05"))) == []


@pytest.mark.parametrize("token", ["0" * 32, "x", "..", "importing"])
def test_there_is_nothing_under_another_name(root: Visitor, token: str) -> None:
    assert root.get(f"/move-in/{token}/columns").status_code == 404


def test_what_changed_meanwhile_is_shown_before_it_is_imported(
    desk: Desk, root: Visitor, place: str
) -> None:
    other = upload(root, ledger().xlsx()[0])
    go_to_preview(root, other)
    root.post(f"{other}/preview", name="")
    answer = root.post(f"{place}/preview", name="")
    assert answer.location == f"{place}/preview"
    assert "changed meanwhile" in root.get(f"{place}/preview").text
    assert len(incidents(desk)) == 2


# While it runs


@pytest.fixture
def lock(desk: Desk, place: str) -> Iterator[None]:
    """Another process that imports the ledger."""
    with desk.session():
        held = importing.own_lock()
        assert held
        held.truncate(0)
        held.write(place.rsplit("/", 1)[1])
        held.flush()
        with held:
            yield


def test_a_running_import_is_seen_and_not_begun_twice(
    root: Visitor, place: str, lock: None
) -> None:
    page = root.get(place)
    assert 'http-equiv="refresh"' in page.text
    assert root.get(f"{place}/columns").location == place
    assert root.post(f"{place}/discard").status_code == 400
    other = upload(root, ledger().xlsx()[0])
    go_to_preview(root, other)
    assert root.post(f"{other}/preview", name="").status_code == 409


def test_an_interrupted_import_says_so_and_can_be_begun_again(
    desk: Desk, root: Visitor, place: str
) -> None:
    with desk.session():
        draft = drafts.load(place.rsplit("/", 1)[1], desk.id("root"), at("14:05"))
        draft.started_at = "2026-11-26T05:05:00Z"
        draft.save()
    page = root.get(place)
    assert "The import was interrupted before it was done" in page.text
    root.post(f"{place}/preview", name="")
    assert incidents(desk) == ["K-00001", "K-00002"]


def test_a_refused_import_says_why_and_nothing_was_imported(
    desk: Desk, root: Visitor, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from servicedesk.errors import BadInput

    def refuse(*_said: object, **_more: object) -> None:
        raise BadInput("The moon is full.")

    monkeypatch.setattr("servicedesk.history.replay.bring_in", refuse)
    root.post(f"{place}/preview", name="")
    assert "The moon is full." in root.get(place).text
    assert incidents(desk) == []
