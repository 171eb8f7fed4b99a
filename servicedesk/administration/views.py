"""The administrator's pages."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from flask import (
    Blueprint,
    Response,
    current_app,
    flash,
    g,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from servicedesk import scheduler
from servicedesk.administration import commands, judging
from servicedesk.administration.calendars import queries as calendars
from servicedesk.db import db
from servicedesk.operation import state as states
from servicedesk.operation.version import version
from servicedesk.people.access import requires
from servicedesk.people.permissions import Act
from servicedesk.setup import contracts
from servicedesk.setup.dump import dump
from servicedesk.setup.models import Desk
from servicedesk.setup.snapshot import directory
from servicedesk.times import local_day

blueprint = Blueprint("administration", __name__, url_prefix="/admin")
SHOWN = 50  # messages that failed


@blueprint.get("/")
@requires(Act.SET_UP)
def index() -> ResponseReturnValue:
    """Lead to what an administrator looks after."""
    watched = [line for line in _lines() if not line.is_fine]
    return render_template(
        "administration/index.html",
        watched=watched,
        paths=_paths(),
        calendars=calendars.warned(db.session(), g.now),
        contracts=_contracts(),
    )


def _contracts() -> list[contracts.Ending]:
    session = db.session()
    if session.scalar(sa.select(Desk.id)) is None:
        return []
    setup = directory(session)
    return contracts.ending(setup.parties.values(), local_day(g.now, setup.zone))


def _paths() -> set[str]:
    return {rule.rule for rule in current_app.url_map.iter_rules()}


def _lines() -> list[judging.Line]:
    session = db.session()
    disk = states.disk(Path(current_app.config["DESK_VAR"]))
    return judging.lines(states.state(session, g.now), states.database(session), disk, g.now)


@blueprint.get("/state")
@requires(Act.SET_UP)
def state() -> ResponseReturnValue:
    """Say how the desk itself is doing."""
    return render_template(
        "administration/state.html",
        lines=_lines(),
        failing=states.failing(db.session(), SHOWN),
        version=version(),
        jobs=scheduler.jobs(),
    )


@blueprint.post("/messages/again")
@requires(Act.SET_UP)
def again() -> ResponseReturnValue:
    """Try one message again, or all that failed."""
    message = request.form.get("message", type=int)
    count = commands.try_again(now=g.now, message=message)
    flash(
        ngettext("%(num)s message is tried again.", "%(num)s messages are tried again.", count)
        if count
        else _("There is nothing to try again: it was sent meanwhile, or is being sent.")
    )
    return redirect(url_for("administration.state"), 303)


@blueprint.get("/desk.yaml")
@requires(Act.SET_UP)
def setup() -> ResponseReturnValue:
    """Give the set-up as a file that `flask desk load` takes back."""
    headers = {"Content-Disposition": 'attachment; filename="desk.yaml"'}
    return Response(dump(), mimetype="application/yaml", headers=headers)
