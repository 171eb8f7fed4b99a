"""Major incidents as pages: the list, the room of one, what is done with it, its review."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext, ngettext
from flask_login import current_user
from flask_wtf import FlaskForm

from servicedesk.db import db
from servicedesk.errors import BadInput, DeskError, NotAllowed, NotFound, Refused
from servicedesk.incidents import detail
from servicedesk.incidents.addresses import LARGEST
from servicedesk.incidents.detail import Detail
from servicedesk.incidents.episodes import Major
from servicedesk.incidents.models import OPEN, label
from servicedesk.major import commands, forms, paper, queries, words
from servicedesk.people.access import local, requires
from servicedesk.people.models import Person
from servicedesk.people.permissions import Act, may
from servicedesk.setup.snapshot import directory

blueprint = Blueprint("major", __name__)
MOST = 100  # linked at once
LANGUAGES = ("en", "ja")
_NUMBER = re.compile(r"(?:INC-)?0*(\d{1,10})", re.IGNORECASE)


def actor() -> Person:
    """Give the person who acts."""
    person: Person = current_user._get_current_object()
    return person


def now() -> datetime:
    """Give the instant of this request."""
    instant: datetime = g.now
    return instant


# The list and the room


@blueprint.get("/major")
@requires(Act.SEE_MAJORS)
def index() -> ResponseReturnValue:
    """List what goes on, what waits for a decision, and what is over."""
    found = queries.listing(db.session(), actor(), request.args.get("after"))
    return render_template(
        "major/index.html",
        found=found,
        setup=directory(db.session()),
        now=now(),
        say=words,
        decides=may(actor(), Act.DECIDE_MAJOR),
        updates=may(actor(), Act.UPDATE_MAJOR),
        after=request.args.get("after"),
    )


@blueprint.get("/major/<incident:number>")
@requires(Act.SEE_MAJORS)
def room(number: int) -> ResponseReturnValue:
    """Show a major incident to those who work on it."""
    found = queries.room(db.session(), actor(), number, request.args.get("after"))
    it = detail.read(db.session(), actor(), number, now()) if found else None
    if found is None or it is None:
        raise NotFound(_("There is no such major incident."))
    return render_template(
        "major/room.html",
        it=it,
        incident=it.incident,
        found=found,
        row=found.row,
        now=now(),
        say=words,
        may_do=words.possible(actor(), found.row, it.work.story),
        after=request.args.get("after"),
    )


# What is done with it


@dataclass(frozen=True)
class Dialog:
    """One act: its words, its form, how that is filled, the command it runs, who may."""

    title: Any
    button: Any
    done: Any
    form: type[FlaskForm]
    right: Act
    fill: Callable[[Any, Detail], None]
    run: Callable[[int, Any], None]
    running: bool | None  # it has to go on; it has to wait for a decision; None: neither


def _nothing(_form: Any, _it: Detail) -> None:
    """Leave the form as it is."""


def _fill_n(form: Any, it: Detail) -> None:
    major = it.work.story.major
    if not form.is_submitted() and major:
        form.n.data = str(major.n)


def _fill_confirm(form: forms.ConfirmForm, it: Detail) -> None:
    _fill_n(form, it)
    form.offer(queries.coordinators(db.session(), it.incident), it.incident.assignee_id)


def _fill_coordinate(form: forms.CoordinateForm, it: Detail) -> None:
    chosen = it.work.story.major.coordinator if it.work.story.major else None
    form.offer(queries.coordinators(db.session(), it.incident), chosen)


def _fill_update(form: forms.UpdateForm, it: Detail) -> None:
    if not form.is_submitted() and it.work.story.major:
        form.minutes.data = it.work.story.major.every // 60


def _propose(number: int, form: forms.ProposeForm) -> None:
    commands.propose(number, form.reason.data or "", actor=actor(), now=now())


def _refuse(number: int, form: forms.RefuseForm) -> None:
    commands.refuse(number, _n(form), form.reason.data or "", actor=actor(), now=now())


def _confirm(number: int, form: forms.ConfirmForm) -> None:
    commands.confirm(
        number,
        _n(form),
        headline=form.headline.data or "",
        coordinator=int(form.coordinator.data),
        minutes=form.minutes.data or 0,
        actor=actor(),
        now=now(),
    )


def _n(form: Any) -> int:
    """Read which proposal was decided on; no other one is."""
    said = str(form.n.data or "")
    return int(said) if said.isdecimal() and len(said) < 10 else 0


def _coordinate(number: int, form: forms.CoordinateForm) -> None:
    commands.coordinate(number, int(form.coordinator.data), actor=actor(), now=now())


def _update(number: int, form: forms.UpdateForm) -> None:
    commands.update(number, form.body.data or "", form.minutes.data, actor=actor(), now=now())


def _stand_down(number: int, form: forms.StandDownForm) -> None:
    commands.stand_down(number, form.body.data or "", actor=actor(), now=now())


_said = lazy_gettext
DIALOGS: Mapping[str, Dialog] = {
    "propose": Dialog(
        _said("Propose as major incident"), _said("Propose"),
        _said("Proposed: those who decide are told."), forms.ProposeForm,
        Act.PROPOSE_MAJOR, _nothing, _propose, None,
    ),
    "confirm": Dialog(
        _said("Confirm the major incident"), _said("Confirm"),
        _said("Confirmed: those concerned are told."), forms.ConfirmForm,
        Act.DECIDE_MAJOR, _fill_confirm, _confirm, False,
    ),
    "refuse": Dialog(
        _said("Not a major incident"), _said("Refuse"), _said("Refused."), forms.RefuseForm,
        Act.DECIDE_MAJOR, _fill_n, _refuse, False,
    ),
    "coordinate": Dialog(
        _said("Change the coordinator"), _said("Change"), _said("Changed."),
        forms.CoordinateForm, Act.UPDATE_MAJOR, _fill_coordinate, _coordinate, True,
    ),
    "update": Dialog(
        _said("Write an update"), _said("Tell those concerned"),
        _said("Those concerned are told."), forms.UpdateForm,
        Act.UPDATE_MAJOR, _fill_update, _update, True,
    ),
    "stand-down": Dialog(
        _said("Stand down"), _said("Stand down"), _said("It is over: those concerned are told."),
        forms.StandDownForm, Act.DECIDE_MAJOR, _nothing, _stand_down, True,
    ),
}  # fmt: skip


@blueprint.route(
    "/major/<incident:number>"
    "/<any(propose, confirm, refuse, coordinate, update, 'stand-down'):act>",
    methods=["GET", "POST"],
)
@requires(Act.SEE_MAJORS)
def dialog(number: int, act: str) -> ResponseReturnValue:
    """Ask for what an act needs, then do it."""
    said, it = DIALOGS[act], _read(number)
    if not may(actor(), said.right):
        raise NotAllowed(_("You may not do this."))
    if not _fits(said, it.work.story.major):
        raise Refused(_("This was decided already, or is no longer asked for."))
    form = said.form()
    said.fill(form, it)
    if not form.is_submitted():
        return _dialog_page(act, form, it)
    if not form.validate():
        return _dialog_page(act, form, it), 422
    try:
        said.run(number, form)
    except (NotFound, NotAllowed):
        raise
    except DeskError as error:
        form.form_errors.append(str(error))
        return _dialog_page(act, form, it), 422
    flash(str(said.done))
    return redirect(_back(number, act), 303)


def _fits(said: Dialog, major: Major | None) -> bool:
    return said.running is None or (major is not None and major.is_running == said.running)


def _read(number: int) -> Detail:
    found = detail.read(db.session(), actor(), number, now())
    if found is None:
        raise NotFound(_("There is no such incident, or it is not for you."))
    return found


def _dialog_page(act: str, form: FlaskForm, it: Detail) -> str:
    standing = queries.standing(db.session(), actor(), it.incident)
    return render_template(
        "major/dialog.html",
        act=act,
        said=DIALOGS[act],
        form=form,
        it=it,
        incident=it.incident,
        major=standing,
        say=words,
        cancel_url=_back(it.incident.number, act),
    )


def _back(number: int, act: str) -> str:
    """Go back to where it was opened: the room, or the incident's page."""
    asked = local(request.args.get("back") or request.form.get("back"))
    return asked or url_for("incidents.page", number=number)


# What belongs to it


@blueprint.route("/major/<incident:number>/link", methods=["GET", "POST"])
@requires(Act.UPDATE_MAJOR)
def link(number: int) -> ResponseReturnValue:
    """Offer similar open incidents, and let those chosen belong to it."""
    found = queries.room(db.session(), actor(), number)
    if found is None:
        raise NotFound(_("There is no such major incident."))
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


# The review


@blueprint.route("/major/<incident:number>/review", methods=["GET", "POST"])
@requires(Act.SEE_MAJORS)
def review(number: int) -> ResponseReturnValue:
    """Write what is learned from a major incident, once it is over."""
    found = _over(number)
    form = forms.ReviewForm(data=_kept(found) if request.method == "GET" else None)
    if not form.is_submitted():
        form.add_blank()
        return _review_page(found, form)
    if not form.validate():
        return _review_page(found, form), 422
    said = {part: getattr(form, part).data or "" for part in commands.PARTS}
    try:
        commands.review(number, said, form.wanted, actor=actor(), now=now())
    except (NotFound, NotAllowed):
        raise
    except DeskError as error:
        form.form_errors.append(str(error))
        return _review_page(found, form), 422
    flash(_("The review is kept."))
    return redirect(url_for("major.room", number=number), 303)


def _over(number: int) -> queries.Room:
    """Give a major incident that can be reviewed."""
    found = queries.room(db.session(), actor(), number)
    if found is None:
        raise NotFound(_("There is no such major incident."))
    if found.row.state == "confirmed" and found.row.incident.state in OPEN:
        raise Refused(_("A major incident is reviewed once it is over."))
    return found


def _kept(found: queries.Room) -> dict[str, Any]:
    said = dict(found.row.review)
    actions = [{**one, "until": words.day_of(one)} for one in said.pop("actions", [])]
    return {**said, "actions": actions}


def _review_page(found: queries.Room, form: forms.ReviewForm) -> str:
    return render_template("major/review.html", found=found, row=found.row, form=form, say=words)


@blueprint.get("/major/<incident:number>/review.pdf")
@requires(Act.SEE_MAJORS)
def review_pdf(number: int) -> ResponseReturnValue:
    """Download the review as PDF."""
    language = request.args.get("language", "en")
    if language not in LANGUAGES:
        raise BadInput(_("This address is not a page."))
    found, it = _over(number), _read(number)
    sheet = paper.sheet(found, it)
    response = Response(paper.to_pdf(sheet, language), mimetype="application/pdf")
    name = f"major-incident-{label(number)}-{language}.pdf"
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response
