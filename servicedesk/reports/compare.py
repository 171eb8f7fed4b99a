"""Compares the files that a report carries with those that follow from its facts."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping
from itertools import zip_longest
from typing import Any

from servicedesk.reports import embedded
from servicedesk.reports.bound import REPORT
from servicedesk.reports.contents import figure_json
from servicedesk.reports.figures import DEFINITIONS, FIGURES

Row = list[str]


def figures(carried: Mapping[str, str]) -> Iterator[str]:
    """Work every figure out from the rows of the tables, and hold it against what is said."""
    said, version = parsed(carried.get(REPORT, "")).get("figures"), definitions(carried)
    since = int(version) if version.isdecimal() else int(DEFINITIONS)
    try:
        counted = embedded.counted(carried)
    except (LookupError, TypeError, ValueError, csv.Error) as error:
        yield f"{', '.join(embedded.FILES)}: cannot be read: {error}"
        return
    for figure in FIGURES:
        if figure.since > since:
            continue
        one = said.get(figure.id) if isinstance(said, dict) else None
        told = _told(one if isinstance(one, dict) else {})
        found = _told(figure_json(figure, figure.total(counted[figure.id])))
        if told != found:
            yield f"figure {figure.id}: printed {told}, recomputed from its cases {found}"


def definitions(carried: Mapping[str, str]) -> str:
    """Give the version of the definitions that a report says it follows."""
    return str(parsed(carried.get(REPORT, "")).get("definitions"))


def _told(said: Mapping[str, Any]) -> str:
    value, of, all_ = (said.get(name) for name in ("value", "numerator", "denominator"))
    return str(value) if all_ is None else f"{value} ({of} of {all_})"


def files(carried: Mapping[str, str], made: Mapping[str, str], *, worded: bool = True) -> list[str]:
    """Name every difference: file, line or place, what it says and what was recomputed.

    `worded`: whether both word in the same way what a figure counts.
    """
    lines = [
        line for name in sorted(carried.keys() | made.keys()) for line in _file(name, carried, made)
    ]
    return [line for line in lines if worded or not _WORDING.match(line)]


_WORDING = re.compile(rf"{re.escape(REPORT)}: figures\.[\w.]+\.population: carried \"")


def _file(name: str, carried: Mapping[str, str], made: Mapping[str, str]) -> Iterator[str]:
    if name not in carried:
        yield f"{name}: is missing"
    elif name not in made:
        yield f"{name}: is not a file of a report"
    elif carried[name] == made[name]:
        return
    elif name.endswith(".json"):
        yield from _tree(name, "", parsed(carried[name]), parsed(made[name]))
    elif name.endswith(".csv"):
        yield from _table(name, carried[name], made[name])
    else:
        yield from _lines(name, carried[name], made[name])


def parsed(text: str) -> dict[str, Any]:
    """Read JSON; what is none is an object without anything in it."""
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def _tree(name: str, place: str, one: Any, other: Any) -> Iterator[str]:
    """Compare two values of JSON, part by part."""
    if isinstance(one, dict) and isinstance(other, dict):
        for key in sorted(one.keys() | other.keys()):
            yield from _tree(name, f"{place}.{key}" if place else key, one.get(key), other.get(key))
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for n, (a, b) in enumerate(zip(one, other, strict=True)):
            yield from _tree(name, f"{place}[{n}]", a, b)
    elif one != other or type(one) is not type(other):
        yield f"{name}: {place}: carried {_short(one)}, recomputed {_short(other)}"


def _table(name: str, one: str, other: str) -> Iterator[str]:
    """Compare two tables, cell by cell where they have the same rows."""
    rows, made = _rows(one), _rows(other)
    head = made[0] if made else []
    for n, (a, b) in enumerate(zip_longest(rows, made), 1):
        if a == b:
            continue
        if a is None or b is None or len(a) != len(b):
            yield f"{name}, line {n}: carried {_short(a)}, recomputed {_short(b)}"
            continue
        for column, x, y in zip_longest(head, a, b, fillvalue="?"):
            if x != y:
                key = b[head.index("number")] if "number" in head and n > 1 else "head"
                yield f"{name}, line {n} ({key}), {column}: carried {x!r}, recomputed {y!r}"


def _rows(text: str) -> list[Row]:
    try:
        return list(csv.reader(io.StringIO(text), strict=True))
    except csv.Error:
        return [[line] for line in text.splitlines()]


def _lines(name: str, one: str, other: str) -> Iterator[str]:
    pairs = zip_longest(one.split("\n"), other.split("\n"))
    for n, (a, b) in enumerate(pairs, 1):
        if a != b:
            yield f"{name}, line {n}: carried {_short(a)}, recomputed {_short(b)}"


def _short(said: Any) -> str:
    text = "nothing" if said is None else json.dumps(said, ensure_ascii=False)
    return text if len(text) <= 80 else f"{text[:77]}…"
