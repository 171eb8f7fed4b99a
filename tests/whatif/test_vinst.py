"""A real history: what half the time for a P3 would have made of May 2012, in plain Python too."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from flask import Flask

from tests.reports import plainly
from tests.reports.test_vinst import RESOLUTION, STOCKHOLM, Month, database_url
from tests.support.vinst import FOLDER, run

__all__ = ["database_url"]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not FOLDER.exists(), reason="../shared/data/vinst is not beside this checkout"
    ),
]

MAY = Month(STOCKHOLM)
HALF = {**RESOLUTION, "P3": RESOLUTION["P3"] // 2}


def counted(targets: dict[str, int]) -> tuple[int, int]:
    """F3: judge every resolution clock in plain Python: how many were met in May, of how many."""
    told = plainly.read(FOLDER)
    return MAY.decided(plainly.resolution(it, targets, MAY.end) for it in told)


def test_half_the_time_for_a_p3_is_what_plain_python_makes_of_it(
    app: Flask, tmp_path: Path
) -> None:
    """C6, F3: attainment both ways, and the difference incident by incident."""
    text = (FOLDER / "desk.yaml").read_text(encoding="utf-8")
    other = tmp_path / "half.yaml"
    other.write_text(text.replace("resolution: 2400", "resolution: 1200"), encoding="utf-8")
    table, figures = tmp_path / "w.csv", tmp_path / "w.json"
    run(app, "what-if", str(other), "--period", "2012-05", "--csv", str(table),
        "--json", str(figures))  # fmt: skip
    said = json.loads(figures.read_text())["figures"]["sla.resolution"]
    both = [(said[way]["numerator"], said[way]["denominator"]) for way in ("before", "after")]
    assert both == [counted(RESOLUTION), counted(HALF)]
    with table.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {(row["kind"], row["priority_after"]) for row in rows} == {("resolution", "P3")}
    misses = [sum(row[f"state_{way}"] == "breached" and row[f"counts_{way}"] == "1" for row in rows)
              for way in ("before", "after")]  # fmt: skip
    assert misses[1] - misses[0] == said["after"]["missed"] - said["before"]["missed"]
    unlike = run(app, "what-if", str(FOLDER / "desk.yaml"), "--period", "2012-05")
    assert "0 verdicts worse, 0 verdicts better." in unlike
