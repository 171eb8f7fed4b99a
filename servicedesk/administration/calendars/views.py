"""The pages of calendars: list, twelve months, preview, history."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from servicedesk.administration.calendars import (
    commands,
    forms,
    moves,
    names,
    queries,
    sheet,
    words,
)
from servicedesk.administration.calendars.queries import Known
from servicedesk.administration.calendars.said import NO_WEEK, Said
from servicedesk.administration.calendars.sheet import Sheet
from servicedesk.db import db
from servicedesk.errors import BadInput, NotFound, Refused, Stale
from servicedesk.incidents import preview as previews
from servicedesk.incidents.preview import Moved
from servicedesk.people import timezones
from servicedesk.people.access import requires
from servicedesk.people.permissions import Act
from servicedesk.people.queries import desk_zone
from servicedesk.setup import editing
from servicedesk.setup.editing import Plan

# Registered below `administration`: app.py says so.
blueprint = Blueprint("calendars", __name__, url_prefix="/admin")
INDEX, SHEET = "administration.calendars.index", "administration.calendars.one"


@blueprint.context_processor
def _words() -> dict[str, Any]:
    return {"words": words, "moves": moves, "names": names}


@blueprint.get("/calendars")
@requires(Act.SET_UP)
def index() -> ResponseReturnValue:
    """List the calendars, and what is wrong with their public holidays."""
    session = db.session()
    known = queries.everything(session)
    return render_template(
        "administration/calendars/index.html",
        calendars=[it for it in known if it.active],
        retired=[it for it in known if not it.active],
        users=queries.users(session),
        now=g.now,
    )


@blueprint.route("/new-calendar", methods=["GET", "POST"])
@requires(Act.SET_UP)
def new() -> ResponseReturnValue:
    """Make a calendar."""
    form = forms.NewForm(request.form if request.method == "POST" else None, zone=desk_zone())
    if request.method == "GET":
        return _new_page(form)
    if not form.validate():
        return _new_page(form), 422
    key = form.key.data or ""
    try:
        commands.create(key, form.said(Said(desk_zone(), NO_WEEK)), g.now)
    except BadInput as error:
        form.key.errors = [str(error)]
        return _new_page(form), 422
    flash(_("The calendar %(name)s is there.", name=key))
    return redirect(url_for(SHEET, key=key), 303)


def _new_page(form: forms.NewForm) -> str:
    return render_template("administration/calendars/new.html", form=form, **_offered())


def _offered() -> dict[str, Any]:
    return {"zones": timezones.offered(), "countries": names.of_countries()}


def _known(key: str) -> Known:
    known = queries.one(db.session(), key)
    if known is None:
        raise NotFound(_("There is no such calendar."))
    return known


def _in_use(key: str) -> Known:
    known = _known(key)
    if not known.active:
        raise NotFound(_("This calendar is no longer in use."))
    return known


def _read(key: str, args: MultiDict[str, str]) -> Sheet:
    return sheet.read(args, _in_use(key), g.now)


@blueprint.get("/calendars/<key>")
@requires(Act.SET_UP)
def one(key: str) -> ResponseReturnValue:
    """Show a calendar as twelve months, and what is drafted of it."""
    found = _read(key, request.args)
    if found.is_sound and request.args.keys() & {"press", "set"}:
        return redirect(_address(found, SHEET, **found.asked), 303)
    return _page(found, 200 if found.is_sound else 422)


def _address(found: Sheet, endpoint: str, **more: Any) -> str:
    return url_for(endpoint, key=found.known.key, **found.address(), **more)


def _page(found: Sheet, status: int = 200, problem: str = "") -> ResponseReturnValue:
    key = found.known.key
    page = render_template(
        "administration/calendars/one.html",
        sheet=found,
        problem=problem or (commands.stale() if found.is_stale else ""),
        holidays=names.of_holidays(found.target.country, found.year),
        users=queries.users(db.session()).get(key, []),
        warning=found.known.warning(found.now),
        start=url_for(SHEET, key=key, year=found.year),
        **_offered(),
    )
    return page, status


@blueprint.get("/calendars/<key>/preview")
@requires(Act.SET_UP)
def preview(key: str) -> ResponseReturnValue:
    """C7: say what a draft would change: days and hours, open deadlines, verdicts."""
    found = _read(key, request.args)
    if not found.is_sound or found.is_stale:
        return _page(found, 409 if found.is_stale else 422)
    try:
        plan, moved = _planned(found)
    except (BadInput, Refused) as error:
        return _page(found, 422, str(error))
    return render_template(
        "administration/calendars/preview.html",
        sheet=found,
        changes=sheet.sentences(found.present, found.published, found.today),
        others=_others(plan, key),
        plan=plan,
        moved=moved,
        differing=sum(one.differs for one in moved),
        back=_address(found, SHEET),
        csv=_address(found, "administration.calendars.moved"),
    )


def _planned(found: Sheet) -> tuple[Plan, list[Moved]]:
    """Plan a draft; raises BadInput or Refused."""
    session = db.session()
    data = editing.document(session)
    plan = editing.plan(commands.with_calendar(data, found.known.key, found.published), found.now)
    return plan, previews.by_calendars(db.session(), plan.before, plan.after, found.now)


def _others(plan: Plan, key: str) -> list[str]:
    """List the other calendars that get a new version as well: newer dates of the library."""
    before, after = plan.before.calendars, plan.after.calendars
    return [
        other
        for other, calendar in after.items()
        if other != key and other in before and len(calendar.versions) > len(before[other].versions)
    ]


@blueprint.get("/calendars/<key>/moved.csv")
@requires(Act.SET_UP)
def moved(key: str) -> ResponseReturnValue:
    """Give all open deadlines that a draft would move."""
    found = _read(key, request.args)
    if not found.is_sound:
        return _page(found, 422)
    plan, lines = _planned(found)
    headers = {"Content-Disposition": f'attachment; filename="moved-{key}.csv"'}
    return Response(moves.as_csv(lines, plan.after), mimetype="text/csv", headers=headers)


@blueprint.post("/calendars/<key>/publish")
@requires(Act.SET_UP)
def publish(key: str) -> ResponseReturnValue:
    """C7: put a draft in force from now on; one over an older version comes back for a look."""
    found = _read(key, request.form)
    if not found.is_sound or found.is_stale:
        return _page(found, 409 if found.is_stale else 422)
    revision = request.form.get("revision", -1, type=int)
    try:
        commands.publish(key, found.target, revision, g.now)
    except Stale as error:
        return _page(_read(key, request.form), 409, str(error))
    except (BadInput, Refused) as error:
        return _page(found, 422, str(error))
    flash(_("Published: in force from now on. Open deadlines follow within seconds."))
    return redirect(url_for(SHEET, key=key, year=found.year), 303)


@blueprint.get("/calendars/<key>/history")
@requires(Act.SET_UP)
def history(key: str) -> ResponseReturnValue:
    """List a calendar's versions, the newest first, each by what it differs from the one before."""
    known = _known(key)
    lines = [
        {"version": version, "changes": sheet.sentences(before.said, version.said)}
        for before, version in zip(known.versions, known.versions[1:], strict=False)
    ]
    first: Mapping[str, Any] = {"version": known.versions[0], "changes": []}
    return render_template(
        "administration/calendars/history.html", known=known, lines=[*reversed(lines), first]
    )


@blueprint.route("/calendars/<key>/retire", methods=["GET", "POST"])
@requires(Act.SET_UP)
def retire(key: str) -> ResponseReturnValue:
    """Take a calendar that nobody uses out of use."""
    known = _in_use(key)
    if request.method == "GET":
        users = queries.users(db.session()).get(key, [])
        page = "administration/calendars/retire.html"
        return render_template(page, known=known, users=users, cancel_url=url_for(SHEET, key=key))
    commands.retire(key, g.now)
    flash(_("The calendar %(name)s is no longer in use.", name=key))
    return redirect(url_for(INDEX), 303)
