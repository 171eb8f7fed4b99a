"""The page behind the mail's *Is it solved?*, and the one to go on with what is closed."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from servicedesk import formats
from servicedesk.db import db
from servicedesk.errors import BadInput, DeskError, NotAllowed, NotFound, Refused
from servicedesk.incidents import queries, solved, writing
from servicedesk.incidents.approval_views import in_language_of
from servicedesk.incidents.forms import GoOnForm, ReopenForm
from servicedesk.incidents.models import Incident, label
from servicedesk.incidents.solved import Asked
from servicedesk.people import access
from servicedesk.people.models import Person
from servicedesk.people.permissions import Act, Reach

blueprint = Blueprint("solved", __name__)


@blueprint.route("/solved/<token>", methods=["GET", "POST"])
@access.public
def answer(token: str) -> ResponseReturnValue:
    """Ask whether it is solved; opening the page does nothing, so that scanners do no harm."""
    asked = _read(token)
    with in_language_of(asked.person):
        form = ReopenForm()
        if request.method == "GET":
            return _page(asked, form)
        try:
            if not form.validate():
                raise BadInput("")
            _act(token, form)
        except DeskError as error:
            if str(error):
                form.form_errors.append(str(error))
            return _page(_read(token), form), 422 if error.status == 400 else error.status
    return redirect(request.path, 303)


def _read(token: str) -> Asked:
    asked = solved.read(db.session(), token, g.now)
    if asked is None:
        raise NotFound(_("This link says nothing (any more)."))
    return asked


def _act(token: str, form: ReopenForm) -> None:
    """Do what was answered, as the requester."""
    text, version = form.text.data or "", form.based_on
    match request.form.get("answer"):
        case "solved":
            solved.confirm(token, now=g.now, version=version)
        case "not":
            solved.object_to(token, text, now=g.now, version=version)
        case "continue":
            number = solved.go_on_by_link(token, text, now=g.now, version=version)
            flash(_("Received as %(number)s.", number=label(number)))
        case _:
            raise BadInput(_("Please choose one of the two."))


def _page(asked: Asked, form: ReopenForm) -> str:
    form.version.data = str(asked.incident.version)
    return render_template(
        "incidents/solved.html",
        it=asked,
        incident=asked.incident,
        form=form,
        standing=how_it_stands(asked.incident),
    )


def how_it_stands(incident: Incident) -> str:
    """Say what became of it, in a sentence without its texts."""
    at = formats.moment(incident.closed_at or incident.resolved_at or incident.changed_at)
    sentences: dict[str, Callable[[], str]] = {
        "closed": lambda: _("It was closed: %(at)s.", at=at),
        "resolved": lambda: _("It was resolved again: please use the newest mail."),
        "cancelled": lambda: _("It was cancelled."),
    }
    under_way = _("It was opened again: the desk is working on it.")
    say = sentences.get(incident.state)
    return str(say()) if say else str(under_way)


@blueprint.route("/incidents/<incident:number>/continue", methods=["GET", "POST"])
@access.requires(Act.SEE_INCIDENT, Reach.ALL, Reach.OWN)
def go_on(number: int) -> ResponseReturnValue:
    """Go on with a closed incident under a new number."""
    person: Person = current_user._get_current_object()
    incident = queries.find(db.session(), person, number)
    if incident is None:
        raise NotFound(_("There is no such incident, or it is not for you."))
    if not writing.can(person, Act.REOPEN_INCIDENT, incident):
        raise NotAllowed(_("You may not do this."))
    form = GoOnForm()
    if not form.is_submitted():
        form.version.data = str(incident.version)
        return _dialog(form, incident)
    if not form.validate():
        return _dialog(form, incident), 422
    return _go_on(form, number, person)


def _go_on(form: GoOnForm, number: int, person: Person) -> ResponseReturnValue:
    text, version = form.text.data or "", form.based_on
    try:
        new = solved.continue_(number, actor=person, now=g.now, text=text, version=version)
    except (NotFound, NotAllowed, Refused):
        raise
    except DeskError as error:
        form.form_errors.append(str(error))
        incident = queries.find(db.session(), person, number)
        if incident is None:
            raise
        form.version.data = str(incident.version)
        return _dialog(form, incident), 422 if error.status == 400 else error.status
    flash(_("Received as %(number)s.", number=label(new)))
    return redirect(url_for("incidents.page", number=new), 303)


def _dialog(form: GoOnForm, incident: Incident) -> str:
    back = url_for("incidents.page", number=incident.number)
    return render_template("incidents/continue.html", form=form, incident=incident, cancel_url=back)
