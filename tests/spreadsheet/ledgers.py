"""Ledgers for tests: lines as people keep them, written as XLSX or CSV, with merged cells."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any

import openpyxl

HEADS = (
    "No", "受付日", "受付時刻", "依頼者", "所属", "件名", "内容", "対象システム", "区分",
    "優先度", "希望納期", "回答納期", "担当部署", "担当者", "状況", "一次回答日", "完了日",
    "対応内容", "備考",
)  # fmt: skip
TITLE = "情報システム部　問合せ管理台帳（令和8年度）"
FIELD_OF = dict(
    zip(
        HEADS,
        (
            "number", "logged", "logged_time", "requester", "department", "title", "description",
            "service", "type", "priority", "requested_due", "promised_due", "party", "assignee",
            "state", "replied", "resolved", "resolution", "",
        ),
        strict=True,
    )
)  # fmt: skip

Cells = dict[str, Any]


@dataclass
class Ledger:
    """Rows below a title, a blank row and the head; merged cells by row and columns from 0."""

    rows: list[Cells] = field(default_factory=list)
    merged: list[tuple[int, int, str, str]] = field(default_factory=list)

    def add(self, **cells: Any) -> int:
        """Add a row; gives its index."""
        self.rows.append(cells)
        return len(self.rows) - 1

    def xlsx(self, name: str = "台帳") -> tuple[bytes, list[int]]:
        """Write a workbook; gives the number of each row in the sheet."""
        book = openpyxl.Workbook()
        sheet: Any = book.active
        sheet.title = name
        sheet.append([TITLE])
        sheet.merge_cells(start_row=1, end_row=1, start_column=1, end_column=len(HEADS))
        sheet.append([])
        sheet.append(list(HEADS))
        for cells in self.rows:
            sheet.append([cells.get(head) for head in HEADS] if cells else [])
        for first, last, left, right in self.merged:
            sheet.merge_cells(
                start_row=first + 4,
                end_row=last + 4,
                start_column=HEADS.index(left) + 1,
                end_column=HEADS.index(right) + 1,
            )
        return saved(book), [n + 4 for n in range(len(self.rows))]

    def csv(self, encoding: str = "utf-8", separator: str = ",") -> tuple[bytes, list[int]]:
        """Write a CSV file; gives the line in which each row begins."""
        text = io.StringIO()
        writer = csv.writer(text, delimiter=separator)
        blank = [""] * (len(HEADS) - 1)
        writer.writerows([[TITLE, *blank], ["", *blank], HEADS])
        numbers = []
        for cells in self.rows:
            numbers.append(text.getvalue().count("\n") + 1)
            writer.writerow([written(cells.get(head)) for head in HEADS])
        return text.getvalue().encode(encoding), numbers


def saved(book: Any) -> bytes:
    """Give a workbook as a file."""
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def written(value: Any) -> str:
    """Write a value as a spreadsheet writes it into CSV."""
    if isinstance(value, datetime):
        return value.strftime("%Y/%m/%d %H:%M")
    if isinstance(value, time):
        return value.strftime("%H:%M")
    if isinstance(value, timedelta):
        return f"{value.seconds // 3600}:{value.seconds // 60 % 60:02d}"
    return "" if value is None else str(value)


def table(heads: Sequence[str], *rows: Sequence[Any]) -> bytes:
    """Write a small workbook: a head and some rows, nothing above."""
    book = openpyxl.Workbook()
    sheet: Any = book.active
    for row in (heads, *rows):
        sheet.append(list(row))
    return saved(book)
