"""Changing what webhooks tell: a preview, then published as DESK.yaml would have it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from servicedesk.db import db
from servicedesk.errors import BadInput, NotFound, Refused, Stale
from servicedesk.people.access import requires
from servicedesk.people.permissions import Act
from servicedesk.setup import editing
from servicedesk.setup.directory import Directory
from servicedesk.setup.editing import Plan
from servicedesk.setup.signals import Hook
from servicedesk.setup.snapshot import directory
from servicedesk.signals import drafts, forms, keeping, queries, words
from servicedesk.signals.drafts import Data
from servicedesk.signals.forms import HookForm

# Registered below `administration`: app.py says so.
blueprint = Blueprint("signal_edit", __name__, url_prefix="/admin")
INDEX, ONE = "administration.signals.index", "administration.signals.one"


def _setup() -> Directory:
    return directory(db.session())


def _form(values: dict[str, Any]) -> HookForm:
    form = HookForm(data={**values, "revision": _setup().revision})
    form.offer(_setup())
    return form


def _is_looked_at() -> bool:
    return request.method == "POST" and request.form.get("act") != "change"


@blueprint.route("/new-webhook", methods=["GET", "POST"])
@requires(Act.SET_UP)
def new() -> ResponseReturnValue:
    """Make a webhook; where it calls is set afterwards."""
    form = _form({})
    if not _is_looked_at():
        return _page(form)
    fine = form.validate()
    if fine and form.key.data in _setup().hooks:
        form.key.errors = [_("There is a webhook with this key already.")]
        fine = False
    return _go_on(form) if fine else (_page(form), 422)


@blueprint.route("/webhooks/<key>/edit", methods=["GET", "POST"])
@requires(Act.SET_UP)
def edit(key: str) -> ResponseReturnValue:
    """Change what a webhook tells, and of which incidents."""
    hook = _hook(key)
    form = _form(forms.filled(hook))
    form.key.data = key
    if not _is_looked_at():
        return _page(form, hook)
    return _go_on(form, hook) if form.validate() else (_page(form, hook), 422)


def _hook(key: str) -> Hook:
    hook = _setup().hooks.get(key)
    if hook is None:
        raise NotFound(_("There is no such webhook."))
    return hook


def _page(form: HookForm, hook: Hook | None = None, problem: str = "") -> str:
    page = {"form": form, "hook": hook, "problem": problem, "groups": words.groups()}
    return render_template("signals/edit.html", **page)


def _go_on(form: HookForm, hook: Hook | None = None) -> ResponseReturnValue:
    """Look at what is changed, or publish it."""
    data = drafts.with_hook(
        editing.document(db.session()), form.key.data or "", form.said(_setup())
    )
    try:
        plan = editing.plan(data, g.now)
    except (BadInput, Refused) as error:
        return _page(form, hook, str(error)), 422
    if request.form.get("act") != "publish":
        return _preview(form, hook, plan, is_stale=form.revision.data != plan.revision)
    return _publish(form, hook, plan, data)


def _publish(form: HookForm, hook: Hook | None, plan: Plan, data: Data) -> ResponseReturnValue:
    key = form.key.data or ""
    if not _changes(plan, key):
        flash(_("Nothing is changed: it says this already."))
        return redirect(url_for(ONE, key=key), 303)
    try:
        editing.publish(data, g.now, form.revision.data, by=current_user.id)
    except Stale:
        return _preview(form, hook, plan, is_stale=True)
    flash(_("%(name)s is published.", name=form.name.data))
    after = ONE if hook else "administration.signals.address"
    return redirect(url_for(after, key=key), 303)


def _preview(
    form: HookForm, hook: Hook | None, plan: Plan, *, is_stale: bool
) -> ResponseReturnValue:
    """Show what publishing changes; says so where the set-up has changed since it was begun."""
    key = form.key.data or ""
    page = render_template(
        "signals/preview.html",
        form=form,
        hook=hook,
        after=plan.after.hooks[key],
        setup=plan.after,
        plan=plan,
        words=words,
        changes=_changes(plan, key),
        is_stale=is_stale,
    )
    return page, 409 if is_stale else 200


def _changes(plan: Plan, key: str) -> list[str]:
    before, after = plan.before.hooks.get(key), plan.after.hooks[key]
    if before is None:
        return [_("A new webhook: %(name)s.", name=after.name)]
    return words.differences(before, after, plan.after)


@blueprint.route("/webhooks/<key>/remove", methods=["GET", "POST"])
@requires(Act.SET_UP)
def remove(key: str) -> ResponseReturnValue:
    """Take a webhook out of the set-up that no rule calls; its address is forgotten."""
    hook, setup, problem = _hook(key), _setup(), ""
    steps = queries.calling(setup, key)
    if request.method == "POST" and not steps:
        try:
            editing.publish(
                drafts.without(editing.document(db.session()), key),
                g.now,
                setup.revision,
                by=current_user.id,
                then=lambda session: keeping.forget(session, hook.id, g.now),
            )
        except (BadInput, Refused, Stale) as error:
            problem = str(error)
        else:
            flash(_("%(name)s is removed.", name=hook.name))
            return redirect(url_for(INDEX), 303)
    cancel = url_for(ONE, key=key)
    page = {"hook": hook, "steps": steps, "problem": problem, "cancel_url": cancel}
    status = 409 if request.method == "POST" else 200
    return render_template("signals/remove.html", **page), status
