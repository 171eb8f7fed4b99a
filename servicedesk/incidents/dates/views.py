"""The page on which a requester accepts or declines a date: signed in, or by the mail's link."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from servicedesk import formats
from servicedesk.db import db
from servicedesk.errors import BadInput, DeskError, NotAllowed, NotFound, Stale
from servicedesk.incidents import detail, queries, standing, writing
from servicedesk.incidents.approval_views import in_language_of
from servicedesk.incidents.chips import Chips
from servicedesk.incidents.dates import promises
from servicedesk.incidents.dates.promises import Answer, Asked
from servicedesk.incidents.forms import AnswerForm
from servicedesk.incidents.lifecycle import OPEN
from servicedesk.incidents.telling import Told
from servicedesk.people import access
from servicedesk.people.models import Person
from servicedesk.people.permissions import Act
from servicedesk.setup.snapshot import directory

blueprint = Blueprint("dates", __name__)

Read = Callable[[], tuple[Asked, bool]]
Say = Callable[[Answer, int | None], None]


@blueprint.route(
    "/incidents/<incident:number>/dates/<int:n>/<any(requested, promised):kind>",
    methods=["GET", "POST"],
)
@access.requires(Act.CONFIRM_INCIDENT)
def answer(number: int, n: int, kind: str) -> ResponseReturnValue:
    """Ask the requester about a date, and take the answer."""
    person: Person = current_user._get_current_object()

    def say(said: Answer, version: int | None) -> None:
        promises.answer(number, kind, n, said, actor=person, now=g.now, version=version)

    back = url_for("incidents.page", number=number)
    return _ask(partial(_read, person, number, kind, n), say, back)


def _read(person: Person, number: int, kind: str, n: int) -> tuple[Asked, bool]:
    incident = queries.find(db.session(), person, number)
    if incident is None:
        raise NotFound(_("There is no such incident, or it is not for you."))
    if not writing.can(person, Act.CONFIRM_INCIDENT, incident):
        raise NotAllowed(_("You may not do this."))
    asked = promises.read(db.session(), incident, n, g.now)
    if asked is None or asked.change.kind != kind:
        raise NotFound(_("There is no such date."))
    return asked, True


@blueprint.route("/date/<token>", methods=["GET", "POST"])
@access.public
def by_link(token: str) -> ResponseReturnValue:
    """The same by the link in a mail; opening it does nothing, so that scanners do no harm."""

    def say(said: Answer, version: int | None) -> None:
        promises.answer_by_link(token, said, now=g.now, version=version)

    return _ask(partial(_read_link, token), say, request.path)


def _read_link(token: str) -> tuple[Asked, bool]:
    found = promises.read_link(db.session(), token, g.now)
    if found is None:
        raise NotFound(_("This link says nothing (any more)."))
    return found


def _ask(read: Read, say: Say, then: str) -> ResponseReturnValue:
    asked, usable = read()
    with in_language_of(asked.person):
        form = AnswerForm()
        if request.method == "GET":
            return _page(asked, usable, form)
        try:
            say(_said(form), form.based_on)
        except NotAllowed:
            raise
        except DeskError as error:
            return _refused(read, form, error)
        flash(_("Thank you: the desk has your answer."))
    return redirect(then, 303)


def _said(form: AnswerForm) -> Answer:
    """Read the answer; who accepts has nothing else to say."""
    said = request.form.get("answer")
    if said not in ("accept", "decline"):
        raise BadInput(_("Please choose one of the two."))
    if said == "accept":
        return Answer(True)
    if not form.validate():
        raise BadInput("")
    instead = form.instead(directory(db.session()).zone)
    return Answer(False, form.text.data or "", instead)


def _refused(read: Read, form: AnswerForm, error: DeskError) -> ResponseReturnValue:
    """Show the page as things stand by now, with what was typed."""
    db.session().expire_all()
    asked, usable = read()
    if str(error):
        form.form_errors.append(str(error))
    changes = _changed(asked, error.since) if isinstance(error, Stale) else []
    page = _page(asked, usable, form, changes)
    return page, 422 if error.status == 400 else error.status


def _changed(asked: Asked, since: int) -> list[Told]:
    """§4: say what changed meanwhile, as far as it concerns the requester."""
    found = detail.read(db.session(), asked.person, asked.incident.number, g.now)
    return found.changed_since(since, public=True) if found else []


def _page(asked: Asked, usable: bool, form: AnswerForm, changes: Sequence[Told] = ()) -> str:
    setup = directory(db.session())
    can_be_answered = usable and asked.can_be_answered
    return render_template(
        "incidents/date.html",
        it=asked,
        incident=asked.incident,
        form=form,
        changes=changes,
        can_be_answered=can_be_answered,
        question=standing.question(asked.change, setup),
        wish=Chips(setup, g.now).requested(asked.incident) if can_be_answered else None,
        standing="" if can_be_answered else how_it_stands(asked),
    )


def how_it_stands(asked: Asked) -> str:
    """Say what became of a date, in a sentence without texts."""
    answered = asked.answered
    if answered:
        at = formats.moment(answered.at)
        if answered.kind in promises.ACCEPTED:
            return str(_("You accepted this date: %(at)s.", at=at))
        return str(_("You declined this date: %(at)s.", at=at))
    if asked.incident.state not in OPEN:
        return str(_("The work on it has ended, so the date needs no answer any more."))
    if asked.change.state in ("superseded", "withdrawn"):
        return str(_("There is a newer date since: please use the newest mail."))
    if asked.can_be_answered:
        return str(_("The time of this link is over: please answer on the page."))
    if asked.offered and asked.change.due == asked.incident.requested_due:
        return str(_("This is the date that you asked for: it needs no answer."))
    return str(_("The time for an answer has passed."))
