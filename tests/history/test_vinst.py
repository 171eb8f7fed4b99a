"""A real history of 65,533 changes goes in, and its known figures come out."""

from __future__ import annotations

import csv
import io
from collections import Counter
from pathlib import Path

import pytest
import yaml
from click.testing import Result
from flask import Flask

FOLDER = Path(__file__).parents[3] / "shared" / "data" / "vinst"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not FOLDER.exists(), reason="../shared/data/vinst is not beside this checkout"
    ),
]


def desk(app: Flask, *args: str) -> Result:
    with app.app_context():
        return app.test_cli_runner().invoke(args=["desk", *args])


def table(app: Flask, name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(desk(app, "export", name).stdout)))


def test_the_history_gives_its_known_figures(app: Flask) -> None:
    """H2, H5, F4, C12: what was counted independently, twice."""
    assert desk(app, "load", str(FOLDER / "desk.yaml")).exit_code == 0
    history = str(FOLDER / "history.csv")
    assert "7554 incidents imported, 0 were" in desk(app, "replay", history).stdout
    _handoffs(table(app, "handoffs"))
    _incidents(table(app, "incidents"))
    _tiers(table(app, "handoffs"), table(app, "incidents"))
    clocks = Counter((c["kind"], c["state"]) for c in table(app, "clocks"))
    states = {state: n for (kind, state), n in clocks.items() if kind == "resolution"}
    assert states == {"met": 6036, "breached": 1515, "paused": 2, "cancelled": 1}
    requester = [h for h in table(app, "holdings") if h["holder_kind"] == "requester" and h["to"]]
    assert sum(int(h["seconds"]) for h in requester) == 1_709_756_294
    check = desk(app, "check")
    assert (check.exit_code, check.stdout) == (0, "7554 incidents checked, 0 differences.\n")
    assert "0 incidents imported, 7554 were" in desk(app, "replay", history).stdout
    assert len(table(app, "incidents")) == 7554


def _handoffs(rows: list[dict[str, str]]) -> None:
    assert Counter(row["direction"] for row in rows) == {"up": 3245, "down": 1755, "across": 4454}


def _incidents(rows: list[dict[str, str]]) -> None:
    assert sum(row["handoffs"] == "0" for row in rows) == 3734
    returns = [int(row["returns"]) for row in rows]
    assert (sum(n > 0 for n in returns), sum(returns)) == (1258, 3286)
    assert sum(row["reopened"] != "0" for row in rows) == 514
    ended = ("resolved", "closed", "cancelled")
    assert sum(row["state"] not in ended for row in rows) == 8


def _tiers(handoffs: list[dict[str, str]], incidents: list[dict[str, str]]) -> None:
    """F4: tier 1 only means that no other tier was ever its group, however briefly."""
    groups = yaml.safe_load((FOLDER / "desk.yaml").read_text(encoding="utf-8"))["groups"]
    first = {row["incident"]: row["group"] for row in _rows() if row["group"]}
    had = {incident["number"]: {first[incident["external_id"]]} for incident in incidents}
    for row in handoffs:
        had[row["number"]] |= {row["from"], row["to"]}
    assert sum({groups[key]["tier"] for key in keys} == {1} for keys in had.values()) == 4546


def _rows() -> list[dict[str, str]]:
    """Read the history, its last change first."""
    with (FOLDER / "history.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))[::-1]
