"""Copies a desk into another database, with everything kept."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from servicedesk.errors import BadInput
from servicedesk.incidents import documents
from servicedesk.operation import schema
from servicedesk.operation.lines import Sum, digest, read_lines, write_lines
from servicedesk.operation.tables import (
    Table,
    clear,
    defer_references,
    go_on_counting,
    read,
    tables,
    write,
)

# What grows with whatever the desk does: who wrote meanwhile has changed one of them.
SIGNS = (
    "SELECT max(id) FROM event",
    "SELECT max(id) FROM notification",
    "SELECT max(id) FROM link",
    "SELECT max(id) FROM sign_in_attempt",
    "SELECT max(at) FROM pulse",
    "SELECT revision FROM desk",
)


@dataclass(frozen=True)
class Moved:
    """What was copied, and whether somebody wrote to the source meanwhile."""

    tables: int
    rows: int
    disturbed: bool


def move(source: sa.Engine, target: sa.Engine) -> Moved:
    """Copy all rows of one snapshot into the current application's database, which is empty.

    All or nothing; row for row the copy is read again and compared first. Raises BadInput.
    """
    with schema.writing(target) as there:
        with schema.reading(source) as here:
            wanted = schema.newest()
            if schema.revision(here) != wanted:
                raise BadInput("This database is of an older version: run `flask desk init` first.")
            signs = _signs(here)
            sums = _copy(here, there)
        _compare(there, sums)
    documents.complete()
    with schema.reading(source) as here:
        disturbed = _signs(here) != signs
    return Moved(len(sums), sum(total.lines - 1 for total in sums.values()), disturbed)


def _signs(connection: sa.Connection) -> list[object]:
    return [connection.scalar(sa.text(sign)) for sign in SIGNS]


def _copy(here: sa.Connection, there: sa.Connection) -> dict[str, Sum]:
    sources, targets = tables(here), {table.name: table for table in tables(there)}
    if {table.name for table in sources} != set(targets):
        raise BadInput("The two databases do not have the same tables.")
    schema.refuse_unless_empty(there, list(targets.values()))
    defer_references(there)
    return {table.name: _copy_table(here, table, there, targets[table.name]) for table in sources}


def _copy_table(here: sa.Connection, source: Table, there: sa.Connection, target: Table) -> Sum:
    total = Sum()
    clear(there, target)
    lines = total.over(write_lines(source, read(here, source)))
    write(there, target, read_lines(target, lines))
    go_on_counting(there, target)
    return total


def _compare(there: sa.Connection, sums: dict[str, Sum]) -> None:
    for table in tables(there):
        if digest(write_lines(table, read(there, table))) != sums[table.name].sha256:
            raise BadInput(f"{table.name}: what was written is not what was read.")
