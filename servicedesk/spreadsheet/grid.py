"""A sheet as rows of cells: where its head is, and which rows are no lines of the ledger."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise

from servicedesk.spreadsheet import fields
from servicedesk.spreadsheet.cells import Cell, line, plain, text

LOOKED_AT = 25  # rows from the top in which the head is looked for
TOTAL = re.compile(
    r"(総?合計|小計|総計|累計|計|平均|件数|grandtotal|subtotal|total|sum|average|count)[:]?[\d,.]*件?"
)
NOTE = re.compile(r"(※|注[):\d]|\*|以上|備考[:]|note:|end(of.*)?$|作成者|更新日)")
VOID = {"欠番", "(欠番)", "欠番。", "未使用", "(void)", "unused"}


@dataclass(frozen=True, slots=True)
class Row:
    """A row that is not empty, with its number in the sheet."""

    number: int
    cells: Sequence[Cell]

    def cell(self, column: int | None) -> Cell:
        """Give a cell; None beyond the end of the row."""
        return self.cells[column] if column is not None and column < len(self.cells) else None


@dataclass(frozen=True)
class Sheet:
    """One sheet of a workbook, or the one that a CSV file is."""

    name: str
    rows: Sequence[Row] = field(default_factory=list)
    empty: Sequence[tuple[int, int]] = field(default_factory=list)  # first and last row of each gap
    hidden: bool = False

    @property
    def width(self) -> int:
        """Count its columns."""
        return max((len(row.cells) for row in self.rows), default=0)


@dataclass(frozen=True, slots=True)
class Head:
    """Where a sheet's head is: the number of its first row, and how many rows it has."""

    row: int
    span: int = 1

    @property
    def last(self) -> int:
        """Give the number of its last row."""
        return self.row + self.span - 1


def heads(sheet: Sheet, head: Head) -> list[str]:
    """Give the texts above the columns; of a head of several rows all of them, each once."""
    rows = [row for row in sheet.rows if head.row <= row.number <= head.last]
    return [_above([line(row.cell(column)) for row in rows]) for column in range(sheet.width)]


def _above(texts: list[str]) -> str:
    return " ".join(dict.fromkeys(said for said in texts if said))


def guess_head(sheet: Sheet) -> Head:
    """Find the head: where most fields are known by their words, and the most surely."""
    top = sheet.rows[:LOOKED_AT]
    candidates = [Head(row.number, span) for row in top for span in (1, 2)]
    best = max(candidates, key=lambda head: _sureness(sheet, head), default=Head(1))
    if _sureness(sheet, best)[0] >= 2:
        return best
    return next((Head(row.number) for row in top if _texts(row) >= 2), Head(1))


def known(heads: Sequence[str]) -> int:
    """Count the heads whose field is known."""
    return sum(map(bool, fields.guess(heads)))


def _texts(row: Row) -> int:
    return sum(isinstance(cell, str) for cell in row.cells)


def _sureness(sheet: Sheet, head: Head) -> tuple[int, int, int]:
    """Count the known fields; a second row must add some, and be no line of the ledger."""
    rows = [row for row in sheet.rows if head.row <= row.number <= head.last]
    if len(rows) < head.span or any(len(_different(row)) < 2 or _has_dates(row) for row in rows):
        return (0, 0, 0)
    said = heads(sheet, head)
    found = fields.guess(said)
    score = sum(fields.likeness(h, name) for h, name in zip(said, found, strict=True) if name)
    return (sum(map(bool, found)), -head.span, score)


def _different(row: Row) -> set[str]:
    return {text(cell) for cell in row.cells if cell is not None}


def _has_dates(row: Row) -> bool:
    return any(isinstance(cell, datetime | float) for cell in row.cells)


def body(sheet: Sheet, head: Head) -> Iterator[Row]:
    """Give the rows below the head."""
    return (row for row in sheet.rows if row.number > head.last)


def other_head(sheet: Sheet, wanted: Sequence[str]) -> Head | None:
    """Find the same head in another sheet of the workbook."""
    said = [plain(head) for head in wanted]
    while said and not said[-1]:
        said.pop()
    for row in sheet.rows[:LOOKED_AT]:
        for span in (1, 2):
            here = [plain(head) for head in heads(sheet, Head(row.number, span))]
            if said and here[: len(said)] == said:
                return Head(row.number, span)
    return None


def gaps(rows: Sequence[Row]) -> list[tuple[int, int]]:
    """Give the stretches of empty rows between those that are not."""
    pairs = pairwise(row.number for row in rows)
    return [(one + 1, two - 1) for one, two in pairs if two > one + 1]


# Rows that are no lines of the ledger


def kind(row: Row, said: Sequence[str], mapped: dict[str, int]) -> str:
    """Say what a row is: "" a line; else empty, header, heading, total, note, void or number."""
    filled = [cell for cell in row.cells if cell is not None]
    words = [plain(text(cell)) for cell in filled]
    if _repeats(row, said):
        return "header"
    if len(filled) >= 2 and len(set(words)) == 1:
        return "heading"  # one text, merged across the row
    if any(word in VOID for word in words):
        return "void"
    if TOTAL.fullmatch(words[0]) and not isinstance(row.cell(mapped.get("logged")), datetime):
        return "total"
    if len(filled) == 1 and NOTE.match(words[0]):
        return "note"
    return _unused(row, mapped)


def _repeats(row: Row, said: Sequence[str]) -> bool:
    """A head again: most of its cells are the texts of the head."""
    pairs = [
        (plain(text(c)), plain(h)) for c, h in zip(row.cells, said, strict=False) if c is not None
    ]
    same = sum(bool(cell) and head.endswith(cell) for cell, head in pairs)
    return same >= 2 and same * 10 >= len(pairs) * 6


def _unused(row: Row, mapped: dict[str, int]) -> str:
    """Nothing stands in the columns that are read, or a number that was filled in ahead."""
    there = {name for name, column in mapped.items() if row.cell(column) is not None}
    if not there:
        return "empty"
    return "number" if there == {"number"} else ""
