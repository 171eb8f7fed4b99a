"""What the pages of moving in show: the top of a sheet, samples of columns, findings by kind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from servicedesk.spreadsheet import cells, findings, grid
from servicedesk.spreadsheet.findings import Finding
from servicedesk.spreadsheet.grid import Row, Sheet
from servicedesk.spreadsheet.plan import Plan, Source

TOP, WIDE = 15, 40  # rows and columns of a sheet that are shown
AT_ONCE = 50


@dataclass(frozen=True)
class Column:
    """A column of a sheet: its letter, its head and some of what stands in it."""

    letter: str
    head: str
    samples: Sequence[str]


@dataclass(frozen=True)
class Kind:
    """Findings of one kind."""

    code: str
    out: bool
    sentence: str
    count: int


def letter(column: int) -> str:
    """Name a column as spreadsheets do: A, B, … Z, AA."""
    said = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        said = chr(65 + rest) + said
    return said


def top(sheet: Sheet) -> list[tuple[int, list[str]]]:
    """Give the first rows of a sheet, as a person would read them."""
    width = min(sheet.width, WIDE)
    return [(row.number, _said(row, width)) for row in sheet.rows[:TOP]]


def _said(row: Row, width: int) -> list[str]:
    return [cells.line(row.cell(column))[:80] for column in range(width)]


def columns(source: Source) -> list[Column]:
    """Give the columns with their first few different values."""
    rows = list(islice(grid.body(source.sheets[0], source.head), 200))
    return [Column(letter(n), head, _samples(rows, n)) for n, head in enumerate(source.heads)]


def _samples(rows: Sequence[Row], column: int) -> list[str]:
    said = (cells.line(row.cell(column))[:60] for row in rows)
    return list(islice(dict.fromkeys(filter(None, said)), 3))


def kinds(plan: Plan) -> list[Kind]:
    """Count the findings of each kind: what leaves lines out first, then the most frequent."""
    counts: dict[tuple[str, bool], int] = {}
    examples: dict[tuple[str, bool], Finding] = {}
    for finding in plan.findings:
        place = (finding.code, finding.out)
        counts[place] = counts.get(place, 0) + 1
        examples.setdefault(place, finding)
    order = sorted(counts, key=lambda place: (not place[1], -counts[place]))
    return [Kind(*place, _sentence(examples[place]), counts[place]) for place in order]


def _sentence(example: Finding) -> str:
    return findings.sentence(example.code, example.data)


@dataclass(frozen=True)
class Page:
    """Some of the findings."""

    items: Sequence[Finding]
    first: int
    total: int
    before: int | None
    after: int | None


def page(plan: Plan, code: str, out: str, start: int) -> Page:
    """Give findings from one on, of one kind or all."""
    wanted = [
        f for f in plan.findings
        if (not code or f.code == code) and (not out or f.out == (out == "1"))
    ]  # fmt: skip
    start = min(max(start, 0), max(len(wanted) - 1, 0)) // AT_ONCE * AT_ONCE
    before = start - AT_ONCE if start else None
    after = start + AT_ONCE if start + AT_ONCE < len(wanted) else None
    return Page(wanted[start : start + AT_ONCE], start, len(wanted), before, after)


@dataclass(frozen=True)
class Passed:
    """Rows of one kind that are no lines of the ledger."""

    kind: str
    count: int
    rows: str


def passed(plan: Plan) -> list[Passed]:
    """List the rows that were passed over, by kind."""
    found = []
    for kind, spans in plan.skipped.items():
        count = sum(last - first + 1 for _sheet, first, last in spans)
        rows = ", ".join(str(a) if a == b else f"{a}–{b}" for _sheet, a, b in spans[:30])
        found.append(Passed(findings.skipped(kind), count, rows + (" …" if spans[30:] else "")))
    return found


def first_lines(plan: Plan) -> list[dict[str, Any]]:
    """Give the first lines as they will be: the last word on each field, and when it happened."""
    found = []
    for line in plan.first:
        said: dict[str, str] = {}
        for row in line.history:
            said |= {name: value for name, value in row.items() if value}
        at = {row["state"]: row["at"] for row in line.history if row.get("state")}
        said |= {"logged": line.history[0]["at"], "row": str(line.row), "number": line.key}
        found.append({**said, "resolved": at.get("resolved", ""), "closed": at.get("closed", "")})
    return found
