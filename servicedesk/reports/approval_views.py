"""The pages on which somebody approves a report or not: signed in, or by the link in a mail."""

from __future__ import annotations

import logging

from flask import Blueprint, Response, abort, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from servicedesk.db import db
from servicedesk.errors import BadInput, DeskError, NotFound
from servicedesk.incidents import asked
from servicedesk.incidents.approval_views import in_language_of
from servicedesk.people import access
from servicedesk.people.models import Person
from servicedesk.people.permissions import Act
from servicedesk.reports import approvals, carried, commands, embedded, words
from servicedesk.reports.approvals import Answer
from servicedesk.reports.figures import BY_ID
from servicedesk.reports.models import Approval
from servicedesk.reports.periods import fiscal_from, read_period
from servicedesk.reports.schedules.queries import file_name
from servicedesk.setup.snapshot import directory
from servicedesk.times import local_day

blueprint = Blueprint("report_approval", __name__)
log = logging.getLogger(__name__)
SHOWN = ("requested_due.first", "sla.resolution", "backlog", "open_past_due", "intake", "resolved")


def _actor() -> Person:
    person: Person = current_user._get_current_object()
    return person


def _mine(id: int) -> Approval:
    found = approvals.find(db.session(), id, _actor(), g.now)
    if found is None:
        raise NotFound(_("This is not, or no longer, for you to decide."))
    return found


def _by_link(token: str) -> tuple[Approval, Person]:
    found = approvals.look(db.session(), token, g.now)
    if found is None:
        raise NotFound(_("This is not, or no longer, for you to decide."))
    return found


@blueprint.get("/approvals")
@access.requires(Act.DECIDE_APPROVAL)
def index() -> ResponseReturnValue:
    """List what waits for one's approval: requests, and reports."""
    session, person = db.session(), _actor()
    setup = directory(session)
    reports = approvals.waiting_for(session, person, g.now)
    askers = {it.asked_by_id for it in reports}
    return render_template(
        "reports/approvals.html",
        waiting=asked.waiting_for(session, person, local_day(g.now, setup.zone)),
        services={service.id: service.name for service in setup.services.values()},
        reports=[(it, read_period(it.period, it.zone, fiscal_from(setup))) for it in reports],
        names={id: session.get_one(Person, id).name for id in askers if id},
        say=words,
        setup=setup,
    )


@blueprint.route("/reports/approvals/<int:id>", methods=["GET", "POST"])
@access.requires(Act.APPROVE_REPORT)
def page(id: int) -> ResponseReturnValue:
    """Show what one is asked to approve, and take the decision."""
    it = _mine(id)
    if request.method == "GET":
        return _page(it)
    try:
        approvals.decide(id, _answer(), actor=_actor(), now=g.now)
    except DeskError as error:
        return _page(_mine(id), error=error), _status(error)
    _stamp(id)
    return redirect(url_for("report_approval.page", id=id), 303)


@blueprint.get("/reports/approvals/<int:id>/report.pdf")
@access.requires(Act.APPROVE_REPORT)
def pdf(id: int) -> ResponseReturnValue:
    """Give the sealed report to whom it concerns."""
    return _file(_mine(id))


@blueprint.route("/approve-report/<token>", methods=["GET", "POST"])
@access.public
def link(token: str) -> ResponseReturnValue:
    """The same by the link in a mail; opening it does nothing, so that scanners do no harm."""
    it, reader = _by_link(token)
    with in_language_of(reader):
        if request.method == "GET":
            return _page(it, token)
        id = it.id
        try:
            approvals.decide_by_link(token, _answer(), now=g.now)
        except DeskError as error:
            return _page(_by_link(token)[0], token, error), _status(error)
    _stamp(id)
    return redirect(url_for("report_approval.link", token=token), 303)


@blueprint.get("/approve-report/<token>/report.pdf")
@access.public
def link_pdf(token: str) -> ResponseReturnValue:
    """Give the sealed report to who has the link."""
    return _file(_by_link(token)[0])


def _stamp(id: int) -> None:
    """Make the copies with name and day; what was decided stands without them too."""
    try:
        commands.stamp(id)
    except DeskError:
        db.session().rollback()
        log.exception("the approval of a report could not be printed in it")


def _answer() -> Answer:
    said = request.form.get("answer")
    if said not in ("approve", "refuse"):
        raise BadInput(_("Please choose one of the two."))
    return Answer(said == "approve", request.form.get("reason", ""))


def _status(error: DeskError) -> int:
    return 422 if error.status == 400 else error.status


def _page(it: Approval, token: str = "", error: DeskError | None = None) -> str:
    session = db.session()
    setup, rows = directory(session), approvals.reports(session, it)
    figures = embedded.results(rows[0].figures)
    by = session.get(Person, it.decided_by_id) if it.decided_by_id else None
    asker = session.get(Person, it.asked_by_id) if it.asked_by_id else None
    file = "report_approval.link_pdf" if token else "report_approval.pdf"
    who = {"token": token} if token else {"id": it.id}
    return render_template(
        "reports/approval.html",
        it=it,
        period=read_period(it.period, it.zone, fiscal_from(setup)),
        scope=words.scope_of(it.scope, setup),
        files=[(row.language, url_for(file, language=row.language, **who)) for row in rows],
        figures=[(BY_ID[id], figures[id]) for id in SHOWN if id in figures],
        seal=carried.seal(commands.read_file(rows[0])),
        by=by.name if by else "",
        asker=asker.name if asker else setup.name,
        reason=request.form.get("reason", ""),
        longest=approvals.REASON,
        error=str(error) if error else "",
        say=words,
        setup=setup,
    )


def _file(it: Approval) -> Response:
    language = request.args.get("language", "en")
    rows = approvals.reports(db.session(), it)
    row = next((row for row in rows if row.language == language), None) or abort(404)
    response = Response(commands.read_newest(row), mimetype="application/pdf")
    response.headers.set("Content-Disposition", "attachment", filename=file_name(row))
    return response
