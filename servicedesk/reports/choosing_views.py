"""Which report is wanted, chosen on a page; and what every figure means."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale
from flask_babel import gettext as _
from flask_login import current_user

from servicedesk.errors import BadInput
from servicedesk.people.access import requires
from servicedesk.people.permissions import Act, may
from servicedesk.reports import commands, words
from servicedesk.reports.commands import LANGUAGES
from servicedesk.reports.figures import DEFINITIONS, FIGURES
from servicedesk.reports.scopes import ALL
from servicedesk.reports.showing import setup_here

blueprint = Blueprint("choosing", __name__, url_prefix="/reports")


@blueprint.get("/definitions")
@requires(Act.SEE_DASHBOARD)
def definitions() -> ResponseReturnValue:
    """F1: print the definition of every figure, in the words of the annex."""
    return render_template(
        "reports/definitions.html", figures=FIGURES, version=DEFINITIONS, say=words,
        names=_named_else(), reports=may(current_user, Act.SEE_REPORTS),
    )  # fmt: skip


def _named_else() -> dict[str, list[tuple[str, str]]]:
    """Name every figure in the other languages that reports are written in."""
    found: dict[str, list[tuple[str, str]]] = {figure.id: [] for figure in FIGURES}
    here = "ja" if words.japanese() else "en"
    for language in LANGUAGES:
        if language != here:
            with force_locale(language):
                for figure in FIGURES:
                    found[figure.id].append((language, _(figure.name)))
    return found


@blueprint.get("/choose")
@requires(Act.SEE_REPORTS)
def choose() -> ResponseReturnValue:
    """Go to the report of what was chosen: a period by its name, or months from one to another."""
    said = {name: request.args.get(name, "").strip() for name in ("period", "from", "to", "scope")}
    months = f"{said['from']}..{said['to'] or said['from']}" if said["from"] else said["period"]
    try:
        asked = commands.read(setup_here(), months, said["scope"] or ALL)
    except BadInput:
        raise BadInput(_("Please choose months, at most 36, such as 2026-10.")) from None
    scope = None if asked.scope.name == ALL else asked.scope.name
    return redirect(url_for("reports.month", period=asked.period.name, scope=scope))
