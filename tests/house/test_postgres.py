"""The database server of the tests."""

from __future__ import annotations

import psycopg
import pytest

from tests.support import postgres
from tests.support.required import lacking


def ask(url: str) -> object:
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        row = connection.execute("SELECT current_user::text").fetchone()
    return row[0] if row else None


def test_answers_over_its_socket(postgres_server: postgres.Server) -> None:
    assert ask(postgres_server.url("postgres")) == postgres.USER


def test_answers_over_tcp(postgres_server: postgres.Server) -> None:
    assert ask(postgres_server.tcp_url("postgres")) == postgres.USER


def test_asks_for_the_password_over_tcp(postgres_server: postgres.Server) -> None:
    url = postgres_server.tcp_url("postgres").replace(postgres_server.password, "wrong")
    with pytest.raises(psycopg.OperationalError, match="password"):
        ask(url)


def test_leaves_nothing_behind(postgres_server: postgres.Server) -> None:
    programs = postgres.programs()
    assert programs is not None
    with postgres.running(programs) as server:
        url = server.url("postgres")
    assert not server.folder.exists()
    with pytest.raises(psycopg.OperationalError):
        ask(url)


def test_a_start_that_fails_says_why(
    postgres_server: postgres.Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    programs = postgres.programs()
    assert programs is not None
    monkeypatch.setitem(postgres.SETTINGS, "shared_buffers", "none")
    with pytest.raises(postgres.CannotStart, match="shared_buffers"), postgres.running(programs):
        pass


def test_what_is_lacking_is_skipped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="no Chromium"):
        lacking("no Chromium")


def test_what_is_lacking_on_ci_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="no Chromium"):
        lacking("no Chromium")
