"""On call as pages: everybody's, a group's, taking over and swapping."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from wtforms import Form

from servicedesk import times
from servicedesk.db import db
from servicedesk.errors import BadInput, DeskError, NotAllowed, NotFound, Refused
from servicedesk.oncall import commands, month, queries, words
from servicedesk.oncall.forms import SwapForm, TakeOverForm, choice, local
from servicedesk.oncall.models import DutySwap
from servicedesk.oncall.pages import actor, party_of
from servicedesk.oncall.queries import Book, Standing
from servicedesk.oncall.rota import Turn
from servicedesk.people.access import requires
from servicedesk.people.models import Person
from servicedesk.people.permissions import Act, may
from servicedesk.setup.directory import Directory, Party
from servicedesk.setup.rota import monday
from servicedesk.setup.snapshot import directory

blueprint = Blueprint("oncall", __name__)
WEEKS = 5  # of the calendar
OWN = 12  # turns of one's own
YEARS = 2  # as far as one can leaf


def _now() -> datetime:
    now: datetime = g.now
    return now


def _setup() -> Directory:
    return directory(db.session())


@blueprint.app_template_global("on_call_now")
def on_call_now(ref: str) -> Standing | None:
    """Say who is on call of a group, to who may know; None of a partner."""
    setup = _setup()
    party = setup.parties.get(ref)
    if party is None or party.is_partner or not may(current_user, Act.SEE_ROTA):
        return None
    return queries.standings(db.session(), setup, [party], _now())[0]


# Everybody's


@blueprint.get("/oncall")
@requires(Act.SEE_ROTA)
def index() -> ResponseReturnValue:
    """Say who is on call now for every group, and when oneself is."""
    session, setup, person, now = db.session(), _setup(), actor(), _now()
    groups = queries.groups(setup)
    mine = DutySwap.other_id == person.id
    swaps = queries.open_swaps(session, now, mine | (DutySwap.asker_id == person.id))
    return render_template(
        "oncall/index.html",
        standings=queries.standings(session, setup, groups, now),
        turns=_own(person, groups)[:OWN],
        swaps=swaps,
        people=queries.people(session, [id for it in swaps for id in (it.asker_id, it.other_id)]),
        setup=setup,
        now=now,
        why=queries.Why,
        say=words,
    )


def _own(person: Person, groups: list[Party]) -> list[tuple[Party, Turn]]:
    now = _now()
    book = queries.book(db.session(), _setup(), groups, now, now + queries.AHEAD)
    found = [
        (party, turn)
        for party in groups
        if party.rota
        for turn in book.turns(party)
        if turn.person == person.id
    ]
    return sorted(found, key=lambda it: (it[1].start, it[0].name))


# A group's


@blueprint.get("/oncall/<key>")
@requires(Act.SEE_ROTA)
def group(key: str) -> ResponseReturnValue:
    """Show a group's coming weeks, what was changed, and the swaps that wait."""
    session, setup, party, now = db.session(), _setup(), party_of(key), _now()
    zone = party.rota[-1].zone if party.rota else setup.zone
    this_week = monday(times.local_day(now, zone))
    first = _first_week(this_week)
    start = times.midnight(first, zone) - timedelta(days=2)
    end = start + timedelta(weeks=WEEKS, days=4)
    book = queries.book(session, setup, [party], min(start, now), max(end, now + queries.AHEAD))
    swaps = queries.open_swaps(session, now, DutySwap.group_id == party.id)
    stretches = book.stretches(party, start, end) if party.rota else []
    weeks = month.lay_out(party.rota, stretches, first, WEEKS, now) if party.rota else []
    return render_template(
        "oncall/group.html",
        group=party,
        standing=queries.standings(session, setup, [party], now)[0],
        weeks=weeks,
        this_week=this_week,
        first=first,
        earlier=first - timedelta(weeks=WEEKS),
        later=first + timedelta(weeks=WEEKS),
        turns=_coming(book, party, now),
        changes=queries.coming_changes(session, party, now),
        swaps=swaps,
        people=_everybody(book, swaps),
        keeps=queries.keeps(session, setup, actor(), party, now),
        zone=zone,
        groups=queries.groups(setup),
        now=now,
        why=queries.Why,
        say=words,
    )


def _first_week(this_week: date) -> date:
    """Read with which week the calendar begins; years away is nothing to leaf to."""
    try:
        asked = monday(times.day(request.args.get("from", "")))
    except ValueError:
        return this_week
    return asked if abs((asked - this_week).days) <= YEARS * 366 else this_week


def _coming(book: Book, party: Party, now: datetime) -> list[Turn]:
    turns = book.turns(party) if party.rota else []
    return [turn for turn in turns if turn.end > now][:OWN]


def _everybody(book: Book, swaps: list[DutySwap]) -> dict[int, Person]:
    missing = {id for it in swaps for id in (it.asker_id, it.other_id)} - book.people.keys()
    made = {row.made_by_id for rows in book.changes.values() for row in rows} - book.people.keys()
    return {**book.people, **queries.people(db.session(), missing | made)}


# Taking over


@blueprint.route("/oncall/<key>/take-over", methods=["GET", "POST"])
@requires(Act.SEE_ROTA)
def take_over(key: str) -> ResponseReturnValue:
    """Have somebody take over for a time."""
    party, now = party_of(key), _now()
    commands.check_keeps(party, actor(), now)
    zone = party.rota[-1].zone if party.rota else _setup().zone
    form = TakeOverForm(data=_asked(zone))
    form.offer(queries.crew(db.session(), party))

    def act() -> None:
        start, end = form.instants(zone)
        commands.take_over(
            party.key, form.person.data, start, end, form.reason.data or "",
            actor=actor(), now=now,
        )  # fmt: skip
        flash(_("It is changed, and those concerned are told."))

    return _answer(form, party, act, "oncall/take_over.html", zone=zone)


def _asked(zone: str) -> dict[str, Any]:
    """Read for which time somebody is to take over."""
    found = {}
    for name in ("start", "end"):
        try:
            at = max(times.parse(request.args.get(name, "")), _now())
        except ValueError:
            continue
        found[name] = local(at, zone)
    return found


@blueprint.post("/oncall/change/<int:id>/withdraw")
@requires(Act.SEE_ROTA)
def withdraw_change(id: int) -> ResponseReturnValue:
    """Let a change hold no longer."""
    return _done(
        lambda: commands.withdraw_change(id, actor=actor(), now=_now()),
        _("The rota holds again, and those concerned are told."),
    )


# Swapping


@blueprint.route("/oncall/<key>/swap", methods=["GET", "POST"])
@requires(Act.SEE_ROTA)
def swap(key: str) -> ResponseReturnValue:
    """Ask somebody to take one's own turn."""
    party, now, person = party_of(key), _now(), actor()
    book = queries.book(db.session(), _setup(), [party], now, now + queries.AHEAD)
    turns = book.turns(party) if party.rota else []
    mine = [turn for turn in turns if turn.person == person.id]
    form = SwapForm(data={"turn": request.args.get("turn")})
    form.turn.choices = [(choice(turn.start), words.span(turn.start, turn.end)) for turn in mine]
    crew = [one for one in queries.crew(db.session(), party) if one.id != person.id]
    form.other.choices = _offered(turns, crew)

    def act() -> None:
        other, start = form.chosen()
        commands.ask_swap(
            party.key, times.parse(form.turn.data), other, times.parse(start) if start else None,
            form.note.data or "", actor=actor(), now=now,
        )  # fmt: skip
        flash(_("You have asked. Until they agree it stays your turn."))

    return _answer(form, party, act, "oncall/swap.html", mine=mine, crew=crew)


def _offered(turns: list[Turn], crew: list[Person]) -> dict[str, list[tuple[str, str]]]:
    names = {one.id: one.name for one in crew}
    theirs = [
        (f"{turn.person} {choice(turn.start)}", f"{names[turn.person]}: {_span(turn)}")
        for turn in turns
        if turn.person in names and turn.end > _now()
    ]
    alone = [(str(one.id), one.name) for one in crew]
    found = {_("For a turn of theirs"): theirs, _("Without a turn in return"): alone}
    return {heading: choices for heading, choices in found.items() if choices}


def _span(turn: Turn) -> str:
    return words.span(turn.start, turn.end)


@blueprint.post("/oncall/swap/<int:id>/<any(agree, refuse, withdraw):answer>")
@requires(Act.SEE_ROTA)
def answer_swap(id: int, answer: str) -> ResponseReturnValue:
    """Agree to a swap or refuse it, or ask for it no longer."""
    who: dict[str, Any] = {"actor": actor(), "now": _now()}
    acts: dict[str, tuple[Callable[[], str], str]] = {
        "agree": (
            lambda: commands.answer_swap(id, True, **who),
            _("It is swapped: the calendar shows it already."),
        ),
        "refuse": (lambda: commands.answer_swap(id, False, **who), _("You have refused.")),
        "withdraw": (lambda: commands.withdraw_swap(id, **who), _("You no longer ask for it.")),
    }
    return _done(*acts[answer])


# Answering


def _answer(
    form: Form, party: Party, act: Callable[[], None], template: str, **more: Any
) -> ResponseReturnValue:
    """Do what a form says; refused it is shown again with what was typed."""
    cancel, status = url_for("oncall.group", key=party.key), 200
    if request.method == "POST":
        status = 422
        try:
            if form.validate():
                act()
                return redirect(cancel, 303)
        except (BadInput, Refused) as error:
            form.form_errors.append(str(error))
            status = 422 if isinstance(error, BadInput) else error.status
    page = render_template(template, form=form, group=party, cancel_url=cancel, say=words, **more)
    return page, status


def _done(act: Callable[[], str], said: str) -> ResponseReturnValue:
    """Do something that needs no form, and go on to the group's page."""
    try:
        key = act()
    except (NotFound, NotAllowed):
        raise
    except DeskError as error:
        flash(str(error), "error")
        return redirect(url_for("oncall.index"), 303)
    flash(said)
    return redirect(url_for("oncall.group", key=key), 303)
