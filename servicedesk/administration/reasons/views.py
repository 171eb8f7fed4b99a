"""The page of the reasons: names, order, which are offered; a preview, then published."""

from __future__ import annotations

import sqlalchemy as sa
from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale
from flask_babel import gettext as _

from servicedesk.administration.reasons import drafts
from servicedesk.administration.reasons.drafts import Change, Line
from servicedesk.db import db
from servicedesk.errors import DeskError, Stale
from servicedesk.incidents import handoff_reasons
from servicedesk.incidents.models import HandOff
from servicedesk.people.access import requires
from servicedesk.people.permissions import Act
from servicedesk.setup import editing
from servicedesk.setup.reasons import BUILT_IN, LANGUAGES, Reason
from servicedesk.setup.snapshot import directory

# Registered below `administration`: app.py says so.
blueprint = Blueprint("reasons", __name__, url_prefix="/admin")


@blueprint.route("/reasons", methods=["GET", "POST"])
@requires(Act.SET_UP)
def index() -> ResponseReturnValue:
    """Show the list, what a changed one would change, and publish it."""
    setup = directory(db.session())
    before = drafts.current(setup.more)
    if request.method == "GET":
        return _page(before, setup.revision)
    lines = drafts.typed(request.form, before, request.form.getlist("key"))
    changes = drafts.differences(before, lines)
    revision = request.form.get("revision", type=int) or 0
    data = drafts.document_with(editing.document(db.session()), lines)
    try:
        if request.form.get("step") == "publish":
            editing.publish(data, g.now, revision)
            flash(_("The list of reasons is in force now."))
            return redirect(url_for("administration.reasons.index"), 303)
        editing.plan(data, g.now)
    except Stale as error:
        return _page(lines, setup.revision, changes, str(error)), 409
    except DeskError as error:
        return _page(lines, revision, [], str(error)), 422
    return _page(lines, revision, changes, previewed=True)


def _page(
    lines: list[Line],
    revision: int,
    changes: list[Change] | None = None,
    error: str = "",
    *,
    previewed: bool = False,
) -> str:
    return render_template(
        "administration/reasons/index.html",
        lines=lines,
        revision=revision,
        changes=changes or [],
        said=_change,
        error=error,
        previewed=previewed,
        usual=_usual(),
        used=_used(),
    )


def _usual() -> dict[str, dict[str, str]]:
    """Give the built-in names by language, for the fields that are left empty."""
    found = {}
    for language in LANGUAGES:
        with force_locale(language):
            found[language] = {key: handoff_reasons.built_in(key) for key in BUILT_IN}
    return found


def _used() -> dict[str, int]:
    query = sa.select(HandOff.reason, sa.func.count()).where(HandOff.reason.is_not(None))
    rows = db.session().execute(query.group_by(HandOff.reason))
    return {reason: count for reason, count in rows if reason}


def _change(change: Change) -> str:
    """Say what a change is."""
    name = handoff_reasons.named(Reason(change.line.key, change.line.names))
    sentences: dict[str, str] = {
        "added": _("“%(name)s” is added.", name=name),
        "named": _("“%(name)s” has this name now, where it was given before too.", name=name),
        "offered": _("“%(name)s” is offered again.", name=name),
        "retired": _("“%(name)s” is no longer offered; where it was given it is named.", name=name),
        "moved": _("The order is another."),
    }
    return sentences[change.kind]
