"""The pages of exclusions: asked for on an incident, listed for who can decide, and decided."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from servicedesk import formats
from servicedesk.db import db
from servicedesk.errors import BadInput, DeskError, NotAllowed, NotFound, Stale
from servicedesk.incidents import detail, writing
from servicedesk.incidents.detail import Detail
from servicedesk.incidents.exclusions import commands as exclusions
from servicedesk.incidents.exclusions import deciding, words
from servicedesk.incidents.exclusions.deciding import AT_ONCE, Shown
from servicedesk.incidents.exclusions.effects import Effect, Wanted, choices, effects, last_instant
from servicedesk.incidents.forms import ExclusionDecisionForm, ExclusionForm
from servicedesk.incidents.queries import Reader
from servicedesk.people.access import requires
from servicedesk.people.models import Person
from servicedesk.people.permissions import Act
from servicedesk.setup.snapshot import directory
from servicedesk.times import iso

blueprint = Blueprint("exclusions", __name__)


def _actor() -> Person:
    person: Person = current_user._get_current_object()
    return person


def _read(number: int, act: Act) -> Detail:
    """Read an incident for somebody who may do an act on it."""
    found = detail.read(db.session(), _actor(), number, g.now)
    if found is None:
        raise NotFound(_("There is no such incident, or it is not for you."))
    if not writing.can(_actor(), act, found.incident):
        raise NotAllowed(_("You may not do this."))
    return found


def _home(number: int) -> str:
    return url_for("incidents.page", number=number) + "#exclusions"


# Asking


@blueprint.route("/incidents/<incident:number>/exclusions/new", methods=["GET", "POST"])
@requires(Act.WORK_INCIDENT)
def ask(number: int) -> ResponseReturnValue:
    """Ask for an exclusion: its effect is shown before anything is asked."""
    found = _read(number, Act.WORK_INCIDENT)
    form = ExclusionForm()
    keys = choices(found.work, found.now)
    form.offer([(key, words.clock(key, found.setup)) for key in keys])
    if not form.is_submitted():
        form.version.data = str(found.incident.version)
        form.clocks.data = ["resolution"] if "resolution" in keys else keys[:1]
        return _ask_page(form, found)
    if not form.validate():
        return _ask_page(form, found), 422
    return _look_or_ask(number, form, found)


def _look_or_ask(number: int, form: ExclusionForm, found: Detail) -> ResponseReturnValue:
    """Show what it would change; ask for it once exactly that was shown."""
    try:
        typed = form.wanted(formats.reader_zone())
        wanted = exclusions.fitted(found.work.story, typed, found.now)
        exclusions.check(found.work, wanted, found.now)
        looked, form.seen.data = form.seen.data == _stamp(wanted), _stamp(wanted)
        if not looked or request.form.get("act") != "ask":
            return _ask_page(form, found, effects(found.work, wanted, found.now))
        said = {"actor": _actor(), "now": g.now, "version": form.based_on}
        exclusions.ask_for(number, wanted, form.reason.data or "", **said)
    except (NotFound, NotAllowed):
        raise
    except DeskError as error:
        return _refused_ask(number, form, error)
    flash(_("Asked for."))
    return redirect(_home(number), 303)


def _stamp(wanted: Wanted) -> str:
    return " ".join((str(iso(wanted.start)), str(iso(wanted.end)), *wanted.clocks))


def _refused_ask(number: int, form: ExclusionForm, error: DeskError) -> ResponseReturnValue:
    found, changes = _read(number, Act.WORK_INCIDENT), []
    form.form_errors.append(str(error))
    if isinstance(error, Stale):
        form.version.data = str(found.incident.version)
        form.seen.data = ""
        changes = found.changed_since(error.since)
    return _ask_page(form, found, changes=changes), 422 if error.status == 400 else error.status


def _ask_page(
    form: ExclusionForm, found: Detail, shown: list[Effect] | None = None, changes: Any = ()
) -> str:
    return render_template(
        "incidents/exclude.html",
        form=form,
        it=found,
        incident=found.incident,
        effects=[words.effect(each, found.setup) for each in shown or ()],
        looked=shown is not None,
        nothing=shown is not None and not any(each.changes for each in shown),
        changes=changes,
        earliest=_typed(found.work.story.logged_at),
        latest=_typed(last_instant(found.work.story, found.now)),
        cancel_url=_home(found.incident.number),
    )


def _typed(at: datetime) -> str:
    """Write an instant as a field of date and time holds it, in the reader's zone."""
    return f"{at.astimezone(ZoneInfo(formats.reader_zone())):%Y-%m-%dT%H:%M}"


@blueprint.post("/incidents/<incident:number>/exclusions/<int:n>/withdraw")
@requires(Act.WORK_INCIDENT)
def withdraw(number: int, n: int) -> ResponseReturnValue:
    """Withdraw what one has asked for."""
    exclusions.take_back(number, n, actor=_actor(), now=g.now)
    flash(_("Withdrawn."))
    return redirect(_home(number), 303)


# Deciding


@blueprint.get("/exclusions")
@requires(Act.DECIDE_EXCLUSION)
def index() -> ResponseReturnValue:
    """List what one can decide."""
    session, person = db.session(), _actor()
    reader = Reader(person, directory(session), g.now)
    total = deciding.count(session, person, reader.setup)
    start = max(0, min(request.args.get("after", 0, type=int), total))
    waiting = deciding.waiting(session, reader, start)
    after = start + AT_ONCE if start + AT_ONCE < total else None
    return render_template(
        "incidents/exclusions.html", waiting=waiting, total=total, start=start, after=after
    )


@blueprint.route("/exclusions/<incident:number>/<int:n>", methods=["GET", "POST"])
@requires(Act.DECIDE_EXCLUSION)
def decide(number: int, n: int) -> ResponseReturnValue:
    """Show an exclusion with its effect, and take the decision of who can decide."""
    found, form = _read(number, Act.DECIDE_EXCLUSION), ExclusionDecisionForm()
    shown = _shown(found, n)
    if request.method == "GET":
        return _decide_page(form, found, shown)
    try:
        if not form.validate():
            raise BadInput("")
        _settle(number, n, form)
    except (NotFound, NotAllowed):
        raise
    except DeskError as error:
        return _refused_decision(number, n, form, error)
    return redirect(url_for("exclusions.index"), 303)


def _settle(number: int, n: int, form: ExclusionDecisionForm) -> None:
    answer = request.form.get("answer")
    if answer not in ("approve", "refuse"):
        raise BadInput(_("Please choose one of the two."))
    said = {"actor": _actor(), "now": g.now, "version": form.based_on}
    exclusions.settle(number, n, answer == "approve", form.reason.data or "", **said)
    flash(_("Approved.") if answer == "approve" else _("Refused."))


def _shown(found: Detail, n: int) -> Shown:
    for shown in deciding.of_incident(db.session(), found, _actor()):
        if shown.row.n == n:
            return shown
    raise NotFound(_("There is no such exclusion."))


def _refused_decision(
    number: int, n: int, form: ExclusionDecisionForm, error: DeskError
) -> ResponseReturnValue:
    """Show it as it stands by now, with what was typed and what changed."""
    found = _read(number, Act.DECIDE_EXCLUSION)
    if str(error):
        form.form_errors.append(str(error))
    changes = found.changed_since(error.since) if isinstance(error, Stale) else []
    status = 422 if error.status == 400 else error.status
    return _decide_page(form, found, _shown(found, n), changes), status


def _decide_page(
    form: ExclusionDecisionForm, found: Detail, shown: Shown, changes: Any = ()
) -> str:
    form.version.data = str(found.incident.version)
    return render_template(
        "incidents/exclusion.html",
        form=form,
        it=found,
        incident=found.incident,
        one=shown,
        changes=changes,
    )
