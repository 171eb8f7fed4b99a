"""Schedules of reports: the list for who may have them, and changing them."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from servicedesk.db import db
from servicedesk.errors import BadInput, NotFound, Refused, Stale
from servicedesk.people.access import requires
from servicedesk.people.models import Person
from servicedesk.people.permissions import Act, may
from servicedesk.reports import commands as reports
from servicedesk.reports import words as said_of_reports
from servicedesk.reports.schedules import commands, drafts, forms, queries, words
from servicedesk.reports.schedules.forms import ScheduleForm
from servicedesk.reports.schedules.models import Run, Schedule
from servicedesk.setup import editing
from servicedesk.setup.directory import Directory
from servicedesk.setup.snapshot import directory

blueprint = Blueprint("schedules", __name__, url_prefix="/reports")
INDEX = "schedules.index"
SHOWN = 60  # runs on the page of a schedule


def _person() -> Person:
    person: Person = current_user._get_current_object()
    return person


def _setup() -> Directory:
    return directory(db.session())


def _back() -> ResponseReturnValue:
    return redirect(url_for(INDEX), 303)


def _schedule(key: str) -> Schedule:
    row = queries.one(db.session(), key)
    if row is None:
        raise NotFound(_("There is no such schedule."))
    return row


@blueprint.get("/schedules")
@requires(Act.SEE_SCHEDULES)
def index() -> ResponseReturnValue:
    """List what is reported by itself, with when it comes next and what became of the last."""
    rows = queries.rows(db.session(), _setup(), _person(), g.now)
    return render_template("reports/schedules/index.html", rows=rows, **_said())


@blueprint.get("/schedules/<key>")
@requires(Act.SEE_SCHEDULES)
def one(key: str) -> ResponseReturnValue:
    """Show a schedule and what became of its reports; for who may not have them there is none."""
    session = db.session()
    row = queries.row(session, _setup(), key, _person(), g.now)
    if row is None:
        raise NotFound(_("There is no such schedule."))
    runs = queries.runs(session, row.schedule, SHOWN)
    spoken = ", ".join(map(said_of_reports.language, row.schedule.languages))
    keeps = may(_person(), Act.KEEP_SCHEDULES)  # who else gets it is nobody else's business
    missed = words.missed(queries.missed(session, [run.id for run in runs])) if keeps else {}
    page = {"row": row, "runs": runs, "spoken": spoken, "files": _files, "missed": missed}
    return render_template("reports/schedules/one.html", **page, **_said())


def _files(run: Run) -> list[tuple[str, int]]:
    """List the reports that a run sent, as far as they are for who looks."""
    found = ((name, queries.report(db.session(), id)) for name, id in sorted(run.reports.items()))
    return [(name, it.id) for name, it in found if it and queries.may_open(_person(), it, _setup())]


def _said() -> dict[str, Any]:
    """Give what the pages say it with."""
    person, setup = _person(), _setup()
    return {
        "setup": setup,
        "words": words,
        "say": said_of_reports,
        "period_of": lambda run: said_of_reports.period(queries.period_of(run, setup)),
        "may_have": lambda scope: queries.may_have(person, scope),
        "keeps": may(person, Act.KEEP_SCHEDULES),
        "has_reports": may(person, Act.SEE_REPORTS),
    }


@blueprint.get("/schedules/files/<int:id>")
@requires(Act.RECEIVE_REPORT)
def file(id: int) -> ResponseReturnValue:
    """§9: give a sealed report to who may have it; for everybody else there is none."""
    row = queries.report(db.session(), id)
    if row is None or not queries.may_open(_person(), row, _setup()):
        abort(404)
    response = Response(reports.read_newest(row), mimetype="application/pdf")
    response.headers.set("Content-Disposition", "attachment", filename=queries.file_name(row))
    return response


@blueprint.post("/schedules/<key>/subscribe")
@requires(Act.RECEIVE_REPORT)
def subscribe(key: str) -> ResponseReturnValue:
    """F9: subscribe to a report, or not any more."""
    wants = request.form.get("wants") == "yes"
    commands.subscribe(key, _person(), wants=wants)
    flash(_("You will get it by mail.") if wants else _("You will get it no more."))
    return _back()


@blueprint.post("/schedules/<key>/test")
@requires(Act.RECEIVE_REPORT)
def send_test(key: str) -> ResponseReturnValue:
    """Send the mail to who asks for it, and to nobody else."""
    commands.send_test(key, _person(), g.now)
    flash(_("A test mail is on its way to you."))
    return _back()


@blueprint.post("/schedules/<key>/run")
@requires(Act.KEEP_SCHEDULES)
def run(key: str) -> ResponseReturnValue:
    """Have the last period's report made in the background."""
    try:
        commands.run_now(key, _person(), g.now)
    except Refused as error:
        flash(str(error), "error")
    else:
        flash(_("It is made within minutes, and sent to who subscribed."))
    return _back()


@blueprint.post("/schedules/<key>/pause")
@requires(Act.KEEP_SCHEDULES)
def pause(key: str) -> ResponseReturnValue:
    """Stop a schedule, or let it go on."""
    paused = request.form.get("paused") == "yes"
    commands.pause(key, _person(), g.now, paused=paused)
    flash(_("It is paused.") if paused else _("It goes on. What was due meanwhile is left out."))
    return _back()


@blueprint.route("/new-schedule", methods=["GET", "POST"])
@requires(Act.KEEP_SCHEDULES)
def new() -> ResponseReturnValue:
    """Make a schedule."""
    first: dict[str, Any] = {"languages": [_setup().language]}
    if may(_person(), Act.RECEIVE_REPORT):
        first["people"] = [_person().key]
    return _edit(_form(first))


@blueprint.route("/schedules/<key>/edit", methods=["GET", "POST"])
@requires(Act.KEEP_SCHEDULES)
def edit(key: str) -> ResponseReturnValue:
    """Change a schedule."""
    row = _schedule(key)
    people = queries.candidates(db.session())
    return _edit(_form(forms.filled(row, people), row), row)


def _form(values: dict[str, Any], row: Schedule | None = None) -> ScheduleForm:
    form = ScheduleForm(data={**values, "revision": _setup().revision})
    form.offer(_setup(), queries.candidates(db.session()), row)
    return form


def _edit(form: ScheduleForm, row: Schedule | None = None) -> ResponseReturnValue:
    if not form.validate_on_submit():
        return _page(form, row), 422 if form.is_submitted() else 200
    try:
        name = _publish(form, row)
    except (BadInput, Refused, Stale) as error:
        form.looked_at(_setup())
        return _page(form, row, str(error)), error.status
    flash(_("%(name)s is published.", name=name))
    return _back()


def _publish(form: ScheduleForm, row: Schedule | None) -> str:
    """Publish it as DESK.yaml would have it; raises BadInput, Refused or Stale."""
    data = editing.document(db.session())
    said = form.said(_owner(row))
    taken = (data.get("reports") or {}).get("schedules") or {}
    key = row.key if row else drafts.new_key(form.every.data, form.scope.data, taken)
    changed = drafts.with_schedule(data, key, said)
    editing.publish(changed, g.now, form.revision.data, by=current_user.id)
    return str(form.name.data)


def _owner(row: Schedule | None) -> str | None:
    """Give who owns a schedule: whoever made it."""
    if row is None:
        return _person().key
    owner = db.session().get(Person, row.owner_id) if row.owner_id else None
    return owner.key if owner and owner.active else _person().key


def _page(form: ScheduleForm, row: Schedule | None, problem: str = "") -> str:
    page = {"form": form, "row": row, "problem": problem, "setup": _setup()}
    return render_template("reports/schedules/edit.html", **page)


@blueprint.route("/schedules/<key>/remove", methods=["GET", "POST"])
@requires(Act.KEEP_SCHEDULES)
def remove(key: str) -> ResponseReturnValue:
    """Take a schedule out of the set-up; its sealed reports stay."""
    row, revision = _schedule(key), _setup().revision
    name, problem = row.name, ""
    if request.method == "POST":
        data = drafts.without(editing.document(db.session()), key)
        try:
            editing.publish(data, g.now, revision, by=current_user.id)
        except (BadInput, Refused, Stale) as error:
            problem = str(error)
        else:
            flash(_("%(name)s is removed.", name=name))
            return _back()
    page = {"row": row, "problem": problem, "cancel_url": url_for(INDEX)}
    return render_template("reports/schedules/remove.html", **page), 409 if problem else 200
