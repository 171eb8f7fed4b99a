"""The database: model base, UTC instants, and the only place that commits."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import alembic.command
import alembic.config
import sqlalchemy as sa
from alembic.runtime.migration import MigrationContext
from flask import Flask
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import event, orm
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.orm import Session

MIGRATIONS = Path(__file__).resolve().parent.parent / "migrations"


class Instant(sa.TypeDecorator[datetime]):
    """C1: an aware UTC instant, whatever the database makes of it."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(orm.DeclarativeBase):
    """All tables: named constraints, aware instants, plain JSON."""

    registry = orm.registry(
        type_annotation_map={datetime: Instant, dict[str, Any]: sa.JSON, list[str]: sa.JSON}
    )
    metadata = sa.MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


db = SQLAlchemy(model_class=Base)
migrate = Migrate()

if TYPE_CHECKING:
    from flask_sqlalchemy.model import Model as _FlaskModel

    class Model(Base, _FlaskModel):
        """What every table derives from."""

        __abstract__ = True

else:
    Model = db.Model


def init_app(app: Flask) -> None:
    """Bind the database to the application."""
    options = app.config.setdefault("SQLALCHEMY_ENGINE_OPTIONS", {})
    options["hide_parameters"] = True  # people's texts do not belong into a log
    if app.config["SQLALCHEMY_DATABASE_URI"].startswith("sqlite"):
        # Debian's own SQLite can corrupt a WAL with several connections; the wheel carries a newer.
        import pysqlite3

        options["module"] = pysqlite3
    else:
        # A stopped process must not keep its locks for ever.
        options.update(
            pool_pre_ping=True,
            connect_args={"options": "-c idle_in_transaction_session_timeout=60000"},
        )
    db.init_app(app)
    migrate.init_app(app, db, directory=str(MIGRATIONS), render_as_batch=True)
    with app.app_context():
        if db.engine.dialect.name == "sqlite":
            event.listen(db.engine, "connect", _open_sqlite)
            event.listen(db.engine, "begin", _begin_sqlite)


def _open_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves
    cursor = connection.cursor()
    for pragma in (
        "busy_timeout=30000",
        "journal_mode=WAL",
        "synchronous=NORMAL",
        "foreign_keys=ON",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: sa.Connection) -> None:
    """Writers take the write lock at once: two that read first and write later lose updates."""
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def transaction() -> Iterator[Session]:
    """Run one act: commit at its end, roll back on any error; does not nest."""
    session: Session = db.session()
    if session.info.get("writes"):
        raise RuntimeError("transactions do not nest: pass the session to a step instead")
    session.rollback()  # leave the snapshot that was read before; what is loaded is read again
    session.connection(execution_options={"writes": True})
    session.info["writes"] = True
    try:
        yield session
        session.commit()
    except BaseException:
        session.rollback()
        raise
    finally:
        session.info["writes"] = False


@contextmanager
def snapshot() -> Iterator[Session]:
    """Read everything as of one instant, whatever is written meanwhile; nothing is kept."""
    session: Session = db.session()
    session.rollback()
    if dialect(session) == "postgresql":
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
    try:
        yield session
    finally:
        session.rollback()


def upgrade(app: Flask) -> None:
    """Create or upgrade the schema."""
    with app.app_context():
        settings = alembic.config.Config()
        settings.set_main_option("script_location", str(MIGRATIONS))
        alembic.command.upgrade(settings, "head")


def revision() -> str | None:
    """Name the schema that is there: the last migration that was run; None: there is none."""
    with db.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def dialect(session: Session) -> str:
    """Name the database behind a session: `sqlite` or `postgresql`."""
    return session.get_bind().dialect.name
