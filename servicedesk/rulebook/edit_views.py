"""Changing a policy step by step: a draft travels from page to page until it is published."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from flask import Blueprint, current_app, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from servicedesk.db import db
from servicedesk.errors import BadInput, NotFound, Refused, Stale
from servicedesk.people.access import requires
from servicedesk.people.permissions import Act
from servicedesk.rulebook import compare, drafts, forms, queries, words
from servicedesk.rulebook.compare import Difference
from servicedesk.rulebook.drafts import Draft
from servicedesk.rulebook.queries import Known
from servicedesk.setup import editing
from servicedesk.setup.directory import Directory, Service
from servicedesk.setup.problems import BadFile
from servicedesk.setup.snapshot import directory

blueprint = Blueprint("rule_edit", __name__)
TRIAL = "trial.page"  # tries a draft on the past, where that page is there


@blueprint.context_processor
def _words() -> dict[str, Any]:
    return {"words": words, "differences": compare}


def _setup() -> Directory:
    return directory(db.session())


@blueprint.route("/rules/<slug:key>/edit", methods=["GET", "POST"])
@requires(Act.KEEP_RULES)
def edit(key: str) -> ResponseReturnValue:
    """E1: change the steps of a policy and the services that go by it."""
    known = queries.one(db.session(), key)
    if known is None or not known.active:
        raise NotFound(_("There is no such policy, or it is no longer in use."))
    if number := request.form.get("version", type=int):
        return _look(_begun(known, number), known, publish=False)
    if request.method == "POST":
        return _go_on(replace(drafts.read(request.form), key=key), known)
    return _draft_page(_begun(known), known)


@blueprint.route("/rules/new", methods=["GET", "POST"])
@requires(Act.KEEP_RULES)
def new() -> ResponseReturnValue:
    """E1: make a policy, from nothing or like another one."""
    if request.method == "POST":
        return _go_on(replace(drafts.read(request.form), base=0), None)
    like = queries.one(db.session(), request.args.get("like", "")[:64])
    steps = tuple(_begun(like).steps) if like else ()
    return _draft_page(Draft("", steps), None)


def _begun(known: Known, number: int | None = None) -> Draft:
    """Begin with the version in force, or with an earlier one that is to come back."""
    version = next((it for it in known.versions if it.number == number), known.last)
    used = frozenset(service.key for service in queries.users(_setup(), known.key))
    steps = tuple(dict(step) for step in version.steps)
    return Draft(known.key, steps, used, used, known.last.number)


def _go_on(draft: Draft, known: Known | None) -> ResponseReturnValue:
    """Do with a draft what was asked for."""
    act, _colon, said = request.form.get("act", "").partition(":")
    place = int(said) if said.isdecimal() and len(said) < 4 else len(draft.steps)
    match act:
        case "step" | "add":
            return _step_page(draft, min(place, len(draft.steps)), known)
        case "keep":
            return _keep(draft, min(place, len(draft.steps)), known)
        case "remove":
            return _draft_page(draft.without(place), known)
        case "up" | "down":
            return _draft_page(draft.moved(place, -1 if act == "up" else 1), known)
        case "preview" | "publish":
            return _look(draft, known, publish=act == "publish")
    return _draft_page(draft, known)


# The draft


def _draft_page(
    draft: Draft,
    known: Known | None,
    form: forms.PolicyForm | None = None,
    meanwhile: Sequence[Difference] = (),
    wrong: Mapping[int, Sequence[str]] | None = None,
) -> str:
    if form is None:
        form = forms.PolicyForm(data={"services": sorted(draft.services)})
        form.offer(_setup(), draft.key)
    return render_template(
        "rulebook/edit.html",
        draft=draft,
        known=known,
        form=form,
        setup=_setup(),
        meanwhile=meanwhile,
        wrong=wrong or {},
        most=drafts.MOST_STEPS,
        back=_back(draft),
    )


def _back(draft: Draft) -> str:
    if draft.is_new:
        return url_for("rulebook.index")
    return url_for("rulebook.one", key=draft.key)


# A step of it


def _step_form(draft: Draft, place: int) -> forms.StepForm:
    there = draft.steps[place : place + 1]
    sent = request.form if request.form.get("act", "").startswith("keep") else None
    form = forms.StepForm(formdata=sent, data=forms.filled(there[0] if there else {}))
    form.offer(_setup(), there[0].get("signal", ()) if there else ())
    return form


def _step_page(
    draft: Draft, place: int, known: Known | None, form: forms.StepForm | None = None
) -> str:
    return render_template(
        "rulebook/step.html",
        draft=draft,
        place=place,
        known=known,
        form=form or _step_form(draft, place),
        is_new=place == len(draft.steps),
        back=_back(draft),
    )


def _keep(draft: Draft, place: int, known: Known | None) -> ResponseReturnValue:
    form = _step_form(draft, place)
    before = draft.steps[place] if place < len(draft.steps) else None
    taken = [step["key"] for n, step in enumerate(draft.steps) if n != place]
    if not form.fits(before, taken, _setup()):
        return _step_page(draft, place, known, form), 422
    if place >= drafts.MOST_STEPS:
        raise Refused(_("A policy has %(n)d rules at most.", n=drafts.MOST_STEPS))
    return _draft_page(draft.put(place, form.step), known)


# Looking at it, and publishing it


@dataclass
class Look:
    """What publishing a draft would change, and what is wrong with it."""

    draft: Draft
    changes: list[Difference]
    moved: list[str]  # services that come and go, as sentences
    services: list[Service] = field(default_factory=list)  # that go by it then
    problem: str = ""
    wrong: dict[int, list[str]] = field(default_factory=dict)
    status: int = 200

    @property
    def is_something(self) -> bool:
        """Say whether anything is changed."""
        return bool(self.changes or self.moved or self.draft.is_new)


def _look(draft: Draft, known: Known | None, *, publish: bool) -> ResponseReturnValue:
    if known is None and (page := _badly_named(draft)):
        return page
    if known and draft.base != known.last.number:
        return _changed_meanwhile(draft, known)
    look = _looked(draft, known)
    if not publish:
        return _preview(look, known)
    if not look.is_something:
        flash(_("Nothing is changed: it says this already."))
        return redirect(_back(draft), 303)
    return _publish(look, known)


def _badly_named(draft: Draft) -> ResponseReturnValue | None:
    form = forms.PolicyForm()
    form.offer(_setup(), "")
    taken = {known.key for known in queries.everything(db.session())}
    return None if form.is_named(taken) else (_draft_page(draft, None, form), 422)


def _changed_meanwhile(draft: Draft, known: Known) -> ResponseReturnValue:
    """Show what somebody else published meanwhile; what was changed here stays."""
    base = next((it for it in known.versions if it.number == draft.base), known.last)
    changes = compare.differences(base.steps, known.last.steps)
    return _draft_page(replace(draft, base=known.last.number), known, meanwhile=changes), 409


def _looked(draft: Draft, known: Known | None) -> Look:
    before = known.last.steps if known else ()
    return Look(draft, compare.differences(before, draft.steps), list(_moved(draft)))


def _moved(draft: Draft) -> list[str]:
    """Say which services come to the policy, and which leave it."""
    setup, found = _setup(), []
    for service in queries.services(setup):
        said = {"service": service.name, "policy": service.policy or ""}
        if service.key in draft.services - draft.had:
            found.append(
                _("%(service)s goes by it, no longer by %(policy)s.", **said)
                if service.policy
                else _("%(service)s goes by it; so far it had no rules.", **said)
            )
        elif service.key in draft.had - draft.services:
            found.append(_("%(service)s has no rules any more.", **said))
    return found


def _publish(look: Look, known: Known | None) -> ResponseReturnValue:
    draft = look.draft
    try:
        data = draft.document(editing.document(db.session()))
        editing.publish(data, g.now, draft.revision, by=current_user.id)
    except Stale:
        look.problem = _("Somebody changed the set-up meanwhile. This is what it would change now.")
        look.status = 409
        return _preview(look, known)
    except (BadInput, Refused) as error:
        _blame(look, error)
        return _preview(look, known)
    flash(_("Published: it is in force for what becomes due from now on."))
    return redirect(url_for("rulebook.one", key=draft.key), 303)


def _blame(look: Look, error: BadInput | Refused) -> None:
    """Say what does not load at the step that it is about; the rest above all."""
    lines = error.lines if isinstance(error, BadFile) else [str(error)]
    look.wrong = drafts.by_step(lines, look.draft.key)
    told = {text for texts in look.wrong.values() for text in texts}
    rest = [line for line in lines if not any(line.endswith(text) for text in told)]
    look.problem, look.status = " ".join(rest) or _("Some rules need a look."), 422


def _preview(look: Look, known: Known | None) -> ResponseReturnValue:
    """Say what a draft would change; it is tried out as it would be published."""
    plan = None
    if look.status != 422:
        try:
            plan = editing.plan(look.draft.document(editing.document(db.session())), g.now)
        except (BadInput, Refused) as error:
            _blame(look, error)
    if look.wrong:
        return _draft_page(look.draft, known, wrong=look.wrong), look.status
    if plan:
        look.draft = replace(look.draft, revision=plan.revision)
        look.services = queries.users(plan.after, look.draft.key)
    ids = [service.id for service in look.services]
    return render_template(
        "rulebook/preview.html",
        look=look,
        draft=look.draft,
        known=known,
        plan=plan,
        setup=_setup(),
        counts=queries.open_incidents(db.session(), ids),
        trial=url_for(TRIAL) if TRIAL in current_app.view_functions else "",
        back=_back(look.draft),
    ), look.status
