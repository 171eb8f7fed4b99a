"""The desk with the cast at it, who come in by the front door."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator
from typing import IO, Any

import pytest
from argon2 import PasswordHasher
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations
from flask import Flask
from playwright.sync_api import BrowserContext, Page, expect

from servicedesk import db
from servicedesk.people import passwords
from servicedesk.people.commands import give_password
from servicedesk.people.models import Person
from servicedesk.reports import shelf
from tests.cast import Desk, cast_in_postgres, cast_in_sqlite, database_url, desk
from tests.e2e.hands import DESKTOP, PATIENCE, SignIn, come_in
from tests.people.signing import PASSWORD
from tests.support.checkout import PACKAGE
from tests.support.clock import Clock
from tests.support.server import LiveServer

__all__ = ["cast_in_postgres", "cast_in_sqlite", "database_url", "desk"]

CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
JAPANESE = PACKAGE / "translations" / "ja" / "LC_MESSAGES" / "messages.po"

expect.set_options(timeout=PATIENCE)


@pytest.fixture(autouse=True)
def _empty_shelf() -> Iterator[None]:
    """Databases come and go under the same address."""
    shelf.clear()
    yield
    shelf.clear()


@pytest.fixture
def _passwords(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Everybody of the cast has one; it is not the hashing that is tested here."""
    monkeypatch.setattr(passwords, "hasher", CHEAP)
    monkeypatch.setattr(passwords, "UNMATCHABLE", passwords._unmatchable())
    with desk.app.app_context(), db.transaction() as session:
        for person in session.query(Person):
            give_password(session, person, passwords.hashed(PASSWORD))


@pytest.fixture
def japanese(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the Japanese texts as they stand in the catalogue, whatever was compiled when."""
    compiled = io.BytesIO()
    with JAPANESE.open("rb") as file:
        write_mo(compiled, read_po(file, locale="ja"))
    compiled.seek(0)
    texts = app.extensions["babel"].instance.domain_instance.cache
    monkeypatch.setitem(texts, ("ja", "messages"), Translations(compiled))


@pytest.fixture
def app(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """Read files whole: the tests' server leaves one open where a browser goes on half-way."""
    serve = app.wsgi_app

    def serve_whole(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        environ["wsgi.file_wrapper"] = _whole
        return serve(environ, start_response)

    monkeypatch.setattr(app, "wsgi_app", serve_whole)
    return app


def _whole(file: IO[bytes], _size: int = 0) -> list[bytes]:
    with file:
        return [file.read()]


@pytest.fixture
def sign_in(
    new_context: Callable[..., BrowserContext],
    live_server: LiveServer,
    clock: Clock,
    _passwords: None,
) -> SignIn:
    """Sit somebody down at a browser of their own, and sign in: `sign_in("emi")`."""

    def sign_in(key: str, **options: Any) -> Page:
        page = new_context(**{"viewport": DESKTOP, **options}).new_page()
        page.set_default_timeout(PATIENCE)
        come_in(page, key)
        return page

    return sign_in
