"""`flask desk report`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask

from tests.cast import Desk
from tests.support.clock import Clock


@pytest.fixture(autouse=True)
def _later(clock: Clock, rendered: list[str], desk: Desk) -> None:
    """It is the 26th of December; one incident was logged in November."""
    desk.log(when="Thu 09:00")
    clock.advance(days=30)


def run(app: Flask, *args: str) -> Result:
    return app.test_cli_runner().invoke(args=["desk", "report", *args])


def test_pdf_and_json_are_written(app: Flask, tmp_path: Path) -> None:
    out, figures = tmp_path / "r.pdf", tmp_path / "r.json"
    done = run(app, "--period", "2026-11", "--out", str(out), "--json", str(figures))
    assert done.exit_code == 0, done.output
    assert done.output == f"2026-11, all: revision 1, sealed, written to {out}\n"
    assert out.read_bytes().startswith(b"%PDF")
    said = json.loads(figures.read_text())
    assert said["period"] == "2026-11"
    assert said["revision"] == 1
    assert said["figures"]["intake"] == {
        "value": 1,
        "unit": "incidents",
        "numerator": None,
        "denominator": None,
        "population": "Incidents and requests logged in the period.",
    }
    before = (out.read_bytes(), figures.read_bytes())
    again = run(app, "--period", "2026-11", "--out", str(out), "--json", str(figures))
    assert "as it was sealed" in again.output
    assert (out.read_bytes(), figures.read_bytes()) == before


def test_the_current_month_is_a_draft(app: Flask, tmp_path: Path) -> None:
    done = run(app, "--period", "2026-12", "--out", str(tmp_path / "r.pdf"))
    assert "a draft, for the period has not ended" in done.output


@pytest.mark.backends("sqlite")
@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["--period", "2026-13"], "there is no month 2026-13"),
        (["--period", "2027-01"], "2027-01 has not begun yet"),
        (["--period", "2026-11", "--scope", "group:x"], "there is no group “x”"),
        (["--period", "2026-11", "--zone", "x"], "not a time zone"),
        (["--period", "2026-11", "--language", "fr"], "'fr' is not one of 'en', 'ja'"),
        ([], "Missing option '--period'"),
    ],
)
def test_wrong_use_ends_with_status_2_and_one_clear_line(
    app: Flask, tmp_path: Path, args: list[str], said: str
) -> None:
    done = run(app, *args, "--out", str(tmp_path / "r.pdf"))
    assert done.exit_code == 2
    assert said in done.output.splitlines()[-1]
    assert not (tmp_path / "r.pdf").exists()


@pytest.mark.backends("sqlite")
def test_a_place_that_cannot_be_written_to_is_named_first(app: Flask, tmp_path: Path) -> None:
    for out in (tmp_path / "none" / "r.pdf", tmp_path):
        done = run(app, "--period", "2026-11", "--out", str(out))
        assert done.exit_code == 2
        assert str(out) in done.output
    both = str(tmp_path / "r.pdf")
    assert run(app, "--period", "2026-11", "--out", both, "--json", both).exit_code == 2
    assert list(tmp_path.glob("*.pdf")) == []
