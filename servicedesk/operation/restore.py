"""Makes a desk out of a backup, where there is none yet."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from flask import current_app

from servicedesk.db import db
from servicedesk.errors import BadInput
from servicedesk.operation import folder as folders
from servicedesk.operation import schema
from servicedesk.operation.folder import SECRET, File, Manifest
from servicedesk.operation.lines import digest, read_lines, write_lines
from servicedesk.operation.tables import (
    clear,
    defer_references,
    go_on_counting,
    read,
    tables,
    write,
)
from servicedesk.operation.upgrade import complete


def restore(folder: Path) -> Manifest:
    """Restore a backup into an empty desk: all of it or nothing; raises BadInput."""
    manifest = folders.manifest_of(folder)
    if not schema.is_known(manifest.schema):
        raise BadInput(f"{folder} was made by a newer version (schema {manifest.schema}).")
    schema.is_blank(db.engine, manifest.schema)
    folders.verify(folder, manifest)
    _refuse_another_secret(folder)
    schema.prepare(db.engine, manifest.schema)
    with _files(folder), schema.writing(db.engine) as connection:
        load(connection, folder, manifest)
        _take_secret(folder)
    schema.bring_to("head")
    complete(manifest.schema)
    return manifest


def load(connection: sa.Connection, folder: Path, manifest: Manifest) -> None:
    """Write all rows, and read them again: they are what the backup says, or nothing is kept."""
    those = tables(connection)
    if {each.name for each in those} != set(manifest.tables):
        raise BadInput("The backup has other tables than its version of the schema.")
    schema.refuse_unless_empty(connection, those)
    defer_references(connection)
    for table in those:
        clear(connection, table)
        lines = folders.lines_of(folders.table_path(folder, table.name))
        write(connection, table, read_lines(table, lines))
        go_on_counting(connection, table)
        if (
            digest(write_lines(table, read(connection, table)))
            != manifest.tables[table.name].sha256
        ):
            raise BadInput(f"{table.name}: what was written is not what the backup has.")


# Files


@contextmanager
def _files(folder: Path) -> Iterator[None]:
    """Put the files in place first, as the desk does; take them away if the rows do not follow."""
    var = Path(current_app.config["DESK_VAR"])
    put: list[Path] = []
    try:
        put.extend(_put_all(folder, var))
        os.sync()
        yield
    except BaseException:
        for path in put:
            path.unlink(missing_ok=True)
        raise


def _put_all(folder: Path, var: Path) -> Iterator[Path]:
    for file in folders.files_of(folder):
        if file.path != SECRET and _put(folder, var, file):
            yield var / file.path


def _put(folder: Path, var: Path, file: File) -> bool:
    """Copy a file to its place, unless it is there; raises BadInput where another is."""
    place = var / file.path
    if place.exists():
        if folders.file_digest(place) != file.sha256:
            raise BadInput(f"{place} is there already, with another content.")
        return False
    part = place.with_suffix(".part")
    part.unlink(missing_ok=True)
    folders.copy(folder / file.path, part)
    part.rename(place)
    return True


# The secret key


def _refuse_another_secret(folder: Path) -> None:
    """A key that was set by hand cannot be replaced; links, sessions and digests need the old."""
    if _is_kept() or (folder / SECRET).read_text() == current_app.config["SECRET_KEY"]:
        return
    raise BadInput(f"SECRET_KEY is not the backup's: set it to what {folder / SECRET} has.")


def _is_kept() -> bool:
    """Say whether the key is the one that was made and kept in DESK_VAR."""
    place = _place()
    return place.exists() and place.read_text().strip() == current_app.config["SECRET_KEY"]


def _place() -> Path:
    return Path(current_app.config["DESK_VAR"]) / SECRET


def _take_secret(folder: Path) -> None:
    key = (folder / SECRET).read_text()
    if key == current_app.config["SECRET_KEY"]:
        return
    part = _place().with_suffix(".part")
    part.unlink(missing_ok=True)
    folders.copy(folder / SECRET, part)
    part.replace(_place())
    current_app.config["SECRET_KEY"] = key
