"""Files as other programs write them, and files that mean harm."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import openpyxl
import pytest

from servicedesk.errors import BadInput
from servicedesk.spreadsheet import delimited, workbook
from servicedesk.spreadsheet.cells import Broken
from servicedesk.spreadsheet.grid import Head, guess_head, heads
from servicedesk.spreadsheet.limits import USUAL, Limits
from servicedesk.spreadsheet.workbook import OLE
from tests.spreadsheet.ledgers import HEADS, Ledger, saved, table

LINES = (
    "No,受付日,依頼者,件名\r\n"
    "1,2026/11/21,田中,印刷できない\r\n"
    '2,2026/11/22,佐藤,"二行の\r\n件名"\r\n'
)


# CSV


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize(
    "encoding",
    ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp932", "euc_jp", "iso2022_jp"],
)
def test_encoding_and_separator_are_found_out(encoding: str, separator: str) -> None:
    data = LINES.replace(",", separator).encode(encoding)
    found = delimited.guess_encoding(data)
    mark = delimited.guess_separator(data.decode(found))
    sheet = delimited.read(data, found, mark, USUAL)
    assert [row.number for row in sheet.rows] == [1, 2, 3]
    assert sheet.rows[1].cells == ["1", "2026/11/21", "田中", "印刷できない"]
    assert sheet.rows[2].cells[3] == "二行の\n件名"


def test_the_separator_that_a_file_names_is_taken() -> None:
    assert delimited.guess_separator("sep=;\r\na,b;c,d\r\n") == ";"
    sheet = delimited.read(b"sep=;\r\na,b;c\r\n", "utf-8-sig", ";", USUAL)
    assert [(row.number, row.cells) for row in sheet.rows] == [(2, ["a,b", "c"])]


def test_bytes_of_no_encoding_are_a_broken_cell_of_their_own_line() -> None:
    data = LINES.encode("utf-8") + b"3,2026/11/23,\xff\xfe,x\r\n" + "4,,é,\r\n".encode()
    assert delimited.guess_encoding(data) == "utf-8-sig"
    sheet = delimited.read(data, "utf-8-sig", ",", USUAL)
    assert isinstance(sheet.rows[3].cells[2], Broken)
    assert sheet.rows[3].cells[0] == "3"


def test_empty_lines_are_counted_and_those_at_the_end_are_not() -> None:
    sheet = delimited.read(b"a,b\r\n\r\n,\r\nc,d\r\n\r\n", "utf-8-sig", ",", USUAL)
    assert sheet.empty == [(2, 2), (3, 3)]


def test_a_quotation_mark_that_is_never_closed_is_named() -> None:
    data = b'a,b\r\n1,"x\r\n' + b"2,y\r\n" * 40_000
    with pytest.raises(BadInput, match="Line 2"):
        delimited.read(data, "utf-8-sig", ",", USUAL)


def test_our_own_mark_before_a_formula_is_taken_off_again() -> None:
    sheet = delimited.read(b"'=1+1,'quoted'\r\n", "utf-8-sig", ",", USUAL)
    assert sheet.rows[0].cells == ["=1+1", "'quoted'"]


def test_too_many_rows_or_columns_are_refused() -> None:
    with pytest.raises(BadInput, match="at most 3 rows"):
        delimited.read(b"a,b\n" * 4, "utf-8-sig", ",", Limits(rows=3, above=0))
    with pytest.raises(BadInput, match="2 columns"):
        delimited.read(b"a,b,c\n", "utf-8-sig", ",", Limits(columns=2))


# XLSX


def test_merged_cells_are_spread_and_empty_rows_counted() -> None:
    ledger = Ledger()
    ledger.add(No=1, 件名="a")
    ledger.add()
    ledger.add(No=2, 件名="b")
    ledger.merged.append((0, 2, "依頼者", "所属"))
    ledger.rows[0]["依頼者"] = "田中"
    sheet = workbook.read(ledger.xlsx()[0], USUAL)[0]
    assert [row.cells[3:5] for row in sheet.rows[2:]] == [["田中", "田中"]] * 3
    assert sheet.empty == [(2, 2)]


def test_a_head_below_titles_is_found() -> None:
    ledger = Ledger()
    ledger.add(No=1, 件名="a")
    sheet = workbook.read(ledger.xlsx()[0], USUAL)[0]
    assert guess_head(sheet) == Head(3)
    assert heads(sheet, Head(3)) == list(HEADS)


def test_a_head_of_two_rows_is_found() -> None:
    book = openpyxl.Workbook()
    sheet: Any = book.active
    sheet.append(["No", "受付", None, "依頼者", None, "件名", "完了", None])
    sheet.append([None, "日", "時刻", "氏名", "部署", None, "日", "時刻"])
    sheet.append([1, "2026/06/01", "9:30", "田中", "営業部", "a", "2026/06/02", "10:00"])
    for area in ("A1:A2", "B1:C1", "D1:E1", "F1:F2", "G1:H1"):
        sheet.merge_cells(area)
    read = workbook.read(saved(book), USUAL)[0]
    assert guess_head(read) == Head(1, 2)
    assert heads(read, Head(1, 2))[:3] == ["No", "受付 日", "受付 時刻"]


def test_a_formula_without_a_result_is_not_taken_for_a_blank() -> None:
    sheet = workbook.read(table(["a", "b"], [1, "=A2+1"]), USUAL)[0]
    assert sheet.rows[1].cells == [1, Broken("formula")]


def test_a_stray_cell_far_below_does_no_harm() -> None:
    book = openpyxl.Workbook()
    sheet: Any = book.active
    sheet.append(["a", "b"])
    sheet["A1048576"] = "x"
    read = workbook.read(saved(book), USUAL)[0]
    assert ([row.number for row in read.rows], read.empty) == ([1, 1048576], [(2, 1048575)])


def test_a_workbook_that_unpacks_to_too_much_is_refused() -> None:
    data = table(["a"], *[["x" * 1000] for _n in range(2000)])
    with pytest.raises(BadInput, match="too large"):
        workbook.read(data, Limits(unpacked=10_000))
    with pytest.raises(BadInput, match="too large"):
        workbook.read(data, Limits(rows=500))
    with pytest.raises(BadInput, match="too large"):
        workbook.read(table([f"{n}" for n in range(9)]), Limits(columns=8))


def test_areas_merged_over_and_over_are_refused() -> None:
    data = rewritten(
        table(["a", "b"], *[[n, n] for n in range(500)]),
        "xl/worksheets/sheet1.xml",
        b"</sheetData>",
        b"</sheetData><mergeCells>" + b'<mergeCell ref="A1:XFD1048576"/>' * 2000 + b"</mergeCells>",
    )
    with pytest.raises(BadInput, match="too large"):
        workbook.read(data, USUAL)


@pytest.mark.parametrize(
    "part", ["xl/workbook.xml", "xl/worksheets/sheet1.xml", "[Content_Types].xml"]
)
def test_a_part_that_declares_entities_is_refused(part: str) -> None:
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]><'
    data = rewritten(table(["a"], [1]), part, b"<", bomb, first=True)
    with pytest.raises(BadInput, match="damaged"):
        workbook.read(data, USUAL)


def rewritten(data: bytes, part: str, old: bytes, new: bytes, first: bool = False) -> bytes:
    """Change a part of a workbook."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(file, "w") as target:
        for name in source.namelist():
            text = source.read(name)
            if name == part:
                text = text[text.index(b"?>") + 2 :] if first and b"?>" in text else text
                assert old in text
                text = text.replace(old, new, 1)
            target.writestr(name, text)
    return file.getvalue()


@pytest.mark.parametrize(
    "data",
    [b"PK\x03\x04 nothing of the kind", b"PK\x05\x06" + b"\0" * 18, table(["a"], [1])[:900]],
    ids=["junk", "empty archive", "cut off"],
)
def test_a_damaged_workbook_is_refused(data: bytes) -> None:
    with pytest.raises(BadInput, match="damaged"):
        workbook.read(data, USUAL)


def test_a_zip_of_something_else_is_refused() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("readme.txt", "hello")
    with pytest.raises(BadInput, match="damaged"):
        workbook.read(file.getvalue(), USUAL)


def test_older_formats_and_passwords_are_named() -> None:
    with pytest.raises(BadInput, match=r"save it as \.xlsx"):
        workbook.is_workbook(OLE + b"\0" * 500)
    with pytest.raises(BadInput, match="password"):
        workbook.is_workbook(OLE + "EncryptedPackage".encode("utf-16-le"))
    assert not workbook.is_workbook(b"No,x")
