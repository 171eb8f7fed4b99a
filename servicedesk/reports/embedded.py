"""The data that a sealed report carries, read back."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from servicedesk.reports.cases import Result
from servicedesk.reports.contents import DESCRIBED
from servicedesk.reports.figures import BY_ID, DEFINITIONS, FIGURES, MANY, SHARE

FILES = {
    "incidents.csv": "An incident or request a row, a figure a column",
    "cases.csv": "A clock decided, a hand-off sent or an exclusion approved a row",
}
INCIDENTS, CASES = FILES
WITHOUT_NET = ("1", "2")  # versions of the definitions


def read(pdf: bytes, names: Collection[str] = tuple(FILES)) -> dict[str, str]:
    """Read data files that a PDF of our own carries."""
    import pikepdf

    with pikepdf.open(io.BytesIO(pdf)) as opened:
        return {
            name: opened.attachments[name].get_file().read_bytes().decode()
            for name in names
            if name in opened.attachments
        }


def results(said: Mapping[str, Any]) -> dict[str, Result]:
    """Read the figures of a report's JSON back; those that are no longer defined are left out."""
    found = {}
    for id, each in said["figures"].items():
        if id in BY_ID:
            value = None if each["unit"] == SHARE else each["value"]
            found[id] = Result(value, each["numerator"], each["denominator"])
    return found


def plain(result: Result) -> tuple[int | None, int | None]:
    """Give what tells a result from another: its value, or its count of hits and of all."""
    if result.value is not None:
        return result.value, None
    return result.numerator, result.denominator


def touched(
    before: Mapping[str, str], now: Mapping[str, str], definitions: str = DEFINITIONS, *,
    parties: bool = True,
) -> list[int]:  # fmt: skip
    """List the numbers of incidents that count differently, in figures that both sets have.

    `definitions`: of the set before. Where those had no net figures, these were the gross ones.
    `parties`: whether it matters who a case is put down to.
    """
    if definitions in WITHOUT_NET:
        before = {**before, CASES: _with_net(before.get(CASES, ""))}
    columns = {
        name: _columns(before.get(name, ""), name) & _columns(now.get(name, ""), name)
        for name in FILES
    }
    columns[CASES] -= set() if parties else {"party"}
    old, new = _counting(before, columns), _counting(now, columns)
    return sorted(n for n in old.keys() | new.keys() if old.get(n) != new.get(n))


def _with_net(text: str) -> str:
    """C11: tell each clock once more, as its net twin."""
    head, *lines = text.splitlines() or [""]
    clocks = {id for id in MANY if f"{id}.net" in BY_ID}
    told = (line.partition(",") for line in lines)
    twins = [f"{id}.net,{rest}" for id, _comma, rest in told if id in clocks]
    return "\n".join([head, *lines, *twins, ""])


def _counting(
    data: Mapping[str, str], columns: Mapping[str, Collection[str]]
) -> dict[int, list[tuple[str, ...]]]:
    """Give what counts of each incident, by number; not how it is described."""
    found: dict[int, list[tuple[str, ...]]] = {}
    for name in FILES:
        for number, line in _lines(data.get(name, ""), columns[name]):
            found.setdefault(number, []).append(line)
    return found


def _columns(text: str, name: str) -> set[str]:
    head = next(csv.reader(io.StringIO(text)), [])
    return set(head) if name == CASES else set(head).difference(DESCRIBED)


def _lines(text: str, columns: Collection[str]) -> Iterator[tuple[int, tuple[str, ...]]]:
    for row in csv.DictReader(io.StringIO(text)):
        number = int(row["number"].removeprefix("INC-"))
        kept = {key: value for key, value in row.items() if key in columns}
        yield number, tuple(f"{key}={value}" for key, value in sorted(kept.items()) if value)


def met(data: Mapping[str, str], figure: str) -> set[int]:
    """List the numbers of the incidents of which a share counts at least one case."""
    rows = csv.DictReader(io.StringIO(data.get(CASES, "")))
    return {
        int(row["number"].removeprefix("INC-"))
        for row in rows
        if row["figure"] == figure and row["value"] == "1"
    }


def counted(data: Mapping[str, str]) -> dict[str, list[int]]:
    """Read the values of the cases that each figure counts; raises ValueError, KeyError."""
    rows = list(csv.DictReader(io.StringIO(data.get(INCIDENTS, ""))))
    found: dict[str, list[int]] = {id: [] for id in MANY}
    for case in csv.DictReader(io.StringIO(data.get(CASES, ""))):
        found[case["figure"]].append(int(case["value"]))
    once = [figure for figure in FIGURES if figure.id not in MANY]
    columns = {figure.id: figure.column for figure in once}
    values = {name: [int(row[name]) for row in rows if row[name]] for name in columns.values()}
    return found | {id: values[column] for id, column in columns.items()}
