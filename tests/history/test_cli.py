"""`flask desk replay`, `export`, `check` and `due`: what they say, and their exit status."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from servicedesk.db import transaction
from servicedesk.incidents.models import Incident
from tests.cast import Desk, at
from tests.history.histories import History
from tests.support.clock import Clock

VECTORS = Path(__file__).parents[3] / "shared" / "vectors"

Run = Callable[..., Result]


@pytest.fixture
def run(desk: Desk, clock: Clock) -> Run:
    """Run `flask desk …` on the cast's desk, in January."""
    clock.now = at("2027-01-15 10:00")

    runner = desk.app.test_cli_runner()
    return lambda *words: runner.invoke(args=["desk", *map(str, words)])


def one_line(text: str) -> str:
    """Give the only line there is."""
    (line,) = text.strip().splitlines()
    return line


# replay


def test_replay_says_what_it_did(run: Run, history: History) -> None:
    """Contract: exit status 0: done; twice adds nothing."""
    history.row("09:00", "a")
    history.row("10:00", "a", state="resolved")
    history.row("09:00", "b")
    path = history.write()
    first, second = run("replay", path), run("replay", path)
    assert (first.exit_code, second.exit_code) == (0, 0)
    assert one_line(first.stdout) == "3 rows: 2 incidents imported, 0 were there already."
    assert one_line(second.stdout) == "3 rows: 0 incidents imported, 2 were there already."


def test_replay_refuses_a_bad_row_in_one_line(run: Run, history: History) -> None:
    """Contract: exit status 2: bad input, one clear line on standard error."""
    history.row("09:00", "a")
    history.row("10:00", "a", state="gone")
    result = run("replay", history.write())
    assert (result.exit_code, result.stdout) == (2, "")
    said = "history.csv:3: state: “gone” is none of new, in_progress, on_hold, resolved, closed"
    assert one_line(result.stderr).startswith(said)


def test_replay_says_which_file_is_missing(run: Run, tmp_path: Path) -> None:
    result = run("replay", tmp_path / "nothing.csv")
    assert result.exit_code == 2
    assert one_line(result.stderr).endswith("nothing.csv: No such file or directory")


# export


def test_export_writes_csv_with_a_header(run: Run, desk: Desk) -> None:
    """Contract: CSV by default, with header, to standard output."""
    desk.log()
    result = run("export", "incidents")
    (row,) = csv.DictReader(io.StringIO(result.stdout))
    assert (result.exit_code, row["number"], row["state"]) == (0, "INC-00000001", "new")


def test_export_is_exact_unless_it_is_for_a_spreadsheet(run: Run, desk: Desk) -> None:
    """What a spreadsheet would run gets an apostrophe with --plain alone."""
    desk.log(category="=1+1")
    for words, said in (((), "=1+1"), (("--plain",), "'=1+1")):
        (row,) = csv.DictReader(io.StringIO(run("export", "incidents", *words).stdout))
        assert row["category"] == said


def test_export_writes_json_lines(run: Run, desk: Desk) -> None:
    """Contract: --format jsonl."""
    desk.log()
    result = run("export", "clocks", "--format", "jsonl")
    kinds = [json.loads(line)["kind"] for line in result.stdout.splitlines()]
    assert kinds == ["response", "resolution", "holding"]


@pytest.mark.parametrize("words", [("export",), ("export", "people"), ("export", "x", "--csv")])
def test_export_of_something_else_is_wrong_use(run: Run, words: tuple[str, ...]) -> None:
    """Contract: exit status 2: wrong use."""
    assert run(*words).exit_code == 2


# check


def test_check_finds_nothing(run: Run, desk: Desk) -> None:
    """Contract: exit status 0."""
    desk.log()
    result = run("check")
    assert (result.exit_code, result.stdout) == (0, "1 incidents checked, 0 differences.\n")


def test_check_lists_what_differs_and_repairs_it(run: Run, desk: Desk) -> None:
    """Contract: exit 1 and the list where they differ."""
    desk.log()
    with desk.session(), transaction() as session:
        session.get_one(Incident, 1).returns = 5
    result = run("check")
    said = "INC-00000001: incident: returns is 5, the journal says 0"
    assert (result.exit_code, result.stdout.splitlines()) == (
        1,
        [said, "1 incidents checked, 1 differences."],
    )
    repaired = run("check", "--repair")
    assert (repaired.exit_code, repaired.stdout.splitlines()) == (
        1,
        [said, "1 incidents checked, 1 differences, 1 repaired."],
    )
    assert run("check").exit_code == 0


# due


def answers(result: Result) -> list[dict[str, Any]]:
    assert (result.exit_code, result.stderr) == (0, "")
    return [json.loads(line) for line in result.stdout.splitlines()]


def ask(run: Run, path: Path, *questions: object) -> Result:
    """Ask the calendar calculator."""
    file = path / "questions.jsonl"
    file.write_text("\n".join(q if isinstance(q, str) else json.dumps(q) for q in questions))
    return run("due", file)


def test_due_answers_the_examples_of_the_contract(run: Run, tmp_path: Path) -> None:
    """C3, C4: a due instant, or the seconds between two."""
    start = {"calendar": "office", "start": "2026-06-05T17:30:00+09:00", "target_minutes": 240}
    pause = [["2026-06-08T09:00:00+09:00", "2026-06-08T10:00:00+09:00"]]
    between = {"from": "2026-06-05T17:00:00+09:00", "to": "2026-06-08T12:00:00+09:00"}
    result = ask(
        run,
        tmp_path,
        {"id": 1, **start},
        {"id": 2, **start, "pauses": pause},
        "",
        {"id": "three", "calendar": "office", **between},
        {"id": 4, "calendar": "office", **between, "pauses": pause},
    )
    assert answers(result) == [
        {"id": 1, "due": "2026-06-08T04:30:00Z"},  # over the weekend, and lunch
        {"id": 2, "due": "2026-06-08T05:30:00Z"},
        {"id": "three", "seconds": 14400},
        {"id": 4, "seconds": 10800},
    ]


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ({"calendar": "moon"}, "there is no calendar “moon”"),
        ({}, "there is no calendar “None”"),
        ({"calendar": "office", "target_minutes": 5}, "start is no instant such as"),
        ({"calendar": "office", "start": "2026-06-05T17:30:00", "target_minutes": 5}, "start is"),
        ({"calendar": "office", "start": "2026-06-05T17:30:00Z"}, "target_minutes must be"),
        (
            {"calendar": "office", "start": "2026-06-05T17:30:00Z", "target_minutes": 0},
            "target_minutes must be",
        ),
        (
            {"calendar": "office", "start": "2026-06-05T17:30:00Z", "target_minutes": 10**9},
            "target_minutes must be",
        ),
        (
            {"calendar": "office", "start": "9999-12-31T23:59:59Z", "target_minutes": 5},
            "There is no working time",
        ),
        (
            {
                "calendar": "office",
                "start": "2026-06-05T17:30:00Z",
                "target_minutes": 5,
                "pauses": [["x"]],
            },
            "pauses must be",
        ),
    ],
)
@pytest.mark.backends("sqlite")
def test_due_says_what_is_wrong_with_a_question(
    run: Run, tmp_path: Path, question: dict[str, Any], said: str
) -> None:
    """Contract: `"due": null` and `"error": "…"` where there is none; the next is answered."""
    good = {
        "id": 2,
        "calendar": "always",
        "from": "2026-06-05T00:00:00Z",
        "to": "2026-06-06T00:00:00Z",
    }
    first, second = answers(ask(run, tmp_path, {"id": 1, **question}, good))
    assert (first["id"], first["due"], second["seconds"]) == (1, None, 86400)
    assert first["error"].startswith(said)


@pytest.mark.backends("sqlite")
@pytest.mark.parametrize(
    ("line", "said"), [("{", "this is not JSON"), ("[1]", "this is not a JSON object")]
)
def test_due_names_the_line_that_is_none(run: Run, tmp_path: Path, line: str, said: str) -> None:
    """Contract: exit status 2: bad input, one clear line."""
    result = ask(run, tmp_path, {"id": 1}, line)
    assert result.exit_code == 2
    assert one_line(result.stderr) == f"questions.jsonl:2: {said}"


@pytest.mark.backends("sqlite")
def test_due_of_a_file_that_is_none(run: Run, tmp_path: Path) -> None:
    assert run("due", tmp_path / "nothing.jsonl").exit_code == 2
    (tmp_path / "sjis.jsonl").write_bytes("名前".encode("shift_jis"))
    result = run("due", tmp_path / "sjis.jsonl")
    assert (result.exit_code, one_line(result.stderr)) == (2, "sjis.jsonl: this is not UTF-8")


@pytest.mark.backends("sqlite")
@pytest.mark.skipif(not VECTORS.exists(), reason="../shared/vectors is not beside this checkout")
def test_due_passes_every_agreed_case(run: Run) -> None:
    """Issue 2: `flask desk due` passes every line of the vectors."""
    assert run("load", VECTORS / "calendars.yaml").exit_code == 0
    given = answers(run("due", VECTORS / "due.jsonl"))
    expected = (VECTORS / "due.expected.jsonl").read_text(encoding="utf-8")
    wanted = [json.loads(line) for line in expected.splitlines()]
    assert len(wanted) == len(given)
    for answer, case in zip(given, wanted, strict=True):
        assert {**answer, "title": case["title"]} == {**case, **_only_error(answer)}


def _only_error(answer: dict[str, Any]) -> dict[str, Any]:
    """What an error says in words is ours."""
    return {"error": answer["error"]} if "error" in answer else {}


# without a desk


@pytest.mark.backends("sqlite")
@pytest.mark.parametrize("words", [("check",), ("export", "clocks"), ("due", "x"), ("replay", "x")])
def test_without_a_set_up_it_says_what_to_do(runner: Any, words: tuple[str, ...]) -> None:
    """Contract: exit status 2 and one clear line."""
    result = runner.invoke(args=["desk", *words])
    assert result.exit_code == 2
    assert "flask desk load DESK.yaml" in one_line(result.stderr)
