"""The calendar calculator's agreed cases."""

from __future__ import annotations

import json
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from holidays import country_holidays

from servicedesk.sla.calendar import (
    Calendar,
    NoWorkingTime,
    Version,
    due,
    parse_hours,
    parse_window,
)

VECTORS = Path(__file__).parents[3] / "shared" / "vectors"
YEARS = range(2010, 2032)


def lines(name: str) -> list[dict[str, Any]]:
    path = VECTORS / name
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


EXPECTED = {line["id"]: line["due"] for line in lines("due.expected.jsonl")}


def test_the_vectors_are_there() -> None:
    if not VECTORS.exists():
        pytest.skip("../shared/vectors is not beside this checkout")
    assert EXPECTED.keys() == {case["id"] for case in lines("due.jsonl")}


def calendar(key: str) -> Calendar:
    entry = yaml.safe_load((VECTORS / "calendars.yaml").read_text())["calendars"][key]
    country = entry.get("holidays")
    days_off = set(country_holidays(country, years=YEARS)) if country else set()
    return Calendar(
        [
            Version(
                zone=entry["zone"],
                weekly=parse_hours(entry["hours"]),
                days_off=frozenset(
                    days_off | set(map(date.fromisoformat, entry.get("closed", ())))
                ),
                special={
                    date.fromisoformat(day): tuple(map(parse_window, windows))
                    for day, windows in entry.get("open", {}).items()
                },
            )
        ]
    )


@pytest.mark.parametrize("case", lines("due.jsonl"), ids=lambda case: str(case["id"]))
def test_due_is_as_agreed(case: dict[str, Any]) -> None:
    """C2, C3, C4: every line of due.jsonl."""
    start = datetime.fromisoformat(case["start"])
    pauses = [
        (datetime.fromisoformat(begin), datetime.fromisoformat(end))
        for begin, end in case.get("pauses", ())
    ]
    try:
        reached = due(calendar(case["calendar"]), start, case["target_minutes"] * 60, pauses)
    except NoWorkingTime:
        assert EXPECTED[case["id"]] is None
    else:
        assert reached == datetime.fromisoformat(EXPECTED[case["id"]])
