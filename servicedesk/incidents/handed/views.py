"""The page with the history of an incident's hand-offs."""

from __future__ import annotations

from flask import Blueprint, g, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from servicedesk.db import db
from servicedesk.errors import NotFound
from servicedesk.incidents import detail
from servicedesk.incidents.explained.words import exactly
from servicedesk.incidents.handed.page import history
from servicedesk.people.access import requires
from servicedesk.people.models import Person
from servicedesk.people.permissions import Act, Reach

blueprint = Blueprint("handed", __name__)


@blueprint.get("/incidents/<incident:number>/hand-offs")
@requires(Act.SEE_INCIDENT, Reach.ALL)
def page(number: int) -> ResponseReturnValue:
    """Show who had an incident when, for how long, in whose hours: H1 to the second."""
    person: Person = current_user._get_current_object()
    found = detail.read(db.session(), person, number, g.now)
    if found is None:
        raise NotFound(_("There is no such incident, or it is not for you."))
    return render_template(
        "incidents/handed.html",
        it=found,
        incident=found.incident,
        history=history(found),
        exactly=exactly,
    )
