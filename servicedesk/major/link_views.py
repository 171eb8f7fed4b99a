"""What belongs to a major incident: linked and unlinked by the desk, "me too" by everybody."""

from __future__ import annotations

import re

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from servicedesk.db import db
from servicedesk.errors import Refused
from servicedesk.incidents.addresses import LARGEST
from servicedesk.incidents.models import label
from servicedesk.major import commands, queries
from servicedesk.major.pages import actor, now, room_of
from servicedesk.people.access import local, requires
from servicedesk.people.permissions import Act
from servicedesk.setup.snapshot import directory

blueprint = Blueprint("major_links", __name__)
MOST = 100  # linked at once
_NUMBER = re.compile(r"(?:INC-)?0*(\d{1,10})", re.IGNORECASE)


@blueprint.route("/major/<incident:number>/link", methods=["GET", "POST"])
@requires(Act.UPDATE_MAJOR)
def link(number: int) -> ResponseReturnValue:
    """Offer similar open incidents, and let those chosen belong to it."""
    found = room_of(number)
    if not found.is_running:
        raise Refused(_("This is not a major incident, or no longer."))
    if request.method == "GET":
        return _link_page(found)
    numbers, unread = _numbers()
    if unread or not numbers or len(numbers) > MOST:
        why = _("Please choose up to %(most)d incidents.", most=MOST)
        if unread:
            why = _("This is not a number of an incident: %(text)s", text=unread[:60])
        return _link_page(found, why), 422
    refused = commands.link_some(numbers, number, actor=actor(), now=now())
    if done := len(numbers) - len(refused):
        said = ngettext("%(num)s incident is linked.", "%(num)s incidents are linked.", done)
        flash(said)
    for other, why in list(refused.items())[:10]:
        flash(f"{label(other)}: {why}", "error")
    return redirect(url_for("major.room", number=number), 303)


def _numbers() -> tuple[list[int], str]:
    """Read the numbers that were ticked or typed, and what of it is no number."""
    said = request.form.getlist("chosen")
    said += request.form.get("numbers", "").replace(",", " ").replace("、", " ").split()
    read = [_NUMBER.fullmatch(one) for one in said]
    unread = [one for one, match in zip(said, read, strict=True) if match is None]
    numbers = [int(match[1]) for match in read if match]
    return [n for n in numbers if n <= LARGEST], " ".join(unread)


def _link_page(found: queries.Room, error: str = "") -> str:
    text = request.args.get("q", "").replace("\0", "").strip()[:100]
    incidents, following = queries.similar(
        db.session(), actor(), found.row.incident, text, request.args.get("after")
    )
    return render_template(
        "major/link.html",
        found=found,
        row=found.row,
        incidents=incidents,
        next=following,
        setup=directory(db.session()),
        text=text,
        error=error,
        typed=request.form.get("numbers", ""),
        chosen=set(request.form.getlist("chosen")),
    )


@blueprint.post("/major/<incident:number>/unlink")
@requires(Act.UPDATE_MAJOR)
def unlink(number: int) -> ResponseReturnValue:
    """Let an incident (the one in the address) stand by itself again."""
    commands.unlink(number, actor=actor(), now=now())
    flash(_("%(number)s stands by itself again.", number=label(number)))
    back = local(request.form.get("back"))
    return redirect(back or url_for("incidents.page", number=number), 303)


@blueprint.post("/major/<incident:number>/me-too")
@requires(Act.LOG_INCIDENT)
def me_too(number: int) -> ResponseReturnValue:
    """Log an incident of one's own that belongs to a disturbance that everybody may know of."""
    own = commands.me_too(number, request.form.get("text", ""), actor=actor(), now=now())
    flash(_("Noted as %(number)s: you are told how it goes on.", number=label(own)))
    return redirect(url_for("incidents.page", number=own), 303)
