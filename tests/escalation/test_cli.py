"""`flask desk sweep`."""

from __future__ import annotations

from flask.testing import FlaskCliRunner

from tests.cast import Desk, at
from tests.escalation.ruled import fired, give_policy

WARN = "{key: warn, when: {clock: resolution, at: 75}, tell: [holder-lead]}"


def test_sweep_does_what_is_due_at_an_instant(desk: Desk, runner: FlaskCliRunner) -> None:
    give_policy(desk, WARN)
    n = desk.log(when="09:00", impact=1, urgency=1)
    said = runner.invoke(args=["desk", "sweep", "--now", "2026-11-26T12:00:00+09:00"])
    assert (said.exit_code, said.stdout.partition(",")[0]) == (0, "steps fired: 1")
    assert fired(desk, n) == [("warn", at("12:00"))]


def test_an_instant_needs_its_offset(desk: Desk, runner: FlaskCliRunner) -> None:
    said = runner.invoke(args=["desk", "sweep", "--now", "noon"])
    assert (said.exit_code, said.stderr.count("\n")) == (2, 1)
    assert "2026-06-08T03:30:00Z" in said.stderr
