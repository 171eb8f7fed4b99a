from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner

from servicedesk.people import cli, commands
from servicedesk.people.permissions import ROLES


@pytest.fixture
def _attached(app: Flask) -> None:
    from servicedesk.cli import desk

    for command in cli.COMMANDS:
        if command.name not in desk.commands:
            desk.add_command(command)


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


LIST = """\
key,name,mail,roles
ito,Ito Ren,ito@a.example,agent
abe,Abe Mio,abe@a.example,manager
mori,Mori Sho,,
"""


def write(folder: Path, text: str) -> str:
    path = folder / "people.csv"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_a_list_is_previewed_and_read_in(
    app: Flask, runner: FlaskCliRunner, tmp_path: Path
) -> None:
    path = write(tmp_path, LIST)
    lines = ["+ person ito", "+ person abe", "+ person mori", "3 added, 0 changed, 0 disabled, "]
    for option in (["--dry-run"], []):
        done = runner.invoke(args=["desk", "people", "import", path, *option])
        assert (done.exit_code, done.stderr) == (0, "")
        assert done.stdout == "\n".join(lines) + "0 unchanged\n"
    write(tmp_path, LIST.replace("Ren", "Len").replace("mori,Mori Sho,,\n", ""))
    done = runner.invoke(args=["desk", "people", "import", path])
    assert done.stdout.splitlines() == [
        "~ person ito (name)",
        "- person mori",
        "0 added, 1 changed, 1 disabled, 1 unchanged",
    ]


def test_a_list_with_mistakes_names_each_and_ends_with_status_2(
    runner: FlaskCliRunner, tmp_path: Path
) -> None:
    path = write(tmp_path, LIST.replace("agent", "boss").replace("mori,Mori Sho", "mori,"))
    done = runner.invoke(args=["desk", "people", "import", path])
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.splitlines() == [
        f"people.csv:2: roles: There is no role “boss”, only {', '.join(ROLES)}.",
        "people.csv:4: name: This must not be empty.",
    ]


def test_a_list_cut_short_needs_a_word_more(runner: FlaskCliRunner, tmp_path: Path) -> None:
    path = write(tmp_path, LIST)
    runner.invoke(args=["desk", "people", "import", path])
    write(tmp_path, LIST.partition("abe")[0])
    told = runner.invoke(args=["desk", "people", "import", path, "--dry-run"])
    assert "that needs --disable-many" in told.stdout
    refused = runner.invoke(args=["desk", "people", "import", path])
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert refused.stderr.startswith("The list would disable 2 of the 3 people")
    done = runner.invoke(args=["desk", "people", "import", path, "--disable-many"])
    assert done.exit_code == 0


def test_a_file_that_is_not_there_is_one_line(runner: FlaskCliRunner) -> None:
    done = runner.invoke(args=["desk", "people", "import", "/nowhere.csv"])
    assert (done.exit_code, done.stderr) == (2, "/nowhere.csv: No such file or directory\n")


def test_people_are_invited_one_by_one_or_all(
    app: Flask, runner: FlaskCliRunner, tmp_path: Path
) -> None:
    runner.invoke(args=["desk", "people", "import", write(tmp_path, LIST)])
    invite = ["desk", "people", "invite"]
    for options, said in (
        (["--person", "ito"], "1 invited\n"),
        (["--all"], "1 invited\n"),
        (["--all"], "0 invited\n"),
        (["--all", "--again"], "2 invited\n"),
    ):
        assert runner.invoke(args=invite + options).stdout == said
    for wrong in ([], ["--all", "--person", "ito"], ["--person", "mori"], ["--person", "nobody"]):
        done = runner.invoke(args=invite + wrong)
        assert (done.exit_code, done.stderr.count("\n")) == (2, 1)
