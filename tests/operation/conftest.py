"""The cast at the desk, and empty places to put a desk into."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from flask import Flask

from servicedesk import db
from servicedesk.app import create_app
from tests.cast import cast_in_postgres, cast_in_sqlite, database_url, desk
from tests.support import databases

__all__ = ["cast_in_postgres", "cast_in_sqlite", "database_url", "desk"]

Blank = Callable[[str], str]
Another = Callable[..., Flask]
_numbers = itertools.count(1)


@pytest.fixture
def blank(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Blank]:
    """Give the address of a database of some kind without any table."""
    with ExitStack() as after:

        def make(kind: str) -> str:
            number = next(_numbers)
            if kind == "sqlite":
                return databases.sqlite_url(tmp_path / f"blank-{number}.db")
            server = request.getfixturevalue("postgres_server")
            name = f"blank_{number}"
            after.callback(server.drop, name)
            return str(server.create(name))

        yield make


@pytest.fixture
def another(tmp_path: Path, blank: Blank) -> Iterator[Another]:
    """Make a desk's application on a database without any table, with files of its own."""
    made: list[Flask] = []

    def make(kind: str, **settings: str) -> Flask:
        var = tmp_path / f"var-{next(_numbers)}"
        said = {"DATABASE_URL": blank(kind), "DESK_VAR": str(var), **settings}
        made.append(create_app(said))
        return made[-1]

    yield make
    for app in made:
        with app.app_context():
            db.db.session.remove()
            db.db.engine.dispose()
