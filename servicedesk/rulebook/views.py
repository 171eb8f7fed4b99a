"""The pages of the rules: all policies, one of them, and what the rules do today."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user

from servicedesk.administration.commands import try_again
from servicedesk.db import db
from servicedesk.errors import NotFound, Refused
from servicedesk.mail import words as mail_words
from servicedesk.people.access import requires
from servicedesk.people.models import Person
from servicedesk.people.permissions import Act, may
from servicedesk.rulebook import compare, drafts, messages, queries, today, words
from servicedesk.rulebook.queries import Known
from servicedesk.setup import editing
from servicedesk.setup.directory import Directory
from servicedesk.setup.snapshot import directory
from servicedesk.signals import words as signal_words
from servicedesk.signals.payload import TEST

blueprint = Blueprint("rulebook", __name__)
FEW = 8  # policies; the rules of more are folded
BOXES = ("fired", "next", "held", "unsent")


@blueprint.context_processor
def _words() -> dict[str, Any]:
    return {
        "words": words,
        "differences": compare,
        "message_name": _message_name,
        "error_of": _error_of,
        "keeps": may(current_user, Act.KEEP_RULES),
    }


def _message_name(row: messages.Message) -> str:
    if row.event is not None:
        return signal_words.kind(row.event or TEST)
    return mail_words.message(row.kind)


def _error_of(row: messages.Unsent) -> str:
    return row.error if row.event is None else signal_words.why(row.error)


def _setup() -> Directory:
    return directory(db.session())


def _known(key: str) -> Known:
    known = queries.one(db.session(), key)
    if known is None:
        raise NotFound(_("There is no such policy."))
    return known


@blueprint.get("/rules")
@requires(Act.SEE_RULES)
def index() -> ResponseReturnValue:
    """List the policies: what each does, who goes by it, since when, and by whom."""
    setup, known = _setup(), queries.everything(db.session())
    services = queries.services(setup)
    return render_template(
        "rulebook/index.html",
        policies=[it for it in known if it.active],
        retired=[it for it in known if not it.active],
        users={it.key: [service for service in services if service.policy == it.key]
               for it in known},
        without=[service for service in services if not service.policy],
        setup=setup,
        few=FEW,
    )  # fmt: skip


@blueprint.get("/rules/<slug:key>")
@requires(Act.SEE_RULES)
def one(key: str) -> ResponseReturnValue:
    """Show a policy: its steps as sentences, who goes by it, and its versions."""
    known, setup = _known(key), _setup()
    return render_template(
        "rulebook/one.html",
        known=known,
        users=queries.users(setup, key) if known.active else [],
        history=_history(known),
        setup=setup,
    )


def _history(known: Known) -> list[dict[str, Any]]:
    """List the versions, the newest first, each by what it differs from the one before."""
    lines: list[dict[str, Any]] = []
    for before, version in zip([None, *known.versions], known.versions, strict=False):
        changes = compare.differences(before.steps, version.steps) if before else []
        lines.append({"version": version, "changes": changes, "is_first": before is None})
    return lines[::-1]


@blueprint.route("/rules/<slug:key>/retire", methods=["GET", "POST"])
@requires(Act.KEEP_RULES)
def retire(key: str) -> ResponseReturnValue:
    """Take a policy that no service goes by out of use."""
    known, setup = _known(key), _setup()
    users = queries.users(setup, key)
    if request.method == "GET":
        return render_template(
            "rulebook/retire.html",
            known=known,
            users=users,
            cancel_url=url_for("rulebook.one", key=key),
        )
    if not known.active:
        raise NotFound(_("There is no such policy, or it is no longer in use."))
    if users:
        names = ", ".join(service.name for service in users)
        raise Refused(_("This policy is in use: %(names)s.", names=names))
    data = drafts.without(editing.document(db.session()), key)
    editing.publish(data, g.now, setup.revision, by=current_user.id)
    flash(_("The policy %(name)s is no longer in use.", name=key))
    return redirect(url_for("rulebook.index"), 303)


# What the rules do today


@blueprint.get("/rules/today")
@requires(Act.SEE_RULES)
def board() -> ResponseReturnValue:
    """Show what fired today, what is next due, what waits, and what could not be sent."""
    session, setup = db.session(), _setup()
    person: Person = current_user._get_current_object()
    box = request.args.get("show", BOXES[0])
    box = box if box in BOXES else BOXES[0]
    policy, step = (request.args.get(name, "")[:64] for name in ("policy", "step"))
    rule = (policy, step) if policy and step else None
    after = request.args.get("after")
    read: dict[str, Callable[[], tuple[Sequence[Any], str | None]]] = {
        "fired": lambda: today.fired(session, person, setup.zone, g.now, rule, after),
        "next": lambda: today.coming(session, person, after),
        "held": lambda: messages.held(session, person, after),
        "unsent": lambda: messages.unsent(session, person, after),
    }
    rows, following = read[box]()
    return render_template(
        "rulebook/today.html",
        overview=today.overview(session, setup.zone, g.now),
        box=box,
        rows=rows,
        rule=rule,
        later=_board(box, rule, following) if following else "",
        first=_board(box, rule, None) if after else "",
        board=_board,
        policies=setup.policies,
    )


def _board(box: str, rule: today.Rule | None = None, after: str | None = None) -> str:
    said: dict[str, Any] = {"policy": rule[0], "step": rule[1]} if rule else {}
    return url_for("rulebook.board", show=box, **said, after=after)


@blueprint.post("/rules/messages/again")
@requires(Act.KEEP_RULES)
def again() -> ResponseReturnValue:
    """Send one message again, or all that could not be sent."""
    try:
        count = try_again(now=g.now, message=request.form.get("message", type=int))
    except Refused as error:
        flash(str(error), "error")
        return redirect(_board("unsent"), 303)
    flash(
        ngettext("%(num)s message is tried again.", "%(num)s messages are tried again.", count)
        if count
        else _("There is nothing to try again: it was sent meanwhile, or is being sent.")
    )
    return redirect(_board("unsent"), 303)
