"""Taking a call, and keeping the templates for frequent requests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from servicedesk import times
from servicedesk.db import db
from servicedesk.errors import BadInput, DeskError, NotAllowed, NotFound, Stale
from servicedesk.incidents import commands as acts
from servicedesk.incidents import intake
from servicedesk.incidents import queries as incidents
from servicedesk.incidents.dates.wishing import Desk, typed, wishing
from servicedesk.incidents.models import OPEN, Incident, label
from servicedesk.incidents.writing import can
from servicedesk.intake import commands, forms, queries
from servicedesk.intake.questions import questions, with_answers
from servicedesk.people.access import requires
from servicedesk.people.models import Person
from servicedesk.people.permissions import Act, Reach
from servicedesk.setup.directory import Directory, Service
from servicedesk.setup.snapshot import directory

blueprint = Blueprint("intake", __name__)


def actor() -> Person:
    """Give the person who acts."""
    person: Person = current_user._get_current_object()
    return person


def now() -> datetime:
    """Give the instant of this request."""
    instant: datetime = g.now
    return instant


# A call: who it is


@blueprint.get("/log")
@requires(Act.LOG_FOR_OTHERS, Reach.ALL)
def log() -> ResponseReturnValue:
    """Choose who is calling, see what they have open, and get a number."""
    session, text = db.session(), request.args.get("q", "")[:100].replace("\0", "")
    found = queries.callers(session, text)
    person = queries.caller(session, request.args.get("caller", "")[:64].replace("\0", ""))
    if person is None and len(found) == 1 and "X-Requested-With" not in request.headers:
        person = found[0]  # a script only looks something up
    return render_template(
        "intake/log.html",
        text=text,
        people=found,
        who=person,
        theirs=queries.of_caller(session, actor(), person.id) if person else (),
        unfinished=queries.unfinished(session, actor(), now()),
        form=forms.BeginForm(formdata=None, caller=person.key if person else ""),
    )


@blueprint.post("/log")
@requires(Act.LOG_FOR_OTHERS, Reach.ALL)
def begin() -> ResponseReturnValue:
    """C13: give a number at once."""
    form = forms.BeginForm()
    person = queries.caller(db.session(), form.caller.data or "")
    if person is None or not form.validate():
        flash(_("Please choose who is calling."), "error")
        return redirect(url_for("intake.log"), 303)
    number = intake.begin(
        actor=actor(),
        caller=person.id,
        now=now(),
        channel=form.channel.data,
        confidential=bool(form.confidential.data),
    )
    return redirect(url_for("intake.call", number=number), 303)


# A call: what it is about


@blueprint.route("/log/<incident:number>", methods=["GET", "POST"])
@requires(Act.LOG_FOR_OTHERS, Reach.ALL)
def call(number: int) -> ResponseReturnValue:
    """Write down what the caller says; it can be kept as far as it goes."""
    incident, setup = _worked_on(number), directory(db.session())
    if incident.state not in OPEN:
        return redirect(url_for("incidents.page", number=number), 303)
    form = forms.CallForm()
    form.offer([(s.key, s.name) for s in setup.services_by_key.values()], _today(setup))
    if not form.is_submitted():
        _fill(form, incident, setup)
        _fill_as_typed(form)
        return _call_page(form, incident, setup)
    if chosen := queries.template(db.session(), actor(), request.form.get("template", type=int)):
        forms.begin_with(form, chosen, setup.services[chosen.service_id])
        return _call_page(form, incident, setup)
    return _keep(form, incident, setup)


def _worked_on(number: int) -> Incident:
    incident = incidents.find(db.session(), actor(), number)
    if incident is None:
        raise NotFound(_("There is no such incident, or it is not for you."))
    if not can(actor(), Act.WORK_INCIDENT, incident):
        raise NotAllowed(_("You may not do this."))
    return incident


def _today(setup: Directory) -> date:
    return times.local_day(now(), setup.zone)


def _fill(form: forms.CallForm, incident: Incident, setup: Directory) -> None:
    """Show what is known already; what stands there until it is known is left open."""
    form.version.data = str(incident.version)
    if incident.title not in intake.under_way_titles():
        form.title.data = incident.title
        service = setup.services[incident.service_id]
        form.service.data = service.key if service.active else ""
    form.description.data, form.type.data = incident.description, incident.type
    form.impact.data, form.urgency.data = str(incident.impact), str(incident.urgency)
    form.confidential.data = incident.confidential
    if incident.requested_day:
        forms.wished(form, incident.requested_day, None)
    elif incident.requested_due:
        local = incident.requested_due.astimezone(ZoneInfo(setup.zone))
        forms.wished(form, local.date(), local.time())


def _fill_as_typed(form: forms.CallForm) -> None:
    """Show the page for other choices of service and wish, as its script asks for it."""
    wished = typed(request.args)
    if request.args.get("service"):
        form.service.data = request.args["service"]
    if wished.needed:
        form.needed.data, form.day.data, form.time.data = wished


def _call_page(
    form: forms.CallForm,
    incident: Incident,
    setup: Directory,
    more: forms.QuestionsForm | None = None,
    step: bool = False,
) -> str:
    session, service = db.session(), setup.services_by_key.get(form.service.data or "")
    desk = Desk(setup, service, incident.desk_group)
    theirs = queries.of_caller(session, actor(), incident.requester_id)
    if more is None:
        more = forms.questions_form(questions(service, form.description.data or ""))
    return render_template(
        "intake/call.html",
        form=form,
        incident=incident,
        service=service,
        more=more,
        step=step,
        theirs=[one for one in theirs if one.id != incident.id],
        templates=queries.templates(session, actor()),
        under_way=incident.title in intake.under_way_titles(),
        wishing=wishing(session, desk, now(), form.wish(_today(setup), setup.zone)),
        today=_today(setup),
    )


def _keep(form: forms.CallForm, incident: Incident, setup: Directory) -> ResponseReturnValue:
    in_full = "keep" not in request.form
    service = setup.services_by_key.get(form.service.data or "")
    more, shown = _asked(form, service, in_full)
    if not (form.is_sound(in_full) & more.validate()):
        return _call_page(form, incident, setup, more), 422
    if in_full and more.asked and not shown:
        return _call_page(form, incident, setup, step=True)
    said = form.said(form.wish(_today(setup), setup.zone))
    said = replace(said, description=with_answers(said.description, more.answers()))
    return _save(form, more, incident, setup, said, in_full)


def _asked(
    form: forms.CallForm, service: Service | None, needed: bool
) -> tuple[forms.QuestionsForm, bool]:
    """Read what the service asks besides, if its questions were on the page."""
    shown = service is not None and request.form.get(forms.ASKED) == service.key
    asked = questions(service, form.description.data or "")
    given = request.form if shown else None
    return forms.questions_form(asked, given, needed=needed and shown), shown


def _save(
    form: forms.CallForm,
    more: forms.QuestionsForm,
    incident: Incident,
    setup: Directory,
    said: intake.Said,
    in_full: bool,
) -> ResponseReturnValue:
    number = incident.number
    try:
        intake.fill_in(
            number,
            said,
            actor=actor(),
            now=now(),
            in_full=in_full,
            take="take" in request.form,
            version=form.based_on,
        )
    except (NotFound, NotAllowed):
        raise
    except DeskError as error:
        form.form_errors.append(str(error))
        incident = _worked_on(number)
        if isinstance(error, Stale):
            form.version.data = str(incident.version)
        return _call_page(form, incident, setup, more), error.status
    flash(_("Kept: %(number)s.", number=label(number)))
    if not in_full:
        return redirect(url_for("intake.call", number=number), 303)
    return redirect(url_for("incidents.page", number=number), 303)


@blueprint.post("/log/<incident:number>/same")
@requires(Act.LOG_FOR_OTHERS, Reach.ALL)
def same(number: int) -> ResponseReturnValue:
    """The caller speaks of an incident that is there already: go on with that one."""
    other = request.form.get("of", type=int)
    if other is None:
        raise BadInput(_("There is no such other incident."))
    acts.cancel(number, actor=actor(), now=now(), duplicate_of=other)
    said = {"number": label(number), "other": label(other)}
    flash(_("%(number)s was cancelled as a duplicate of %(other)s.", **said))
    return redirect(url_for("incidents.page", number=other) + "#composer", 303)


# Templates


@blueprint.get("/templates")
@requires(Act.KEEP_TEMPLATES)
def templates() -> ResponseReturnValue:
    """List the templates, those in use first."""
    services = directory(db.session()).services
    rows = queries.all_templates(db.session())
    return render_template("intake/templates.html", rows=rows, services=services)


@blueprint.route("/templates/new", methods=["GET", "POST"])
@requires(Act.KEEP_TEMPLATES)
def new_template() -> ResponseReturnValue:
    """Write a new template."""
    form = _template_form()
    if not form.is_submitted():
        return _template_page(form)
    return _write(form, lambda draft: commands.add_template(draft, actor=actor(), now=now()))


@blueprint.route("/templates/<int:id>", methods=["GET", "POST"])
@requires(Act.KEEP_TEMPLATES)
def change_template(id: int) -> ResponseReturnValue:
    """Change a template."""
    row = next((one for one in queries.all_templates(db.session()) if one.id == id), None)
    if row is None:
        raise NotFound(_("There is no such template."))
    form = _template_form()
    if not form.is_submitted():
        form.fill(row, directory(db.session()).services.get(row.service_id))
        return _template_page(form, row.name)

    def keep(draft: commands.Draft) -> None:
        commands.change_template(id, draft, actor=actor(), now=now(), version=form.based_on)

    return _write(form, keep, row.name)


@blueprint.post("/templates/<int:id>/<any(retire, restore):what>")
@requires(Act.KEEP_TEMPLATES)
def use_template(id: int, what: str) -> ResponseReturnValue:
    """Take a template out of use, or back."""
    commands.use_template(id, what == "restore", actor=actor(), now=now())
    return redirect(url_for("intake.templates"), 303)


def _template_form() -> forms.TemplateForm:
    form = forms.TemplateForm()
    services = directory(db.session()).services_by_key.values()
    form.offer([(service.key, service.name) for service in services])
    return form


def _template_page(form: forms.TemplateForm, name: str = "") -> str:
    return render_template("intake/template.html", form=form, name=name)


def _write(
    form: forms.TemplateForm, keep: Callable[[commands.Draft], object], name: str = ""
) -> ResponseReturnValue:
    if not form.validate():
        return _template_page(form, name), 422
    try:
        keep(form.draft())
    except (NotFound, NotAllowed):
        raise
    except DeskError as error:
        form.form_errors.append(str(error))
        return _template_page(form, name), error.status
    flash(_("Kept."))
    return redirect(url_for("intake.templates"), 303)
