"""What is done with a major incident: each act asks for what it needs first."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_wtf import FlaskForm

from servicedesk.db import db
from servicedesk.errors import DeskError, NotAllowed, NotFound, Refused
from servicedesk.incidents.detail import Detail
from servicedesk.incidents.episodes import Major
from servicedesk.major import commands, forms, queries, words
from servicedesk.major.pages import actor, now, read
from servicedesk.people.access import local, requires
from servicedesk.people.permissions import Act, may

blueprint = Blueprint("major_act", __name__)


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
    said, it = DIALOGS[act], read(number)
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
