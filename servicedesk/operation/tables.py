"""The tables of a database as portable rows: read, written and compared alike on both databases."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import psycopg
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import TSVECTOR

from servicedesk.db import Base, Instant
from servicedesk.errors import BadInput

AT_ONCE = 1000  # rows in memory
VERSION = "alembic_version"  # the schema's own; the manifest says it
CACHES = ("fact", "fact_state", "period_tally")  # made again from the journal
PLACE = re.compile(r"line (\d+)(?:, column (\w+))?")  # as PostgreSQL says where a COPY failed

Row = Sequence[Any]


@dataclass(frozen=True)
class Table:
    """A table as both databases know it."""

    name: str
    columns: tuple[str, ...]
    sql: sa.Table

    @property
    def key(self) -> list[sa.Column[Any]]:
        """Give the columns of the primary key."""
        return list(self.sql.primary_key)


def tables(connection: sa.Connection) -> list[Table]:
    """List all tables but the derived ones, those that are referred to first."""
    inspector = sa.inspect(connection)
    derived = _derived(inspector, connection)
    names = [name for name, _keys in inspector.get_sorted_table_and_fkc_names() if name]
    return [_table(inspector, name) for name in names if name not in derived]


def _derived(inspector: sa.Inspector, connection: sa.Connection) -> set[str]:
    """Name what is no model's and made from other tables: indexes for searching, the version."""
    if connection.dialect.name == "sqlite":
        listed = connection.exec_driver_sql("PRAGMA table_list")
        indexes = (row.name for row in listed if row.type in ("virtual", "shadow"))
        return {VERSION, *CACHES, *indexes}
    others = set(inspector.get_table_names()) - set(Base.metadata.tables)
    return {VERSION, *CACHES, *(name for name in others if _is_index(inspector, name))}


def _is_index(inspector: sa.Inspector, name: str) -> bool:
    return any(isinstance(column["type"], TSVECTOR) for column in inspector.get_columns(name))


def _table(inspector: sa.Inspector, name: str) -> Table:
    keys = set(inspector.get_pk_constraint(name)["constrained_columns"])
    columns = [
        sa.Column(column["name"], _type(name, column), primary_key=column["name"] in keys)
        for column in inspector.get_columns(name)
    ]
    # in an order of their own: a column that was added later stands elsewhere in the other database
    columns.sort(key=lambda column: (not column.primary_key, column.name))
    table = sa.Table(name, sa.MetaData(), *columns)
    return Table(name, tuple(column.name for column in columns), table)


def _type(table: str, column: Any) -> Any:
    """Give the type that reads and writes alike on both databases."""
    found = column["type"]
    if isinstance(found, sa.JSON):
        return _Text()
    if isinstance(found, sa.DateTime):
        return Instant()
    for kind in (sa.Boolean, sa.Date, sa.Integer, sa.Float, sa.LargeBinary):
        if isinstance(found, kind):
            return kind()
    if isinstance(found, sa.String):
        return sa.String(found.length)
    raise BadInput(f"{table}.{column['name']}: a column of type {found!r} has no portable form")


class _Text(sa.types.UserDefinedType[str]):
    """JSON as it stands in the database, to the letter."""

    cache_ok = True

    def get_col_spec(self, **_options: Any) -> str:
        return "JSON"

    def column_expression(self, column: Any) -> Any:
        return sa.cast(column, sa.Text)


def count(connection: sa.Connection, table: Table) -> int:
    """Count a table's rows."""
    return connection.scalar(sa.select(sa.func.count()).select_from(table.sql)) or 0


def read(connection: sa.Connection, table: Table) -> Iterator[Row]:
    """Read a table's rows in the order of its key, a few at a time."""
    query = sa.select(table.sql).order_by(*(_binary(connection, key) for key in table.key))
    return iter(connection.execute(query, execution_options={"yield_per": AT_ONCE}))


def _binary(connection: sa.Connection, column: sa.Column[Any]) -> Any:
    """Order texts by their bytes, which is the same everywhere."""
    if connection.dialect.name == "sqlite" or not isinstance(column.type, sa.String):
        return column
    return column.collate("C")


def write(connection: sa.Connection, table: Table, rows: Iterable[Row]) -> None:
    """Write rows into a table; raises BadInput for a value that this database cannot keep."""
    put = _insert if connection.dialect.name == "sqlite" else _copy
    put(connection, table, iter(rows))


def _insert(connection: sa.Connection, table: Table, rows: Iterator[Row]) -> None:
    statement = sa.insert(table.sql)
    try:
        while batch := list(islice(rows, AT_ONCE)):
            values = [dict(zip(table.columns, row, strict=True)) for row in batch]
            connection.execute(statement, values)
    except (sa.exc.DataError, sa.exc.IntegrityError) as error:
        raise BadInput(f"{table.name}: {error.orig}") from None


def _copy(connection: sa.Connection, table: Table, rows: Iterator[Row]) -> None:
    """One COPY a table: rows that refer to each other are compared at its end."""
    quote = connection.dialect.identifier_preparer.quote
    columns = ", ".join(map(quote, table.columns))
    driver: Any = connection.connection.driver_connection
    statement = f"COPY {quote(table.name)} ({columns}) FROM STDIN"
    done = 0
    try:
        with driver.cursor() as cursor, cursor.copy(statement) as copy:
            for row in rows:
                done += 1
                copy.write_row(row)
    except (psycopg.DataError, psycopg.IntegrityError) as error:
        raise BadInput(f"{_place(table, error, done)}: {str(error).splitlines()[0]}") from None


def _place(table: Table, error: psycopg.Error, done: int) -> str:
    """Say which row a database refused; its values stay out of it."""
    if found := PLACE.search(error.diag.context or ""):
        column = f", column {found[2]}" if found[2] else ""
        return f"{table.name}, row {found[1]}{column}"
    return f"{table.name}, row {done}"


def clear(connection: sa.Connection, table: Table) -> None:
    """Remove what the schema itself has put into a table."""
    connection.execute(sa.delete(table.sql))


def defer_references(connection: sa.Connection) -> None:
    """Let rows refer to others that come later, until the transaction ends."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")


def go_on_counting(connection: sa.Connection, table: Table) -> None:
    """Let the ids that PostgreSQL gives continue after those there are."""
    if connection.dialect.name == "sqlite":
        return  # it takes the highest there is
    quoted = connection.dialect.identifier_preparer.quote(table.name)
    for key in table.key:
        sequence = connection.scalar(sa.select(sa.func.pg_get_serial_sequence(quoted, key.name)))
        highest = connection.scalar(sa.select(sa.func.max(key)))
        if sequence and highest:
            connection.execute(sa.select(sa.func.setval(sequence, highest)))
