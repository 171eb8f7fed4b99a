"""The page of a hand-off by the link in its mail: for who can't sign in."""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, Response, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from servicedesk.bridge import by_link, forms
from servicedesk.db import db
from servicedesk.errors import BadInput, DeskError, NotFound
from servicedesk.escalation.queries import Sheet
from servicedesk.incidents.file_views import hand_out
from servicedesk.incidents.files import uploads
from servicedesk.incidents.thread import Entry
from servicedesk.people import access
from servicedesk.setup.snapshot import directory

blueprint = Blueprint("bridge_links", __name__)


@blueprint.route("/handed/<token>", methods=["GET", "POST"])
@access.public
def handed(token: str) -> ResponseReturnValue:
    """Show a hand-off; opening the page does nothing, so that scanners do no harm."""
    sheet = _read(token)
    form = forms.HandedForm()
    if request.method == "GET":
        return _page(token, sheet, form)
    try:
        if not form.validate():
            raise BadInput("")
        by_link.act(token, _said(form), now=g.now)
    except DeskError as error:
        if str(error):
            form.form_errors.append(str(error))
        return _page(token, _read(token), form), 422 if error.status == 400 else error.status
    flash(_("Done: the desk has it."))
    return redirect(request.path, 303)


def _read(token: str) -> Sheet:
    sheet = by_link.read(db.session(), token, g.now)
    if sheet is None:
        raise NotFound(_("This link says nothing (any more)."))
    return sheet


def _said(form: forms.HandedForm) -> by_link.Said:
    return by_link.Said(
        request.form.get("act", ""),
        form.body.data or "",
        form.ticket.data or "",
        uploads(form.files.data or []),
    )


def _page(token: str, sheet: Sheet, form: forms.HandedForm) -> str:
    setup = directory(db.session())
    urls = {
        file.id: url_for("bridge_links.file", token=token, id=file.id, name=file.name)
        for file in sheet.files
    }
    return render_template(
        "bridge/handed.html",
        token=token,
        sheet=sheet,
        handoff=sheet.handoff,
        incident=sheet.incident,
        us=setup.party(sheet.handoff.receiver),
        entries=[_entry(entry, token) for entry in sheet.entries],
        form=form,
        urls=urls,
    )


def _entry(entry: Entry, token: str) -> Entry:
    """Lead to the files by the link: the usual addresses are for who has signed in."""
    here = url_for("bridge_links.handed", token=token)
    files = tuple(
        replace(file, url=file.url.replace("/files/", f"{here}/files/", 1)) for file in entry.files
    )
    return replace(entry, files=files)


@blueprint.get("/handed/<token>/files/<int:id>/<path:name>")
@access.public
def file(token: str, id: int, name: str) -> Response:
    """Hand out a file that the hand-off shows."""
    found = by_link.file(db.session(), token, id, g.now)
    if found is None:
        raise NotFound(_("There is no such file, or it is not for you."))
    return hand_out(found)
