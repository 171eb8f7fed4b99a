"""What every test can ask for: an instant, a database of either kind, the desk, a browser on it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from flask import Flask
from flask.testing import FlaskClient, FlaskCliRunner
from playwright.sync_api import BrowserContext, Playwright
from sqlalchemy.orm import Session

from tests.support import browser, databases, garbage, imap, postgres
from tests.support import vinst as vinst_data
from tests.support.clock import NOW, Clock
from tests.support.required import lacking
from tests.support.server import LiveServer, serving

BACKENDS = ("sqlite", "postgresql")

hypothesis.settings.register_profile("desk", deadline=None)
hypothesis.settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
hypothesis.settings.register_profile(
    "torture",
    deadline=None,
    max_examples=5000,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile(
    os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if os.environ.get("CI") else "desk")
)


# How the round goes; benches (bench_*.py) are timed as the desk runs.


def _is_for_tests(config: pytest.Config) -> bool:
    return "test_*.py" in config.getini("python_files")


def pytest_configure(config: pytest.Config) -> None:
    """Let nothing but the tests take time."""
    if _is_for_tests(config):
        garbage.seldom()


def pytest_collection_finish(session: pytest.Session) -> None:
    """Take all that was read for the tests as there to stay."""
    if _is_for_tests(session.config):
        garbage.keep()


# Which tests run on which database, and what they are marked with.


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test that asks for a database on both, one in the browser on SQLite alone."""
    if "backend" not in metafunc.fixturenames:
        return
    said = metafunc.definition.get_closest_marker("backends")
    in_browser = "browser" in metafunc.fixturenames
    names = said.args if said else BACKENDS[:1] if in_browser else BACKENDS
    metafunc.parametrize("backend", names, indirect=True)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark tests by what they need, so that `-m "not browser"` leaves them out."""
    for item in items:
        if not isinstance(item, pytest.Function):
            continue
        on_postgres = (
            "callspec" in vars(item) and item.callspec.params.get("backend") == "postgresql"
        )
        if on_postgres or "postgres_server" in item.fixturenames:
            item.add_marker("postgres")
        if "browser" in item.fixturenames:
            item.add_marker("browser")


# Time


@pytest.fixture
def now() -> datetime:
    """Thursday 2026-11-26, 14:05 in Tokyo: what is handed over as `now`."""
    return NOW


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Stop the wall clock at `now`; `clock.advance(minutes=5)` moves it."""
    clock = Clock()
    monkeypatch.setattr("servicedesk.times.now", clock)
    return clock


# Databases


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[postgres.Server]:
    """A PostgreSQL server of our own, one for each test process."""
    programs = postgres.programs()
    if programs is None:
        lacking("no PostgreSQL server programs (initdb, postgres) are installed")
    with postgres.running(programs) as server:
        yield server


@pytest.fixture(scope="session")
def imap_server() -> Iterator[imap.Server]:
    """An IMAP server of our own; each test takes a mailbox of its own: `box()`."""
    dovecot = imap.program()
    if dovecot is None:
        lacking("no Dovecot (dovecot-imapd) is installed")
    with imap.running(dovecot) as server:
        yield server


@pytest.fixture(scope="session")
def migrate(tmp_path_factory: pytest.TempPathFactory) -> databases.Migrate:
    """Bring the schema into an empty database, by its address."""
    var = tmp_path_factory.mktemp("migrate")

    def migrate(url: str) -> None:
        from servicedesk import db

        app = _desk(_settings(url, var))
        db.upgrade(app)
        _leave(app)

    return migrate


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory, migrate: databases.Migrate) -> Path:
    """A migrated SQLite file."""
    return databases.sqlite_template(tmp_path_factory.mktemp("sqlite"), migrate)


@pytest.fixture(scope="session")
def postgres_template(postgres_server: postgres.Server, migrate: databases.Migrate) -> str:
    """A migrated PostgreSQL database."""
    return databases.postgres_template(postgres_server, migrate)


@pytest.fixture(scope="session")
def vinst(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> vinst_data.Imported:
    """The real history in an SQLite file, imported by whichever test process asks first."""
    own = tmp_path_factory.getbasetemp()
    shared = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own

    def make(path: Path) -> str:
        shutil.copyfile(sqlite_template, path)
        app = _desk(_settings(databases.sqlite_url(path), tmp_path_factory.mktemp("vinst")))
        said = vinst_data.bring_in(app)
        _leave(app)
        return said

    return vinst_data.imported(shared, make)


@pytest.fixture
def backend(request: pytest.FixtureRequest) -> str:
    """Which database this test runs on: `sqlite` or `postgresql`."""
    name: str = request.param
    return name


@pytest.fixture
def database_url(backend: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """A database with the schema and nothing else; the test runs once for each kind."""
    if backend == "sqlite":
        with databases.sqlite_copy(request.getfixturevalue("sqlite_template")) as url:
            yield url
    else:
        server = request.getfixturevalue("postgres_server")
        template = request.getfixturevalue("postgres_template")
        with databases.postgres_copy(template, server) as url:
            yield url


# The desk


def _settings(url: str, var: Path) -> dict[str, Any]:
    return {"DATABASE_URL": url, "DESK_VAR": str(var), "SECRET_KEY": "for tests", "TESTING": True}


def _desk(settings: dict[str, Any]) -> Flask:
    """Make the desk; imported here, so that tests of plain rules do not wait for it."""
    from servicedesk.app import create_app
    from tests.support import warm

    warm.share()
    return create_app(settings)


def _leave(app: Flask) -> None:
    """Give all connections back, so that the database can be copied or dropped."""
    from servicedesk import db

    with app.app_context():
        db.db.session.remove()
        for engine in db.db.engines.values():
            engine.dispose()


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> dict[str, Any]:
    """What the desk is made with; a module overrides this fixture to change it."""
    return _settings(database_url, tmp_path / "var")


@pytest.fixture
def app(settings: dict[str, Any]) -> Iterator[Flask]:
    """The desk on an empty database."""
    app = _desk(settings)
    yield app
    _leave(app)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Somebody at the desk's pages, not signed in."""
    return app.test_client()


@pytest.fixture
def runner(app: Flask) -> FlaskCliRunner:
    """Runs `flask desk …`: `runner.invoke(args=["desk", "check"])`."""
    return app.test_cli_runner()


@pytest.fixture
def session(app: Flask) -> Iterator[Session]:
    """Inside the desk, without a request: for commands, queries and steps."""
    from servicedesk import db

    with app.app_context():
        yield db.db.session()
        db.db.session.remove()


@pytest.fixture
def live_server(app: Flask) -> Iterator[LiveServer]:
    """The desk served on a free port of 127.0.0.1."""
    with serving(app) as server:
        yield server


# The browser, on top of pytest-playwright's `page`, `context` and `new_context`


@pytest.fixture(scope="session")
def base_url() -> None:
    """Known only once `live_server` serves: see browser_context_args."""


@pytest.fixture(scope="session")
def chromium() -> str:
    """The system's Chromium, and a driver that starts."""
    program = browser.program()
    if program is None:
        lacking("no Chromium is installed")
    if not browser.driver_starts():
        lacking("the browser's driver does not start: is libatomic1 installed?")
    return program


@pytest.fixture(scope="session")
def playwright(chromium: str, playwright: Playwright) -> Playwright:
    """Look for the browser before its driver is started."""
    return playwright


@pytest.fixture(scope="session")
def browser_type_launch_args(
    chromium: str, browser_type_launch_args: dict[str, Any]
) -> dict[str, Any]:
    """Start the system's Chromium."""
    options = {"executable_path": chromium, "args": list(browser.ARGUMENTS)}
    return {**browser_type_launch_args, **options}


@pytest.fixture
def browser_context_args(
    browser_context_args: dict[str, Any], request: pytest.FixtureRequest
) -> dict[str, Any]:
    """Sit in Tokyo and read English; with `live_server`, `page.goto("/path")` opens the desk."""
    here = {"locale": "en-GB", "timezone_id": "Asia/Tokyo"}
    if "live_server" in request.fixturenames:
        here["base_url"] = request.getfixturevalue("live_server").address
    return {**browser_context_args, **here}


@pytest.fixture
def complaints() -> browser.Complaints:
    """What the browser complained about; the test fails for any that is left in it."""
    return browser.Complaints()


@pytest.fixture
def new_context(
    new_context: Callable[..., BrowserContext], complaints: browser.Complaints
) -> Iterator[Callable[..., BrowserContext]]:
    """Open a browser for one more person."""
    yield browser.watched(new_context, complaints)
    assert not complaints.left(), "\n".join(complaints.left())
