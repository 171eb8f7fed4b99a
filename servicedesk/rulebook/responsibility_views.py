"""E1: somebody takes responsibility: on the incident's page, or by the link in a mail."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from servicedesk import formats
from servicedesk.db import db
from servicedesk.errors import DeskError, NotAllowed, NotFound, Refused
from servicedesk.escalation.acknowledging import acknowledge
from servicedesk.incidents import rules
from servicedesk.incidents.approval_views import in_language_of
from servicedesk.incidents.clocks import Clockwork
from servicedesk.incidents.rules import Appeal
from servicedesk.incidents.story import Fired
from servicedesk.people.access import public, requires
from servicedesk.people.models import Person
from servicedesk.people.permissions import Act, may
from servicedesk.rulebook import by_link
from servicedesk.rulebook.by_link import Question

blueprint = Blueprint("responsibility", __name__)


@blueprint.app_template_global("appeals_of")
def appeals_of(work: Clockwork) -> Sequence[Appeal]:
    """Give what of an incident the reader could take responsibility for."""
    return rules.appeals(work) if may(current_user, Act.TAKE_RESPONSIBILITY) else ()


@blueprint.app_template_global("rule_url")
def rule_url(policy: str | None) -> str:
    """Give the address of a policy for who may read it; else nothing."""
    if not policy or not may(current_user, Act.SEE_RULES):
        return ""
    return url_for("rulebook.one", key=policy)


@blueprint.post("/incidents/<incident:number>/acknowledge")
@requires(Act.TAKE_RESPONSIBILITY)
def take(number: int) -> ResponseReturnValue:
    """Take responsibility for one rule of an incident, or for all that ask for it."""
    person: Person = current_user._get_current_object()
    try:
        acknowledge(number, _what(), actor=person, now=g.now)
    except (NotFound, NotAllowed):
        raise
    except Refused as error:
        flash(str(error), "error")
    else:
        flash(_("You have taken responsibility: the rule comes no more."))
    return redirect(url_for("incidents.page", number=number), 303)


def _what() -> Fired | None:
    policy, step, cycle = (request.form.get(name, "")[:64] for name in ("policy", "step", "cycle"))
    return (policy, step, cycle) if step else None


@blueprint.route("/responsibility/<token>", methods=["GET", "POST"])
@public
def link(token: str) -> ResponseReturnValue:
    """Ask whether one takes responsibility; opening it does nothing, so that scanners do no harm.

    Whoever has the link sees the page, so it says nothing of what the incident is about.
    """
    question = _read(token)
    with in_language_of(question.reader):
        if request.method == "GET":
            return _page(question)
        try:
            by_link.acknowledge(token, now=g.now)
        except DeskError as error:
            return _page(_read(token), str(error)), error.status
    return redirect(request.path, 303)


def _read(token: str) -> Question:
    question = by_link.read(db.session(), token, g.now)
    if question is None:
        raise NotFound(_("This link says nothing (any more)."))
    return question


def _page(question: Question, problem: str = "") -> str:
    standing = "" if question.is_open else how_it_stands(question)
    return render_template(
        "rulebook/responsibility.html", it=question, standing=standing, problem=problem
    )


def how_it_stands(question: Question) -> str:
    """Say in a sentence why there is nothing to answer."""
    if question.taken:
        at = formats.moment(question.taken.at)
        if question.taken.by == question.reader.id:
            return _("You have taken responsibility: %(at)s.", at=at)
        name = question.taken_by or _("Somebody")
        return _("%(name)s was quicker and has taken responsibility: %(at)s.", name=name, at=at)
    if not question.rounds:
        return _("Nobody needs to take responsibility any more: things have changed since.")
    if question.is_over:
        return _("The time of this link is over: please open the incident.")
    return _("This link was used already: please open the incident.")
