"""Whether the desk is alive, whether it can work, and how much: for who watches over it."""

from __future__ import annotations

import secrets
from functools import cache

from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Blueprint, Response, abort, current_app, request
from sqlalchemy.exc import SQLAlchemyError

from servicedesk import logs, times
from servicedesk.db import MIGRATIONS, db
from servicedesk.operation import metrics
from servicedesk.operation.state import state
from servicedesk.people import access

blueprint = Blueprint("health", __name__)
HERE = ("127.0.0.1", "::1")
FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Real-IP")  # a proxy asks for somebody else

answered = metrics.Requests()


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


@blueprint.get("/metrics")
@access.public
def numbers() -> Response:
    """Give numbers to who has METRICS_TOKEN or, without one, to who asks on this machine."""
    if not _may_watch():
        abort(404)
    now = times.now()
    said = metrics.text(answered, state(db.session(), now), now)
    return Response(said, content_type="text/plain; version=0.0.4; charset=utf-8")


def _may_watch() -> bool:
    token = str(current_app.config["METRICS_TOKEN"])
    if token:
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        return secrets.compare_digest(given.encode(), token.encode())
    return request.remote_addr in HERE and not any(name in request.headers for name in FORWARDED)


@blueprint.after_app_request
def _count(response: Response) -> Response:
    if not logs.is_quiet():
        answered.count(logs.method(), logs.route(), response.status_code)
    return response


def _line(text: str, status: int = 200) -> Response:
    return Response(f"{text}\n", status, mimetype="text/plain")


def _schema_there() -> frozenset[str]:
    with db.engine.connect() as connection:
        return frozenset(MigrationContext.configure(connection).get_current_heads())


@cache
def _schema_wanted() -> frozenset[str]:
    return frozenset(ScriptDirectory(str(MIGRATIONS)).get_heads())
