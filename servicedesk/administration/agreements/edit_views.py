"""Changing agreements: the form, what it would change, and publishing it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from servicedesk.administration.agreements import compare, drafts, fits, forms, queries, words
from servicedesk.administration.agreements.drafts import Draft
from servicedesk.administration.agreements.queries import Known
from servicedesk.administration.agreements.said import KINDS
from servicedesk.db import db
from servicedesk.errors import BadInput, NotFound, Refused, Stale
from servicedesk.people.access import requires
from servicedesk.people.permissions import Act
from servicedesk.setup import editing
from servicedesk.setup.directory import Directory, Service
from servicedesk.setup.snapshot import directory

# Registered below `administration`: app.py says so.
blueprint = Blueprint("agreement", __name__, url_prefix="/admin")
INDEX, ONE = "administration.agreements.index", "administration.agreements.one"


@blueprint.context_processor
def _words() -> dict[str, Any]:
    return {"words": words, "kinds": KINDS}


def _setup() -> Directory:
    return directory(db.session())


def _is_looked_at() -> bool:
    """Say whether a form was sent to be looked at or published, not to be filled in."""
    return request.method == "POST" and request.form.get("act") != "change"


@blueprint.route("/agreements/<any(sla, ola, uc):kind>/<key>/edit", methods=["GET", "POST"])
@requires(Act.SET_UP)
def edit(kind: str, key: str) -> ResponseReturnValue:
    """C8: write a new version, look at what it changes, publish it."""
    known = queries.one(db.session(), _setup(), kind, key)
    if known is None or not known.active:
        raise NotFound(_("There is no such agreement, or it is no longer in use."))
    form = _form(known)
    if not _is_looked_at():
        return _edit_page(known, form)
    if not form.validate():
        return _edit_page(known, form), 422
    if form.version.data != known.last.number:
        return _changed_meanwhile(known, form)
    return _preview_or_publish(_draft(known, form), form)


def _form(known: Known) -> forms.TermsForm:
    made = forms.SlaForm if known.kind == "sla" else forms.PartyForm
    form = made(data=forms.values(known.said, known.last.number))
    form.offer(queries.calendars(db.session()))
    return form


def _edit_page(known: Known, form: forms.TermsForm, meanwhile: Iterable[str] = ()) -> str:
    return render_template(
        "administration/agreements/edit.html", known=known, form=form, meanwhile=meanwhile
    )


def _changed_meanwhile(known: Known, form: forms.TermsForm) -> ResponseReturnValue:
    """Show what somebody else published meanwhile; what was typed stays."""
    number = form.version.data or 0
    base = next((said for terms, said in known.versions if terms.number == number), known.said)
    form.version.data, form.version.raw_data = known.last.number, None
    return _edit_page(known, form, _sentences(base, known.said, known.kind)), 409


def _sentences(before: Any, after: Any, kind: str) -> list[str]:
    return [words.difference(it) for it in compare.differences(before, after, kind)]


def _draft(known: Known, form: forms.TermsForm) -> Draft:
    data, said = editing.document(db.session()), form.said()
    changes = _sentences(known.said, said, known.kind)
    return Draft(
        data=drafts.with_terms(data, known.kind, known.key, said) if changes else data,
        services=[service.key for service in queries.users(known, _setup())],
        sentences=changes,
        name=known.name,
        hint=_(
            "It is for incidents that are logged from now on. Applying it to what is open is a "
            "step of its own, with a preview of its own."
        ),
        done=_("Published: version %(n)d is in force from now on.", n=known.last.number + 1),
        after=url_for(ONE, kind=known.kind, key=known.key),
    )


@blueprint.route("/new-agreement", methods=["GET", "POST"])
@requires(Act.SET_UP)
def new() -> ResponseReturnValue:
    """Make a customer agreement."""
    services = _setup().services_by_key
    form = _new_form(services.values())
    if not _is_looked_at():
        return _new_page(form)
    data = editing.document(db.session())
    if form.validate() and form.key.data in (data.get("agreements") or {}):
        form.key.errors = [_("There is an agreement of this name already.")]
    if form.errors:
        return _new_page(form), 422
    key, chosen = form.key.data or "", form.services.data or []
    draft = Draft(
        data=drafts.with_new(data, key, form.said(), chosen),
        services=chosen,
        sentences=[
            _("A new agreement: %(name)s.", name=key),
            *(_choice(services[name], key) for name in chosen),
        ],
        name=key,
        hint=_kept(),
        done=_("The agreement %(name)s is there.", name=key),
        after=url_for(ONE, kind="sla", key=key),
    )
    return _preview_or_publish(draft, form)


def _new_form(services: Iterable[Service]) -> forms.NewForm:
    form = forms.NewForm()
    form.offer(queries.calendars(db.session()))
    names = sorted(services, key=lambda service: service.name)
    form.services.choices = [(service.key, service.name) for service in names]
    return form


def _new_page(form: forms.NewForm) -> str:
    return render_template("administration/agreements/new.html", form=form)


def _kept() -> str:
    return _("What is open already keeps the agreement that it was logged under.")


def _choice(service: Service, agreement: str) -> str:
    said = {"service": service.name, "before": service.agreement.key, "after": agreement}
    return _("%(service)s: from agreement %(before)s to %(after)s.", **said)


@blueprint.route("/agreements/services/<key>", methods=["GET", "POST"])
@requires(Act.SET_UP)
def choose(key: str) -> ResponseReturnValue:
    """Choose the agreement of a service."""
    service = _setup().services_by_key.get(key)
    if service is None:
        raise NotFound(_("There is no such service."))
    data = editing.document(db.session())
    form = forms.ChoiceForm(agreement=service.agreement.key, before=service.agreement.key)
    form.agreement.choices = [(name, name) for name in data.get("agreements") or {}]
    if not _is_looked_at():
        return _choice_page(service, form)
    if not form.validate():
        return _choice_page(service, form), 422
    if form.before.data != service.agreement.key:
        form.before.data = service.agreement.key
        return _choice_page(service, form, is_stale=True), 409
    chosen = form.agreement.data
    draft = Draft(
        data=drafts.with_choice(data, key, chosen),
        services=[key],
        sentences=[_choice(service, chosen)] if chosen != service.agreement.key else [],
        name=service.name,
        hint=_kept(),
        done=_("%(service)s goes by agreement %(name)s now.", service=service.name, name=chosen),
        after=url_for(INDEX),
    )
    return _preview_or_publish(draft, form)


def _choice_page(service: Service, form: forms.ChoiceForm, *, is_stale: bool = False) -> str:
    page = "administration/agreements/choose.html"
    return render_template(page, service=service, form=form, is_stale=is_stale)


def _preview_or_publish(draft: Draft, form: forms.Passing) -> ResponseReturnValue:
    if request.form.get("act") != "publish":
        return _preview(draft, form)
    if not draft.sentences:
        flash(_("Nothing is changed: it says this already."))
        return redirect(draft.after, 303)
    try:
        editing.publish(draft.data, g.now, form.revision.data)
    except Stale:
        problem = _("Somebody changed the set-up meanwhile. This is what it would change now.")
        return _preview(draft, form, problem, 409)
    except (BadInput, Refused) as error:
        return _preview(draft, form, str(error), 422)
    flash(draft.done)
    return redirect(draft.after, 303)


def _preview(
    draft: Draft, form: forms.Passing, problem: str = "", status: int = 200
) -> ResponseReturnValue:
    """Say what a draft would change, and whether it can be kept, beside how it is."""
    plan, groups = None, []
    try:
        plan = editing.plan(draft.data, g.now)
        services = [plan.after.services_by_key[key] for key in draft.services]
        groups = fits.beside(plan.before, plan.after, services, g.now)
    except (BadInput, Refused) as error:
        problem, status = str(error), 422
    page = render_template(
        "administration/agreements/preview.html",
        draft=draft,
        form=form,
        plan=plan,
        problem=problem,
        groups=groups,
    )
    return page, status
