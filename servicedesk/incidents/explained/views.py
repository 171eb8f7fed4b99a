"""C15: the page of each clock that says why it stands as it does, and the same as JSON."""

from __future__ import annotations

from flask import Blueprint, g, jsonify, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from servicedesk.db import db
from servicedesk.errors import NotFound
from servicedesk.incidents.explained import by_day as why_days
from servicedesk.incidents.explained import page as why_page
from servicedesk.incidents.explained import verdicts as why_verdicts
from servicedesk.incidents.explained.export import as_json
from servicedesk.incidents.explained.page import Shown
from servicedesk.incidents.explained.rule_titles import rule_title
from servicedesk.incidents.explained.words import doing_word, exactly, kind_word
from servicedesk.people.access import requires
from servicedesk.people.models import Person
from servicedesk.people.permissions import Act, Reach

blueprint = Blueprint("why", __name__)
EVERYBODY = (Reach.ALL, Reach.OWN, Reach.HANDED)  # of whose incidents, the query says


def _read(number: int, clock: str) -> Shown:
    person: Person = current_user._get_current_object()
    found = why_page.read(db.session(), person, number, clock, g.now)
    if found is None:
        raise NotFound(_("There is no such clock, or it is not for you."))
    return found


@blueprint.get("/incidents/<incident:number>/clocks/<slug:clock>")
@requires(Act.SEE_INCIDENT, *EVERYBODY)
def page(number: int, clock: str) -> ResponseReturnValue:
    """Show what a clock counted, what it did not, and by which rules."""
    it = _read(number, clock)
    return render_template(
        "incidents/why.html",
        it=it,
        incident=it.of.incident,
        why=it.why,
        words=why_verdicts,
        days=why_days.Writer().days,
        opened=list(why_days.open_ones(it.why.sections)),
        doing=doing_word,
        exactly=exactly,
        kind_word=kind_word,
        rule_title=rule_title,
        address=why_page.address,
        title=why_page.title,
    )


@blueprint.get("/incidents/<incident:number>/clocks/<slug:clock>.json")
@requires(Act.SEE_INCIDENT, *EVERYBODY)
def data(number: int, clock: str) -> ResponseReturnValue:
    """Give the same as JSON."""
    return jsonify(as_json(_read(number, clock)))
