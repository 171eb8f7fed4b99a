"""The demo company on either database, made once for all tests that only read it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from flask import Flask
from sqlalchemy.orm import Session

from servicedesk.people import passwords
from tests.support import databases
from tests.support.clock import NOW


@contextmanager
def company(url: str, var: Path) -> Iterator[Flask]:
    """Make the demo as of NOW."""
    from servicedesk import db
    from servicedesk.app import create_app
    from servicedesk.demo import build

    app = create_app({"DATABASE_URL": url, "DESK_VAR": str(var), "SECRET_KEY": "for tests"})
    with app.app_context():
        build.create(now=NOW)
    yield app
    with app.app_context():
        db.db.engine.dispose()


@pytest.fixture(
    scope="session",
    params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)],
)
def made(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Flask]:
    """The demo company, made once for each kind of database."""
    copied: AbstractContextManager[str]
    if request.param == "sqlite":
        copied = databases.sqlite_copy(request.getfixturevalue("sqlite_template"))
    else:
        template = request.getfixturevalue("postgres_template")
        server = request.getfixturevalue("postgres_server")
        copied = databases.postgres_copy(template, server)
    with copied as url, company(url, tmp_path_factory.mktemp("demo")) as app:
        yield app


@pytest.fixture
def demo(made: Flask) -> Iterator[Flask]:
    """Inside the demo company; its history is not to be changed."""
    from servicedesk.db import db

    with made.app_context():
        yield made
        db.session.remove()


@pytest.fixture
def history(demo: Flask) -> Session:
    """A session that reads the demo."""
    from servicedesk.db import db

    return db.session()


@pytest.fixture
def _cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        passwords, "hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    )
