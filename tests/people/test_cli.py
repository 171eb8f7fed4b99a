from __future__ import annotations

from datetime import datetime

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner

from servicedesk.people import cli, commands


@pytest.fixture
def _attached(app: Flask) -> None:
    from servicedesk.cli import desk

    if "password" not in desk.commands:
        desk.add_command(cli.password)


pytestmark = [pytest.mark.usefixtures("_attached"), pytest.mark.backends("sqlite")]


def test_a_password_is_read_from_standard_input(
    app: Flask, alice: int, runner: FlaskCliRunner, now: datetime
) -> None:
    done = runner.invoke(args=["desk", "password", "--person", "alice"], input="a new password\r\n")
    assert (done.exit_code, done.stderr) == (0, "")
    with app.app_context():
        person = commands.sign_in(key="alice", password="a new password", address="", now=now)
        assert person.id == alice


@pytest.mark.parametrize(
    ("key", "given", "line"),
    [
        ("nobody", b"a new password\n", "There is no person with the key “nobody”."),
        ("alice", b"short\n", "A password needs at least 10 characters."),
        ("alice", b"", "A password needs at least 10 characters."),
        ("alice", b"\xff\xfe\xff\xfe\n", "The password is not readable as UTF-8 text."),
    ],
)
def test_what_cannot_be_used_ends_with_one_line_and_status_2(
    alice: int, runner: FlaskCliRunner, key: str, given: bytes, line: str
) -> None:
    done = runner.invoke(args=["desk", "password", "--person", key], input=given)
    assert (done.exit_code, done.stdout, done.stderr) == (2, "", f"{line}\n")


def test_without_a_person_the_use_is_wrong(runner: FlaskCliRunner) -> None:
    done = runner.invoke(args=["desk", "password"], input="a new password\n")
    assert done.exit_code == 2
    assert "--person" in done.stderr
