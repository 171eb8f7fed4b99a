"""H6: pages of work requests, for who asks and for who does the work."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from servicedesk.db import db
from servicedesk.errors import DeskError, NotAllowed, NotFound
from servicedesk.escalation import forms
from servicedesk.escalation.work import commands, queries, working
from servicedesk.escalation.work.forms import WorkRequestForm
from servicedesk.escalation.work.queries import Sheet
from servicedesk.incidents import detail
from servicedesk.incidents.detail import Detail
from servicedesk.incidents.files import uploads
from servicedesk.incidents.listing import by_tier
from servicedesk.people.access import requires
from servicedesk.people.permissions import Act
from servicedesk.setup.snapshot import directory
from servicedesk.times import local_day

blueprint = Blueprint("work", __name__)


@blueprint.route("/incidents/<incident:number>/work-requests/new", methods=["GET", "POST"])
@requires(Act.WORK_INCIDENT)
def new(number: int) -> ResponseReturnValue:
    """Ask a group or partner for some work beside."""
    found = detail.read(db.session(), current_user, number, g.now)
    if found is None:
        raise NotFound(_("There is no such incident, or it is not for you."))
    form = WorkRequestForm()
    day = local_day(g.now, found.setup.zone)
    story = found.work.story
    others = [p for p in found.setup.by_key.values() if p.ref != story.given_to]
    free = [p for p in others if p.takes(day) and working.reads(story, p)]
    form.offer({tier: [(p.key, p.name) for p in ps] for tier, ps in by_tier(free).items()})
    if not form.is_submitted():
        form.version.data = str(found.incident.version)
    elif form.validate():
        try:
            _ask(number, form, found)
            return redirect(url_for("incidents.page", number=number), 303)
        except (NotFound, NotAllowed):
            raise
        except DeskError as error:
            form.form_errors.append(str(error))
    return render_template(
        "escalation/work/new.html",
        form=form,
        incident=found.incident,
        cancel_url=url_for("incidents.page", number=number),
    ), (422 if form.is_submitted() else 200)


def _ask(number: int, form: WorkRequestForm, found: Detail) -> None:
    commands.request(
        number,
        form.to.data,
        form.title.data or "",
        form.body.data or "",
        actor=current_user,
        now=g.now,
        due=form.due(found.setup.zone),
        must_finish=bool(form.must_finish.data),
        version=form.based_on,
        uploads=uploads(form.files.data or []),
    )
    flash(_("Asked for."))


@blueprint.get("/work-requests")
@requires(Act.ANSWER_HANDOFF)
def index() -> ResponseReturnValue:
    """List what is asked of one's groups or company."""
    session, setup = db.session(), directory(db.session())
    words = request.args.get("q", "").replace("\0", "").strip()[:200]
    counts = queries.counts(session, current_user, words)
    box = request.args.get("box", "open")
    box = box if box in queries.BOXES else "open"
    if words and not counts[box]:  # found in the other box
        box = next((name for name in queries.BOXES if counts[name]), box)
    after = request.args.get("after")
    return render_template(
        "escalation/work/index.html",
        listed=queries.listed(session, current_user, box, setup, g.now, after, words),
        counts=counts,
        box=box,
        words=words,
        after=after,
        setup=setup,
    )


def _sheet(number: int, n: int) -> Sheet:
    session = db.session()
    found = queries.read(session, current_user, number, n, directory(session), g.now)
    if found is None:
        abort(404)
    return found


@blueprint.get("/work-requests/<incident:number>/<int:n>")
@requires(Act.SEE_INCIDENT)
def sheet(number: int, n: int) -> ResponseReturnValue:
    """Show a work request with its thread; H8: a partner sees of the incident its number alone.

    §9: a manager reads it as well; who reads no notes finds none (`queries.seen`).
    """
    found = _sheet(number, n)
    return render_template(
        "escalation/work/sheet.html",
        sheet=found,
        row=found.row,
        incident=found.incident,
        setup=directory(db.session()),
        form=forms.TextForm(formdata=None),
        ticket=(forms.TheirTicketForm if found.works else forms.TicketForm)(
            formdata=None, ticket=found.row.partner_ticket
        ),
    )


def _text(act: Callable[..., None], *, files: bool = False) -> Callable[[int, int], None]:
    """Make of an act with a text what runs it with the form that was sent."""

    def run(number: int, n: int) -> None:
        form = forms.TextForm()
        more: dict[str, Any] = {"uploads": uploads(form.files.data or [])} if files else {}
        act(number, n, form.body.data or "", actor=current_user, now=g.now, **more)

    return run


def _accept(number: int, n: int) -> None:
    commands.accept(number, n, actor=current_user, now=g.now)


def _ticket(number: int, n: int) -> None:
    said = forms.TicketForm().ticket.data or ""
    commands.note_ticket(number, n, said, actor=current_user, now=g.now)


DOES: dict[str, Callable[[int, int], None]] = {
    "accept": _accept,
    "ticket": _ticket,
    "write": _text(commands.write, files=True),
    "finish": _text(commands.finish, files=True),
    "send-back": _text(commands.send_back),
    "withdraw": _text(commands.withdraw),
}
DIALOGS = ("finish", "send-back", "withdraw")


@blueprint.route(
    "/work-requests/<incident:number>/<int:n>/"
    "<any('accept', 'ticket', 'write', 'finish', 'send-back', 'withdraw'):act>",
    methods=["GET", "POST"],
)
@requires(Act.ANSWER_HANDOFF)
def do(number: int, n: int, act: str) -> ResponseReturnValue:
    """H6: accept, write, finish, send back, or as the desk withdraw."""
    back = url_for("work.sheet", number=number, n=n)
    error = ""
    if request.method == "POST":
        try:
            DOES[act](number, n)
            return redirect(back, 303)
        except (NotFound, NotAllowed):
            raise
        except DeskError as refused:
            error = str(refused)
    found = _sheet(number, n)
    if act not in DIALOGS:
        if error:
            flash(error, "error")
        return redirect(back, 303)
    form = forms.TextForm()
    form.body.errors = [error] if error else ()
    said = {"form": form, "act": act, "row": found.row, "number": number, "cancel_url": back}
    return render_template("escalation/work/dialog.html", **said), 422 if error else 200
