"""`flask desk demo`."""

from __future__ import annotations

import json
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from socket import socket
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskCliRunner
from pikepdf import Pdf
from sqlalchemy.orm import Session

from servicedesk import serving
from servicedesk.db import db
from servicedesk.demo import build, cli, letterbox, looking_back
from servicedesk.demo.opening import COMPANY
from servicedesk.people.models import Person
from servicedesk.reports.models import Report
from servicedesk.setup.load import load_file, load_text
from servicedesk.setup.snapshot import directory
from tests.support.clock import NOW, Clock

pytestmark = pytest.mark.backends("sqlite")


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Serve nothing; list the addresses that would be."""
    addresses: list[str] = []

    def serve(_app: Flask, taken: socket) -> None:
        addresses.append(serving.address(taken))

    monkeypatch.setattr(serving, "serve", serve)
    return addresses


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Make no history, only the company; count how often."""
    made: list[int] = []

    def create(**_said: Any) -> int:
        load_file(COMPANY, now=NOW)
        made.append(1)
        return 0

    monkeypatch.setattr(build, "create", create)
    monkeypatch.setattr(build, "there", lambda session: bool(made))
    return made


@pytest.fixture
def pdf(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Render nothing; list the languages that reports were asked for in."""
    asked: list[str] = []

    def seal(_session: Session, languages: list[str], _now: datetime) -> tuple[str, list[bytes]]:
        asked.extend(languages)
        return "2026-10", [b"%PDF " + language.encode() for language in languages]

    monkeypatch.setattr(looking_back, "seal", seal)
    return asked


@pytest.mark.usefixtures("clock")
def test_it_makes_reports_and_serves(
    runner: FlaskCliRunner, settings: dict[str, Any], served: list[str], quick: list[int],
    pdf: list[str],
) -> None:  # fmt: skip
    done = runner.invoke(args=["desk", "demo", "--port", "0"])
    assert done.exit_code == 0, done.output
    assert (len(served), quick, pdf) == (1, [1], ["en", "ja"])
    for language, name in {"en": "service-report.pdf", "ja": "service-report-ja.pdf"}.items():
        report = Path(settings["DESK_VAR"]) / name
        assert report.read_bytes() == f"%PDF {language}".encode()
        assert f"The service report of 2026-10 is written to {report}." in done.stdout
    assert f"Everybody's password on {served[0]} is {build.PASSWORD}" in done.stdout
    for role in ("employee", "agent", "lead", "partner", "manager", "admin"):
        assert f"\n  {role}" in done.stdout


def test_started_again_it_makes_nothing(
    runner: FlaskCliRunner, clock: Clock, served: list[str], quick: list[int], pdf: list[str]
) -> None:
    runner.invoke(args=["desk", "demo", "--port", "0"])
    clock.advance(days=40)
    done = runner.invoke(args=["desk", "demo", "--port", "0"])
    assert (len(served), quick, pdf) == (2, [1], ["en", "ja"])
    assert "The service report is in" in done.stdout


@pytest.mark.usefixtures("clock", "quick", "pdf")
@pytest.mark.parametrize("said", [None, "https://desk.example"])
def test_links_in_its_mails_lead_to_where_it_is_served(
    app: Flask, runner: FlaskCliRunner, served: list[str], monkeypatch: pytest.MonkeyPatch,
    said: str | None,
) -> None:  # fmt: skip
    monkeypatch.delenv("DESK_URL", raising=False)
    if said:
        monkeypatch.setenv("DESK_URL", said)
        app.config["DESK_URL"] = said
    runner.invoke(args=["desk", "demo", "--port", "0"])
    assert app.config["DESK_URL"] == (said or served[0])
    assert app.config["MAIL_INBOX"] == letterbox.INBOX


@pytest.mark.usefixtures("session", "pdf")
def test_another_desk_ends_with_one_line_and_status_2(
    runner: FlaskCliRunner, served: list[str]
) -> None:
    load_text("desk: {name: The real one}", "desk.yaml", now=NOW)
    done = runner.invoke(args=["desk", "demo", "--port", "0"])
    assert (done.exit_code, done.stdout, served) == (2, "", [])
    assert done.stderr.startswith("This database holds the desk “The real one”.")
    assert done.stderr.count("\n") == 1


def test_a_port_in_use_is_said_before_anything_is_made(
    runner: FlaskCliRunner, quick: list[int]
) -> None:
    with serving.listen("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        done = runner.invoke(args=["desk", "demo", "--port", str(port)])
    assert (done.exit_code, quick) == (2, [])
    assert done.stderr.startswith(f"Port {port} is in use")


def test_who_is_named_can_sign_in_as_what_is_said(session: Session) -> None:
    load_file(COMPANY, now=NOW)
    for role, key, _finds in cli.CAST:
        person = session.scalars(sa.select(Person).where(Person.key == key)).one()
        assert person.has(role.partition(",")[0]), key
        if "tier" in role:
            setup = directory(session)
            assert setup.party(f"group:{person.groups[0].id}").tier == int(role[-1])


@pytest.mark.slow
@pytest.mark.usefixtures("clock")
@pytest.mark.parametrize("made", ["sqlite"], indirect=True)
def test_the_reports_of_the_demo_are_approved_pdfs(demo: Flask) -> None:
    files = [Path(demo.config["DESK_VAR"]) / name for name in cli.REPORTS.values()]
    cli.prepare(demo)
    for file in files:
        assert file.read_bytes().startswith(b"%PDF-")
        with Pdf.open(file) as pdf:
            assert json.loads(pdf.attachments["report.json"].get_file().read_bytes())
    approved = db.session.scalars(sa.select(Report.approved_sha256).where(Report.scope == "all"))
    assert {sha256(file.read_bytes()).hexdigest() for file in files} == set(approved)
    written = [file.stat().st_mtime_ns for file in files]
    cli.prepare(demo)
    assert [file.stat().st_mtime_ns for file in files] == written
