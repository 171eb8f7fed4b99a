"""The workbench and an incident's page."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import datetime
from typing import Any

from flask import (
    Blueprint,
    Response,
    abort,
    flash,
    g,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from servicedesk.db import db
from servicedesk.errors import BadInput, DeskError, NotAllowed, NotFound, Stale
from servicedesk.history.export import Tables, write
from servicedesk.incidents import (
    commands,
    detail,
    forms,
    listing,
    narrowing,
    queries,
    standing,
    thread,
    writing,
)
from servicedesk.incidents.dates import wishing
from servicedesk.incidents.detail import Detail
from servicedesk.incidents.dialogs import DIALOGS, Dialog
from servicedesk.incidents.exclusions import deciding
from servicedesk.incidents.explained import page as why_page
from servicedesk.incidents.explained.words import Eye
from servicedesk.incidents.files import uploads
from servicedesk.incidents.handed import page as handed_page
from servicedesk.incidents.lifecycle import possible
from servicedesk.incidents.telling import hold_reason
from servicedesk.major import queries as majors
from servicedesk.major import words as major_words
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
    who, asked = reader(), _list()
    said: dict[str, Any] = {"narrowed": asked.narrowed, "sort": asked.sort}
    page = queries.page(db.session(), who, asked.view, after=request.args.get("after"), **said)
    if asked.narrowed.text and page.total == 1:
        return redirect(url_for("incidents.page", number=page.incidents[0].number))
    if "X-Requested-With" not in request.headers:  # a script only looks something up
        session["list"] = asked.back()
    counts = queries.counts(db.session(), who)
    anybody = replace(asked.narrowed, holder="")
    holders = queries.holders(db.session(), who, asked.view, anybody)
    return render_template(
        "incidents/workbench.html",
        title=listing.view_names()[asked.view][0],
        views=listing.views(asked.view, counts, may(actor(), Act.WORK_INCIDENT)),
        rows=listing.rows(page.incidents, who, asked.back()),
        page=page,
        next_url=asked.address(after=page.next) if page.next else None,
        counts=counts,
        asked=asked,
        services=who.setup.services_by_key.values(),
        holders=listing.holder_choices(who, holders, asked.narrowed.holder),
        date_filters=narrowing.filters(asked.narrowed, asked.dates),
        date_narrowed=narrowing.narrowed(asked.narrowed, who.today),
        sorts=narrowing.sort_choices(asked.sort, narrowing.sort_names()),
        downwards=narrowing.is_downwards(asked.sort),
        chooses=may(actor(), Act.WORK_INCIDENT) and asked.view != "done",
    )


def _list() -> listing.Asked:
    """Read which list is asked for. A search looks everywhere, and so does who does not work."""
    everywhere = request.args.get("q") or not may(actor(), Act.WORK_INCIDENT)
    usual = "all" if everywhere else "next"
    return listing.asked(request.args, request.args.get("view", usual), usual)


def _asked() -> dict[str, Any]:
    """Give what the address asks for, but for the names that url_for keeps to itself."""
    return {name: text for name, text in request.args.items() if not name.startswith("_")}


@blueprint.get("/incidents.csv")
@requires(Act.SEE_INCIDENT, Reach.ALL)
def export() -> ResponseReturnValue:
    """Give a list as CSV: what the workbench shows, in its order, all pages of it."""
    asked, who = _list(), reader()
    shown = queries.within(who, asked.view, asked.narrowed)
    order = queries.ordered(queries.order_in(asked.view, asked.sort))
    tables = Tables(db.session(), who.setup, now(), shown, order)
    out = io.StringIO("\ufeff", newline="")  # the mark by which spreadsheets know UTF-8
    out.seek(0, io.SEEK_END)
    write("incidents", tables.incidents(), out, plain=True)
    headers = {"Content-Disposition": f'attachment; filename="incidents-{asked.view}.csv"'}
    return Response(out.getvalue(), mimetype="text/csv", headers=headers)


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
    """Show the page; a refused form keeps what was typed in its tab."""
    major = majors.standing(db.session(), actor(), found.incident)
    said = {
        "it": found,
        "incident": found.incident,
        "moves": _moves(found),
        "tabs": writing.tabs(found, form, kind) if form or "comment" in _moves(found) else [],
        "form_kind": kind,
        "may": _rights(found) | _major_rights(found, major),
        "major": major,
        "major_say": major_words,
    }
    if queries.is_desk_side(actor()):
        return render_template("incidents/page.html", **said, **_desk_page(found))
    return render_template("portal/incident.html", **said, **_story(found))


def _desk_page(found: Detail) -> dict[str, Any]:
    entries, show = found.thread(), request.args.get("show", "")
    earlier, recent = thread.split(entries) if not show else ([], thread.only(entries, show))
    back = _back_list()
    return {
        "earlier": earlier,
        "entries": recent,
        "show": show if show in thread.KINDS else "",
        "counts": thread.counts(entries),
        "excluded": deciding.of_incident(db.session(), found, actor()),
        "lane": _lane(found),
        "groups": {f"group:{group.id}" for group in actor().groups},
        "hands": handed_page.history(found) if found.handoffs else None,
        "hold_reason": hold_reason,
        "back": back,
        "back_name": listing.view_names()[back.view][0] if back else _("Workbench"),
        "place": _place(back, found),
    }


def _lane(found: Detail) -> why_page.Chosen:
    """C15: give the life line the lane of the clock that is asked for."""

    def url(clock: str | None) -> str:
        said: dict[str, Any] = {"show": request.args.get("show"), "clock": clock}
        number = found.incident.number
        return url_for("incidents.page", number=number, _anchor="ll-title", **said)

    of = _readable(found, Eye.DESK)
    return why_page.choose(of, request.args.get("clock", ""), found.names, url)


def _readable(found: Detail, eye: Eye) -> why_page.Readable:
    return why_page.Readable(found.incident, found.work, found.events, eye, found.now)


def _back_list() -> listing.Asked | None:
    """Read from which list the incident was opened, else which was seen last."""
    args = request.args if "from" in request.args else session.get("list", {})
    view = args.get("from", "")
    return listing.asked(args, view, view) if view in queries.LISTS else None


def _place(back: listing.Asked | None, found: Detail) -> queries.Place | None:
    if back is None:
        return None
    who, within = reader(), (back.narrowed, back.sort)
    return queries.place(db.session(), who, back.view, found.incident, *within)


def _story(found: Detail) -> dict[str, Any]:
    """Give what its requester reads."""
    return {
        "entries": found.thread(public=True),
        "steps": standing.steps(found.incident),
        "standing": standing.standing(found.incident),
        "facts": standing.facts(found.incident, found.setup, found.now, found.dates),
        "what_next": standing.what_next(found.incident),
        "why": why_page.links(_readable(found, Eye.REQUESTER)),
        "questions": _questions(found),
    }


def _questions(found: Detail) -> list[standing.Question]:
    if found.incident.requester_id != actor().id:
        return []
    return list(standing.questions(found.incident, found.dates, found.setup, found.now))


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
        "exclude": can(Act.DECIDE_EXCLUSION),
    }


def _major_rights(found: Detail, major: majors.Standing) -> dict[str, bool]:
    def can(act: Act) -> bool:
        return writing.can(actor(), act, found.incident)

    return {
        "propose_major": can(Act.PROPOSE_MAJOR),
        "decide_major": can(Act.DECIDE_MAJOR),
        "update_major": can(Act.UPDATE_MAJOR),
        "coordinates": major.row is not None and major.row.coordinator_id == actor().id,
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
        advice = _("Please look at what changed, and try again.")
        flash(f"{error} {advice}", "error")
    return redirect(_back(number), 303)


def _back(number: int) -> str:
    return url_for("incidents.page", number=number)


@blueprint.route("/incidents/<incident:number>/<act>", methods=["GET", "POST"])
@requires(Act.SEE_INCIDENT, Reach.ALL, Reach.OWN)
def dialog(number: int, act: str) -> ResponseReturnValue:
    """Ask for what an act needs, then do it."""
    if act not in DIALOGS:
        abort(404)
    said, found = DIALOGS[act], _read(number)
    if not writing.can(actor(), said.right, found.incident):
        raise NotAllowed(_("You may not do this."))
    form = said.form()
    said.fill(form, found, db.session())
    if not form.is_submitted():
        form.version.data = str(found.incident.version)
        if isinstance(form, forms.WishForm) and (typed := wishing.typed(request.args)).day:
            form.day.data, form.time.data = typed.day, typed.at
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
    changes = found.changed_since(error.since, public=not queries.is_desk_side(actor()))
    return _dialog_page(said, act, form, found, changes)


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
        belonging=majors.belonging(db.session(), found.incident) if act == "resolve" else 0,
        wishing=_wishing(form, found) if isinstance(form, forms.WishForm) else None,
    )


def _wishing(form: forms.WishForm, found: Detail) -> wishing.Wishing | None:
    """D1: lay out the desk's calendar beside the wish that is in the form."""
    setup, incident = found.setup, found.incident
    service = setup.services[incident.service_id]
    desk = wishing.Desk(setup, service, incident.desk_group)
    chosen = form.due(setup.zone) if form.day.data else None
    return wishing.wishing(db.session(), desk, now(), chosen)
