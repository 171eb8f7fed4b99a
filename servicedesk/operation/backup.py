"""Writes everything that a desk consists of into a folder, while it runs."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import astuple, replace
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa
from flask import current_app

from servicedesk import times
from servicedesk.db import db
from servicedesk.errors import BadInput
from servicedesk.operation import folder as folders
from servicedesk.operation import schema
from servicedesk.operation.folder import File, Manifest, Part
from servicedesk.operation.lines import digest, write_lines
from servicedesk.operation.tables import Table, read, tables
from servicedesk.operation.version import version

PARTIAL = ".partial"  # how the name of a folder ends that is not complete
NOTHING = Part(0, 0, "")
# The tables that name files, and where these lie.
PLACES = {
    "attachment": "files/{stored:.2}/{stored}",
    "report": "reports/{stored}",
    "received_mail": "mail-in/{kept}.eml",  # named by its SHA-256
}

_incident = sa.table("incident", sa.column("id"), sa.column("number"), sa.column("head"))
_event = sa.table("event")


def make(target: Path, *, now: datetime) -> Manifest:
    """Back the desk up into a folder that is new or empty; raises BadInput.

    The tables are read in one snapshot, and then the files that they name: a file is written before
    its row and removed only long after it, so what a row of the snapshot names is there.
    """
    with _whole(target) as folder:
        with schema.reading(db.engine) as connection:
            manifest = _write_tables(folder, connection, now)
        manifest = _write_files(folder, manifest)
        folders.put_manifest(folder, manifest)
    return manifest


@contextmanager
def _whole(target: Path) -> Iterator[Path]:
    """Write beside a folder first: under its own name a backup is complete, and lasts."""
    target = target.absolute()
    try:
        if target.exists() and (not target.is_dir() or any(target.iterdir())):
            raise BadInput(f"{target} is not empty: a backup goes into a folder of its own.")
        target.parent.mkdir(parents=True, exist_ok=True)
        partial = Path(tempfile.mkdtemp(PARTIAL, f".{target.name}.", target.parent))
        with _gone_on_error(partial):
            yield partial
            os.sync()
            partial.rename(target)
            os.sync()
    except OSError as error:
        raise BadInput(f"{target}: {error.strerror}") from None


@contextmanager
def _gone_on_error(folder: Path) -> Iterator[None]:
    try:
        yield
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _write_tables(folder: Path, connection: sa.Connection, now: datetime) -> Manifest:
    there = schema.revision(connection)
    if there is None:
        raise BadInput("The database has no desk in it.")
    parts = {each.name: _write_table(folder, connection, each) for each in tables(connection)}
    return Manifest(
        made_at=str(times.iso(now)),
        schema=there,
        database=connection.dialect.name,
        program=version(),
        tables=parts,
        files=NOTHING,
        file_bytes=0,
        journal=_journal(connection),
    )


def _write_table(folder: Path, connection: sa.Connection, table: Table) -> Part:
    lines = write_lines(table, read(connection, table))
    part = folders.put_lines(folders.table_path(folder, table.name), lines)
    return replace(part, rows=part.rows - 1)  # without the line of names


def _journal(connection: sa.Connection) -> dict[str, int | str]:
    """Say how far the journal goes, and where its chains end: one value for all of them."""
    events = connection.scalar(sa.select(sa.func.count()).select_from(_event)) or 0
    heads = connection.execute(
        sa.select(_incident.c.number, _incident.c.head).order_by(_incident.c.number),
        execution_options={"yield_per": 1000},
    )
    return {"events": events, "heads": digest(f"{n} {head}\n".encode() for n, head in heads)}


def _write_files(folder: Path, manifest: Manifest) -> Manifest:
    faults: list[str] = []
    size = 0

    def lines() -> Iterator[bytes]:
        nonlocal size
        for file in _copies(folder, faults):
            size += file.bytes
            yield json.dumps(astuple(file)).encode() + b"\n"

    part = folders.put_lines(folder / folders.FILES, lines())
    return replace(manifest, files=part, file_bytes=size, faults=tuple(faults))


def _copies(folder: Path, faults: list[str]) -> Iterator[File]:
    """Copy each file that the tables name; what was lost or changed before is noted."""
    var = Path(current_app.config["DESK_VAR"])
    for path, sha256 in _named(folder):
        if (folder / path).exists():
            continue  # named twice
        try:
            file = folders.copy(var / path, folder / path)
        except FileNotFoundError:
            faults.append(f"{path} is missing")
            continue
        if file.sha256 != sha256:
            faults.append(f"{path} was changed")
        yield replace(file, path=path)
    yield _secret(folder)


def _named(folder: Path) -> Iterator[tuple[str, str]]:
    """List the files that the rows of this backup name, and what they were when they were kept."""
    for table, place in PLACES.items():
        path = folders.table_path(folder, table)
        if not path.exists():  # a backup of an older version
            continue
        lines = folders.lines_of(path)
        columns = json.loads(next(lines))
        for line in lines:
            row = dict(zip(columns, json.loads(line), strict=True))
            if not row.get("pruned_at"):
                yield place.format(**row), row.get("sha256") or row["kept"]


def _secret(folder: Path) -> File:
    key = str(current_app.config["SECRET_KEY"]).encode()
    part = folders.put_lines(folder / folders.SECRET, [key])
    return File(folders.SECRET, part.bytes, part.sha256)
