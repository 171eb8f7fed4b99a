"""H5: the page on which a lead decides whether an incident goes back."""

from __future__ import annotations

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from servicedesk.db import db
from servicedesk.errors import DeskError, NotAllowed, NotFound
from servicedesk.escalation import forms, returns
from servicedesk.escalation.going_back import Waiting, read
from servicedesk.people.access import requires
from servicedesk.people.permissions import Act

blueprint = Blueprint("returns", __name__)


@blueprint.route("/incidents/<incident:number>/returns/<int:n>", methods=["GET", "POST"])
@requires(Act.WORK_INCIDENT)
def page(number: int, n: int) -> ResponseReturnValue:
    """H5: show what is to go back, why, and where it has been; who is asked decides."""
    form = forms.DecisionForm()
    if form.validate_on_submit():
        try:
            flash(_decide(number, n, request.form.get("answer", ""), form.body.data or ""))
            return redirect(url_for("incidents.page", number=number), 303)
        except (NotFound, NotAllowed):
            raise
        except DeskError as error:
            form.body.errors = [*form.body.errors, str(error)]
    found = _read(number, n)
    status = 422 if form.is_submitted() else 200
    return render_template("escalation/return.html", one=found, form=form), status


def _decide(number: int, n: int, answer: str, why: str) -> str:
    if answer == "allow":
        returns.allow(number, n, actor=current_user, now=g.now)
        return str(_("It goes back."))
    if answer == "withdraw":
        returns.withdraw(number, n, actor=current_user, now=g.now)
        return str(_("It stays here."))
    returns.refuse(number, n, why, actor=current_user, now=g.now)
    return str(_("It stays here."))


def _read(number: int, n: int) -> Waiting:
    found = read(db.session(), current_user, number, n, g.now)
    if found is None:
        raise NotFound(_("There is no such incident, or it is not for you."))
    return found
