"""Hand-off dialogs for the desk, and the inbox of partner companies."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from servicedesk.db import db
from servicedesk.errors import DeskError, NotAllowed, NotFound, Stale
from servicedesk.escalation import commands, forms, path, queries
from servicedesk.incidents import detail, handoff_reasons, narrowing
from servicedesk.incidents.chips import day_length
from servicedesk.incidents.detail import Detail
from servicedesk.incidents.explained import page as why_page
from servicedesk.incidents.files import uploads
from servicedesk.incidents.listing import by_tier
from servicedesk.incidents.meters import span
from servicedesk.incidents.telling import Told
from servicedesk.people.access import requires
from servicedesk.people.models import Person
from servicedesk.people.permissions import Act, Reach
from servicedesk.setup.directory import Directory, Party
from servicedesk.setup.snapshot import directory
from servicedesk.times import local_day

blueprint = Blueprint("escalation", __name__)
Others = Iterable[tuple[str, list[Party]]]  # parties under their tiers


def actor() -> Person:
    """Give the person who acts."""
    person: Person = current_user._get_current_object()
    return person


def now() -> datetime:
    """Give the instant of this request."""
    instant: datetime = g.now
    return instant


def _read(number: int) -> Detail:
    found = detail.read(db.session(), actor(), number, now())
    if found is None:
        raise NotFound(_("There is no such incident, or it is not for you."))
    return found


def _page(number: int) -> ResponseReturnValue:
    return redirect(url_for("incidents.page", number=number), 303)


@blueprint.route("/incidents/<incident:number>/hand-off", methods=["GET", "POST"])
@requires(Act.WORK_INCIDENT)
def hand_off(number: int) -> ResponseReturnValue:
    """H3: hand an incident off; the next step of the path is offered first."""
    found = _read(number)
    form = forms.HandOffForm()
    near, others = _receivers(found)
    form.offer(
        [_choice(p) for p in near],
        {t: [_choice(p) for p in ps] for t, ps in others},
        handoff_reasons.choices(found.setup),
    )
    if not form.is_submitted():
        form.version.data = str(found.incident.version)
        following = _next_step(found) or (None if others else next(iter(near), None))
        form.to.data = following.key if following else "-"
        return _hand_off_page(form, found, near)
    if not form.validate():
        return _hand_off_page(form, found, near), 422
    try:
        _send(number, form, found)
    except (NotFound, NotAllowed):
        raise
    except DeskError as error:
        form.form_errors.append(str(error))
        found = _read(number)
        form.version.data = str(found.incident.version)
        changes = found.changed_since(error.since) if isinstance(error, Stale) else []
        return _hand_off_page(form, found, near, changes), error.status
    return _page(number)


def _choice(party: Party) -> tuple[str, str]:
    return party.key, party.name


def _send(number: int, form: forms.HandOffForm, found: Detail) -> None:
    sent = commands.hand_off(
        number,
        form.receiver,
        actor=actor(),
        now=now(),
        note=form.note.data or "",
        reason=form.reason.data,
        answer_by=form.answer_by(found.setup.zone),
        share_requester=bool(form.share_requester.data),
        share_files=bool(form.share_files.data),
        version=form.based_on,
        uploads=uploads(form.files.data or []),
    )
    flash(_("Handed off.") if sent else _("The lead is asked: it goes back once that is allowed."))


CARDS = 6  # so many parties are offered at once


def _next_step(found: Detail) -> Party | None:
    """H3: give the party that follows on the path, if there is one."""
    service = found.setup.services[found.incident.service_id]
    ref = path.next_step(service.path, found.incident.given_to, _takes(found.setup))
    return found.setup.party(ref) if ref else None


def _takes(setup: Directory) -> Callable[[str], bool]:
    return lambda ref: setup.receives(ref, now())


def _receivers(found: Detail) -> tuple[list[Party], Others]:
    """H3: the path's next step first, then its other steps; then all other parties."""
    setup, here = found.setup, found.incident.given_to
    first = _next_step(found)
    refs = [*([first.ref] if first else []), *setup.services[found.incident.service_id].path]
    steps = [setup.party(ref) for ref in dict.fromkeys(refs) if ref != here]
    takes = _takes(setup)
    near = [party for party in steps if takes(party.ref)][:CARDS]
    others = [p for p in setup.by_key.values() if p.ref != here and p not in near and takes(p.ref)]
    return near, by_tier(others).items()


def _hand_off_page(
    form: forms.HandOffForm, found: Detail, near: list[Party], changes: Sequence[Told] = ()
) -> str:
    incident, first = found.incident, _next_step(found)
    cards = {p.key: _card(p, found.setup, incident.priority, p == first) for p in near}
    return render_template(
        "escalation/hand_off.html",
        form=form,
        it=found,
        incident=incident,
        changes=changes,
        near=near,
        partners=[p.key for p in found.setup.by_key.values() if p.is_partner],
        cards=cards,
        closed=[p.name for p in found.setup.by_key.values() if not p.takes(_today(found.setup))],
        cancel_url=url_for("incidents.page", number=incident.number),
    )


def _today(setup: Directory) -> date:
    return local_day(now(), setup.zone)


def _card(party: Party, setup: Directory, priority: str, is_next: bool) -> dict[str, Any]:
    """Say of a party what its agreement promises."""
    terms = party.agreement.at(now())
    calendar = setup.calendars[terms.calendar]
    said = [_("next on the path")] if is_next else []
    words: dict[str, Callable[..., str]] = {
        "acceptance": lambda time: _("accepts within %(time)s", time=time),
        "answer": lambda time: _("answers within %(time)s", time=time),
    }
    for kind, sentence in words.items():
        target = terms.target(kind, priority)
        if seconds := target and target.seconds_if_any(calendar, now(), now()):
            said.append(sentence(span(seconds, day_length(calendar))))
    return {"tile": (party.kind, party.tier or None), "note": " · ".join(said)}


Does = Callable[..., None]
RECEIVER: dict[str, Does] = {
    "accept": commands.accept,
    "ask": commands.ask,
    "answer": commands.answer,
    "send-back": commands.send_back,
}
SENDER: dict[str, Does] = {
    "recall": commands.recall,
    "reply": commands.reply,
    "refuse-answer": commands.refuse_answer,
    "nudge": commands.nudge,
}
WITH_FILES = ("ask", "answer", "reply", "refuse-answer")


@blueprint.route(
    "/incidents/<incident:number>/hand-offs/<int:n>/"
    "<any('accept', 'ask', 'answer', 'send-back'):act>",
    methods=["GET", "POST"],
)
@requires(Act.ANSWER_HANDOFF)
def receive(number: int, n: int, act: str) -> ResponseReturnValue:
    """H2, H4: the receiver accepts, asks, answers or sends back."""
    back = _back(number, n)
    if act == "accept" and request.method == "POST":
        commands.accept(number, n, actor=actor(), now=now())
        return redirect(back, 303)
    if act == "accept":
        return redirect(back)

    return _text_dialog(number, n, act, back, RECEIVER[act])


def _back(number: int, n: int) -> str:
    if _is_partner():
        return url_for("escalation.sheet", number=number, n=n)
    return url_for("incidents.page", number=number)


def _is_partner() -> bool:
    return actor().has("partner") and not actor().has("agent", "lead")


@blueprint.route(
    "/incidents/<incident:number>/hand-offs/<int:n>/"
    "<any('recall', 'reply', 'refuse-answer', 'nudge'):act>",
    methods=["GET", "POST"],
)
@requires(Act.WORK_INCIDENT)
def send(number: int, n: int, act: str) -> ResponseReturnValue:
    """H2, H4: the desk takes it back, answers a question, refuses an answer or presses for one."""
    back = url_for("incidents.page", number=number)
    if act != "nudge":
        return _text_dialog(number, n, act, back, SENDER[act])
    if request.method == "POST":
        try:
            commands.nudge(number, n, actor=actor(), now=now())
        except (NotFound, NotAllowed):
            raise
        except DeskError as error:
            flash(str(error), "error")
        else:
            flash(_("Pressed for an answer."))
    return redirect(back, 303)


def _text_dialog(number: int, n: int, act: str, back: str, do: Does) -> ResponseReturnValue:
    form = forms.TextForm()
    status = 200
    if form.validate_on_submit():
        files = {"uploads": uploads(form.files.data or [])} if act in WITH_FILES else {}
        try:
            do(number, n, form.body.data or "", actor=actor(), now=now(), **files)
        except (NotFound, NotAllowed):
            raise
        except DeskError as error:
            form.body.errors = [*form.body.errors, str(error)]
            status = 422
        else:
            return redirect(url_for("escalation.inbox") if _is_partner() else back, 303)
    sheet = _sheet_or_incident(number, n)
    said = {"form": form, "act": act, "title": sheet, "number": number, "cancel_url": back}
    said["words"] = queries.words_before(db.session(), actor(), number, n, act)
    return render_template("escalation/text_dialog.html", **said), status


def _sheet_or_incident(number: int, n: int) -> str:
    """Give the title of an incident as this person may see it."""
    if _is_partner():
        sheet = queries.read(db.session(), actor(), number, n, directory(db.session()), now())
        if sheet is None:
            raise NotFound(_("There is no such hand-off, or it is not for you."))
        return sheet.incident.title
    return _read(number).incident.title


@blueprint.post("/incidents/<incident:number>/hand-offs/<int:n>/write")
@requires(Act.WRITE_TO_PARTNER)
def write(number: int, n: int) -> ResponseReturnValue:
    """Write into a partner's thread, from either side."""
    form = forms.TextForm()
    try:
        files = uploads(form.files.data or [])
        commands.write(number, n, form.body.data or "", actor=actor(), now=now(), uploads=files)
    except (NotFound, NotAllowed):
        raise
    except DeskError as error:
        flash(str(error), "error")
    return redirect(_back(number, n) + "#composer", 303)


@blueprint.get("/inbox")
@requires(Act.ANSWER_HANDOFF, Reach.HANDED)
def inbox() -> ResponseReturnValue:
    """Show a partner what was handed to it."""
    session, setup = db.session(), directory(db.session())
    words = request.args.get("q", "").replace("\0", "").strip()[:200]
    counts = queries.counts(session, actor(), words)
    box = request.args.get("box", "to-accept" if counts["to-accept"] else "in-work")
    box = box if box in queries.BOXES else "in-work"
    if words and not counts[box]:  # H7: found in another box
        box = next((name for name in queries.BOXES if counts[name]), box)
    sort, answer, due = (_said(name) for name in ("sort", "answer", "due"))
    asked = queries.Asked(box, sort, answer, due, words)
    found = queries.inbox(session, actor(), asked, setup, now(), request.args.get("after"))
    return render_template(
        "escalation/inbox.html",
        inbox=found,
        asked=asked,
        sorted=asked.order.removeprefix("-"),
        downwards=asked.order.startswith("-"),
        whens=_whens(),
        many=counts[box] > HANDFUL or asked.is_narrowed,
        address=_inbox_address(asked),
        counts=counts,
        box=box,
        setup=setup,
        company=", ".join(partner.name for partner in actor().partners),
    )


HANDFUL = 5  # up to so many need no filter


def _whens() -> dict[str, narrowing.Words]:
    """Name what the inbox can be narrowed to by its two dates."""
    targets = [one for one in narrowing.when_names("target") if one[0] in queries.WHEN]
    return {"answer": narrowing.when_names("requested"), "due": targets}


def _said(name: str) -> str:
    return request.args.get(name, "")[:20]


def _inbox_address(asked: queries.Asked) -> Callable[..., str]:
    """Give what makes addresses of this inbox, with changes; what becomes empty is left out."""

    def address(**changes: str) -> str:
        said: dict[str, Any] = asdict(asked) | changes
        return url_for("escalation.inbox", **{name: text for name, text in said.items() if text})

    return address


@blueprint.get("/hand-offs/<incident:number>/<int:n>")
@requires(Act.ANSWER_HANDOFF, Reach.HANDED)
def sheet(number: int, n: int) -> ResponseReturnValue:
    """H8: show a hand-off as its partner may see it."""
    setup = directory(db.session())
    found = queries.read(db.session(), actor(), number, n, setup, now())
    if found is None:
        abort(404)
    return render_template(
        "escalation/sheet.html",
        sheet=found,
        handoff=found.handoff,
        incident=found.incident,
        setup=setup,
        form=forms.TextForm(formdata=None),
        ticket=forms.TicketForm(formdata=None, ticket=found.handoff.partner_ticket),
        why=why_page.links(why_page.readable(db.session(), actor(), number, now())),
    )


@blueprint.post("/hand-offs/<incident:number>/<int:n>/ticket")
@requires(Act.ANSWER_HANDOFF, Reach.HANDED)
def ticket(number: int, n: int) -> ResponseReturnValue:
    """H7: keep the partner's own ticket number."""
    form = forms.TicketForm()
    try:
        commands.note_ticket(number, n, form.ticket.data or "", actor=actor(), now=now())
    except (NotFound, NotAllowed):
        raise
    except DeskError as error:
        flash(str(error), "error")
    return redirect(url_for("escalation.sheet", number=number, n=n), 303)


@blueprint.route("/incidents/<incident:number>/hand-offs/<int:n>/ticket", methods=["GET", "POST"])
@requires(Act.WORK_INCIDENT)
def their_ticket(number: int, n: int) -> ResponseReturnValue:
    """H7: the desk notes the ticket number of a partner that works by mail alone."""
    row = queries.to_partner(db.session(), actor(), number, n)
    if row is None:
        raise NotFound(_("There is no such hand-off, or it is not for you."))
    form = forms.TheirTicketForm(ticket=row.partner_ticket)
    if form.validate_on_submit():
        try:
            commands.note_ticket(number, n, form.ticket.data or "", actor=actor(), now=now())
            return _page(number)
        except (NotFound, NotAllowed):
            raise
        except DeskError as error:
            form.ticket.errors = [str(error)]
    return render_template(
        "escalation/ticket.html",
        form=form,
        incident=row.incident,
        party=directory(db.session()).party(row.receiver),
        cancel_url=url_for("incidents.page", number=number),
    ), (422 if form.is_submitted() else 200)
