"""A desk moves to another database with everything kept."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import Result
from flask import Flask

from servicedesk import db, pulse, times
from servicedesk.app import create_app
from servicedesk.history.check import check
from servicedesk.incidents.models import Incident
from servicedesk.operation import move as moving
from servicedesk.operation.lines import Sum
from tests.cast import Desk, at
from tests.operation.busy import play
from tests.operation.conftest import Blank
from tests.operation.rows import everything
from tests.operation.test_restore import KINDS


def move(app: Flask, url: str, *more: str) -> Result:
    return app.test_cli_runner().invoke(args=["desk", "move", url, *more])


def opened(desk: Desk, url: str) -> Flask:
    """The desk on another database, with the same files and key."""
    given = {name: desk.app.config[name] for name in ("DESK_VAR", "SECRET_KEY")}
    return create_app({**given, "DATABASE_URL": url})


def close(app: Flask) -> None:
    with app.app_context():
        db.db.session.remove()
        db.db.engine.dispose()


def is_empty(url: str) -> bool:
    engine = sa.create_engine(url)
    with engine.connect() as connection:
        names = sa.inspect(connection).get_table_names()
        people = connection.scalar(sa.text("SELECT count(*) FROM person")) if names else 0
    engine.dispose()
    return not people


@KINDS
def test_every_row_is_there_and_the_source_is_as_it_was(
    desk: Desk, blank: Blank, kind: str
) -> None:
    """Ids, hashes, JSON, instants to the second, booleans; from each database into each."""
    play(desk)
    before, url = everything(desk.app), blank(kind)
    done = move(desk.app, url)
    assert done.exit_code == 0, done.output
    assert "Now set DATABASE_URL=" in done.output
    there = opened(desk, url)
    assert everything(there) == before == everything(desk.app)
    with there.app_context():
        assert check(now=at("Mon 10:00")).differences == []
    close(there)


@KINDS
def test_the_moved_desk_goes_on(desk: Desk, blank: Blank, kind: str) -> None:
    """Ids and numbers continue after those there are; files are found."""
    play(desk)
    url = blank(kind)
    assert move(desk.app, url).exit_code == 0
    there = Desk(opened(desk, url))
    assert there.log() == 5
    with there.visit("ito").get("/files/1/a.txt") as answer:
        assert answer.data.decode() == "赤く点滅"
    assert there.differences() == []
    close(there.app)


@KINDS
def test_there_and_back_again_is_the_same(
    desk: Desk, blank: Blank, kind: str, backend: str
) -> None:
    play(desk)
    before, away, back = everything(desk.app), blank(kind), blank(backend)
    assert move(desk.app, away).exit_code == 0
    middle = opened(desk, away)
    assert move(middle, back).exit_code == 0
    there = opened(desk, back)
    assert everything(there) == before
    close(middle)
    close(there)


def test_a_desk_that_is_there_is_left_alone(desk: Desk, backend: str, database_url: str) -> None:
    play(desk)
    before = everything(desk.app)
    done = move(desk.app, database_url)  # its own
    assert (done.exit_code, "There is a desk" in done.output) == (2, True)
    assert everything(desk.app) == before


@pytest.mark.backends("sqlite")
@pytest.mark.postgres
def test_what_the_other_cannot_keep_is_named_and_nothing_is_kept(desk: Desk, blank: Blank) -> None:
    """SQLite keeps texts of any length; the line says where, not what."""
    play(desk)
    with desk.session(), db.transaction() as session:
        session.get_one(Incident, 2).title = "zqsecret" * 100
    url = blank("postgresql")
    done = move(desk.app, url)
    assert done.exit_code == 2
    assert "incident, row 2, column title: value too long" in done.output
    assert "zqsecret" not in done.output
    assert is_empty(url)
    desk.tampered = True


@pytest.mark.backends("sqlite")
@pytest.mark.postgres
def test_a_character_that_the_other_cannot_keep_is_named(desk: Desk, blank: Blank) -> None:
    play(desk)
    with desk.session(), db.transaction() as session:
        session.get_one(Incident, 3).title = "zq\0"
    done = move(desk.app, blank("postgresql"))
    assert done.exit_code == 2
    assert "incident, row 3" in done.output
    assert "zq" not in done.output
    desk.tampered = True


def test_a_copy_that_differs_is_not_kept(
    desk: Desk, blank: Blank, backend: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    play(desk)
    monkeypatch.setattr(Sum, "sha256", property(lambda total: f"{total.lines} lines"))
    monkeypatch.setattr(moving, "digest", lambda lines: f"{len(list(lines)) - 1} lines")
    url = blank(backend)
    done = move(desk.app, url)
    assert (done.exit_code, "not what was read" in done.output) == (2, True)
    assert is_empty(url)


def test_a_desk_that_runs_is_refused(desk: Desk, blank: Blank, backend: str) -> None:
    with desk.session():
        pulse.beat("sweep", times.now())
    url = blank(backend)
    done = move(desk.app, url)
    assert (done.exit_code, "stop all its processes" in done.output) == (2, True)
    assert move(desk.app, url, "--running").exit_code == 0


def test_who_writes_meanwhile_is_noticed(
    desk: Desk, blank: Blank, backend: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What came after the snapshot is not in the copy, and the command says so."""
    copy = moving._copy

    def disturbed(*given: Any) -> Any:
        desk.log()
        return copy(*given)

    monkeypatch.setattr(moving, "_copy", disturbed)
    done = move(desk.app, blank(backend))
    assert done.exit_code == 1
    assert "was written to meanwhile" in done.output
    assert "Now set" not in done.output


@pytest.mark.backends("sqlite")
@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("mysql://u:zqsecret@h/d", "must start with"),
        ("postgresql://u:zqsecret@127.0.0.1:1/d", "does not answer"),
        ("sqlite:////no/such/folder/desk.db", "does not answer"),
    ],
)
def test_an_address_that_is_none_ends_with_a_line(desk: Desk, url: str, said: str) -> None:
    done = move(desk.app, url)
    assert done.exit_code == 2
    assert said in done.output
    assert "zqsecret" not in done.output


@pytest.mark.backends("sqlite")
def test_the_password_is_not_printed(desk: Desk, blank: Blank, postgres_server: Any) -> None:
    name = sa.make_url(blank("postgresql")).database
    done = move(desk.app, postgres_server.tcp_url(name))
    assert done.exit_code == 0, done.output
    assert postgres_server.password not in done.output
