"""The workbench and an incident's page."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from servicedesk.db import db
from servicedesk.errors import BadInput, DeskError, NotAllowed, NotFound, Stale
from servicedesk.incidents import commands, detail, forms, listing, queries, standing, writing
from servicedesk.incidents.detail import Detail
from servicedesk.incidents.dialogs import DIALOGS, Dialog
from servicedesk.incidents.files import uploads
from servicedesk.incidents.lifecycle import possible
from servicedesk.people.access import requires
from servicedesk.people.models import Person
from servicedesk.people.permissions import Act, Reach, may
from servicedesk.setup.snapshot import directory

blueprint = Blueprint("incidents", __name__)


def actor() -> Person:
    """Give the person who acts."""
    person: Person = current_user._get_current_object()
    return person


def now() -> datetime:
    """Give the instant of this request."""
    instant: datetime = g.now
    return instant


def reader() -> queries.Reader:
    """Say who reads a list, when and by which set-up."""
    return queries.Reader(actor(), directory(db.session()), now())


@blueprint.get("/incidents")
@requires(Act.SEE_INCIDENT, Reach.ALL, Reach.OWN)
def workbench() -> ResponseReturnValue:
    """List incidents: a view, narrowed and sorted; a filtered list is a link to share."""
    if not queries.is_desk_side(actor()):
        return redirect(url_for("portal.home", **_asked()))
    who, chosen = reader(), _chosen()
    narrowed = _filter()
    page = queries.page(
        db.session(),
        who,
        chosen["view"],
        narrowed=narrowed,
        sort=chosen["sort"],
        after=request.args.get("after"),
    )
    if narrowed.text and page.total == 1:
        return redirect(url_for("incidents.page", number=page.incidents[0].number))
    counts = queries.counts(db.session(), who)
    return render_template(
        "incidents/workbench.html",
        title=listing.view_names()[chosen["view"]][0],
        views=listing.views(chosen["view"], counts),
        rows=listing.rows(page.incidents, who, {"from": chosen["view"]}),
        page=page,
        next_url=_next_url(page.next),
        counts=counts,
        chosen=chosen,
        filter=narrowed,
        services=who.setup.services_by_key.values(),
        parties=who.setup.by_key.values(),
    )


def _chosen() -> dict[str, str]:
    """Read view and sorting; what is not known counts as the usual. A search looks everywhere."""
    usual = "all" if request.args.get("q") else "next"
    view, sort = request.args.get("view", usual), request.args.get("sort", "next")
    return {
        "view": view if view in queries.VIEWS else usual,
        "sort": sort if sort in queries.SORTS else "next",
    }


def _filter() -> queries.Filter:
    said = {name: request.args.get(name, "")[:200] for name in ("service", "holder", "priority")}
    text = request.args.get("q", "")[:200].replace("\0", "")
    return queries.Filter(text=text, type=request.args.get("type", ""), **said)


def _next_url(cursor: str | None) -> str | None:
    if cursor is None:
        return None
    return url_for("incidents.workbench", **{**_asked(), "after": cursor})


def _asked() -> dict[str, Any]:
    """Give what the address asks for, but for the names that url_for keeps to itself."""
    return {name: text for name, text in request.args.items() if not name.startswith("_")}


def _read(number: int) -> Detail:
    found = detail.read(db.session(), actor(), number, now())
    if found is None:
        raise NotFound(_("There is no such incident, or it is not for you."))
    return found


@blueprint.get("/incidents/<incident:number>")
@requires(Act.SEE_INCIDENT, Reach.ALL, Reach.OWN)
def page(number: int) -> ResponseReturnValue:
    """Show an incident: to the desk with everything, to its requester as a story."""
    return _page(_read(number))


def _page(found: Detail, form: forms.CommentForm | None = None, kind: str = "") -> str:
    desk = queries.is_desk_side(actor())
    template = "incidents/page.html" if desk else "portal/incident.html"
    return render_template(
        template,
        it=found,
        incident=found.incident,
        entries=found.thread(public=not desk),
        moves=_moves(found),
        tabs=writing.tabs(found, form, kind) if "comment" in _moves(found) else [],
        form_kind=kind,
        back=request.args.get("from", ""),
        may=_rights(found),
        steps=standing.steps(found.incident),
        standing=standing.standing(found.incident),
        questions=_questions(found),
    )


def _questions(found: Detail) -> list[standing.Question]:
    if found.incident.requester_id != actor().id:
        return []
    return list(standing.questions(found.incident, list(found.dates), found.setup))


def _moves(found: Detail) -> set[str]:
    return set(possible(found.incident.state))


def _rights(found: Detail) -> dict[str, bool]:
    """Say what the person may do with this incident, by the names that templates use."""

    def can(act: Act) -> bool:
        return writing.can(actor(), act, found.incident)

    return {
        "work": can(Act.WORK_INCIDENT),
        "reply": can(Act.WRITE_REPLY),
        "note": can(Act.WRITE_NOTE),
        "partner": can(Act.WRITE_TO_PARTNER),
        "confirm": can(Act.CONFIRM_INCIDENT),
        "reopen": can(Act.REOPEN_INCIDENT),
        "cancel": can(Act.CANCEL_INCIDENT),
        "wish": can(Act.REVISE_WISH),
    }


@blueprint.get("/incidents/<incident:number>/preview")
@requires(Act.SEE_INCIDENT, Reach.ALL)
def preview(number: int) -> ResponseReturnValue:
    """Show an incident beside the list."""
    found = _read(number)
    return render_template(
        "incidents/preview.html",
        it=found,
        incident=found.incident,
        entries=[entry for entry in found.thread() if entry.comment][-2:],
        moves=_moves(found),
        may=_rights(found),
    )


@blueprint.post("/incidents/<incident:number>/<any(reply, note):kind>")
@requires(Act.WRITE_REPLY)
def comment(number: int, kind: str) -> ResponseReturnValue:
    """Write a reply or an internal note."""
    form = forms.CommentForm()
    try:
        if not form.validate():
            raise BadInput("")
        commands.comment(
            number,
            kind,
            form.body.data or "",
            actor=actor(),
            now=now(),
            uploads=uploads(form.files.data or []),
            then_wait="wait" in request.form,
        )
    except (NotFound, NotAllowed):
        raise
    except DeskError as error:
        return _refused(number, form, kind, str(error)), 422
    flash(_("Sent.") if kind == "reply" else _("Noted."))
    return redirect(url_for("incidents.page", number=number) + "#composer", 303)


def _refused(number: int, form: forms.CommentForm, kind: str, why: str) -> str:
    """Show the page again with what was typed and why it was not taken."""
    if why:
        form.body.errors = [*form.body.errors, why]
    return _page(_read(number), form, kind)


@blueprint.post("/incidents/<incident:number>/<any(take, resume, close):act>")
@requires(Act.SEE_INCIDENT)
def at_once(number: int, act: str) -> ResponseReturnValue:
    """Do what asks for nothing."""
    run = {"take": commands.take, "resume": commands.resume, "close": commands.close}[act]
    version = request.form.get("version", type=int)
    try:
        run(number, actor=actor(), now=now(), version=version)
    except Stale as error:
        flash(f"{error} {_('Please look at what changed, and try again.')}", "error")
    return redirect(_back(number), 303)


def _back(number: int) -> str:
    return url_for("incidents.page", number=number)


@blueprint.post("/incidents/<incident:number>/dates/<int:n>/<any(requested, promised):kind>")
@requires(Act.CONFIRM_INCIDENT)
def answer_date(number: int, n: int, kind: str) -> ResponseReturnValue:
    """Take the requester's answer to a date offered, or to a revision of the wish."""
    accept = request.form.get("answer") == "accept"
    run = commands.confirm_wish if kind == "requested" else commands.answer_promise
    run(number, n, accept, actor=actor(), now=now())
    return redirect(_back(number), 303)


@blueprint.route("/incidents/<incident:number>/<act>", methods=["GET", "POST"])
@requires(Act.SEE_INCIDENT, Reach.ALL, Reach.OWN)
def dialog(number: int, act: str) -> ResponseReturnValue:
    """Ask for what an act needs, then do it."""
    if act not in DIALOGS:
        abort(404)
    said, found = DIALOGS[act], _read(number)
    form = said.form()
    said.fill(form, found, db.session())
    if not form.is_submitted():
        form.version.data = str(found.incident.version)
        return _dialog_page(said, act, form, found)
    if not form.validate():
        return _dialog_page(said, act, form, found), 422
    return _run(said, act, form, found)


def _run(said: Dialog, act: str, form: forms.VersionForm, found: Detail) -> ResponseReturnValue:
    number = found.incident.number
    try:
        said.run(number, form, found, actor(), now())
    except (NotFound, NotAllowed):
        raise
    except Stale as error:
        return _stale(said, act, form, error), 409
    except DeskError as error:
        form.form_errors.append(str(error))
        return _dialog_page(said, act, form, _read(number)), 422
    flash(_("Done."))
    return redirect(_back(number), 303)


def _stale(said: Dialog, act: str, form: forms.VersionForm, error: Stale) -> str:
    """Keep what was typed, show what changed meanwhile, and let it be sent again."""
    found = _read(int(request.view_args["number"]) if request.view_args else 0)
    form.version.data = str(found.incident.version)
    form.form_errors.append(str(error))
    return _dialog_page(said, act, form, found, changes=found.changed_since(error.since))


def _dialog_page(
    said: Dialog, act: str, form: forms.VersionForm, found: Detail, changes: Any = ()
) -> str:
    return render_template(
        "incidents/dialog.html",
        said=said,
        act=act,
        form=form,
        it=found,
        incident=found.incident,
        changes=changes,
        cancel_url=_back(found.incident.number),
        own=found.incident.requester_id == actor().id,
        desk=may(actor(), Act.WORK_INCIDENT),
    )
