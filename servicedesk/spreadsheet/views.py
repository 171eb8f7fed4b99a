"""The administrator's pages of moving in: upload, columns, values, preview, import."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import (
    Blueprint,
    Flask,
    abort,
    current_app,
    flash,
    g,
    redirect,
    render_template,
    request,
    send_file,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from servicedesk import times
from servicedesk.db import db
from servicedesk.errors import BadInput
from servicedesk.people.access import requires
from servicedesk.people.permissions import Act
from servicedesk.setup.directory import Directory
from servicedesk.setup.snapshot import directory
from servicedesk.spreadsheet import (
    delimited,
    drafts,
    forms,
    grid,
    importing,
    mapping,
    pages,
    people,
    plan,
    rest,
    shelf,
    words,
)
from servicedesk.spreadsheet.cells import plain
from servicedesk.spreadsheet.drafts import FINDINGS, REST, Draft
from servicedesk.spreadsheet.findings import sentence
from servicedesk.spreadsheet.grid import Head
from servicedesk.spreadsheet.mapping import Mapping
from servicedesk.spreadsheet.models import MoveIn

blueprint = Blueprint("spreadsheet", __name__, url_prefix="/move-in")
blueprint.add_app_template_filter(times.parse, "instant")
blueprint.add_app_template_filter(times.day, "local_day")
STEPS = ("sheet", "columns", "values", "preview")


def _setup() -> Directory:
    return directory(db.session())


def _draft(token: str, *, editing: bool = False) -> Draft:
    """Give one's own draft; what is being imported, or was, cannot be changed any more."""
    draft = drafts.load(token, current_user.id, g.now)
    if editing and importing.status(draft) in ("running", "done"):
        abort(redirect(url_for("spreadsheet.there", token=token), 303))
    return draft


def _on(draft: Draft, step: str) -> ResponseReturnValue:
    """Go on to a step."""
    draft.reached = step
    draft.save()
    return redirect(url_for(f"spreadsheet.{step}", token=draft.token), 303)


def _page(step: str, draft: Draft, status: int = 200, **more: Any) -> ResponseReturnValue:
    names = {
        "sheet": _("Sheet"),
        "columns": _("Columns"),
        "values": _("Values"),
        "preview": _("Preview"),
    }
    at = STEPS.index(step)
    steps = [
        {"label": names[s], "step": "done" if n < at else "now" if n == at else "todo"}
        for n, s in enumerate(STEPS)
    ]
    return render_template(f"spreadsheet/{step}.html", draft=draft, steps=steps, **more), status


@blueprint.route("", methods=["GET", "POST"])
@requires(Act.SET_UP)
def index() -> ResponseReturnValue:
    """Take a ledger; below, what is under way and what was done."""
    form = forms.UploadForm()
    if not form.is_submitted():
        return _index(form)
    if not form.validate():
        return _index(form), 422
    try:
        given = form.file.data
        draft = drafts.create(given.filename or "", given.read(), current_user.id, g.now)
    except BadInput as error:
        form.file.errors = [str(error)]
        return _index(form), 422
    return _on(draft, "sheet")


def _index(form: forms.UploadForm) -> str:
    done = sa.select(MoveIn).order_by(MoveIn.at.desc(), MoveIn.id.desc()).limit(50)
    session = db.session()
    return render_template(
        "spreadsheet/index.html",
        form=form,
        under_way=[d for d in drafts.own(current_user.id, g.now) if not importing.done(d.token)],
        done=session.scalars(done).all(),
        kept=shelf.kept(session),
        limit=current_app.config["UPLOAD_MB"],
    )


@blueprint.get("/<token>")
@requires(Act.SET_UP)
def there(token: str) -> ResponseReturnValue:
    """Say how far an import is; a draft goes on where it was left."""
    draft = _draft(token)
    status = importing.status(draft)
    if status == "draft":
        return _on(draft, draft.reached)
    return render_template(
        "spreadsheet/status.html",
        draft=draft,
        status=status,
        done=importing.done(token),
        at=importing.progress(draft),
    )


@blueprint.route("/<token>/sheet", methods=["GET", "POST"])
@requires(Act.SET_UP)
def sheet(token: str) -> ResponseReturnValue:
    """Choose the sheet and where its head is."""
    draft = _draft(token, editing=True)
    if request.method == "GET":
        return _sheet_page(draft)
    if request.form.get("act") == "again":
        mark = delimited.SEPARATORS.get(request.form.get("separator", ""), draft.separator)
        drafts.read_again(draft, request.form.get("encoding", ""), mark)
        return _on(draft, "sheet")
    n = request.form.get("sheet", 0, type=int)
    also = [m for m in request.form.getlist("also", type=int) if m != n]
    if not all(0 <= m < len(draft.sheets) for m in (n, *also)):
        abort(404)
    span = 2 if request.form.get("span") == "2" else 1
    drafts.choose(draft, [n, *also], Head(request.form.get("head", 1, type=int), span))
    return _on(draft, "columns")


def _sheet_page(draft: Draft) -> ResponseReturnValue:
    n = request.args.get("sheet", draft.chosen[0], type=int)
    if not 0 <= n < len(draft.sheets):
        abort(404)
    shown = draft.sheet(n)
    chosen = n == draft.chosen[0]
    head = Head(draft.head, draft.span) if chosen else grid.guess_head(shown)
    return _page(
        "sheet",
        draft,
        n=n,
        head=head,
        rows=pages.top(shown),
        letters=[pages.letter(c) for c in range(min(shown.width, pages.WIDE))],
        encodings=dict.fromkeys((draft.encoding, *delimited.ENCODINGS)),
        separators=delimited.SEPARATORS,
    )


# Columns


@blueprint.route("/<token>/columns", methods=["GET", "POST"])
@requires(Act.SET_UP)
def columns(token: str) -> ResponseReturnValue:
    """Say what each column is, and how doubtful lines are read."""
    draft = _draft(token, editing=True)
    source = draft.source()
    chosen, kept = _proposed(draft, source)
    form = forms.OptionsForm(data=chosen.as_json()["options"])
    form.offer()
    if request.method == "GET":
        return _columns_page(draft, source, form, chosen, kept)
    chosen.columns, twice = forms.read_columns(request.form, len(source.heads))
    missing = "logged" not in chosen.columns
    if not form.validate() or twice or missing:
        form.form_errors += [
            _("“%(field)s” is chosen for two columns.", field=words.field(name)) for name in twice
        ]
        if missing:
            form.form_errors.append(_("Please say which column has the date of logging."))
        return _columns_page(draft, source, form, chosen, kept, 422)
    chosen.options = form.options()
    draft.mapping = chosen.as_json()
    return _on(draft, "values")


def _proposed(draft: Draft, source: plan.Source) -> tuple[Mapping, str]:
    """Give the mapping chosen so far, else a kept one that fits, else a guess; and its name."""
    wanted = request.values.get("use", "")
    session, heads = db.session(), source.heads
    if draft.mapping and draft.mapping["heads"] == heads and not wanted:
        return draft.map(), draft.kept_as
    row = next((r for r in shelf.kept(session) if str(r.id) == wanted), None)
    row = row or (None if wanted else shelf.fitting(session, heads))
    draft.kept_as = row.name if row else ""
    if row:
        return mapping.applied(mapping.from_json(row.data), heads), row.name
    above = " ".join(
        text for n, said in pages.top(source.sheets[0]) if n < draft.head for text in said
    )
    return mapping.guess(heads, _setup(), f"{source.sheets[0].name} {above}"), ""


def _columns_page(
    draft: Draft,
    source: plan.Source,
    form: forms.OptionsForm,
    chosen: Mapping,
    kept: str,
    status: int = 200,
) -> ResponseReturnValue:
    return _page(
        "columns",
        draft,
        status,
        form=form,
        columns=pages.columns(source),
        chosen=chosen.columns,
        groups=words.groups(),
        kept=kept,
        all_kept=shelf.kept(db.session()),
        use=request.values.get("use", ""),
    )


# Values


@blueprint.route("/<token>/values", methods=["GET", "POST"])
@requires(Act.SET_UP)
def values(token: str) -> ResponseReturnValue:
    """Say what each value stands for, and who is meant."""
    draft = _draft(token, editing=True)
    if not draft.mapping:
        return _on(draft, "columns")
    source, chosen = draft.source(), draft.map()
    found, unseen = _values_of(source, chosen)
    unknown, known = plan.people_of(source, chosen, db.session())
    wrong: dict[int, str] = {}
    if request.method == "POST":
        forms.read_values(request.form, found, chosen)
        forms.known_targets(chosen, _setup())
        wrong = _read_people(unknown, chosen)
        if not wrong:
            draft.mapping = chosen.as_json()
            shelf.prepare(draft, db.session(), g.now)
            return _on(draft, "preview")
        found, unseen = _values_of(source, chosen)
    return _page(
        "values",
        draft,
        422 if wrong else 200,
        found=found,
        unseen=unseen,
        blanks={name: chosen.blank(name, _setup()) for name in found},
        unknown=unknown[:MOST_PEOPLE],
        more=len(unknown[MOST_PEOPLE:]),
        known=known,
        wrong=wrong,
        say=words,
        setup=_setup(),
        mapped=chosen.mapped,
    )


MOST_VALUES, MOST_PEOPLE = 200, 300  # that are shown of a column, and of the names


def _values_of(
    source: plan.Source, chosen: Mapping
) -> tuple[dict[str, list[plan.Value]], dict[str, int]]:
    """Give the values of each column, and how many more there are; always of the service."""
    found = {"service": [], **plan.values_of(source, chosen, db.session())}
    unseen = {name: len(values[MOST_VALUES:]) for name, values in found.items()}
    return {name: values[:MOST_VALUES] for name, values in found.items()}, unseen


def _read_people(unknown: list[plan.Value], chosen: Mapping) -> dict[int, str]:
    """Take over who is meant by names; gives what was typed where there is nobody of that name."""
    everybody = people.load(db.session(), {})
    wrong: dict[int, str] = {}
    for n, value in enumerate(unknown[:MOST_PEOPLE]):
        said = request.form.get(f"person-{n}", "").strip()
        match = everybody.find(said) if said else None
        if match is None:
            chosen.people.pop(plain(value.text), None)
        elif match.how == "known":
            chosen.people[plain(value.text)] = match.key
        else:
            wrong[n] = said
    return wrong


# Preview and import


@blueprint.route("/<token>/preview", methods=["GET", "POST"])
@requires(Act.SET_UP)
def preview(token: str) -> ResponseReturnValue:
    """Show what would come of it and everything that does not fit; then import."""
    draft = _draft(token, editing=True)
    if not draft.mapping:
        return _on(draft, "columns")
    if request.method == "POST":
        return _start(draft)
    made = shelf.planned(draft) or shelf.prepare(draft, db.session(), g.now)
    code, out = request.args.get("code", ""), request.args.get("out", "")
    chosen = draft.map()
    return _page(
        "preview",
        draft,
        plan=made,
        kinds=pages.kinds(made),
        page=pages.page(made, code, out, request.args.get("from", 0, type=int)),
        code=code,
        out=out,
        passed=pages.passed(made),
        lines=pages.first_lines(made),
        sentence=sentence,
        column_name=lambda name: rest.column_name(name, chosen) or words.field(name),
        say=words,
        setup=_setup(),
        names=people.load(db.session(), {}).named,
    )


def _start(draft: Draft) -> ResponseReturnValue:
    """Plan again, as things may have changed; import only what was shown."""
    before = dict(draft.counts)
    made = shelf.prepare(draft, db.session(), g.now)
    if draft.counts != before:
        flash(_("Something on the desk has changed meanwhile: please look again."), "error")
        return _on(draft, "preview")
    if not made.fit:
        raise BadInput(_("There is no line to import."))
    name = request.form.get("name", "").strip()
    if name:
        shelf.keep(name, draft.map(), g.now)
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    importing.start(app, draft, g.now)
    return redirect(url_for("spreadsheet.there", token=draft.token), 303)


@blueprint.get("/<token>/<any(rest, findings):name>.csv")
@requires(Act.SET_UP)
def listed(token: str, name: str) -> ResponseReturnValue:
    """Download the lines that were left out, or everything that did not fit."""
    draft = _draft(token)
    path = draft.folder / (REST if name == "rest" else FINDINGS)
    if not path.is_file():
        abort(404)
    stem = draft.name.rpartition(".")[0] or draft.name
    return send_file(
        path, mimetype="text/csv", as_attachment=True, download_name=f"{stem}-{name}.csv"
    )


@blueprint.post("/<token>/discard")
@requires(Act.SET_UP)
def discard(token: str) -> ResponseReturnValue:
    """Throw an upload away."""
    draft = _draft(token)
    if importing.running() == draft.token:
        raise BadInput(_("It is being imported: please wait."))
    drafts.discard(draft)
    flash(_("The upload was thrown away."))
    return redirect(url_for("spreadsheet.index"), 303)


@blueprint.post("/mappings/<int:id>/forget")
@requires(Act.SET_UP)
def forget(id: int) -> ResponseReturnValue:
    """Throw a kept mapping away."""
    shelf.forget(id)
    return redirect(url_for("spreadsheet.index"), 303)
