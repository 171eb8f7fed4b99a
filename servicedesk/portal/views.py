"""An employee's home, and the page on which everybody reports."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from servicedesk import formats, times
from servicedesk.db import db
from servicedesk.errors import BadInput, DeskError
from servicedesk.incidents import commands, queries
from servicedesk.incidents.files import uploads
from servicedesk.incidents.models import Incident, label
from servicedesk.incidents.standing import facts, next_act, standing, steps
from servicedesk.intake.forms import ASKED, QuestionsForm, begin_with, questions_form
from servicedesk.intake.queries import template, templates
from servicedesk.intake.questions import questions, with_answers
from servicedesk.people.access import requires
from servicedesk.people.models import Person
from servicedesk.people.permissions import Act, Reach, may
from servicedesk.portal.forms import NewForm, closed_days
from servicedesk.portal.guess import guess, told
from servicedesk.setup.directory import Directory
from servicedesk.setup.snapshot import directory
from servicedesk.sla.calendar import NoWorkingTime

blueprint = Blueprint("portal", __name__)


@dataclass(frozen=True)
class Card:
    """One of the requester's incidents, in plain words."""

    incident: Incident
    url: str
    text: str
    steps: list[dict[str, str]]
    facts: list[dict[str, Any]]
    act: str  # the one obvious next action: answer, confirm, date, look


def _actor() -> Person:
    person: Person = current_user._get_current_object()
    return person


@blueprint.get("/home")
@requires(Act.LOG_INCIDENT)
def home() -> ResponseReturnValue:
    """Ask what is wrong; below, one's own incidents."""
    session, now = db.session(), g.now
    setup = directory(session)
    ended, text = request.args.get("show") == "ended", request.args.get("q", "")[:200]
    own = queries.own(session, _actor(), is_open=not ended, text=text.replace("\0", ""))
    return render_template(
        "portal/home.html",
        cards=[card(incident, setup, now) for incident in own],
        ended=ended,
        text=text,
        answer_by=first_answer_by(setup, now),
        templates=templates(session, _actor()),
    )


def card(incident: Incident, setup: Directory, now: datetime) -> Card:
    """Say in plain words where an incident stands."""
    return Card(
        incident,
        url_for("incidents.page", number=incident.number),
        standing(incident),
        steps(incident),
        facts(incident, setup, now),
        next_act(incident),
    )


def first_answer_by(setup: Directory, now: datetime) -> datetime | None:
    """Say when a usual incident logged now would get its first answer, if it is promised."""
    service = next(iter(setup.services_by_key.values()), None)
    if service is None:
        return None
    terms = service.agreement.at(now)
    target = terms.target("response", "P3")
    calendar = setup.calendars[terms.calendar]
    try:
        return calendar.reach(now, target.seconds(calendar, now, now)) if target else None
    except NoWorkingTime:
        return None


@blueprint.route("/incidents/new", methods=["GET", "POST"])
@requires(Act.LOG_INCIDENT)
def new() -> ResponseReturnValue:
    """Report a problem or ask for something: in under a minute."""
    setup = directory(db.session())
    today = times.local_day(g.now, setup.zone)
    title = request.args.get("title", "")[:300]
    form = NewForm(title=title, service=request.args.get("service") or _guessed(title, setup))
    services = [(s.key, s.name) for s in setup.services_by_key.values()]
    form.offer(services, today)
    if chosen := template(db.session(), _actor(), request.values.get("template", type=int)):
        begin_with(form, chosen, setup.services[chosen.service_id])
        return _new_page(form, setup, today)
    if not form.is_submitted():
        return _new_page(form, setup, today)
    return _report(form, setup, today)


def _report(form: NewForm, setup: Directory, today: date) -> ResponseReturnValue:
    """Log it, once what its service asks besides was on the page."""
    service = setup.services_by_key.get(form.service.data or "")
    shown = service is not None and request.form.get(ASKED) == service.key
    more = questions_form(questions(service), request.form if shown else None, needed=shown)
    if not (form.validate() & more.validate()):
        return _new_page(form, setup, today, more), 422
    if more.asked and not shown:
        return _new_page(form, setup, today, step=True)
    try:
        number = _log(form, with_answers(form.description.data or "", more.answers()), setup, today)
    except DeskError as error:
        form.form_errors.append(str(error))
        return _new_page(form, setup, today, more), error.status
    flash(_say_received(number))
    return redirect(url_for("incidents.page", number=number), 303)


def _guessed(title: str, setup: Directory) -> str:
    """Guess the service, so that it needs no choosing where the words tell."""
    if not title:
        return ""
    services = {service.id: service for service in setup.services_by_key.values()}
    names = [(service.id, service.name) for service in services.values()]
    earlier = queries.recent_titles(db.session(), list(services))
    found = guess(title, names, told(earlier, _actor().id))
    return services[found].key if found else ""


def _new_page(
    form: NewForm,
    setup: Directory,
    today: date,
    more: QuestionsForm | None = None,
    step: bool = False,
) -> str:
    service = setup.services_by_key.get(form.service.data or "")
    return render_template(
        "portal/new.html",
        form=form,
        service=service,
        more=questions_form(questions(service)) if more is None else more,
        step=step,
        files_again=step and any(file.filename for file in form.files.data or ()),
        templates=templates(db.session(), _actor()),
        for_others=may(_actor(), Act.LOG_FOR_OTHERS),
        closed=closed_days(setup, today),
        today=today,
        answer_by=first_answer_by(setup, g.now),
    )


def _log(form: NewForm, description: str, setup: Directory, today: date) -> int:
    person = _actor()
    other = _requester(form) if may(person, Act.LOG_FOR_OTHERS) else None
    return commands.log(
        actor=person,
        now=g.now,
        title=form.title.data or "",
        description=description,
        service=form.service.data,
        requester=other,
        impact=int(form.impact.data),
        urgency=int(form.urgency.data),
        type=form.type.data,
        channel=form.channel.data if other else "portal",
        confidential=bool(form.confidential.data),
        wish=form.wish(today, setup.zone),
        uploads=uploads(form.files.data or []),
    )


def _requester(form: NewForm) -> int | None:
    """Find for whom the desk logs; by sign-in name, mail or full name."""
    said = (form.requester.data or "").strip()
    if not said:
        return None
    named = sa.or_(Person.key == said, Person.name == said, Person.mail == said)
    query = sa.select(Person.id).where(named, Person.active.is_(True)).limit(2)
    found = db.session.scalars(query).all()
    if len(found) == 1:
        return found[0]
    if found:
        raise BadInput(_("Several people have this name: please use the sign-in name."))
    raise BadInput(_("There is nobody of this name."))


def _say_received(number: int) -> str:
    """Say the number, and when the first answer is due."""
    found = queries.find(db.session(), _actor(), number)
    if found is None or found.target_kind != "response" or found.target_due is None:
        return str(_("Received as %(number)s.", number=label(number)))
    due = formats.moment(found.target_due)
    return str(_("Received as %(number)s. First answer by %(due)s.", number=found.label, due=due))


@blueprint.get("/people")
@requires(Act.LOG_FOR_OTHERS, Reach.ALL)
def people() -> ResponseReturnValue:
    """Complete a name, for the desk logging for somebody."""
    said = request.args.get("q", "").replace("\0", "").strip()[:100]
    like = said.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    query = sa.select(Person.key, Person.name, Person.department).where(Person.active.is_(True))
    named = sa.or_(Person.name.ilike(f"%{like}", escape="\\"), Person.key.ilike(like, escape="\\"))
    if not said:
        return {"people": []}
    rows = db.session.execute(query.where(named).order_by(Person.name).limit(20))
    return {"people": [{"key": k, "name": n, "department": d} for k, n, d in rows]}
