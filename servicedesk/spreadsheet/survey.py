"""Looks through an XLSX file first: its size, merged cells, formulas without a result."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat
from zipfile import ZipFile

from flask_babel import gettext as _

from servicedesk.errors import BadInput
from servicedesk.spreadsheet.limits import Limits, too_large

CHUNK = 1 << 16
REF = re.compile(r"([A-Z]{1,3})(\d{1,7})")


class _Done(Exception):
    """Enough of a part has been looked at."""


def damaged() -> BadInput:
    """Say that a file is none of Excel's."""
    return BadInput(_("This file cannot be read as an Excel workbook: it may be damaged."))


def check(archive: ZipFile, limits: Limits) -> None:
    """Refuse what would unpack to too much, and parts that declare entities; raises BadInput."""
    parts = archive.infolist()
    if len(parts) > limits.parts or sum(part.file_size for part in parts) > limits.unpacked:
        raise too_large(limits)
    for part in parts:
        if part.filename.endswith((".xml", ".rels")):
            _check_prolog(archive, part.filename)


def _check_prolog(archive: ZipFile, name: str) -> None:
    """No part of a workbook declares a document type; one that does is an attack."""
    parser = expat.ParserCreate()

    def begun(*_said: object) -> None:
        raise _Done

    def declared(*_said: object) -> None:
        raise damaged()

    parser.StartElementHandler = begun
    parser.StartDoctypeDeclHandler = declared
    try:
        _feed(parser, archive, name)
    except _Done:
        return


def _feed(parser: Any, archive: ZipFile, name: str) -> None:
    try:
        with archive.open(name) as part:
            while chunk := part.read(CHUNK):
                parser.Parse(chunk, False)
            parser.Parse(b"", True)
    except expat.ExpatError:
        raise damaged() from None


@dataclass(frozen=True, slots=True)
class Area:
    """Merged cells: rows and columns from 1, both ends included."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass
class Survey:
    """What a sheet's part says of itself."""

    merged: list[Area] = field(default_factory=list)
    unanswered: set[tuple[int, int]] = field(default_factory=set)  # formulas without a result
    rows: int = 0  # with something in them
    last_row: int = 0
    cells: int = 0
    columns: int = 0


@dataclass
class _Surveyor:
    """Listens to a sheet's part, element by element."""

    limits: Limits
    parser: Any
    found: Survey = field(default_factory=Survey)
    place: tuple[int, int] = (0, 0)
    formula: bool = False
    value: bool = False

    def begun(self, tag: str, said: dict[str, str]) -> None:
        """Begin an element."""
        name = tag.rpartition(":")[2]
        if name == "c":
            row, column = self.place
            self.place = _place(said.get("r", "")) or (row, column + 1)
            self.formula = self.value = False
        elif name == "row":
            given = said.get("r", "")
            self.place = (int(given) if given.isdecimal() else self.place[0] + 1, 0)
        elif name in ("v", "is"):
            self.value = not self.formula
            if self.formula:  # some programs write a result that is empty
                self.parser.CharacterDataHandler = self._result
        elif name == "f":
            self.formula = True
        elif name == "mergeCell" and (area := _area(said.get("ref", ""))):
            self.found.merged.append(area)

    def _result(self, _text: str) -> None:
        self.value = True
        self.parser.CharacterDataHandler = None

    def ended(self, tag: str) -> None:
        """End an element; of a cell count what was in it."""
        if tag.rpartition(":")[2] != "c" or not (self.value or self.formula):
            return
        self.parser.CharacterDataHandler = None
        if not self.value:
            self.found.unanswered.add(self.place)
        self._count()

    def _count(self) -> None:
        row, column = self.place
        found = self.found
        found.cells += 1
        found.columns = max(found.columns, column)
        if row != found.last_row:
            found.rows, found.last_row = found.rows + 1, row
        if found.rows > self.limits.most or found.cells > self.limits.cells:
            raise too_large(self.limits)


def survey(archive: ZipFile, name: str, limits: Limits) -> Survey:
    """Look through a sheet's part; raises BadInput where it is too large or damaged."""
    parser = expat.ParserCreate()
    surveyor = _Surveyor(limits, parser)
    parser.StartElementHandler = surveyor.begun
    parser.EndElementHandler = surveyor.ended
    _feed(parser, archive, name)
    if surveyor.found.columns > limits.columns:
        raise too_large(limits)
    return surveyor.found


def _place(ref: str) -> tuple[int, int] | None:
    found = REF.fullmatch(ref)
    if found is None:
        return None
    column = 0
    for letter in found[1]:
        column = column * 26 + ord(letter) - 64
    return int(found[2]), column


def _area(ref: str) -> Area | None:
    first, _colon, last = ref.partition(":")
    start, end = _place(first), _place(last or first)
    return Area(*start, *end) if start and end else None
