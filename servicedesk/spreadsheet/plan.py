"""What would become of a whole ledger: its history, and everything that does not fit."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from servicedesk.history import replay
from servicedesk.setup.snapshot import directory
from servicedesk.spreadsheet import grid, lines, people, values
from servicedesk.spreadsheet.cells import Broken, is_nothing, line, plain
from servicedesk.spreadsheet.fields import CHOICES, PEOPLE
from servicedesk.spreadsheet.findings import Finding
from servicedesk.spreadsheet.grid import Head, Row, Sheet
from servicedesk.spreadsheet.lines import Line, Reading
from servicedesk.spreadsheet.mapping import Mapping

COLUMNS = (*replay.NEEDED, *replay.OPTIONAL)
SHOWN = 20


@dataclass
class Plan:
    """What an import would come to; every row below the head is in exactly one of the counts."""

    rows: int = 0
    fit: int = 0
    out: int = 0
    there: int = 0  # imported before, and the same
    skipped: dict[str, list[tuple[str, int, int]]] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    first: list[Line] = field(default_factory=list)
    made: list[str] = field(default_factory=list)  # people who will be made
    left: list[tuple[str, int]] = field(default_factory=list)  # the lines left out
    changes: int = 0  # rows of the history

    @property
    def passed_over(self) -> int:
        """Count the rows that are no lines."""
        return sum(last - first + 1 for spans in self.skipped.values() for _s, first, last in spans)

    def skip(self, kind: str, sheet: str, first: int, last: int) -> None:
        """Note rows that are no lines of the ledger."""
        self.rows += last - first + 1
        self.skipped.setdefault(kind, []).append((sheet, first, last))


@dataclass(frozen=True)
class Source:
    """The sheets that are read, and where their head is in the first of them."""

    sheets: Sequence[Sheet]
    head: Head

    @property
    def heads(self) -> list[str]:
        """Give the texts above the columns."""
        return grid.heads(self.sheets[0], self.head) if self.sheets else []

    def placed(self) -> Iterator[tuple[Sheet, Head | None]]:
        """Give each sheet with its head; None: it has another."""
        for n, sheet in enumerate(self.sheets):
            yield sheet, self.head if n == 0 else grid.other_head(sheet, self.heads)

    def rows(self, mapping: Mapping) -> Iterator[tuple[Sheet, Row, str]]:
        """Give the rows below the heads, each with its kind."""
        said, mapped = self.heads, mapping.mapped
        for sheet, head in self.placed():
            for row in grid.body(sheet, head) if head else ():
                yield sheet, row, grid.kind(row, said, mapped)


def make(
    session: Session, source: Source, mapping: Mapping, now: datetime, history: Path | None = None
) -> Plan:
    """Read every line, and write the history of those that fit."""
    setup = directory(session)
    everybody = people.load(session, mapping.people)
    reading = Reading(mapping, setup, everybody, now)
    planning = _Planning(Plan(), replay.imported(session))
    planning.gaps(source)
    for sheet, row, kind in source.rows(mapping):
        if kind:
            planning.plan.skip(kind, sheet.name, row.number, row.number)
        else:
            planning.add(lines.read(row, sheet.name, reading), mapping.options.duplicates)
    if history:
        _write(history, planning.kept)
    planning.plan.changes = sum(len(line.history) for line in planning.kept)
    planning.plan.made = sorted(set(planning.people()) - everybody.named.keys())
    return planning.plan


@dataclass
class _Planning:
    """A plan under way."""

    plan: Plan
    there: dict[str, str]  # imported keys, with the digest of their rows
    first_of: dict[str, int] = field(default_factory=dict)  # number: the row in which it stands
    kept: list[Line] = field(default_factory=list)

    def gaps(self, source: Source) -> None:
        """Count the empty rows below the heads, and the sheets that have another head."""
        for sheet, head in source.placed():
            if head is None:
                self.plan.skip("sheet", sheet.name, sheet.rows[0].number, sheet.rows[-1].number)
                continue
            for first, last in sheet.empty:
                if first > head.last:
                    self.plan.skip("empty", sheet.name, first, last)

    def add(self, line: Line, duplicates: str) -> None:
        """Count a line, once it is known whether its number is free."""
        self.plan.rows += 1
        if line.key:
            self._number(line, duplicates)
        if line.fits and self._was_there(line):
            self.plan.there += 1
        elif line.fits:
            self.plan.fit += 1
            self.kept.append(line)
        else:
            self.plan.out += 1
            self.plan.left.append((line.sheet, line.row))
        self.plan.findings += line.findings
        if line.fits and len(self.plan.first) < SHOWN:
            self.plan.first.append(line)

    def _number(self, line: Line, duplicates: str) -> None:
        """The first line that fits has the number; a second is left out, or gets one of its own."""
        first = self.first_of.get(line.key)
        if first is None:
            if line.fits:
                self.first_of[line.key] = line.row
            return
        if duplicates != "suffix":
            self._find(line, "duplicate", out=True, first=str(first))
            return
        key = next(k for n in range(2, 10**6) if (k := f"{line.key}-{n}") not in self.first_of)
        self._find(line, "suffixed", first=str(first), key=key)
        line.key = key
        if line.fits:
            self.first_of[key] = line.row

    def _find(self, line: Line, code: str, *, out: bool = False, **data: str) -> None:
        line.findings.append(Finding(line.sheet, line.row, "number", line.key, code, out, data))

    def _was_there(self, line: Line) -> bool:
        """Say whether a line was imported before; one that says something else now is left out."""
        before = self.there.get(line.key)
        if before is None:
            return False
        if before == replay.digest([replay.Line(0, cells) for cells in rows_of(line)]):
            return True
        self._find(line, "changed", out=True)
        return False

    def people(self) -> Iterator[str]:
        """Give everybody who is named in what will be imported."""
        for kept in self.kept:
            for cells in kept.history:
                yield from filter(None, (cells.get("requester"), cells.get("assignee")))


def rows_of(line: Line) -> list[dict[str, str]]:
    """Give a line's history with every column, as it is written and read again."""
    return [
        {name: line.key if name == "incident" else cells.get(name, "").strip() for name in COLUMNS}
        for cells in line.history
    ]


def _write(path: Path, kept: Sequence[Line]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        for each in kept:
            writer.writerows(rows_of(each))


# What is there to choose for


@dataclass(frozen=True)
class Value:
    """A value of a column, how often it stands there, and what it stands for."""

    text: str
    count: int
    target: str


def values_of(source: Source, mapping: Mapping, session: Session) -> dict[str, list[Value]]:
    """Give the distinct values of each column whose values stand for something."""
    setup = directory(session)
    found: dict[str, list[Value]] = {}
    for name, said in _texts(source, mapping, CHOICES).items():
        distinct = sorted(values.distinct(said).values(), key=lambda item: (-item[1], item[0]))
        found[name] = [Value(text, n, mapping.target(name, text, setup)) for text, n in distinct]
    return found


def _texts(source: Source, mapping: Mapping, names: Sequence[str]) -> dict[str, list[str]]:
    """Give what stands in some columns, cell by cell, but for blanks."""
    mapped = {name: column for name, column in mapping.mapped.items() if name in names}
    found: dict[str, list[str]] = {name: [] for name in mapped}
    for _sheet, row, kind in source.rows(mapping):
        if kind:
            continue
        for name, column in mapped.items():
            cell = row.cell(column)
            if not is_nothing(cell, words=False) and not isinstance(cell, Broken):
                found[name].append(line(cell))
    return found


def people_of(source: Source, mapping: Mapping, session: Session) -> tuple[list[Value], int]:
    """Give the names that nobody on the desk has, by frequency; and how many are known."""
    everybody = people.load(session, mapping.people)
    counts: Counter[str] = Counter()
    forms: dict[str, str] = {}
    for said in _texts(source, mapping, PEOPLE).values():
        for name in said:
            if not is_nothing(name):
                counts[plain(name)] += 1
                forms.setdefault(plain(name), name)
    unknown, known = [], 0
    for folded, count in counts.most_common():
        match = everybody.find(forms[folded])
        chosen = mapping.people.get(folded, "")
        if match.how == "known" and not chosen:
            known += 1
        else:
            unknown.append(Value(forms[folded], count, chosen))
    return unknown, known
