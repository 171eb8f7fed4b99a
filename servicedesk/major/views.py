"""Major incidents as pages: the list of them, and the room of one."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from servicedesk.db import db
from servicedesk.major import queries, words
from servicedesk.major.pages import actor, now, read, room_of
from servicedesk.people.access import requires
from servicedesk.people.permissions import Act, may
from servicedesk.setup.snapshot import directory

blueprint = Blueprint("major", __name__)


@blueprint.get("/major")
@requires(Act.SEE_MAJORS)
def index() -> ResponseReturnValue:
    """List what goes on, what waits for a decision, and what is over."""
    found = queries.listing(db.session(), actor(), request.args.get("after"))
    return render_template(
        "major/index.html",
        found=found,
        setup=directory(db.session()),
        now=now(),
        say=words,
        decides=may(actor(), Act.DECIDE_MAJOR),
        updates=may(actor(), Act.UPDATE_MAJOR),
        after=request.args.get("after"),
    )


@blueprint.get("/major/<incident:number>")
@requires(Act.SEE_MAJORS)
def room(number: int) -> ResponseReturnValue:
    """Show a major incident to those who work on it."""
    found, it = room_of(number, request.args.get("after")), read(number)
    return render_template(
        "major/room.html",
        it=it,
        incident=it.incident,
        found=found,
        row=found.row,
        now=now(),
        say=words,
        may_do=words.possible(actor(), found.row),
        after=request.args.get("after"),
    )
