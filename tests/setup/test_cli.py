"""`flask desk load` and `flask desk dump`."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from flask import Flask
from pydantic import BaseModel

from servicedesk.cli import DeskGroup
from servicedesk.setup.check import check
from servicedesk.setup.cli import COMMANDS, schema_text
from servicedesk.setup.entry import Entry
from servicedesk.setup.schema import SetUp
from servicedesk.setup.yamlfile import read
from tests.setup.examples import DESK, NOTHING, changed

pytestmark = pytest.mark.backends("sqlite")

Run = Callable[..., Result]


@pytest.fixture
def run(app: Flask) -> Run:
    """Run `flask desk …`."""
    desk = DeskGroup("desk")
    for command in COMMANDS:
        desk.add_command(command)
    return lambda *words: app.test_cli_runner().invoke(desk, [str(word) for word in words])


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "desk.yaml"
    path.write_text(DESK, encoding="utf-8")
    return path


def test_a_file_is_loaded_and_dumped(run: Run, file: Path) -> None:
    loaded = run("load", file)
    assert (loaded.exit_code, loaded.stdout.splitlines()[0]) == (0, "+ desk")
    dumped = run("dump")
    assert dumped.exit_code == 0
    file.write_text(dumped.stdout, encoding="utf-8")
    assert run("load", file).stdout.splitlines() == NOTHING


def test_a_dry_run_lists_what_would_change(run: Run, file: Path) -> None:
    said = run("load", file, "--dry-run").stdout
    assert run("dump").exit_code == 2
    assert run("load", file).stdout == said


def test_each_problem_is_one_line_on_standard_error(run: Run, file: Path) -> None:
    file.write_text(changed("tier: 2", "tier: 5", changed("lead: sato", "lead: satoo")))
    result = run("load", file)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.splitlines() == [
        f'{file}:10: groups.desk.lead: there is no person "satoo" (did you mean "sato"?)',
        f"{file}:11: groups.network.tier: must be 1, 2 or 3, not the number 5",
    ]


@pytest.mark.parametrize("words", [["load"], ["load", "missing.yaml"], ["load", "."], ["dump"]])
def test_wrong_use_ends_with_status_2(run: Run, words: list[str]) -> None:
    result = run(*words)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "Traceback" not in result.stderr


def test_the_schema_is_printed_as_an_example_that_loads(run: Run) -> None:
    result = run("load", "--schema")
    assert (result.exit_code, result.stdout) == (0, schema_text("yaml"))
    check(read(result.stdout, "schema"))


def test_the_schema_is_printed_as_json(run: Run) -> None:
    assert "properties" in json.loads(run("load", "--schema", "json").stdout)


def entries() -> set[type[BaseModel]]:
    """Find every kind of mapping that DESK.yaml knows."""
    found: set[type[BaseModel]] = set()
    new: list[type[BaseModel]] = [Entry]
    while new:
        kind = new.pop()
        found.add(kind)
        new += kind.__subclasses__()
    return found - {Entry, SetUp}


def words_of(data: Any) -> set[str]:
    if isinstance(data, dict):
        return set(data) | {word for value in data.values() for word in words_of(value)}
    if isinstance(data, list):
        return {word for value in data for word in words_of(value)}
    return set()


def test_the_annotated_example_has_every_key_of_the_schema() -> None:
    text = schema_text("yaml")
    shown = words_of(read(text, "schema").data)
    assert set(SetUp.keys()) <= shown
    assert {word for kind in entries() for word in kind.keys()} <= shown  # type: ignore[attr-defined]  # noqa: SIM118
