"""Mails that were set aside: the list, one of them, and what is decided about it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from flask_wtf import FlaskForm

from servicedesk.bridge import deciding, forms, queries, store, words
from servicedesk.bridge.models import HANDOFF, REQUEST, SET_ASIDE, ReceivedMail
from servicedesk.db import db
from servicedesk.errors import DeskError, NotAllowed, NotFound
from servicedesk.incidents.models import label
from servicedesk.people.access import requires
from servicedesk.people.models import Person
from servicedesk.people.permissions import Act
from servicedesk.setup.snapshot import directory

blueprint = Blueprint("bridge", __name__)
HEADERS = 20_000  # characters shown of what stands above the text


def _actor() -> Person:
    person: Person = current_user._get_current_object()
    return person


@blueprint.get("/mail/set-aside")
@requires(Act.DECIDE_MAIL)
def index() -> ResponseReturnValue:
    """List the mails that wait for somebody to decide; or those decided, or dropped."""
    box = request.args.get("box", "")
    box = box if box in queries.BOXES else "waiting"
    found = queries.page(db.session(), _actor(), box, request.args.get("after"))
    return render_template("bridge/index.html", page=found, box=box, words=words)


@blueprint.get("/mail/set-aside/<int:id>")
@requires(Act.DECIDE_MAIL)
def one(id: int) -> ResponseReturnValue:
    """Show a mail as plain text, with what can be decided about it."""
    return _page(_find(id))


def _find(id: int) -> ReceivedMail:
    row = queries.find(db.session(), _actor(), id)
    if row is None:
        raise NotFound(_("There is no such mail, or it is not for you."))
    return row


def _page(row: ReceivedMail, **refused: FlaskForm) -> str:
    raw = store.content(row.kept)
    head = raw.replace(b"\r\n", b"\n").partition(b"\n\n")[0] if raw else b""
    said: dict[str, Any] = {
        "into_thread": _thread_form(row),
        "as_reply": _reply_form(row),
        "as_new": _new_form(row),
    }
    return render_template(
        "bridge/mail.html",
        row=row,
        mail=deciding.read(row.kept) if raw else None,
        head=head[:HEADERS].decode("utf-8", "replace"),
        words=words,
        open=row.state == SET_ASIDE,
        **(said | refused),
    )


def _thread_form(row: ReceivedMail) -> forms.ThreadForm:
    number = label(row.incident.number) if row.incident else ""
    about = row.purpose if row.purpose in (HANDOFF, REQUEST) else HANDOFF
    return forms.ThreadForm(formdata=None, number=number, about=about, n=row.n or 1)


def _reply_form(row: ReceivedMail) -> forms.ReplyForm:
    number = label(row.incident.number) if row.incident else ""
    return forms.ReplyForm(formdata=None, number=number)


def _new_form(row: ReceivedMail, formdata: Any = None) -> forms.NewForm:
    form = forms.NewForm(formdata=formdata, person=row.sender or "")
    services = directory(db.session()).services_by_key.values()
    form.service.choices = [("", _("by its title")), *((s.key, s.name) for s in services)]
    return form


@blueprint.post("/mail/set-aside/<int:id>/<any('thread', 'reply', 'new', 'continue', 'away'):what>")
@requires(Act.DECIDE_MAIL)
def decide(id: int, what: str) -> ResponseReturnValue:
    """Decide about a mail."""
    row = _find(id)
    name, form = _form(what, row)
    if form is not None and not form.validate():
        return _page(row, **{name: form}), 422
    try:
        said = DECISIONS[what](id, form, _actor(), g.now)
    except (NotFound, NotAllowed) as error:
        return _refused(id, name, form, error)
    except DeskError as error:
        return _refused(id, name, form, error)
    flash(said)
    return redirect(url_for("bridge.index"), 303)


def _form(what: str, row: ReceivedMail) -> tuple[str, FlaskForm | None]:
    if what == "thread":
        return "into_thread", forms.ThreadForm()
    if what == "reply":
        return "as_reply", forms.ReplyForm()
    if what == "new":
        return "as_new", _new_form(row, request.form)
    return "", None


def _refused(id: int, name: str, form: FlaskForm | None, error: DeskError) -> ResponseReturnValue:
    """Show why not, beside what was typed."""
    if form is None:
        raise error
    form.form_errors.append(str(error))
    status = 422 if error.status in (400, 404) else error.status
    return _page(_find(id), **{name: form}), status


def _into_thread(id: int, form: Any, actor: Person, now: datetime) -> str:
    number = forms.incident_number(form.number.data)
    deciding.into_thread(id, number, form.about.data, form.n.data, actor=actor, now=now)
    return str(_("Put into the thread of %(number)s.", number=label(number)))


def _as_reply(id: int, form: Any, actor: Person, now: datetime) -> str:
    number = forms.incident_number(form.number.data)
    deciding.as_reply(id, number, actor=actor, now=now)
    return str(_("Put into %(number)s as the requester's reply.", number=label(number)))


def _as_new(id: int, form: Any, actor: Person, now: datetime) -> str:
    person, service = form.person.data or "", form.service.data or ""
    number = deciding.as_new(id, person, service, actor=actor, now=now)
    return str(_("Received as %(number)s.", number=label(number)))


def _go_on(id: int, form: Any, actor: Person, now: datetime) -> str:
    number = deciding.go_on(id, actor=actor, now=now)
    return str(_("Received as %(number)s.", number=label(number)))


def _away(id: int, form: Any, actor: Person, now: datetime) -> str:
    deciding.throw_away(id, actor=actor, now=now)
    return str(_("Thrown away."))


DECISIONS: dict[str, Callable[[int, Any, Person, datetime], str]] = {
    "thread": _into_thread,
    "reply": _as_reply,
    "new": _as_new,
    "continue": _go_on,
    "away": _away,
}


@blueprint.post("/incidents/<incident:number>/comments/<int:comment>/answer")
@requires(Act.WORK_INCIDENT)
def take_as_answer(number: int, comment: int) -> ResponseReturnValue:
    """H7: take a line that a partner has mailed as the answer to its hand-off."""
    deciding.take_as_answer(number, comment, actor=_actor(), now=g.now)
    flash(_("Taken as the answer."))
    return redirect(url_for("incidents.page", number=number), 303)
