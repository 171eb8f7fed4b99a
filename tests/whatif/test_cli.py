"""`flask desk what-if`."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import Result
from flask import Flask

from servicedesk.db import db
from servicedesk.incidents import commands
from servicedesk.incidents.acts import Due
from servicedesk.whatif.tables import COLUMNS
from tests.cast import DESK, Desk, at
from tests.support.clock import Clock

SHORT = DESK.replace("P3: {response: 60, resolution: 2d}", "P3: {response: 60, resolution: 480}")


@pytest.fixture(autouse=True)
def _december(clock: Clock, desk: Desk) -> None:
    """It is the 26th of December; three were logged in November, and two resolved."""
    first = desk.log(when="Thu 09:00", wish=Due(at=at("Fri 18:00")))
    desk.do(commands.comment, first, "reply", "Hello", by="ito", when="Thu 09:30")
    desk.do(commands.resolve, first, by="ito", when="Fri 12:00", code="solved", text="Done.")
    second = desk.log(when="Thu 10:00", service="printing")
    desk.do(commands.resolve, second, by="ito", when="Thu 11:00", code="solved", text="Done.")
    desk.log(when="Thu 11:00", service="payroll")
    clock.advance(days=30)


@pytest.fixture
def short(tmp_path: Path) -> Path:
    """The desk with eight hours for a P3."""
    path = tmp_path / "short.yaml"
    path.write_text(SHORT, encoding="utf-8")
    return path


def run(app: Flask, *args: str | Path) -> Result:
    return app.test_cli_runner().invoke(args=["desk", "what-if", *map(str, args)])


def test_figures_both_ways_and_verdicts(app: Flask, short: Path) -> None:
    """C10: Thursday 9 to Friday noon are eleven working hours; the third is late both ways."""
    done = run(app, short, "--period", "2026-11")
    assert done.exit_code == 0, done.output
    said = [line.split() for line in done.output.splitlines()]
    assert "2026-11, all, Asia/Tokyo, 3 incidents" in done.output
    assert "Resolution in time 2 of 3 (66.6 %) 1 1 of 3 (33.3 %) 2".split() in said
    assert "Kept the first wish 1 of 1 (100.0 %) 0 1 of 1 (100.0 %) 0".split() in said
    assert "1 verdict worse, 0 verdicts better." in done.output
    assert "No calendar and no agreement moves a wish" in done.output


def test_files_say_the_same_exactly(app: Flask, short: Path, tmp_path: Path) -> None:
    table, figures = tmp_path / "w.csv", tmp_path / "w.json"
    done = run(app, short, "--period", "2026-11", "--csv", table, "--json", figures)
    assert done.exit_code == 0, done.output
    with table.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert tuple(rows[0]) == COLUMNS
    resolved = next(r for r in rows if (r["number"], r["kind"]) == ("INC-00000001", "resolution"))
    assert resolved == {
        "number": "INC-00000001", "service": "internet", "kind": "resolution", "party": "",
        "handoff": "", "change": "worse", "state_before": "met", "state_after": "breached",
        "priority_before": "P3", "priority_after": "P3",
        "target_seconds_before": "86400", "target_seconds_after": "28800",
        "due_at_before": "2026-11-30T09:00:00Z", "due_at_after": "2026-11-26T09:00:00Z",
        "counted_seconds_before": "39600", "counted_seconds_after": "39600",
        "breached_at_before": "", "breached_at_after": "2026-11-26T09:00:00Z",
        "counts_before": "1", "counts_after": "1",
        "net_state_before": "met", "net_state_after": "breached",
    }  # fmt: skip
    said = json.loads(figures.read_text())
    assert said["verdicts"] == {"worse": 1, "better": 0, "moved": 0, "new": 0, "gone": 0}
    assert said["clocks"] == len(rows)
    assert said["figures"]["sla.resolution"]["after"]["missed"] == 2
    assert (said["period"], said["scope"], said["incidents"]) == ("2026-11", "all", 3)


def test_the_same_question_has_the_same_bytes(app: Flask, short: Path, tmp_path: Path) -> None:
    made = []
    for name in "ab":
        paths = tmp_path / f"{name}.csv", tmp_path / f"{name}.json"
        run(app, short, "--period", "2026-11", "--csv", paths[0], "--json", paths[1])
        made.append([path.read_bytes() for path in paths])
    assert made[0] == made[1]


def test_nothing_is_written(app: Flask, short: Path) -> None:
    def rows() -> dict[str, int]:
        with app.app_context():
            tables = db.metadata.sorted_tables
            return {
                table.name: db.session.scalar(sa.select(sa.func.count()).select_from(table)) or 0
                for table in tables
            } | {"revision": db.session.scalar(sa.text("SELECT revision FROM desk")) or 0}

    before = rows()
    assert run(app, short, "--period", "2026-11").exit_code == 0
    assert rows() == before


def test_a_scope_narrows_it(app: Flask, short: Path) -> None:
    done = run(app, short, "--period", "2026-11", "--scope", "service:printing")
    assert "2026-11, service:printing, Asia/Tokyo, 1 incident\n" in done.output
    assert "0 verdicts worse, 0 verdicts better." in done.output


@pytest.mark.backends("sqlite")
@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["--period", "2026-13"], "there is no month 2026-13"),
        (["--period", "2027-01"], "2027-01 has not begun yet"),
        (["--period", "2026-11", "--scope", "group:x"], "there is no group “x”"),
        (["--period", "2026-11", "--zone", "Moon"], '"Moon" is not a time zone'),
        (["--period", "2026-11", "--csv", "/nowhere/x.csv"], "there is no folder /nowhere"),
        (["--period", "2026-11", "--json", "/"], "/: is a folder"),
        (["--period", "2026-11", "--csv", "x", "--json", "x"], "need two names"),
    ],
)
def test_what_cannot_be_answered_is_one_line_and_status_2(
    app: Flask, short: Path, args: list[str], said: str
) -> None:
    done = run(app, short, *args)
    assert (done.exit_code, len(done.output.splitlines())) == (2, 1)
    assert said in done.output


@pytest.mark.backends("sqlite")
def test_a_bad_file_is_refused_as_by_load(app: Flask, tmp_path: Path) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text(SHORT.replace("agreement: round", "agreement: rounds"), encoding="utf-8")
    done = run(app, path, "--period", "2026-11")
    load = app.test_cli_runner().invoke(args=["desk", "load", str(path)])
    assert (done.exit_code, done.output) == (load.exit_code, load.output) == (2, load.output)
    assert 'there is no agreement "rounds" (did you mean "round"?)' in done.output
    assert run(app, tmp_path / "none.yaml", "--period", "2026-11").exit_code == 2
