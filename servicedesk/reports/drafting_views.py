"""The pages on which managers draft what stands beside the figures; the files of a report."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from flask import (
    Blueprint,
    abort,
    current_app,
    flash,
    g,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from servicedesk.db import db
from servicedesk.errors import BadInput, DeskError, Stale
from servicedesk.incidents.spans import read_day
from servicedesk.incidents.words import text as text_of
from servicedesk.people.access import requires
from servicedesk.people.models import Person
from servicedesk.people.permissions import Act, may
from servicedesk.reports import (
    actions,
    approvals,
    commands,
    contents,
    drafting,
    making,
    queries,
    remarks,
    words,
)
from servicedesk.reports.actions import Said
from servicedesk.reports.commands import Asked
from servicedesk.reports.making import Making
from servicedesk.reports.models import Action, Approval
from servicedesk.reports.remarks import Remarks
from servicedesk.reports.scopes import ALL
from servicedesk.reports.seals import DONE, OPEN, STATES
from servicedesk.reports.showing import progress, sealed_here
from servicedesk.setup.snapshot import directory
from servicedesk.times import local_day

blueprint = Blueprint("drafting", __name__, url_prefix="/reports")


def _actor() -> Person:
    person: Person = current_user._get_current_object()
    return person


def _asked(period: str) -> Asked:
    """Read period and scope of the address; there is no page for anything else."""
    setup = directory(db.session())
    try:
        return commands.read(setup, period, request.args.get("scope", ALL), None, "en")
    except BadInput:
        abort(404)


def _today() -> date:
    now: datetime = g.now
    return local_day(now, directory(db.session()).zone)


def _link(asked: Asked) -> dict[str, Any]:
    scope = asked.scope.name
    return {"period": asked.period.name, "scope": None if scope == ALL else scope}


# Remarks


@blueprint.route("/<period>/remarks", methods=["GET", "POST"])
@requires(Act.DRAFT_REPORT)
def remarks_(period: str) -> ResponseReturnValue:
    """Write what stands on the first page; who comes second is told, and loses nothing."""
    asked = _asked(period)
    if request.method == "GET":
        return _remarks(asked)
    try:
        save_typed(asked)
    except (BadInput, Stale) as error:
        return _remarks(asked, error), 409 if isinstance(error, Stale) else 422
    flash(_("Saved: it stands in the draft, and goes into the seal."))
    return redirect(url_for("reports.month", **_link(asked)), 303)


def save_typed(asked: Asked) -> None:
    """Save what a form says of a report's remarks; raises Stale or BadInput."""
    said = Remarks(*(typed(name) for name in ("comment", "wanted")))
    there = remarks.find(db.session(), asked.period.name, asked.scope.name)
    current = there.version if there else 0
    approver = request.form.get("approver", 0, type=int) or None
    if "approver" not in request.form and there:
        approver = there.approver_id
    remarks.save(
        asked.period.name, asked.scope.name, said, actor=_actor(), now=g.now,
        version=request.form.get("version", current, type=int), approver=_able(approver),
    )  # fmt: skip


def _able(approver: int | None) -> int | None:
    """Refuse to ask somebody who cannot approve; raises BadInput."""
    able = {person.id for person in drafting.approvers(db.session())}
    if approver is not None and approver not in able:
        raise BadInput(_("This person cannot approve reports."))
    return approver


def typed(name: str) -> str:
    """Read a text as it was typed, whatever its lines end with."""
    return "\n".join(request.form.get(name, "").strip().splitlines())


def _remarks(asked: Asked, error: DeskError | None = None) -> str:
    session = db.session()
    setup = directory(session)
    sealed, scope = queries.sealed(session, *commands.place(asked)), asked.scope.name
    found = drafting.read(
        session, setup, asked.period, scope, now=g.now, sealed=sealed, viewer=_actor().id
    )
    return render_template(
        "reports/remarks.html",
        asked=asked,
        link=_link(asked),
        drafting=found,
        error=error,
        stale=isinstance(error, Stale),
        typed=_merged(found.kept) if error else {},
        longest_remark=remarks.LONGEST,
        say=words,
        setup=setup,
    )


def _merged(kept: dict[str, str]) -> dict[str, str]:
    """Give what was typed; what was left as it stood is as somebody else has saved it meanwhile."""
    return {
        name: text if typed(name) == typed(f"had-{name}") else typed(name)
        for name, text in kept.items()
    }


# Sealing


@blueprint.post("/<period>/seal")
@requires(Act.MAKE_REPORT)
def seal(period: str) -> ResponseReturnValue:
    """F6: seal a period that has ended, in both languages; what is typed is saved first."""
    asked, session, person = _asked(period), db.session(), _actor()
    if not contents.ended(asked.period, directory(session), g.now):
        raise BadInput(_("The period has not ended: there is only a draft of it."))
    try:
        if "comment" in request.form:
            save_typed(asked)
        why = text_of(typed("why"), remarks.LONGEST)
    except (BadInput, Stale) as error:
        return _remarks(asked, error), error.status
    sealed = queries.sealed(session, *commands.place(asked))
    said = approvals.of(session, sealed[0]) if sealed else None
    again = sealed[0].revision if said and said.state == approvals.REFUSED else 0
    now, author = g.now, person.id

    def work(at_step: Callable[[int], None]) -> bytes:
        for n, language in enumerate(commands.LANGUAGES, 1):
            at_step(n)
            by = db.session.get(Person, author)
            one = replace(asked, language=language)
            made = commands.make(one, now=now, author=by, why=why, again=again)
        return str(made.revision).encode()

    if not making.is_large(session, asked.period):
        return _sealed(asked, work(lambda _n: None))
    _sealing(asked).begin(current_app._get_current_object(), work)  # type: ignore[attr-defined]
    return redirect(url_for("drafting.sealing", **_link(asked)), 303)


@blueprint.get("/<period>/seal")
@requires(Act.MAKE_REPORT)
def sealing(period: str) -> ResponseReturnValue:
    """Say how far the sealing of a large report is."""
    asked = _asked(period)
    made = _sealing(asked)
    if not made.folder.exists():
        abort(404)
    if made.state == making.DONE and (revision := made.result):
        return _sealed(asked, revision)
    back = url_for("reports.month", **_link(asked))
    return progress(made, asked, here=request.full_path, again=back)


def _sealing(asked: Asked) -> Making:
    return Making.of("seal", *commands.place(asked), _actor().id)


def _sealed(asked: Asked, revision: bytes) -> ResponseReturnValue:
    flash(_("Sealed as revision %(n)s.", n=int(revision)))
    return redirect(url_for("reports.month", **_link(asked)))


@blueprint.post("/approvals/<int:id>/again")
@requires(Act.MAKE_REPORT)
def ask(id: int) -> ResponseReturnValue:
    """Ask somebody else to approve what is sealed, or the same once more."""
    approver = request.form.get("approver", 0, type=int)
    approvals.ask_again(id, approver, actor=_actor(), now=g.now)
    flash(_("Asked by mail."))
    it = db.session().get_one(Approval, id)
    scope = None if it.scope == ALL else it.scope
    return redirect(url_for("reports.month", period=it.period, scope=scope), 303)


# Actions


@blueprint.get("/actions")
@requires(Act.SEE_REPORTS)
def index() -> ResponseReturnValue:
    """List what is open of all reports, the overdue first."""
    session = db.session()
    return render_template(
        "reports/actions.html",
        rows=actions.every(session),
        today=_today(),
        todo=actions.todo,
        periods=_period,
        may_draft=may(_actor(), Act.DRAFT_REPORT),
        say=words,
        setup=directory(session),
    )


def _period(row: Action) -> Asked:
    return commands.read(directory(db.session()), row.period, ALL, None, "en")


@blueprint.route("/<period>/actions/new", methods=["GET", "POST"])
@requires(Act.DRAFT_REPORT)
def add(period: str) -> ResponseReturnValue:
    """Note what is to be done."""
    asked = _asked(period)
    there = url_for("reports.month", **_link(asked))
    if request.method == "GET":
        return _action(Said(""), 0, there)
    said = _said()
    try:
        if error := _wrong_day():
            raise error
        actions.add(asked.period, asked.scope.name, said, actor=_actor(), now=g.now, day=_today())
    except BadInput as refused:
        return _action(said, 0, there, refused), 422
    return redirect(there, 303)


@blueprint.route("/actions/<int:id>", methods=["GET", "POST"])
@requires(Act.DRAFT_REPORT)
def action(id: int) -> ResponseReturnValue:
    """Word an action otherwise, or say what became of it."""
    row = actions.find(db.session(), id)
    there = _back(row)
    if request.method == "GET":
        return _action(Said(row.what, row.who, row.until, row.state, row.note), row.version, there)
    said, version = _said(), request.form.get("version", 0, type=int)
    try:
        if error := _wrong_day():
            raise error
        actions.change(id, said, actor=_actor(), now=g.now, day=_today(), version=version)
    except (BadInput, Stale) as refused:
        row = actions.find(db.session(), id)
        status = 409 if isinstance(refused, Stale) else 422
        return _action(said, row.version, there, refused), status
    return redirect(there, 303)


@blueprint.post("/actions/<int:id>/done")
@requires(Act.DRAFT_REPORT)
def done(id: int) -> ResponseReturnValue:
    """Tick an action off, or open it again."""
    row = actions.find(db.session(), id)
    there = _back(row)
    state = OPEN if request.form.get("state") == OPEN else DONE
    actions.settle(id, state, actor=_actor(), now=g.now, day=_today())
    return redirect(there, 303)


def _back(row: Action) -> str:
    """Give where somebody came from: a month's page, or the list of all."""
    period = request.values.get("from", "")
    if period == "all":
        return url_for("drafting.index")
    scope = None if row.scope == ALL else row.scope
    try:
        commands.read(directory(db.session()), period, row.scope, None, "en")
    except BadInput:
        period = row.period
    return url_for("reports.month", period=period, scope=scope)


def _said() -> Said:
    state = request.form.get("state", OPEN)
    day = read_day(request.form.get("until", ""))
    return Said(typed("what"), typed("who"), day, state, typed("note"))


def _wrong_day() -> BadInput | None:
    said = request.form.get("until", "").strip()
    return BadInput(_("Please choose a day.")) if said and read_day(said) is None else None


def _action(said: Said, version: int, there: str, error: DeskError | None = None) -> str:
    return render_template(
        "reports/action.html",
        said=said,
        version=version,
        cancel_url=there,
        error=error,
        states=STATES,
        lengths=actions,
        say=words,
    )


# Files


@blueprint.get("/<period>/files")
@requires(Act.SEE_REPORTS)
def files(period: str) -> ResponseReturnValue:
    """F6: list every revision in every language: who sealed it, when, with which SHA-256."""
    asked, session = sealed_here(period), db.session()
    sealed = queries.sealed(session, *commands.place(asked))
    if not sealed:
        _asked(period)  # there is a page of what can be sealed
    ids = {row.sealed_by_id for row in sealed if row.sealed_by_id}
    asked_of = approvals.of_all(session, sealed)
    ids |= {it.approver_id for it in asked_of.values()}
    ids |= {it.decided_by_id for it in asked_of.values() if it.decided_by_id}
    return render_template(
        "reports/files.html",
        asked=asked,
        link=_link(asked),
        sealed=sealed,
        names={id: person.name for id in ids if (person := session.get(Person, id))},
        approvals=asked_of,
        say=words,
        setup=directory(session),
    )
