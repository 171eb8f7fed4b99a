"""The pages on which somebody approves or not: signed in, or by the link in a mail."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale
from flask_babel import gettext as _
from flask_login import current_user

from servicedesk.db import db
from servicedesk.errors import BadInput, DeskError, NotFound
from servicedesk.incidents import approvals, asked
from servicedesk.incidents.approvals import Answer
from servicedesk.incidents.asked import Question
from servicedesk.incidents.forms import DecideForm
from servicedesk.people import access
from servicedesk.people.models import Person
from servicedesk.people.permissions import Act

blueprint = Blueprint("approval", __name__)

Read = Callable[[], Question | None]
Decide = Callable[[Answer, int | None], None]


@blueprint.route("/approvals/<incident:number>", methods=["GET", "POST"])
@access.requires(Act.DECIDE_APPROVAL)
def page(number: int) -> ResponseReturnValue:
    """Show what one is asked to approve, and take the decision."""
    person = _actor()

    def decide(answer: Answer, version: int | None) -> None:
        approvals.decide(number, answer, actor=person, now=g.now, version=version)

    return _ask(partial(asked.read, db.session(), person, number, g.now), decide)


@blueprint.route("/approve/<token>", methods=["GET", "POST"])
@access.public
def decide(token: str) -> ResponseReturnValue:
    """The same by the link in a mail; opening it does nothing, so that scanners do no harm."""

    def decide(answer: Answer, version: int | None) -> None:
        approvals.decide_by_link(token, answer, now=g.now, version=version)

    return _ask(partial(asked.read_link, db.session(), token, g.now), decide)


def _actor() -> Person:
    person: Person = current_user._get_current_object()
    return person


def _ask(read: Read, decide: Decide) -> ResponseReturnValue:
    question = read()
    if question is None:
        raise NotFound(_("This is not, or no longer, for you to decide."))
    with in_language_of(question.reader):
        form = DecideForm()
        if request.method == "GET":
            return _page(question, form)
        try:
            if not form.validate():
                raise BadInput("")
            decide(_answer(form), form.based_on)
        except DeskError as error:
            return _refused(read, form, error)
    return redirect(request.path, 303)


def _answer(form: DecideForm) -> Answer:
    said = request.form.get("answer")
    if said not in ("approve", "refuse"):
        raise BadInput(_("Please choose one of the two."))
    return Answer(said == "approve", form.reason.data or "")


def _refused(read: Read, form: DecideForm, error: DeskError) -> ResponseReturnValue:
    """Show the page as things stand by now, with what was typed."""
    question = read()
    if question is None:
        raise NotFound(_("This is not, or no longer, for you to decide."))
    if str(error):
        form.form_errors.append(str(error))
    return _page(question, form), 422 if error.status == 400 else error.status


def _page(question: Question, form: DecideForm) -> str:
    form.version.data = str(question.incident.version)
    home = url_for("approval.page", number=question.incident.number)
    return render_template(
        "incidents/approval.html", it=question, incident=question.incident, form=form, page_url=home
    )


@contextmanager
def in_language_of(person: Person) -> Iterator[None]:
    """Show a page in the language of whom it is for, whoever is signed in."""
    if not person.language:
        yield
        return
    with force_locale(person.language):
        yield
