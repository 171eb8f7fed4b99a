"""The pages of groups and partner companies: list, one, make, change, take out of use."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from servicedesk import times
from servicedesk.administration.agreements import queries as agreements
from servicedesk.administration.parties import drafts, forms, naming, queries, words
from servicedesk.administration.parties.drafts import SECTIONS, Data, Draft
from servicedesk.administration.parties.forms import PartyForm
from servicedesk.administration.parties.queries import Row
from servicedesk.db import db
from servicedesk.errors import BadInput, NotFound, Refused, Stale
from servicedesk.people.access import requires
from servicedesk.people.permissions import Act
from servicedesk.setup import contracts, editing
from servicedesk.setup.directory import Directory
from servicedesk.setup.snapshot import directory

# Registered below `administration`: app.py says so.
blueprint = Blueprint("parties", __name__, url_prefix="/admin")
INDEX, ONE = "administration.parties.index", "administration.parties.one"
SECTION = f"/<any({', '.join(SECTIONS)}):section>"


@blueprint.context_processor
def _words() -> dict[str, Any]:
    return {"words": words}


def _setup() -> Directory:
    return directory(db.session())


def _row(section: str, key: str) -> Row:
    row = queries.one(db.session(), _setup(), section, key)
    if row is None:
        raise NotFound(_("There is no such group or partner company."))
    return row


def _in_use(section: str, key: str) -> Row:
    row = _row(section, key)
    if not row.party.active:
        raise NotFound(_("It is no longer in use."))
    return row


def _today() -> Any:
    return times.local_day(g.now, _setup().zone)


@blueprint.get(SECTION)
@requires(Act.SET_UP)
def index(section: str) -> ResponseReturnValue:
    """List the groups, or the partner companies."""
    setup = _setup()
    rows = queries.rows(db.session(), setup, section)
    return render_template(
        "administration/parties/index.html",
        section=section,
        rows=[row for row in rows if row.party.active],
        retired=[row for row in rows if not row.party.active],
        ending={it.party.ref: it for it in contracts.ending(setup.parties.values(), _today())},
        today=_today(),
    )


@blueprint.get(f"{SECTION}/<key>")
@requires(Act.SET_UP)
def one(section: str, key: str) -> ResponseReturnValue:
    """Show a group or company."""
    row, setup = _row(section, key), _setup()
    endings = contracts.ending([row.party], _today())
    return render_template(
        "administration/parties/one.html",
        section=section,
        row=row,
        party=row.party,
        company=row.party,
        users=queries.users(setup, row.party),
        ending=next(iter(endings), None),
        today=_today(),
    )


@blueprint.route(f"{SECTION}/<key>/edit", methods=["GET", "POST"])
@requires(Act.SET_UP)
def edit(section: str, key: str) -> ResponseReturnValue:
    """Change a group or company, look at what that changes, publish it."""
    row = _in_use(section, key)
    data = editing.document(db.session())
    entry = drafts.entry(data, section, key)
    form = _form(section, forms.values(entry, key))
    form.key.data = key
    if not _is_looked_at():
        return _edit_page(form, section, row)
    if not (form.validate() and form.find(db.session())):
        return _edit_page(form, section, row), 422
    if form.before.data != forms.packed(entry):
        meanwhile = _differences(form.kept(), entry)
        form.before.data = forms.packed(entry)
        return _edit_page(form, section, row, meanwhile, stale=True), 409
    return _preview_or_publish(_draft(section, key, form, data), form, section)


@blueprint.route("/new/<any(groups, partners):section>", methods=["GET", "POST"])
@requires(Act.SET_UP)
def new(section: str) -> ResponseReturnValue:
    """Make a group or company."""
    form = _form(section, {"tier": 2})
    if not _is_looked_at():
        return _edit_page(form, section)
    data = editing.document(db.session())
    fine = form.validate()
    if fine and any(form.key.data in (data.get(each) or {}) for each in SECTIONS):
        form.key.errors = [_("There is a group or partner company with this key already.")]
        fine = False
    if not (fine and form.find(db.session())):
        return _edit_page(form, section), 422
    return _preview_or_publish(_draft(section, form.key.data or "", form, data), form, section)


def _is_looked_at() -> bool:
    return request.method == "POST" and request.form.get("act") != "change"


def _form(section: str, values: Data) -> PartyForm:
    form = forms.FORMS[section](data=values)
    form.offer(agreements.calendars(db.session()))
    return form


def _edit_page(
    form: PartyForm,
    section: str,
    row: Row | None = None,
    meanwhile: list[str] | None = None,
    *,
    stale: bool = False,
) -> str:
    return render_template(
        "administration/parties/edit.html",
        form=form,
        section=section,
        row=row,
        meanwhile=meanwhile,
        is_stale=stale,
    )


def _differences(before: Data, after: Data) -> list[str]:
    keys = [key for it in (before, after) for key in (*(it.get("members") or ()), it.get("lead"))]
    names = naming.labels(db.session(), [key for key in keys if key])
    return words.differences(before, after, names)


def _draft(section: str, key: str, form: PartyForm, data: Data) -> Draft:
    before = drafts.entry(data, section, key)
    after = form.said(before)
    people = form.named.new
    changed = drafts.with_entry(data, section, key, after, people)
    name = form.name.data or key
    sentences = _sentences(before, after, people)
    if not before:
        sentences = [words.new(section, name), *sentences]
    sentences += _roles(data, changed)
    return Draft(
        data=changed,
        name=name,
        sentences=sentences,
        done=_("%(name)s is published.", name=name),
        after=url_for(ONE, section=section, key=key),
    )


def _sentences(before: Data, after: Data, people: list[drafts.NewPerson]) -> list[str]:
    new = [_("%(name)s is new, with the key %(key)s.", name=it.name, key=it.key) for it in people]
    return [*_differences(before, after), *new]


def _roles(before: Data, after: Data) -> list[str]:
    gone = drafts.no_longer_agents(before, after)
    if not gone:
        return []
    names = words.called(gone, naming.labels(db.session(), gone))
    return [_("In no group any more, and so no longer agents: %(names)s.", names=names)]


def _preview_or_publish(draft: Draft, form: PartyForm, section: str) -> ResponseReturnValue:
    if request.form.get("act") != "publish":
        return _preview(draft, form, section)
    if not draft.sentences:
        flash(_("Nothing is changed: it says this already."))
        return redirect(draft.after, 303)
    try:
        editing.publish(draft.data, g.now, form.revision.data)
    except Stale:
        problem = _("Somebody changed the set-up meanwhile. This is what it would change now.")
        return _preview(draft, form, section, problem, 409)
    except (BadInput, Refused) as error:
        return _preview(draft, form, section, str(error), 422)
    flash(draft.done)
    return redirect(draft.after, 303)


def _preview(
    draft: Draft, form: PartyForm, section: str, problem: str = "", status: int = 200
) -> ResponseReturnValue:
    plan = None
    try:
        plan = editing.plan(draft.data, g.now)
    except (BadInput, Refused) as error:
        problem, status = str(error), 422
    page = render_template(
        "administration/parties/preview.html",
        draft=draft,
        form=form,
        plan=plan,
        problem=problem,
        section=section,
    )
    return page, status


@blueprint.route(f"{SECTION}/<key>/retire", methods=["GET", "POST"])
@requires(Act.SET_UP)
def retire(section: str, key: str) -> ResponseReturnValue:
    """Take a group or company out of use that no path names and that has nothing open."""
    row, problem = _in_use(section, key), ""
    users = queries.users(_setup(), row.party)
    if request.method == "POST" and not users:
        setup, data = _setup(), editing.document(db.session())
        try:
            editing.publish(drafts.without(data, section, key), g.now, setup.revision)
            flash(_("%(name)s is no longer in use.", name=row.party.name))
            return redirect(url_for(INDEX, section=section), 303)
        except (BadInput, Refused, Stale) as error:
            problem = str(error)
    page = render_template(
        "administration/parties/retire.html",
        row=row,
        users=users,
        problem=problem,
        section=section,
        cancel_url=url_for(ONE, section=section, key=key),
    )
    return page, 409 if request.method == "POST" else 200
