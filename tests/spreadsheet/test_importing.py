"""An import in a thread or a process of its own: killed half way, nothing was imported."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path
from time import sleep
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskCliRunner

from servicedesk.errors import Refused
from servicedesk.incidents.models import Firing, Incident
from servicedesk.setup.load import load_text
from servicedesk.spreadsheet import drafts, importing, shelf
from servicedesk.spreadsheet.drafts import Draft
from tests.cast import DESK, Desk, at
from tests.spreadsheet.dirt import clean
from tests.spreadsheet.ledgers import Ledger
from tests.spreadsheet.test_dirt import drafted

NOW = at("14:05")


def planned(desk: Desk, rows: int = 30) -> Draft:
    """Upload a clean ledger and plan it."""
    ledger = Ledger()
    for n in range(rows):
        ledger.add(**clean(n))
    with desk.session() as session:
        draft = drafted(ledger.xlsx()[0], session)
        draft.person = desk.id("root")
        shelf.prepare(draft, session, NOW)
        return draft


def count(desk: Desk) -> int:
    with desk.session() as session:
        session.rollback()
        return session.scalar(sa.select(sa.func.count(Incident.id))) or 0


def test_an_import_in_a_thread_is_waited_for(desk: Desk, app: Flask) -> None:
    draft = planned(desk)
    with desk.session():
        importing.start(app, draft, NOW)
        for _wait in range(100):
            if importing.status(draft) != "running":
                break
            sleep(0.1)
        assert importing.status(draft) == "done"
        done = importing.done(draft.token)
        assert done
        assert (done.rows, done.imported, done.left_out, done.passed_over) == (30, 30, 0, 0)
    assert count(desk) == 30


def test_nothing_is_imported_when_the_note_of_it_fails(desk: Desk) -> None:
    """One transaction: what is imported is noted, and what is noted is imported."""
    draft = planned(desk)
    draft.person = 10**6
    with desk.session(), pytest.raises(sa.exc.IntegrityError):
        importing.bring_in(draft, NOW)
    assert count(desk) == 0


def test_two_imports_do_not_run_at_once(desk: Desk, app: Flask) -> None:
    draft = planned(desk)
    with desk.session():
        held = importing.own_lock()
        assert held
        with held, pytest.raises(Refused):
            importing.start(app, draft, NOW)
        assert importing.status(draft) == "draft"


KILLED = """
    import sys
    from pathlib import Path
    from servicedesk.app import create_app
    from servicedesk.spreadsheet import drafts, importing

    app = create_app({settings!r})
    with app.app_context():
        draft = drafts.load({token!r}, {person}, {now!r})
        def wait(rows):
            print("half way", flush=True)
            sys.stdin.read()
        importing._note = lambda path, rows: wait(rows)
        importing.PATIENCE = 1000
        importing.start(app, draft, {now!r})
"""


@pytest.mark.slow
def test_killed_half_way_nothing_was_imported_and_it_says_so(
    desk: Desk, settings: dict[str, Any]
) -> None:
    """The rows are written when SIGKILL comes; other processes see at once that it ended."""
    draft = planned(desk)
    settings = {k: str(v) for k, v in settings.items() if k != "TESTING"}
    code = textwrap.dedent(KILLED).format(
        settings=settings, token=draft.token, person=draft.person, now=NOW
    )
    code = "import datetime, zoneinfo\n" + code
    child = subprocess.Popen(
        [sys.executable, "-c", code],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=Path(__file__).resolve().parents[2],
        env={**os.environ, "LOG_LEVEL": "ERROR"},
    )
    with child:
        assert child.stdout
        assert child.stdout.readline() == b"half way\n"
        with desk.session():
            assert importing.status(reloaded(draft)) == "running"
        child.send_signal(signal.SIGKILL)
    with desk.session():
        assert importing.status(reloaded(draft)) == "interrupted"
    assert count(desk) == 0
    with desk.session():
        importing.bring_in(reloaded(draft), NOW)
        assert importing.status(reloaded(draft)) == "done"
    assert count(desk) == 30


def reloaded(draft: Draft) -> Draft:
    return drafts.load(draft.token, draft.person, NOW)


# What is open in a ledger


WITH_RULE = (
    DESK.replace(
        "path: [desk, network, netone], agreement: standard}",
        "path: [desk, network, netone], agreement: standard, policy: still}",
    )
    + """
policies:
  still:
    - {key: stagnant, when: {untouched: 60}, tell: [holder-lead]}
"""
)


def test_rules_do_not_fire_for_what_was_due_before_moving_in(desk: Desk) -> None:
    """E3: the step was due after the last date of its line, long before it came onto the desk."""
    ledger = Ledger([clean(1) | {"状況": "対応中", "完了日": None}])
    with desk.session() as session:
        load_text(WITH_RULE, "cast.yaml", now=at("2026-05-01 09:00"))
        draft = drafted(ledger.xlsx()[0], session)
        shelf.prepare(draft, session, NOW)
        importing.bring_in(draft, NOW)
    noted = [(row.step, row.due_at < NOW, row.fired_at) for row in desk.rows(Firing, 1)]
    assert noted == [("stagnant", True, None)]


def test_a_confidential_service_keeps_its_lines_confidential(desk: Desk) -> None:
    ledger = Ledger()
    ledger.add(**clean(1) | {"対象システム": "Payroll"})
    with desk.session() as session:
        draft = drafted(ledger.xlsx()[0], session)
        shelf.prepare(draft, session, NOW)
        importing.bring_in(draft, NOW)
    incident = desk.incident(1)
    assert incident.confidential
    assert (incident.description, incident.resolution_text) == (
        "朝から社内ネットワークにつながらない。",
        "再起動した",
    )


# The command


def test_the_command_imports_with_a_kept_mapping(
    desk: Desk, runner: FlaskCliRunner, tmp_path: Path
) -> None:
    file, rest = tmp_path / "台帳.xlsx", tmp_path / "rest.csv"
    ledger = Ledger()
    ledger.add(**clean(1))
    ledger.add(**clean(2) | {"受付日": "2026/02/30"})
    file.write_bytes(ledger.xlsx()[0])
    with desk.session() as session:
        shelf.keep("mine", drafted(file.read_bytes(), session).map(), NOW)
    args = ["desk", "sheet", str(file), "--mapping", "mine"]
    dry = runner.invoke(args=[*args, "--dry-run", "--rest", str(rest)])
    assert "2 rows: 1 to import, 0 were there already, 1 left out, 0 are no lines." in dry.output
    assert "1 left out: There is no such day." in dry.output
    assert "2026/02/30" in rest.read_text(encoding="utf-8-sig")
    assert count(desk) == 0
    assert "1 incidents imported." in runner.invoke(args=args).output
    assert "1 were there already" in runner.invoke(args=args).output
    assert count(desk) == 1
    with desk.session():
        assert [path.name for path in drafts.root().iterdir() if path.is_dir()][1:] == []


@pytest.mark.backends("sqlite")
@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--mapping", "none"], "There is no mapping “none”."),
        (["--sheet", "none"], "there is no sheet “none” in it"),
    ],
)
def test_the_command_names_what_is_missing(
    desk: Desk, runner: FlaskCliRunner, tmp_path: Path, more: list[str], said: str
) -> None:
    file = tmp_path / "a.xlsx"
    file.write_bytes(Ledger([clean(1)]).xlsx()[0])
    found = runner.invoke(args=["desk", "sheet", str(file), *more])
    assert found.exit_code == 2
    assert said in found.stderr


@pytest.mark.backends("sqlite")
def test_the_command_names_a_file_that_is_not_there(desk: Desk, runner: FlaskCliRunner) -> None:
    found = runner.invoke(args=["desk", "sheet", "nowhere.xlsx"])
    assert (found.exit_code, "No such file" in found.stderr) == (2, True)
