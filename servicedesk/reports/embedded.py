"""The data that a sealed report carries, read back."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from typing import Any

from servicedesk.reports.cases import Result
from servicedesk.reports.contents import DESCRIBED
from servicedesk.reports.figures import BY_ID, SHARE

FILES = {
    "incidents.csv": "An incident or request a row, a figure a column",
    "cases.csv": "A clock decided or a hand-off sent a row",
}
INCIDENTS, CASES = FILES


def read(pdf: bytes) -> dict[str, str]:
    """Read the data files that a PDF carries."""
    import pikepdf

    with pikepdf.open(io.BytesIO(pdf)) as opened:
        return {
            name: opened.attachments[name].get_file().read_bytes().decode()
            for name in FILES
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


def touched(before: Mapping[str, str], now: Mapping[str, str]) -> list[int]:
    """List the numbers of incidents that count differently in two sets of data."""
    old, new = _counting(before), _counting(now)
    return sorted(n for n in old.keys() | new.keys() if old.get(n) != new.get(n))


def _counting(data: Mapping[str, str]) -> dict[int, list[tuple[str, ...]]]:
    """Give what counts of each incident, by number; not how it is described."""
    found: dict[int, list[tuple[str, ...]]] = {}
    for name in FILES:
        for number, line in _lines(data.get(name, ""), name):
            found.setdefault(number, []).append(line)
    return found


def _lines(text: str, name: str) -> Iterator[tuple[int, tuple[str, ...]]]:
    for row in csv.DictReader(io.StringIO(text)):
        number = int(row["number"].removeprefix("INC-"))
        kept = {key: value for key, value in row.items() if name == CASES or key not in DESCRIBED}
        yield number, tuple(f"{key}={value}" for key, value in sorted(kept.items()) if value)
