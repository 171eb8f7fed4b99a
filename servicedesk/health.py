"""Whether the desk is alive, and whether it can work: for load balancers and watchers."""

from __future__ import annotations

from functools import cache

from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Blueprint, Response
from sqlalchemy.exc import SQLAlchemyError

from servicedesk.db import MIGRATIONS, db
from servicedesk.people import access

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
@access.public
def alive() -> Response:
    """Answer without asking the database."""
    return _line("alive")


@blueprint.get("/readyz")
@access.public
def ready() -> Response:
    """Answer 200 when the database answers and its schema is this version's, else 503."""
    try:
        there = _schema_there()
    except SQLAlchemyError:
        return _line("The database does not answer.", 503)
    if there != _schema_wanted():
        return _line("The schema is not this version's: run `flask desk init`.", 503)
    return _line("ready")


def _line(text: str, status: int = 200) -> Response:
    return Response(f"{text}\n", status, mimetype="text/plain")


def _schema_there() -> frozenset[str]:
    with db.engine.connect() as connection:
        return frozenset(MigrationContext.configure(connection).get_current_heads())


@cache
def _schema_wanted() -> frozenset[str]:
    return frozenset(ScriptDirectory(str(MIGRATIONS)).get_heads())
