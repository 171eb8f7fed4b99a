"""Writes lists as CSV or as a workbook: dates as dates, text as text, whatever it begins with."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, tzinfo
from typing import IO, Any, TextIO
from zoneinfo import ZoneInfo

import xlsxwriter
from flask_babel import gettext as _
from flask_babel import ngettext
from xlsxwriter.worksheet import Worksheet

from servicedesk.exports.sheet import MOST, Cell, Sheet
from servicedesk.history.export import plain_text

MARK = "\ufeff"  # by which spreadsheets know UTF-8
LONGEST = 32_767  # letters of a cell
NO_NAME = str.maketrans("[]:*?/\\'", "        ")  # what no sheet's name may have
OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
}


def to_csv(sheet: Sheet, zone: str, out: TextIO) -> None:
    """Write a list as CSV; a text that a spreadsheet could run begins with an apostrophe."""
    out.write(MARK)
    writer = csv.writer(out)
    writer.writerow(plain_text(head) for head in _heads(sheet, zone))
    local = ZoneInfo(zone)
    for row in sheet.take():
        writer.writerow([_text(value, local) for value in row])
    if notes := list(_left_out(sheet)):
        writer.writerows([[], *([note] for note in notes)])


def _heads(sheet: Sheet, zone: str) -> Iterator[str]:
    for column in sheet.columns:
        yield f"{column.head} ({zone})" if column.zoned else column.head


def _left_out(sheet: Sheet) -> Iterator[str]:
    """Say what is not in a file, and why."""
    if sheet.withheld:
        yield ngettext(
            "%(num)s is confidential: you may not see more of it.",
            "%(num)s are confidential: you may not see more of them.",
            sheet.withheld,
        )
    if sheet.cut:
        yield _("There are more: a file has at most %(n)s rows.", n=f"{MOST:,}")


def _text(value: Cell, zone: ZoneInfo) -> Cell:
    if isinstance(value, datetime):
        return _local(value, zone).isoformat(" ", "minutes")
    return value.isoformat() if isinstance(value, date) else plain_text(value)


def to_xlsx(sheets: Sequence[Sheet], zone: str, now: datetime, out: IO[bytes]) -> None:
    """Write lists as a workbook, a row at a time; the last sheet says what it is."""
    with xlsxwriter.Workbook(out, OPTIONS) as book:
        book.set_properties({"created": _local(now, UTC)})
        forms = _Forms(book)
        for sheet in sheets:
            _fill(book.add_worksheet(_name(sheet.title)), sheet, zone, forms)
        _about(book.add_worksheet(_name(_("About this file"))), sheets, zone, now, forms)


def _name(title: str) -> str:
    """Cut a title to what a sheet may be called."""
    return title.translate(NO_NAME).strip()[:31] or "1"


class _Forms:
    """How cells look."""

    def __init__(self, book: Any) -> None:
        line = {"bottom": 1, "text_wrap": True, "valign": "top"}
        self.head = book.add_format({"bold": True, **line})
        self.day = book.add_format({"num_format": "yyyy-mm-dd", "align": "left"})
        self.instant = book.add_format({"num_format": "yyyy-mm-dd hh:mm", "align": "left"})


def _fill(page: Worksheet, sheet: Sheet, zone: str, forms: _Forms) -> None:
    page.freeze_panes(1, 0)
    for n, column in enumerate(sheet.columns):
        page.set_column(n, n, column.width)
    for n, head in enumerate(_heads(sheet, zone)):
        page.write_string(0, n, head, forms.head)
    local = ZoneInfo(zone)
    for at, row in enumerate(sheet.take(), 1):
        for n, value in enumerate(row):
            _put(page, at, n, value, local, forms)
    page.autofilter(0, 0, max(sheet.written, 1), max(len(sheet.columns) - 1, 0))


def _put(page: Worksheet, row: int, column: int, value: Cell, zone: tzinfo, forms: _Forms) -> None:
    if isinstance(value, datetime):
        page.write_datetime(row, column, _local(value, zone), forms.instant)
    elif isinstance(value, date):
        page.write_datetime(row, column, value, forms.day)
    elif isinstance(value, str):
        page.write_string(row, column, value[:LONGEST])
    elif value is not None:
        page.write_number(row, column, value)


def _local(instant: datetime, zone: tzinfo) -> datetime:
    """Give an instant as its clock reads in a zone: cells know no zone."""
    return instant.astimezone(zone).replace(tzinfo=None)


def _about(
    page: Worksheet, sheets: Sequence[Sheet], zone: str, now: datetime, forms: _Forms
) -> None:
    page.set_column(0, 0, 28)
    page.set_column(1, 1, 60)
    lines: list[tuple[str, Cell]] = [(_("As of"), now), (_("Time zone"), zone)]
    for sheet in sheets:
        lines.append((sheet.title, sheet.written))
        lines += [("", note) for note in _left_out(sheet)]
    for n, (name, value) in enumerate(lines):
        page.write_string(n, 0, name, forms.head)
        _put(page, n, 1, value, ZoneInfo(zone), forms)
