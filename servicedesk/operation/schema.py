"""Which version of the schema a database has, and whether a desk is in it."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import alembic.command
import alembic.config
import sqlalchemy as sa
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from servicedesk.db import MIGRATIONS
from servicedesk.errors import BadInput
from servicedesk.operation.tables import Table, tables

# What an empty desk may have rows in: put there by the schema itself, or by processes that run.
SEEDED = ("counter", "pulse", "sign_in_attempt")


def revision(connection: sa.Connection) -> str | None:
    """Give the version of a database's schema; None where there is none."""
    heads = MigrationContext.configure(connection).get_current_heads()
    return heads[0] if heads else None


def newest() -> str:
    """Give the version that this program wants."""
    return str(ScriptDirectory(str(MIGRATIONS)).get_current_head())


def is_known(version: str) -> bool:
    """Say whether this program knows how to come from a version to the newest."""
    return version in {each.revision for each in ScriptDirectory(str(MIGRATIONS)).walk_revisions()}


def bring_to(version: str) -> None:
    """Create or upgrade the schema of the current application's database up to a version."""
    logging.getLogger("alembic").setLevel(logging.WARNING)
    settings = alembic.config.Config()
    settings.set_main_option("script_location", str(MIGRATIONS))
    alembic.command.upgrade(settings, version)


def prepare(engine: sa.Engine, version: str) -> None:
    """Have this version of the schema in a database and nothing else; raises BadInput."""
    if is_blank(engine, version):
        bring_to(version)


def is_blank(engine: sa.Engine, version: str) -> bool:
    """Say whether the schema is still to be made; raises BadInput unless a desk can be put in.

    What is there is never changed: only a database without any table gets them.
    """
    with engine.connect() as connection:
        there = revision(connection)
        if there is not None:
            refuse_unless_empty(connection, tables(connection))
        if there == version:
            return False
        if there is None and not sa.inspect(connection).get_table_names():
            return True
    raise BadInput(
        f"The database has the schema {there or 'of something else'}, {version} is needed: "
        "take a database without any tables."
    )


def refuse_unless_empty(connection: sa.Connection, those: list[Table]) -> None:
    """Raise BadInput where there is a desk already."""
    for table in those:
        if table.name not in SEEDED and connection.scalar(_any_of(table)):
            raise BadInput(f"There is a desk in this database already ({table.name} has rows).")


def _any_of(table: Table) -> sa.Select[int]:
    return sa.select(sa.literal(1)).select_from(table.sql).limit(1)


@contextmanager
def reading(engine: sa.Engine) -> Iterator[sa.Connection]:
    """Read everything as of one instant, for however long; who writes is not held up."""
    with engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            connection = connection.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )
        with connection.begin():
            _take_time(connection)
            yield connection


@contextmanager
def writing(engine: sa.Engine) -> Iterator[sa.Connection]:
    """Write all of it or nothing; raises BadInput for references to what is not there."""
    with engine.connect() as connection:
        connection = connection.execution_options(writes=True)
        try:
            with connection.begin():
                _take_time(connection)
                yield connection
        except sa.exc.IntegrityError as error:  # SQLite looks at references at the end
            raise BadInput(f"The rows do not fit together: {error.orig}.") from None


def _take_time(connection: sa.Connection) -> None:
    """The limit on idle transactions is for processes that were stopped, not for long work."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET LOCAL idle_in_transaction_session_timeout = 0")
