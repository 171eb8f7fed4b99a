"""The first day goes as its page says: commands are run, pictures and files are there."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from flask import Flask

from servicedesk import db
from servicedesk.app import create_app
from tests.support.checkout import ROOT, read
from tests.support.clock import Clock

PAGE = "docs/first-day.md"
COMMAND = re.compile(r" +(?P<settings>(?:[A-Z_]+=\S+ )*)\.venv/bin/flask (?P<said>desk .+)")
PASSWORD = "first day at the desk\n"
WANTED = ["init", "load", "people", "password", "sheet", "sweep", "report", "verify", "check"]
LARGEST = {".png": 150_000, ".xlsx": 30_000}


@dataclass
class Step:
    """A command of the page, and the lines that it is said to print."""

    said: str
    settings: dict[str, str]
    expected: list[str] = field(default_factory=list)


def steps(text: str) -> Iterator[Step]:
    """Read the commands; what is indented below one, up to the next blank line, is its answer."""
    step: Step | None = None
    for line in text.splitlines():
        if found := COMMAND.fullmatch(line):
            if step:
                yield step
            step = Step(found["said"], dict(s.split("=", 1) for s in found["settings"].split()))
        elif step and line.startswith("    "):
            step.expected.append(line.strip())
        elif step:
            yield step
            step = None


class Places:
    """Desks by their settings, below a folder of the test's own instead of var."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.apps: dict[str, Flask] = {}

    def run(self, step: Step) -> str:
        """Run a command as the page has it; give what it printed."""
        args = [self._own(word) for word in shlex.split(step.said, comments=True)]
        runner = self._app(step.settings).test_cli_runner()
        done = runner.invoke(args=args, input=PASSWORD)
        assert done.exit_code == 0, (step.said, done.output)
        return str(done.output)

    def _own(self, word: str) -> str:
        return word.replace("var/", f"{self.folder}/", 1)

    def _app(self, said: dict[str, str]) -> Flask:
        url = self._own(said.get("DATABASE_URL", "sqlite:///var/desk.db"))
        if url not in self.apps:
            var = self._own(said.get("DESK_VAR", "var/files"))
            self.apps[url] = create_app({"DATABASE_URL": url, "DESK_VAR": var, "TESTING": True})
        return self.apps[url]

    def leave(self) -> None:
        """Close the databases."""
        for app in self.apps.values():
            with app.app_context():
                db.db.session.remove()
                db.db.engine.dispose()


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Places]:
    monkeypatch.chdir(ROOT)
    places = Places(tmp_path)
    yield places
    places.leave()


@pytest.fixture
def commands() -> Sequence[Step]:
    """All commands of the page but those that go on until they are stopped."""
    return [step for step in steps(read(PAGE)) if not step.said.startswith("desk serve")]


def test_the_commands_of_the_first_day_do_what_the_page_says(
    places: Places, commands: Sequence[Step], clock: Clock
) -> None:
    for step in commands:
        printed = places.run(step)
        assert [line for line in step.expected if line not in printed] == [], step.said
    assert set(WANTED) <= {step.said.split()[1] for step in commands}


def test_what_the_page_shows_and_links_is_there() -> None:
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", read(PAGE))
    assert [link for link in links if not (ROOT / "docs" / link).exists()] == []
    assert sum(link.endswith(".png") for link in links) >= 6


def test_pictures_and_examples_are_small_and_all_are_used() -> None:
    page = read(PAGE)
    for folder in ("docs/images/first-day", "docs/examples/first-day"):
        for file in (ROOT / folder).iterdir():
            assert file.name in page
            assert file.stat().st_size <= LARGEST.get(file.suffix, 10_000)
