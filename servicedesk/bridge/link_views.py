"""The page of a hand-off or work request by the link in its mail: for who can't sign in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from flask import Blueprint, Response, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from servicedesk.bridge import by_link, forms
from servicedesk.bridge.by_link import Found
from servicedesk.db import db
from servicedesk.errors import BadInput, DeskError, NotFound
from servicedesk.escalation.queries import Sheet
from servicedesk.incidents.file_views import hand_out
from servicedesk.incidents.files import uploads
from servicedesk.incidents.models import HandOff
from servicedesk.incidents.thread import Entry
from servicedesk.people import access

blueprint = Blueprint("bridge_links", __name__)


@blueprint.route("/handed/<token>", methods=["GET", "POST"])
@access.public
def handed(token: str) -> ResponseReturnValue:
    """Show what was given to a company; opening it does nothing, so that scanners do no harm."""
    found = _find(token)
    asks = forms.HandedForm if isinstance(found.row, HandOff) else forms.AskedForm
    form = asks(ticket=found.row.partner_ticket)
    if request.method == "GET":
        return _page(token, found, form)
    try:
        if not form.validate():
            raise BadInput("")
        by_link.act(token, _said(form), now=g.now)
    except DeskError as error:
        if str(error):
            form.form_errors.append(str(error))
        return _page(token, _find(token), form), 422 if error.status == 400 else error.status
    flash(_("Done: the desk has it."))
    return redirect(request.path, 303)


def _find(token: str) -> Found:
    found = by_link.find(db.session(), token, g.now)
    if found is None:
        raise NotFound(_("This link says nothing (any more)."))
    return found


def _said(form: forms.HandedForm) -> by_link.Said:
    return by_link.Said(
        request.form.get("act", ""),
        form.body.data or "",
        form.ticket.data or "",
        uploads(form.files.data or []),
    )


def _page(token: str, found: Found, form: forms.HandedForm) -> str:
    row, incident = found.row, found.incident
    said: dict[str, Any] = {"incident": incident, "row": row, "us": found.company.partner}
    sheet = by_link.read(db.session(), found, g.now)
    if sheet is None:
        return render_template("bridge/over.html", **said)
    said |= {"form": form, "sheet": sheet, "entries": _entries(sheet.entries, token)}
    if not isinstance(sheet, Sheet):
        about = f"{_('Work request')} · {incident.label}"
        return render_template("bridge/asked.html", title=sheet.row.title, about=about, **said)
    urls = {
        file.id: url_for("bridge_links.file", token=token, id=file.id, name=file.name)
        for file in sheet.files
    }
    said |= {"title": incident.title, "about": incident.label, "urls": urls}
    return render_template("bridge/handed.html", **said)


def _entries(entries: Sequence[Entry], token: str) -> list[Entry]:
    """Lead to the files by the link: the usual addresses are for who has signed in."""
    here = url_for("bridge_links.handed", token=token)
    return [
        replace(
            entry,
            files=tuple(
                replace(file, url=file.url.replace("/files/", f"{here}/files/", 1))
                for file in entry.files
            ),
        )
        for entry in entries
    ]


@blueprint.get("/handed/<token>/files/<int:id>/<path:name>")
@access.public
def file(token: str, id: int, name: str) -> Response:
    """Hand out a file that the page shows."""
    found = by_link.file(db.session(), token, id, g.now)
    if found is None:
        raise NotFound(_("There is no such file, or it is not for you."))
    return hand_out(found)
