"""The administrator's pages of webhooks: how they do, their addresses, tests, what failed."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user

from servicedesk.db import db
from servicedesk.errors import BadInput, NotFound, Refused
from servicedesk.people.access import requires
from servicedesk.people.permissions import Act
from servicedesk.setup.snapshot import directory
from servicedesk.signals import commands, places, queries, words
from servicedesk.signals.forms import AddressForm
from servicedesk.signals.queries import Row

# Registered below `administration`: app.py says so.
blueprint = Blueprint("signals", __name__, url_prefix="/admin/webhooks")
ONE = "administration.signals.one"


@blueprint.context_processor
def _words() -> dict[str, Any]:
    return {"words": words, "host": _host}


@blueprint.app_template_global("webhooks_in_trouble")
def webhooks_in_trouble() -> int:
    """Count the webhooks to look at, for the administrator's first page."""
    return queries.in_trouble(db.session())


def _host(url: str) -> str:
    """Give what may be shown of an address; the rest is often a key."""
    try:
        return places.read(url, http=True).shown
    except places.BadPlace:
        return "…"


def _row(key: str) -> Row:
    row = queries.one(db.session(), directory(db.session()), key)
    if row is None:
        raise NotFound(_("There is no such webhook."))
    return row


def _back(key: str) -> ResponseReturnValue:
    return redirect(url_for(ONE, key=key), 303)


@blueprint.get("")
@requires(Act.SET_UP)
def index() -> ResponseReturnValue:
    """List the webhooks of the set-up."""
    session = db.session()
    rows, left = queries.rows(session, directory(session)), queries.left(session)
    return render_template("signals/index.html", rows=rows, left=left)


@blueprint.get("/<key>")
@requires(Act.SET_UP)
def one(key: str) -> ResponseReturnValue:
    """Show a webhook with its last calls."""
    row = _row(key)
    said = {"deliveries": queries.deliveries(db.session(), row.hook.id), "now": g.now}
    said["setup"] = directory(db.session())
    return render_template("signals/one.html", row=row, hook=row.hook, **said)


@blueprint.route("/<key>/address", methods=["GET", "POST"])
@requires(Act.SET_UP)
def address(key: str) -> ResponseReturnValue:
    """Set where it calls; a secret that is made with it is shown this once."""
    row, form = _row(key), AddressForm()
    if not form.validate_on_submit():
        page = render_template("signals/address.html", row=row, hook=row.hook, form=form)
        return page, 422 if form.is_submitted() else 200
    try:
        url = form.url.data or ""
        secret = commands.set_address(key, url, by=current_user.id, now=g.now)
    except BadInput as error:
        form.url.errors = [str(error)]
        return render_template("signals/address.html", row=row, hook=row.hook, form=form), 422
    flash(_("The address is set."))
    return _shown(key, secret) if secret else _back(key)


@blueprint.route("/<key>/secret", methods=["GET", "POST"])
@requires(Act.SET_UP)
def rotate(key: str) -> ResponseReturnValue:
    """Make a new secret and show it this once."""
    row = _row(key)
    if request.method == "POST":
        return _shown(key, commands.rotate(key, by=current_user.id, now=g.now))
    until = g.now + commands.BOTH
    return render_template("signals/rotate.html", row=row, hook=row.hook, until=until)


def _shown(key: str, secret: str) -> ResponseReturnValue:
    row = _row(key)
    said = {"secret": secret, "until": row.receiver.overlap(g.now) if row.receiver else None}
    return render_template("signals/secret.html", row=row, hook=row.hook, **said)


@blueprint.post("/<key>/test")
@requires(Act.SET_UP)
def send_test(key: str) -> ResponseReturnValue:
    """Have it called with a test."""
    commands.send_test(key, now=g.now)
    flash(_("A test goes out within seconds: look below what came of it."))
    return _back(key)


@blueprint.route("/<key>/off", methods=["GET", "POST"])
@requires(Act.SET_UP)
def switch_off(key: str) -> ResponseReturnValue:
    """Call it no more until it is switched on."""
    row = _row(key)
    if request.method == "POST":
        commands.switch_off(key, now=g.now)
        flash(_("It is switched off: nothing is called until it is switched on."))
        return _back(key)
    return _dialog("signals/off.html", row)


def _dialog(template: str, row: Row) -> str:
    cancel = url_for(ONE, key=row.hook.key)
    return render_template(template, row=row, hook=row.hook, cancel_url=cancel)


@blueprint.post("/<key>/on")
@requires(Act.SET_UP)
def switch_on(key: str) -> ResponseReturnValue:
    """Call it again after it was switched off."""
    commands.switch_on(key)
    flash(_("It is called again. What was given up can be tried again below."))
    return _back(key)


@blueprint.post("/<key>/again")
@requires(Act.SET_UP)
def again(key: str) -> ResponseReturnValue:
    """Try one call again, or all that failed."""
    try:
        count = commands.try_again(key, now=g.now, message=request.form.get("message", type=int))
    except Refused as error:
        flash(str(error), "error")
        return _back(key)
    flash(
        ngettext("%(num)s call is tried again.", "%(num)s calls are tried again.", count)
        if count
        else _("There is nothing to try again: it was sent meanwhile, or is being sent.")
    )
    return _back(key)


@blueprint.route("/<key>/forget", methods=["GET", "POST"])
@requires(Act.SET_UP)
def forget(key: str) -> ResponseReturnValue:
    """Forget its address and secret, also where it is in use no more."""
    if request.method == "GET":
        return _dialog("signals/forget.html", _row(key))
    commands.forget(key, now=g.now)
    flash(_("Its address is forgotten: it is not called any more."))
    is_there = key in directory(db.session()).hooks
    return _back(key) if is_there else redirect(url_for("administration.signals.index"), 303)
