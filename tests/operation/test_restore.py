"""A restored desk is the desk that was backed up: row for row, file for file, or there is none."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from servicedesk import db
from servicedesk.errors import BadInput
from servicedesk.history.check import check
from servicedesk.incidents import commands
from servicedesk.incidents.models import Incident
from servicedesk.incidents.search import found
from servicedesk.operation import backup, restore, schema
from servicedesk.operation.folder import file_digest
from servicedesk.operation.tables import tables
from servicedesk.people.models import Person
from tests.cast import Desk, at
from tests.operation.busy import play
from tests.operation.conftest import Another
from tests.operation.rows import everything, files

KINDS = pytest.mark.parametrize(
    "kind", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]
)


@pytest.fixture
def kept(desk: Desk, tmp_path: Path) -> Path:
    """A backup of a desk with something in every corner."""
    play(desk)
    with desk.app.app_context():
        backup.make(tmp_path / "kept", now=at("12:00"))
    return tmp_path / "kept"


def take_back(app: Flask, folder: Path) -> None:
    with app.app_context():
        restore.restore(folder)


def differences(app: Flask) -> list[str]:
    with app.app_context():
        return check(now=at("Mon 10:00")).differences


@contextmanager
def nothing_kept(app: Flask) -> Iterator[None]:
    """Whatever happens in the block, there is no desk afterwards."""
    yield
    with app.app_context(), db.db.engine.connect() as connection:
        if sa.inspect(connection).get_table_names():
            schema.refuse_unless_empty(connection, tables(connection))
    assert files(app) == {}


@KINDS
def test_every_row_and_file_comes_back(desk: Desk, kept: Path, another: Another, kind: str) -> None:
    """From each database into each."""
    app = another(kind)
    take_back(app, kept)
    assert everything(app) == everything(desk.app)
    assert files(app) == files(desk.app) != {}
    assert differences(app) == []


def test_the_restored_desk_goes_on(desk: Desk, kept: Path, another: Another, backend: str) -> None:
    """Numbers and ids continue; what was written before is found."""
    app = another(backend)
    take_back(app, kept)
    there = Desk(app)
    n = there.log(title="After the fire")
    assert n == 5
    there.do(commands.comment, n, "note", "Goes on", by="ito", when="09:30")
    assert there.differences() == []
    with app.app_context():
        person = db.db.session.get_one(Person, there.id("ito"))
        hits = sa.select(Incident.number).where(found("日本語", person))
        assert db.db.session.scalars(hits.order_by(Incident.number)).all() == [1]


def test_the_command_ends_with_a_check(
    desk: Desk, kept: Path, another: Another, backend: str
) -> None:
    done = another(backend).test_cli_runner().invoke(args=["desk", "restore", str(kept)])
    assert done.exit_code == 0, done.output
    assert "4 incidents checked, 0 differences." in done.output


@pytest.mark.backends("sqlite")
def test_the_secret_key_comes_with_it(desk: Desk, kept: Path, another: Another) -> None:
    """Sessions, links and digests of before stay good."""
    app = another("sqlite")
    take_back(app, kept)
    assert (Path(app.config["DESK_VAR"]) / "secret-key").read_text() == "for tests"
    assert app.config["SECRET_KEY"] == "for tests"


@pytest.mark.backends("sqlite")
def test_a_key_that_was_set_to_another_is_refused(desk: Desk, kept: Path, another: Another) -> None:
    app = another("sqlite", SECRET_KEY="mine")
    with nothing_kept(app), pytest.raises(BadInput, match="SECRET_KEY"):
        take_back(app, kept)


@pytest.mark.backends("sqlite")
def test_a_key_that_was_set_to_the_same_is_kept(desk: Desk, kept: Path, another: Another) -> None:
    app = another("sqlite", SECRET_KEY="for tests")
    take_back(app, kept)
    assert not (Path(app.config["DESK_VAR"]) / "secret-key").exists()


def test_a_desk_that_is_there_is_left_alone(
    desk: Desk, kept: Path, another: Another, backend: str
) -> None:
    app = another(backend)
    with app.app_context():
        schema.bring_to("head")
        with db.transaction() as session:
            session.add(Person(key="x", name="X"))
    before = everything(app)
    done = app.test_cli_runner().invoke(args=["desk", "restore", str(kept)])
    assert done.exit_code == 2
    assert "There is a desk in this database already" in done.output
    assert everything(app) == before
    assert files(app) == {}


def test_a_schema_without_a_desk_will_do(
    desk: Desk, kept: Path, another: Another, backend: str
) -> None:
    app = another(backend)
    with app.app_context():
        schema.bring_to("head")
    take_back(app, kept)
    assert everything(app) == everything(desk.app)


@pytest.mark.backends("sqlite")
def test_an_interrupted_backup_is_refused(desk: Desk, kept: Path, another: Another) -> None:
    (kept / "manifest.json").unlink()
    app = another("sqlite")
    with nothing_kept(app), pytest.raises(BadInput, match="no complete backup"):
        take_back(app, kept)


def victims() -> list[str]:
    return ["tables/incident.jsonl", "tables/event.jsonl", "files.jsonl", "secret-key", "files/*/*"]


@pytest.mark.backends("sqlite")
@pytest.mark.parametrize("victim", victims())
@pytest.mark.parametrize("how", ["changed", "cut", "gone"])
def test_a_damaged_backup_is_refused(
    desk: Desk, kept: Path, another: Another, victim: str, how: str
) -> None:
    path = next(kept.glob(victim))
    content = path.read_bytes()
    if how == "gone":
        path.unlink()
    else:
        changed = content[:-2] if how == "cut" else bytes([content[0] ^ 1]) + content[1:]
        path.write_bytes(changed)
    app = another("sqlite")
    with nothing_kept(app), pytest.raises(BadInput, match=path.name):
        take_back(app, kept)


def forge(folder: Path, name: str, text: str) -> None:
    """Change a table's lines, and the manifest with them."""
    path = folder / "tables" / f"{name}.jsonl"
    path.write_text(text, encoding="utf-8")
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["tables"][name]["sha256"] = file_digest(path)
    (folder / "manifest.json").write_text(json.dumps(manifest))


def test_rows_that_refer_to_nothing_are_refused(
    desk: Desk, kept: Path, another: Another, backend: str
) -> None:
    """All or nothing: what came before them is undone, the files too."""
    names = (kept / "tables" / "watcher.jsonl").read_text().splitlines()[0]
    forge(kept, "watcher", f"{names}\n[4711,4712]\n")
    app = another(backend)
    with nothing_kept(app), pytest.raises(BadInput):
        take_back(app, kept)


def test_what_comes_back_otherwise_is_refused(
    desk: Desk, kept: Path, another: Another, backend: str
) -> None:
    """Here a line says an instant in another way than the database does."""
    text = (kept / "tables" / "sign_in_attempt.jsonl").read_text()
    forge(kept, "sign_in_attempt", text.replace("01:00:59Z", "01:00:59+00:00"))
    app = another(backend)
    with nothing_kept(app), pytest.raises(BadInput, match="sign_in_attempt"):
        take_back(app, kept)


@pytest.mark.backends("sqlite")
def test_a_path_outside_is_refused(desk: Desk, kept: Path, another: Another) -> None:
    listed = kept / "files.jsonl"
    listed.write_text(listed.read_text() + '["../evil",1,"0"]\n')
    manifest = json.loads((kept / "manifest.json").read_text())
    manifest["files"]["sha256"] = file_digest(listed)
    (kept / "manifest.json").write_text(json.dumps(manifest))
    app = another("sqlite")
    with nothing_kept(app), pytest.raises(BadInput, match="evil"):
        take_back(app, kept)


@pytest.mark.backends("sqlite")
def test_files_that_lie_there_already_are_taken(desk: Desk, kept: Path, another: Another) -> None:
    """The database was lost, its folder was not."""
    app = another("sqlite")
    for path in files(desk.app):
        place = Path(app.config["DESK_VAR"]) / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes((Path(desk.app.config["DESK_VAR"]) / path).read_bytes())
    take_back(app, kept)
    assert files(app) == files(desk.app)


@pytest.mark.backends("sqlite")
def test_a_backup_of_a_newer_version_is_refused(desk: Desk, kept: Path, another: Another) -> None:
    manifest = json.loads((kept / "manifest.json").read_text()) | {"schema": "9999"}
    (kept / "manifest.json").write_text(json.dumps(manifest))
    app = another("sqlite")
    with nothing_kept(app), pytest.raises(BadInput, match="newer"):
        take_back(app, kept)


def test_a_backup_of_an_older_version_is_upgraded(
    desk: Desk, another: Another, backend: str, tmp_path: Path
) -> None:
    """Its schema is made first, then its rows, then it is brought up to this version."""
    older, newer = another(backend, SECRET_KEY="for tests"), another(backend)
    with older.app_context():
        schema.bring_to("0001")
        with db.transaction() as session:
            rows = (dict(_OLD, id=n, key=k, session_token=k) for n, k in ((7, "a"), (9, "b")))
            session.execute(sa.insert(_person), list(rows))
        backup.make(tmp_path / "old", now=at("12:00"))
    done = newer.test_cli_runner().invoke(args=["desk", "restore", str(tmp_path / "old")])
    assert done.exit_code == 0, done.output
    with newer.app_context(), db.db.engine.connect() as connection:
        assert schema.revision(connection) == schema.newest()
        found = connection.execute(sa.select(_person.c.id, _person.c.key, _person.c.active))
        assert found.all() == [(7, "a", True), (9, "b", True)]


_person = sa.table(
    "person",
    *(sa.column(n) for n in ("id", "key", "name", "session_token")),
    sa.column("roles", sa.JSON),
    sa.column("active", sa.Boolean),
    sa.column("listed", sa.Boolean),
)
_OLD: dict[str, Any] = {"name": "Old", "roles": ["agent"], "active": True, "listed": True}
