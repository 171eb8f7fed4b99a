"""The review of a major incident: written on a page, read as PDF."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from servicedesk.errors import BadInput, DeskError, NotAllowed, NotFound, Refused
from servicedesk.incidents.models import label
from servicedesk.major import commands, forms, paper, queries, words
from servicedesk.major.pages import actor, now, read, room_of
from servicedesk.people.access import requires
from servicedesk.people.permissions import Act

blueprint = Blueprint("major_review", __name__)
LANGUAGES = ("en", "ja")


@blueprint.route("/major/<incident:number>/review", methods=["GET", "POST"])
@requires(Act.SEE_MAJORS)
def write(number: int) -> ResponseReturnValue:
    """Write what is learned from a major incident, once it is over."""
    found = _over(number)
    form = forms.ReviewForm(data=_kept(found) if request.method == "GET" else None)
    if not form.is_submitted():
        form.add_blank()
        return _review_page(found, form)
    if not form.validate():
        return _review_page(found, form), 422
    said = {part: getattr(form, part).data or "" for part in commands.PARTS}
    try:
        commands.review(number, said, form.wanted, actor=actor(), now=now())
    except (NotFound, NotAllowed):
        raise
    except DeskError as error:
        form.form_errors.append(str(error))
        return _review_page(found, form), 422
    flash(_("The review is kept."))
    return redirect(url_for("major.room", number=number), 303)


def _over(number: int) -> queries.Room:
    """Give a major incident that can be reviewed."""
    found = room_of(number)
    if found.is_running:
        raise Refused(_("A major incident is reviewed once it is over."))
    return found


def _kept(found: queries.Room) -> dict[str, Any]:
    said = dict(found.row.review)
    actions = [{**one, "until": words.day_of(one)} for one in said.pop("actions", [])]
    return {**said, "actions": actions}


def _review_page(found: queries.Room, form: forms.ReviewForm) -> str:
    return render_template("major/review.html", found=found, row=found.row, form=form, say=words)


@blueprint.get("/major/<incident:number>/review.pdf")
@requires(Act.SEE_MAJORS)
def pdf(number: int) -> ResponseReturnValue:
    """Download the review as PDF."""
    language = request.args.get("language", "en")
    if language not in LANGUAGES:
        raise BadInput(_("This address is not a page."))
    found, it = _over(number), read(number)
    sheet = paper.sheet(found, it)
    response = Response(paper.to_pdf(sheet, language), mimetype="application/pdf")
    name = f"major-incident-{label(number)}-{language}.pdf"
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response
