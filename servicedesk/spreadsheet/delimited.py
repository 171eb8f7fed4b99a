"""Reads CSV files as other programs write them: encoding and separator are found out."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator
from typing import Any

from flask_babel import gettext as _

from servicedesk.errors import BadInput
from servicedesk.spreadsheet.cells import REPLACED, Cell, tidy
from servicedesk.spreadsheet.grid import Row, Sheet
from servicedesk.spreadsheet.limits import Limits, too_large

ENCODINGS = ("utf-8-sig", "cp932", "utf-16", "euc_jp", "iso2022_jp", "cp1252")
SEPARATORS = {"comma": ",", "semicolon": ";", "tab": "\t"}
LONGEST_CELL = 32_767  # as in Excel; a longer one is a quotation mark that was never closed
SAID = re.compile(r"sep=(.)\r?\n")  # how some programs name the separator
ESCAPED = re.compile(r"'[=+\-@＝＋－＠]")  # as our own list of the rest writes such cells


def guess_encoding(data: bytes) -> str:
    """Find the encoding out: its mark, the first that reads all, or the least loss."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if data[:200].count(0) > len(data[:200]) // 4:
        return "utf-16-le" if data[1:2] == b"\0" else "utf-16-be"
    if re.search(rb"\x1b\$[@B]", data):
        return "iso2022_jp"
    for encoding in ("utf-8-sig", "cp932", "euc_jp"):
        try:
            said = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if encoding != "cp932" or not _is_euc(data, said):
            return encoding
    return min(("utf-8-sig", "cp932"), key=lambda e: data.decode(e, "replace").count(REPLACED))


def _is_euc(data: bytes, as_cp932: str) -> bool:
    """EUC read as Shift_JIS comes out as half-width katakana, one after the other."""
    if len(re.findall("[\uff61-\uff9f]{3}", as_cp932)) < 3:
        return False
    try:
        return len(re.findall("[\u3040-\u30ff\u4e00-\u9fff]", data.decode("euc_jp"))) > 5
    except UnicodeDecodeError:
        return False


def guess_separator(said: str) -> str:
    """Find the separator out: the one that parts most of the first lines, and most alike."""
    named = SAID.match(said)
    if named:
        return named[1]
    sample = said[:20_000]
    return max(SEPARATORS.values(), key=lambda mark: _consistency(sample, mark))


def _consistency(sample: str, mark: str) -> int:
    try:
        widths = [len(row) for _n, row in zip(range(40), _rows(sample, mark), strict=False) if row]
    except csv.Error:
        return 0
    several = [width for width in widths if width > 1]
    return len(several) * 100 + sum(several) - len(set(several)) * 10 if several else 0


def _rows(said: str, mark: str) -> Iterator[list[str]]:
    return csv.reader(io.StringIO(said, newline=""), delimiter=mark)


def read(data: bytes, encoding: str, separator: str, limits: Limits) -> Sheet:
    """Read a file as a sheet; a row's number is the line in which it begins. Raises BadInput."""
    said = data.decode(encoding, "replace").removeprefix("\ufeff")
    named = SAID.match(said)
    start = named.end() if named else 0
    reader = csv.reader(io.StringIO(said[start:], newline=""), delimiter=separator)
    rows: list[Row] = []
    empty: list[tuple[int, int]] = []
    number = 2 if named else 1
    for cells in _patiently(reader):
        if len(rows) >= limits.most or len(cells) > limits.columns:
            raise too_large(limits)
        found = [tidy(_cell(cell)) for cell in cells]
        if any(cell is not None for cell in found):
            rows.append(Row(number, found))
        else:
            empty.append((number, number))
        number = reader.line_num + (2 if named else 1)
    last = rows[-1].number if rows else 0
    return Sheet("CSV", rows, [gap for gap in empty if gap[0] < last])


def _patiently(reader: Any) -> Iterator[list[str]]:
    begun = 1
    try:
        for cells in reader:
            yield cells
            begun = reader.line_num + 1
    except csv.Error:
        said = _(
            "Line %(n)d cannot be read: is there a quotation mark that is never closed?", n=begun
        )
        raise BadInput(said) from None


def _cell(said: str) -> Cell:
    said = said[1:] if ESCAPED.match(said) else said
    return said[:LONGEST_CELL]
