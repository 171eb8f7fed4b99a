"""Databases with the schema in them, made fast: migrated once, then copied for every test."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.memory import quick_folder
from tests.support.postgres import Server

Migrate = Callable[[str], None]  # brings the schema into the database of that address


def sqlite_url(path: Path) -> str:
    """Address an SQLite file."""
    return f"sqlite:///{path}"


def sqlite_template(folder: Path, migrate: Migrate) -> Path:
    """Make the file that the tests' databases are copied from."""
    path = folder / "template.db"
    migrate(sqlite_url(path))
    if path.with_name(path.name + "-wal").exists():
        raise RuntimeError("the migration left a connection open: its changes are not in the file")
    return path


@contextmanager
def sqlite_copy(template: Path) -> Iterator[str]:
    """Give the address of a fresh copy, and remove it afterwards."""
    with quick_folder("desk-sqlite-") as folder:
        yield sqlite_url(Path(shutil.copyfile(template, folder / "desk.db")))


TEMPLATE = "template_desk"
_numbers = itertools.count(1)


def postgres_template(server: Server, migrate: Migrate) -> str:
    """Make the database that the tests' databases are copied from."""
    migrate(server.create(TEMPLATE))
    return TEMPLATE


@contextmanager
def postgres_copy(template: str, server: Server) -> Iterator[str]:
    """Give the address of a fresh copy, and drop it afterwards."""
    name = f"desk_{next(_numbers)}"
    try:
        yield server.create(name, template)
    finally:
        server.drop(name)
