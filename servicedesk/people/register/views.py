"""The administrator's pages of people: the list, one person, and reading a list in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user

from servicedesk.db import db
from servicedesk.errors import BadInput, NotFound, Refused
from servicedesk.people import entering, words
from servicedesk.people.access import local, requires
from servicedesk.people.models import Person
from servicedesk.people.permissions import Act
from servicedesk.people.profile.forms import around, keep, profile_form
from servicedesk.people.register import commands, queries
from servicedesk.people.register.forms import ApplyForm, ListForm
from servicedesk.people.register.importing import import_people, preview
from servicedesk.people.register.packing import pack, unpack
from servicedesk.people.register.planning import Plan
from servicedesk.people.register.words import MOST, BadList, field_word, sentence

blueprint = Blueprint("register", __name__)


@blueprint.get("/people/all")
@requires(Act.SET_UP)
def everybody() -> ResponseReturnValue:
    """List people, narrowed by a view and words."""
    asked = _asked(request.args)
    session = db.session()
    page = queries.page(
        session,
        asked["view"],
        asked["q"],
        after=_place("after"),
        before=_place("before"),
    )
    return render_template(
        "people/all.html",
        page=page,
        asked=asked,
        tabs=_tabs(asked),
        waiting=queries.waiting(session),
        roles=words.roles,
        here=request.full_path,
    )


def _asked(args: Mapping[str, str]) -> dict[str, str]:
    view = args.get("view", "active")
    text = args.get("q", "").replace("\0", "").strip()[:200]
    return {"view": view if view in queries.VIEWS else "active", "q": text}


def _place(name: str) -> str:
    return request.args.get(name, "").replace("\0", "")[:64]


def _tabs(asked: Mapping[str, str]) -> list[dict[str, Any]]:
    names = {
        "active": _("Active"),
        "never": _("Without a password"),
        "disabled": _("Disabled"),
        "all": _("All people"),
    }
    counts = queries.counts(db.session(), asked["q"])
    return [
        {
            "label": label,
            "count": counts[view],
            "current": view == asked["view"],
            "url": url_for("register.everybody", view=view, q=asked["q"] or None),
        }
        for view, label in names.items()
    ]


def _back() -> ResponseReturnValue:
    return redirect(local(request.form.get("next")) or url_for("register.everybody"), 303)


@blueprint.post("/people/invite")
@requires(Act.SET_UP)
def invite_all() -> ResponseReturnValue:
    """Invite everybody who can be and was not yet."""
    count = entering.invite(now=g.now)
    flash(ngettext("%(num)d person is invited.", "%(num)d people are invited.", count))
    return _back()


@blueprint.post("/people/all/<key>/invite")
@requires(Act.SET_UP)
def invite(key: str) -> ResponseReturnValue:
    """Invite somebody, or invite them again."""
    try:
        entering.invite(now=g.now, key=key)
        flash(_("The invitation is on its way."))
    except Refused as error:
        flash(str(error), "error")
    return _back()


@blueprint.post("/people/all/<key>/disable")
@requires(Act.SET_UP)
def disable(key: str) -> ResponseReturnValue:
    """Let somebody in no more."""
    try:
        person = commands.disable(key=key, actor=current_user.key, now=g.now)
        flash(_("%(name)s is disabled and signed out.", name=person.name))
    except Refused as error:
        flash(str(error), "error")
    return _back()


@blueprint.post("/people/all/<key>/enable")
@requires(Act.SET_UP)
def enable(key: str) -> ResponseReturnValue:
    """Let somebody in again."""
    person = commands.enable(key=key, actor=current_user.key, now=g.now)
    flash(_("%(name)s may come in again.", name=person.name))
    return _back()


@blueprint.route("/people/import", methods=["GET", "POST"])
@requires(Act.SET_UP)
def upload() -> ResponseReturnValue:
    """Take a list, and show what it would change."""
    form = ListForm()
    if not form.validate_on_submit():
        return _upload_page(form), 422 if form.is_submitted() else 200
    name, data = form.file.data.filename or "PEOPLE.csv", form.file.data.read()
    try:
        found, packed = preview(data, name), pack(data)
    except BadList as error:
        return _upload_page(form, error), 422
    except BadInput as error:
        form.file.errors = [str(error)]
        return _upload_page(form), 422
    return _preview_page(ApplyForm(formdata=None, name=name, packed=packed), found, name)


def _upload_page(form: ListForm, bad: BadList | None = None) -> str:
    problems = bad.problems if bad else []
    return render_template(
        "people/import.html",
        form=form,
        problems=[(it.line, field_word(it.field), sentence(it)) for it in problems[:MOST]],
        more=max(len(problems) - MOST, 0),
    )


def _preview_page(form: ApplyForm, plan: Plan, name: str) -> str:
    changed = [(key, [field_word(it) for it in fields]) for key, fields in plan.changed.items()]
    return render_template(
        "people/preview.html", form=form, plan=plan, changed=changed, name=name, shown=MOST
    )


@blueprint.post("/people/import/apply")
@requires(Act.SET_UP)
def apply() -> ResponseReturnValue:
    """Apply a list that was looked at."""
    form = ApplyForm()
    name, data = (form.name.data or "PEOPLE.csv")[:200], unpack(form.packed.data or "")
    try:
        import_people(
            data,
            name,
            now=g.now,
            disable_many=bool(form.disable_many.data),
            actor=current_user.key,
        )
    except BadList as error:
        return _upload_page(ListForm(formdata=None), error), 422
    except Refused as error:
        form.form_errors.append(str(error))
        return _preview_page(form, preview(data, name), name), error.status
    flash(_("The list is read in."))
    return redirect(url_for("register.everybody"), 303)


@blueprint.route("/people/all/<key>", methods=["GET", "POST"])
@requires(Act.SET_UP)
def person(key: str) -> ResponseReturnValue:
    """Show somebody, and say for them what they could say themselves."""
    found = db.session.query(Person).filter_by(key=key).one_or_none()
    if found is None:
        raise NotFound(_("There is no person with the key “%(key)s”.", key=key))
    form = profile_form(found)
    if form.is_submitted() and keep(found, form):
        flash(_("The profile of %(name)s is saved.", name=found.name))
        return redirect(url_for("register.person", key=key), 303)
    page = render_template(
        "people/person.html",
        person=found,
        form=form,
        roles=words.roles(found.held_roles),
        manager=db.session.get(Person, found.manager_id) if found.manager_id else None,
        here=url_for("register.person", key=key),
        **around(found),
    )
    return page, 422 if form.is_submitted() else 200
