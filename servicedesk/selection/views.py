"""From boxes ticked in a list to what was done: what it needs, the preview, the result."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Sequence
from datetime import datetime
from time import monotonic

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from servicedesk.db import db
from servicedesk.errors import BadInput, DeskError, NotFound
from servicedesk.incidents import handoff_reasons
from servicedesk.incidents.addresses import LARGEST
from servicedesk.incidents.listing import by_tier
from servicedesk.incidents.models import Incident
from servicedesk.people.access import local, requires
from servicedesk.people.models import Person
from servicedesk.people.permissions import Act
from servicedesk.selection import commands, deeds, forms, preview, queries, words
from servicedesk.selection.deeds import ASSIGN, HAND_OFF, Wanted
from servicedesk.setup.directory import Directory
from servicedesk.setup.snapshot import directory

blueprint = Blueprint("selection", __name__)
AT_ONCE = 8.0  # seconds that a request works; what is left goes on by itself
_CHOSEN = re.compile(r"INC-(\d{1,12})(?::(\d{1,9}))?")
_TOKEN = re.compile(r"[0-9a-f]{32}")
PATHS = {"take": deeds.TAKE, "assign": ASSIGN, "hand-off": HAND_OFF, "nudge": deeds.NUDGE}


def actor() -> Person:
    """Give the person who acts."""
    person: Person = current_user._get_current_object()
    return person


def now() -> datetime:
    """Give the instant of this request."""
    instant: datetime = g.now
    return instant


@blueprint.route("/chosen/<any(take, assign, 'hand-off', nudge):act>", methods=["GET", "POST"])
@requires(Act.WORK_INCIDENT)
def act(act: str) -> ResponseReturnValue:
    """Ask for what an act needs, show what would happen, and when confirmed do it."""
    if request.method == "GET":  # nobody has chosen anything yet
        return redirect(url_for("incidents.workbench"))
    chosen, what = _chosen(), PATHS[act]
    if not chosen:
        flash(_("Choose some incidents first: tick the boxes before them."), "error")
        return redirect(_back(), 303)
    if len(chosen) > preview.MOST:
        flash(_("Please choose up to %(most)d incidents.", most=preview.MOST), "error")
        return redirect(_back(), 303)
    form = _form(what)
    step = request.form.get("step", "" if what in (ASSIGN, HAND_OFF) else "preview")
    if step not in ("preview", "do"):
        return _form_page(act, form, chosen)
    if not form.validate():
        return _form_page(act, form, chosen), 422
    wanted = form.wanted(what, directory(db.session()).zone)
    return _do(act, form, wanted, chosen) if step == "do" else _preview(act, form, wanted, chosen)


def _chosen() -> list[tuple[int, int]]:
    """Read which are chosen, and at which version; none is named twice."""
    found: dict[int, int] = {}
    for said in request.form.getlist("chosen"):
        read = _CHOSEN.fullmatch(said)
        if read and int(read[1]) <= LARGEST:
            found[int(read[1])] = int(read[2] or 0)
    return list(found.items())


def _back() -> str:
    return local(request.form.get("back")) or url_for("incidents.workbench")


def _form(what: str) -> forms.ActForm:
    setup = directory(db.session())
    if what == HAND_OFF:
        form = forms.HandOffForm()
        parties = by_tier(setup.by_key.values())
        offered = {tier: [(p.key, p.name) for p in found] for tier, found in parties.items()}
        form.offer(offered, handoff_reasons.choices(setup))
        return form
    if what == ASSIGN:
        assign, groups = forms.AssignForm(), queries.colleagues(db.session(), actor())
        assign.offer({name: [(str(p.id), p.name) for p in ps] for name, ps in groups.items()})
        return assign
    return forms.ActForm()


def _incidents(chosen: Sequence[tuple[int, int]]) -> Sequence[Incident]:
    return preview.chosen(db.session(), actor(), [number for number, _version in chosen])


def _form_page(act: str, form: forms.ActForm, chosen: Sequence[tuple[int, int]]) -> str:
    incidents, setup = _incidents(chosen), directory(db.session())
    return render_template(
        "selection/form.html",
        act=act,
        form=form,
        first=not form.is_submitted() or "step" not in request.form,
        incidents=incidents,
        partners=any(party.is_partner for party in setup.by_key.values()),
        name=words.act_name(PATHS[act]),
        back=_back(),
    )


def _preview(
    act: str, form: forms.ActForm, wanted: Wanted, chosen: Sequence[tuple[int, int]]
) -> ResponseReturnValue:
    session, setup = db.session(), directory(db.session())
    try:
        meant = deeds.meant(session, setup, wanted)
    except BadInput as error:
        form.form_errors.append(str(error))
        return _form_page(act, form, chosen), 422
    found = preview.preview(session, actor(), _incidents(chosen), meant, setup, now())
    return render_template(
        "selection/preview.html",
        act=act,
        what=wanted.act,
        form=form,
        found=found,
        words=words,
        meant=meant,
        summary=words.summary(meant, setup),
        services=setup.services,
        setup=setup,
        token=secrets.token_hex(16),
        back=_back(),
    )


def _do(
    act: str, form: forms.ActForm, wanted: Wanted, chosen: Sequence[tuple[int, int]]
) -> ResponseReturnValue:
    token = request.form.get("token", "")
    if not _TOKEN.fullmatch(token):
        raise BadInput(_("This form is too old: please send it again."))
    try:
        selection = commands.begin(token, wanted, chosen, actor=actor(), now=now())
    except NotFound:
        raise
    except DeskError as error:
        form.form_errors.append(str(error))
        return _form_page(act, form, chosen), 422
    commands.go_on(selection, now(), _soon())
    return redirect(url_for("selection.done", token=token, back=local(_back())), 303)


def _soon() -> Callable[[], bool]:
    """Say when a request has worked long enough."""
    end = monotonic() + AT_ONCE
    return lambda: monotonic() > end


@blueprint.get("/chosen/done/<slug:token>")
@requires(Act.WORK_INCIDENT)
def done(token: str) -> ResponseReturnValue:
    """Show what was done, what not and why."""
    setup, found = directory(db.session()), _result(token)
    wanted = Wanted.read(found.selection.act, found.selection.asked)
    return render_template(
        "selection/done.html",
        found=found,
        counts=found.counts,
        words=words,
        what=wanted.act,
        summary=words.summary(_meant(setup, wanted), setup),
        setup=setup,
        back=local(request.args.get("back")) or url_for("incidents.workbench"),
    )


def _meant(setup: Directory, wanted: Wanted) -> deeds.Meant:
    """Give whom it meant, also where that would no longer be possible."""
    person = db.session().get(Person, wanted.person) if wanted.person else None
    return deeds.Meant(wanted, setup.by_key.get(wanted.to), person)


def _result(token: str) -> queries.Result:
    found = queries.read(db.session(), actor(), token)
    if found is None:
        raise NotFound(_("There is no such page, or it is not for you."))
    return found


@blueprint.post("/chosen/done/<slug:token>/go-on")
@requires(Act.WORK_INCIDENT)
def go_on(token: str) -> ResponseReturnValue:
    """Do what is left; what was done already is not done again."""
    commands.go_on(_result(token).selection.id, now(), _soon())
    return redirect(url_for("selection.done", token=token, back=local(_back())), 303)
