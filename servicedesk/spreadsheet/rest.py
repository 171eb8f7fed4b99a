"""The rest as CSV: the lines left out, to be corrected and uploaded again; and all findings."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence

from flask_babel import gettext as _

from servicedesk.spreadsheet import cells, grid
from servicedesk.spreadsheet.findings import Finding, sentence, skipped
from servicedesk.spreadsheet.mapping import Mapping
from servicedesk.spreadsheet.plan import Plan, Source

FORMULA = re.compile(r"\s*[=+\-@＝＋－＠\t\r]")


def safe(said: str) -> str:
    """Let no cell be taken for a formula by the program that opens the list."""
    return f"'{said}" if FORMULA.match(said) else said


def _csv(rows: Iterable[Sequence[str]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerows([safe(cell) for cell in row] for row in rows)
    return text.getvalue()


def lines(source: Source, plan: Plan) -> str:
    """Write the lines that were left out as they stand in the sheet, each with all its reasons."""
    heads = source.heads
    why = _reasons(plan)
    return _csv([[*heads, _("Row"), _("Why")], *_left(source, len(heads), why)])


def _reasons(plan: Plan) -> dict[tuple[str, int], list[str]]:
    why: dict[tuple[str, int], list[str]] = {(sheet, row): [] for sheet, row in plan.left}
    for finding in plan.findings:
        if finding.out:
            why[finding.sheet, finding.row].append(sentence(finding.code, finding.data))
    return why


def _left(
    source: Source, width: int, why: dict[tuple[str, int], list[str]]
) -> Iterable[Sequence[str]]:
    for sheet, head in source.placed():
        for row in grid.body(sheet, head) if head else ():
            reasons = why.get((sheet.name, row.number))
            if reasons is not None:
                said = [cells.text(row.cell(column)) for column in range(width)]
                yield [*said, place(sheet.name, row.number, source), " ".join(reasons)]


def place(sheet: str, row: int, source: Source) -> str:
    """Name a row; with its sheet, where there are several."""
    return f"{sheet}!{row}" if len(source.sheets) > 1 else str(row)


def findings(plan: Plan, mapping: Mapping) -> str:
    """Write everything that did not fit, and every row that was passed over."""
    head = [_("Sheet"), _("Row"), _("Column"), _("Value"), _("The line"), _("Why")]
    return _csv([head, *(_finding(each, mapping) for each in plan.findings), *_skipped(plan)])


def _finding(finding: Finding, mapping: Mapping) -> list[str]:
    became = _("left out") if finding.out else _("imported")
    return [
        finding.sheet,
        str(finding.row),
        column_name(finding.field, mapping),
        finding.value,
        became,
        sentence(finding.code, finding.data),
    ]


def column_name(field: str, mapping: Mapping) -> str:
    """Give the head of a field's column, as it stands in the sheet."""
    column = mapping.column(field)
    return mapping.heads[column] if column is not None else ""


def _skipped(plan: Plan) -> Iterable[Sequence[str]]:
    for kind, spans in plan.skipped.items():
        for sheet, first, last in spans:
            rows = str(first) if first == last else f"{first}–{last}"
            yield [sheet, rows, "", "", _("passed over"), skipped(kind)]
