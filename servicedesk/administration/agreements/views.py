"""The pages of agreements: list, one, feasibility, applying to what is open."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user

from servicedesk.administration.agreements import commands, compare, fits, queries, words
from servicedesk.administration.agreements.queries import Known
from servicedesk.administration.agreements.said import KINDS, Said
from servicedesk.administration.calendars import moves
from servicedesk.db import db
from servicedesk.errors import NotFound
from servicedesk.incidents import preview
from servicedesk.incidents.preview import Moved
from servicedesk.people.access import requires
from servicedesk.people.permissions import Act
from servicedesk.setup.directory import Directory
from servicedesk.setup.feasibility import PRIORITIES
from servicedesk.setup.snapshot import directory
from servicedesk.sla.models import Application

# Registered below `administration`: app.py says so.
blueprint = Blueprint("agreements", __name__, url_prefix="/admin")
INDEX, ONE = "administration.agreements.index", "administration.agreements.one"
APPLY = "administration.agreements.apply"
PLACE = "/agreements/<any(sla, ola, uc):kind>/<key>"


@blueprint.context_processor
def _words() -> dict[str, Any]:
    return {"words": words, "moves": moves, "kinds": KINDS, "all_priorities": PRIORITIES}


def _setup() -> Directory:
    return directory(db.session())


def _known(kind: str, key: str) -> Known:
    known = queries.one(db.session(), _setup(), kind, key)
    if known is None:
        raise NotFound(_("There is no such agreement."))
    return known


@blueprint.get("/agreements")
@requires(Act.SET_UP)
def index() -> ResponseReturnValue:
    """List what is agreed with customers, groups and partners."""
    session, setup = db.session(), _setup()
    known = queries.everything(session, setup)
    return render_template(
        "administration/agreements/index.html",
        sorts=[(kind, [it for it in known if it.active and it.kind == kind]) for kind in KINDS],
        retired=[it for it in known if not it.active and it.kind == "sla"],
        users={it.id: queries.users(it, setup) for it in known},
        earlier=queries.earlier(session, setup),
        services=sorted(setup.services_by_key.values(), key=lambda it: it.name),
        setup=setup,
    )


@blueprint.get("/agreements/feasibility")
@requires(Act.SET_UP)
def feasibility() -> ResponseReturnValue:
    """Say of every service whether what is promised can be kept."""
    setup = _setup()
    services = sorted(setup.services_by_key.values(), key=lambda it: it.name)
    groups = fits.groups(setup, services, g.now)
    page = "administration/agreements/feasibility.html"
    return render_template(page, groups=groups, setup=setup)


@blueprint.get(PLACE)
@requires(Act.SET_UP)
def one(kind: str, key: str) -> ResponseReturnValue:
    """Show an agreement: what is in force, whether it can be kept, its versions."""
    known, setup = _known(kind, key), _setup()
    users = queries.users(known, setup) if known.active else []
    applications = queries.applications(db.session(), known.id)
    return render_template(
        "administration/agreements/one.html",
        known=known,
        users=users,
        setup=setup,
        groups=fits.groups(setup, users, g.now),
        history=_history(known),
        earlier=queries.earlier(db.session(), setup)[known.id],
        under_way=next((it for it in applications if not it.finished_at), None),
        applications=[it for it in applications if it.finished_at],
    )


def _history(known: Known) -> list[dict[str, Any]]:
    """List the versions, the newest first, each by what it differs from the one before."""
    lines: list[dict[str, Any]] = []
    before: Said | None = None
    for terms, said in known.versions:
        changes = compare.differences(before or said, said, known.kind)
        sentences = [words.difference(change) for change in changes]
        lines.append({"terms": terms, "said": said, "changes": sentences})
        before = said
    return lines[::-1]


@blueprint.route("/agreements/sla/<key>/retire", methods=["GET", "POST"])
@requires(Act.SET_UP)
def retire(key: str) -> ResponseReturnValue:
    """Take a customer agreement that no service uses out of use."""
    known = _known("sla", key)
    if request.method == "GET":
        return render_template(
            "administration/agreements/retire.html",
            known=known,
            users=queries.users(known, _setup()),
            cancel_url=url_for(ONE, kind="sla", key=key),
        )
    commands.retire(key, g.now)
    flash(_("The agreement %(name)s is no longer in use.", name=key))
    return redirect(url_for(INDEX), 303)


# C8: applying the version in force to what is open


@blueprint.route(f"{PLACE}/apply", methods=["GET", "POST"])
@requires(Act.SET_UP)
def apply(kind: str, key: str) -> ResponseReturnValue:
    """C8: list what applying an agreement to open incidents would change, and do it."""
    known = _known(kind, key)
    looked_at = request.form.get("version", type=int)
    if looked_at == known.last.number:
        return _apply(known)
    if under_way := _under_way(known):
        page = "administration/agreements/progress.html"
        return render_template(page, known=known, under_way=under_way)
    is_stale = request.method == "POST"
    moved = _moved(known)
    page = render_template(
        "administration/agreements/apply.html",
        known=known,
        setup=_setup(),
        moved=moved,
        differing=sum(one.differs for one in moved),
        earlier=queries.earlier(db.session(), _setup())[known.id],
        is_stale=is_stale,
    )
    return page, 409 if is_stale else 200


def _moved(known: Known) -> list[Moved]:
    """List what would change, other verdicts first."""
    found = preview.by_agreement(db.session(), _setup(), known.id, g.now)
    return sorted(found, key=lambda moved: not moved.differs)


def _under_way(known: Known) -> Application | None:
    applications = queries.applications(db.session(), known.id)
    return next((it for it in applications if not it.finished_at), None)


def _apply(known: Known) -> ResponseReturnValue:
    person = current_user._get_current_object()
    id = commands.apply(known.kind, known.key, person, g.now)
    done = db.session().get_one(Application, id)
    if not done.finished_at:
        return redirect(url_for(APPLY, kind=known.kind, key=known.key), 303)
    flash(
        ngettext(
            "Applied to %(num)s open incident.", "Applied to %(num)s open incidents.", done.applied
        )
    )
    return redirect(url_for(ONE, kind=known.kind, key=known.key), 303)


@blueprint.get(f"{PLACE}/apply.csv")
@requires(Act.SET_UP)
def moved(kind: str, key: str) -> ResponseReturnValue:
    """C8: give all that applying an agreement would change."""
    known = _known(kind, key)
    headers = {"Content-Disposition": f'attachment; filename="apply-{key}.csv"'}
    return Response(moves.as_csv(_moved(known), _setup()), mimetype="text/csv", headers=headers)
