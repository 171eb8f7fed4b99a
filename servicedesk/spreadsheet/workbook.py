"""Reads XLSX files: what cells hold as last calculated, merged cells spread, macros left alone."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterable, Iterator
from typing import Any
from zipfile import BadZipFile, ZipFile

from flask_babel import gettext as _

from servicedesk.errors import BadInput
from servicedesk.spreadsheet.cells import Broken, Cell, tidy
from servicedesk.spreadsheet.grid import Row, Sheet, gaps
from servicedesk.spreadsheet.limits import Limits, too_large
from servicedesk.spreadsheet.survey import Area, Survey, check, damaged, survey

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


# What reading makes of a workbook that is none, or that has a password.
_DAMAGED = (
    BadZipFile,
    KeyError,
    ValueError,
    TypeError,
    IndexError,
    OSError,
    SyntaxError,
    RuntimeError,
)


def is_workbook(data: bytes) -> bool:
    """Say whether a file is a zip, as XLSX is; raises BadInput for Office's older formats."""
    if data.startswith(OLE):
        raise BadInput(_old(data))
    return data.startswith(b"PK")


def _old(data: bytes) -> str:
    if "EncryptedPackage".encode("utf-16-le") in data:
        return str(_("This workbook has a password: please save it without one."))
    return str(_("This is an older Excel format: please save it as .xlsx, or as CSV."))


def read(data: bytes, limits: Limits) -> list[Sheet]:
    """Read every sheet that has something in it; raises BadInput."""
    try:
        with ZipFile(io.BytesIO(data)) as archive:
            check(archive, limits)
            return _read(data, archive, limits)
    except _DAMAGED:
        raise damaged() from None


def _read(data: bytes, archive: ZipFile, limits: Limits) -> list[Sheet]:
    import openpyxl

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what it leaves out: pictures, validations
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        sheets = [_sheet(sheet, archive, limits) for sheet in book.worksheets]
        book.close()
    found = [sheet for sheet in sheets if sheet.rows]
    if sum(len(sheet.rows) for sheet in found) > limits.most:
        raise too_large(limits)
    return found


def _sheet(sheet: Any, archive: ZipFile, limits: Limits) -> Sheet:
    """Read a sheet row by row; only its part itself tells what openpyxl's quick way leaves out."""
    found = survey(archive, str(sheet._worksheet_path).lstrip("/"), limits)
    sheet.reset_dimensions()  # some programs write wrong ones
    cells = sheet.iter_rows(values_only=True, max_row=found.last_row or 1)
    read = _numbered(cells, found)
    rows = [row for row in _spread(read, found, limits) if any(c is not None for c in row.cells)]
    return Sheet(sheet.title, rows, gaps(rows), sheet.sheet_state != "visible")


def _numbered(rows: Iterable[tuple[Any, ...]], found: Survey) -> Iterator[tuple[int, list[Cell]]]:
    for number, values in enumerate(rows, 1):
        cells = [_cell(value) for value in values[: found.columns]]
        for column in range(len(cells)):
            if cells[column] is None and (number, column + 1) in found.unanswered:
                cells[column] = Broken("formula")
        yield number, cells


def _cell(value: Any) -> Cell:
    if value is None or isinstance(value, str | int | float | bool):
        return tidy(value)
    kinds = ("datetime", "time", "timedelta")
    known: Cell = value if type(value).__name__ in kinds else tidy(str(value))
    return known


def _spread(rows: Iterator[tuple[int, list[Cell]]], found: Survey, limits: Limits) -> Iterator[Row]:
    """Write the value of merged cells into each of them, as far as the sheet goes."""
    waiting = sorted((a for a in found.merged if a.top <= found.last_row), key=lambda a: a.top)
    waiting.reverse()
    active: list[tuple[Area, Cell]] = []
    spent = 0
    for number, cells in rows:
        while waiting and waiting[-1].top == number:
            area = waiting.pop()
            active.append((area, cells[area.left - 1] if area.left <= len(cells) else None))
        active = [(area, value) for area, value in active if area.bottom >= number]
        spent += sum(min(a.right, found.columns) - a.left + 1 for a, _value in active)
        if spent > limits.cells:
            raise too_large(limits)
        for area, value in active:
            _fill(cells, area, value, found.columns)
        yield Row(number, cells)


def _fill(cells: list[Cell], area: Area, value: Cell, columns: int) -> None:
    right = min(area.right, columns)
    cells.extend([None] * (right - len(cells)))
    for column in range(area.left - 1, right):
        cells[column] = value
