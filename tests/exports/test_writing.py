"""Lists as files: nothing in them can run, dates are dates, and what is left out is said."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime

import pytest
from flask import Flask
from hypothesis import example, given
from hypothesis import strategies as st
from openpyxl import load_workbook

from servicedesk.exports import sheet as sheets
from servicedesk.exports import writing
from servicedesk.exports.sheet import Cell, Column, Sheet, when
from servicedesk.history.export import ACTIVE

NOW = datetime(2026, 11, 26, 5, 5, tzinfo=UTC)
ZONE = "Asia/Tokyo"
ACTIVE_TEXTS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1+1", "＠A"]


def as_csv(sheet: Sheet) -> list[list[str]]:
    out = io.StringIO(newline="")
    writing.to_csv(sheet, ZONE, out)
    text = out.getvalue()
    assert text.startswith("\ufeff")
    return list(csv.reader(io.StringIO(text[1:], newline="")))


def as_xlsx(sheet: Sheet) -> io.BytesIO:
    out = io.BytesIO()
    writing.to_xlsx([sheet], ZONE, NOW, out)
    out.seek(0)
    return out


def of(*values: Cell) -> Sheet:
    return Sheet("List", [Column("What"), when("When")], ([value, None] for value in values))


@pytest.fixture(autouse=True)
def _words(app: Flask) -> object:
    with app.test_request_context():
        yield


@pytest.mark.parametrize("text", ACTIVE_TEXTS)
def test_no_text_becomes_a_formula(text: str) -> None:
    assert as_csv(of(text))[1][0] == f"'{text}"
    cell = load_workbook(as_xlsx(of(text))).worksheets[0]["A2"]
    assert cell.data_type == "s"
    assert cell.value.replace("_x000D_", "\r") == text


@given(st.text(max_size=40))
@example("=cmd|' /C calc'!A0")
@example("https://kita.example/")
def test_no_cell_of_a_csv_begins_like_a_formula(text: str) -> None:
    said = as_csv(of(text))[1][0]
    assert not said.startswith(ACTIVE)
    assert said in (text, f"'{text}")


def test_a_workbook_has_no_formulas_and_no_links() -> None:
    page = load_workbook(as_xlsx(of("=1+1", "https://kita.example/", "12"))).worksheets[0]
    assert [cell.data_type for (cell, _when) in page.iter_rows(min_row=2)] == ["s", "s", "s"]
    assert not any(cell.hyperlink for row in page.iter_rows() for cell in row)


def test_dates_are_dates_in_the_readers_zone() -> None:
    """D1: a day stays a day."""
    page = load_workbook(as_xlsx(of(NOW, date(2026, 11, 27), 7))).worksheets[0]
    values = [cell.value for (cell, _when) in page.iter_rows(min_row=2)]
    assert values == [datetime(2026, 11, 26, 14, 5), datetime(2026, 11, 27), 7]  # noqa: DTZ001
    assert [isinstance(value, datetime) for value in values] == [True, True, False]
    rows = as_csv(of(NOW, date(2026, 11, 27)))
    assert [row[0] for row in rows] == ["What", "2026-11-26 14:05", "2026-11-27"]
    assert rows[0][1] == "When (Asia/Tokyo)"


def test_the_head_stays_in_sight() -> None:
    page = load_workbook(as_xlsx(of("x"))).worksheets[0]
    assert page.freeze_panes == "A2"
    assert page.column_dimensions["A"].width == pytest.approx(16, abs=1)


def test_a_file_says_what_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """§9: how many, and that there are more rows than it takes."""
    monkeypatch.setattr(sheets, "MOST", 2)
    monkeypatch.setattr(writing, "MOST", 2)
    sheet = of("a", "b", "c")
    sheet.withheld = 3
    rows = as_csv(sheet)
    assert [row[0] for row in rows if row][:3] == ["What", "a", "b"]
    assert rows[-2:] == [
        ["3 are confidential: you may not see more of them."],
        ["There are more: a file has at most 2 rows."],
    ]
    sheet = of("a", "b", "c")
    sheet.withheld = 1
    about = load_workbook(as_xlsx(sheet)).worksheets[-1]
    said = [cell for row in about.iter_rows(values_only=True) for cell in row]
    assert "1 is confidential: you may not see more of it." in said
    assert "There are more: a file has at most 2 rows." in said
