"""A backup holds the desk as it was at one instant, and says whether it is whole."""

from __future__ import annotations

import json
import shutil
import stat
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from servicedesk import db, pulse
from servicedesk.incidents.models import Attachment
from servicedesk.operation import backup
from tests.cast import Desk, at
from tests.operation.busy import TEXTS, play
from tests.operation.rows import files


def make(app: Flask, folder: Path) -> Any:
    with app.app_context():
        return backup.make(folder, now=at("12:00"))


def lines(folder: Path, table: str) -> list[Any]:
    text = (folder / "tables" / f"{table}.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def test_the_command_says_what_it_wrote(desk: Desk, tmp_path: Path) -> None:
    play(desk)
    done = desk.app.test_cli_runner().invoke(args=["desk", "backup", str(tmp_path / "b")])
    assert done.exit_code == 0, done.output
    assert "rows of" in done.output
    assert " 3 files," in done.output  # an attachment, a report, the key
    with desk.session() as session:
        assert pulse.last(session, "backup")


def test_it_lists_rows_and_files(desk: Desk, tmp_path: Path) -> None:
    numbers = play(desk)
    manifest = make(desk.app, tmp_path / "b")
    names, *rows = lines(tmp_path / "b", "incident")
    texts = [desk.incident(n).description for n in numbers]
    assert [row[names.index("description")] for row in rows] == texts
    assert manifest.tables["incident"].rows == len(TEXTS)
    listed = (tmp_path / "b" / "files.jsonl").read_text().splitlines()
    paths = {json.loads(line)[0] for line in listed}
    assert paths == {*files(desk.app), "secret-key"}


def test_the_lines_are_those_of_the_rows_alone(desk: Desk, tmp_path: Path) -> None:
    """Two backups of the same rows differ in nothing but when they were made."""
    play(desk)
    one, two = make(desk.app, tmp_path / "one"), make(desk.app, tmp_path / "two")
    assert (one.tables, one.files, one.journal) == (two.tables, two.files, two.journal)


def test_nobody_else_can_read_it(desk: Desk, tmp_path: Path) -> None:
    play(desk)
    make(desk.app, tmp_path / "b")
    for path in (tmp_path / "b", *(tmp_path / "b").rglob("*")):
        wanted = 0o700 if path.is_dir() else 0o600
        assert stat.S_IMODE(path.stat().st_mode) == wanted, path


def test_an_empty_folder_will_do(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    make(desk.app, tmp_path / "b")
    assert (tmp_path / "b" / "manifest.json").exists()


@pytest.mark.backends("sqlite")
def test_another_folder_is_left_alone(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "photo.jpg").write_bytes(b"x")
    done = desk.app.test_cli_runner().invoke(args=["desk", "backup", str(tmp_path / "b")])
    assert done.exit_code == 2
    assert [path.name for path in (tmp_path / "b").iterdir()] == ["photo.jpg"]


@pytest.mark.backends("sqlite")
def test_one_that_breaks_off_leaves_nothing(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_given: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("servicedesk.operation.folder.put_manifest", full)
    place = tmp_path / "backups"
    done = desk.app.test_cli_runner().invoke(args=["desk", "backup", str(place / "b")])
    assert done.exit_code == 2
    assert "No space left" in done.output
    assert list(place.iterdir()) == []


@pytest.mark.backends("sqlite")
def test_a_file_that_was_lost_before_is_named(desk: Desk, tmp_path: Path) -> None:
    play(desk)
    shutil.rmtree(Path(desk.app.config["DESK_VAR"]) / "files")
    done = desk.app.test_cli_runner().invoke(args=["desk", "backup", str(tmp_path / "b")])
    with desk.session() as session:
        lost = session.scalars(sa.select(Attachment.stored)).one()
    assert done.exit_code == 1
    assert f"{lost} is missing" in done.output
    assert (tmp_path / "b" / "manifest.json").exists()


@pytest.mark.backends("sqlite")
def test_a_file_that_was_changed_is_named(desk: Desk, tmp_path: Path) -> None:
    play(desk)
    path = next((Path(desk.app.config["DESK_VAR"]) / "reports").iterdir())
    path.write_bytes(b"other")
    manifest = make(desk.app, tmp_path / "b")
    assert manifest.faults == (f"reports/{path.name} was changed",)


def test_a_desk_without_tables_has_no_backup(another: Any, backend: str, tmp_path: Path) -> None:
    done = another(backend).test_cli_runner().invoke(args=["desk", "backup", str(tmp_path / "b")])
    assert done.exit_code == 2
    assert not (tmp_path / "b").exists()


def test_every_table_of_the_models_is_in_it_and_nothing_else(
    session: Session, backend: str
) -> None:
    """What search is made of is not, nor what reports keep: it follows from the rest."""
    from servicedesk.operation.tables import CACHES, tables

    found = [*CACHES, *(table.name for table in tables(session.connection()))]
    assert sorted(found) == sorted(db.Base.metadata.tables)


def test_no_table_refers_to_one_that_comes_later(session: Session) -> None:
    """Rows can be put in table by table."""
    from servicedesk.operation.tables import tables

    found = [table.name for table in tables(session.connection())]
    for table in db.Base.metadata.tables.values():
        for key in table.foreign_keys:
            assert found.index(key.column.table.name) <= found.index(table.name)
