"""Meetings as pages: those of a company, one's sheet to fill in, to read, and on paper.

A company's own people read the held ones of their own company.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, abort, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from servicedesk import times
from servicedesk.db import db
from servicedesk.errors import BadInput, DeskError, NotAllowed, NotFound, Refused, Stale
from servicedesk.incidents.spans import read_day
from servicedesk.partners.meetings import commands, pdf, queries, typed, words
from servicedesk.partners.meetings.models import Meeting
from servicedesk.partners.score import words as scores
from servicedesk.partners.score.measures import MEASURES
from servicedesk.people.access import requires
from servicedesk.people.models import Person
from servicedesk.people.permissions import Act, Reach, may
from servicedesk.reports import words as reports
from servicedesk.reports.commands import LANGUAGES
from servicedesk.setup.directory import Party
from servicedesk.setup.snapshot import directory

blueprint = Blueprint("meetings", __name__)
AT_ONCE = 50  # items to a form


def _actor() -> Person:
    person: Person = current_user._get_current_object()
    return person


def _now() -> datetime:
    now: datetime = g.now
    return now


def _party(key: str) -> Party:
    """Give a company by its key; there is no page of any other."""
    parties = directory(db.session()).parties.values()
    return next((p for p in parties if p.is_partner and p.key == key), None) or abort(404)


def _own() -> list[Party]:
    """Give the companies of the person who reads."""
    setup = directory(db.session())
    return [setup.party(f"partner:{row.id}") for row in _actor().partners if row.active]


def _own_party(key: str) -> Party:
    return next((party for party in _own() if party.key == key), None) or abort(404)


def _meeting(party: Party, n: int, *, held: bool = False) -> Meeting:
    found = queries.find(db.session(), party.id, n)
    if found is None or (held and found.is_draft):
        raise NotFound(_("There is no such meeting."))
    return found


# The desk's pages


@blueprint.get("/partners/<slug:key>/meetings")
@requires(Act.SEE_MEETINGS, Reach.ALL)
def index(key: str) -> ResponseReturnValue:
    """List the meetings with a company."""
    session, party = db.session(), _party(key)
    setup = directory(session)
    return render_template(
        "partners/meetings.html",
        party=party,
        meetings=queries.listed(session, [party.id]),
        decisions=queries.open_decisions(session, party.id),
        today=times.local_day(_now(), setup.zone),
        may_keep=may(current_user, Act.KEEP_MEETINGS),
        theirs=False,
        report_say=reports,
        setup=setup,
    )


@blueprint.post("/partners/<slug:key>/meetings")
@requires(Act.KEEP_MEETINGS)
def create(key: str) -> ResponseReturnValue:
    """Open the sheet of the next meeting; where there is a draft, go there."""
    party = _party(key)
    day = read_day(request.form.get("day", ""))
    if day is None:
        raise BadInput(_("Please choose a day."))
    try:
        n = commands.open_meeting(party.id, day, actor=_actor(), now=_now())
    except Refused as error:
        flash(str(error), "error")
        return redirect(url_for("meetings.index", key=key), 303)
    return redirect(url_for("meetings.one", key=key, n=n), 303)


@blueprint.route("/partners/<slug:key>/meetings/<int:n>", methods=["GET", "POST"])
@requires(Act.SEE_MEETINGS, Reach.ALL)
def one(key: str, n: int) -> ResponseReturnValue:
    """Show a meeting's sheet; a draft is filled in here."""
    party = _party(key)
    if request.method == "GET":
        return _page(party, _meeting(party, n))
    try:
        version = request.form.get("version", 0, type=int)
        said = typed.changes(request.form)
        commands.save(party.id, n, said, actor=_actor(), now=_now(), version=version)
    except (NotFound, NotAllowed):
        raise
    except DeskError as error:
        status = error.status if isinstance(error, Stale | Refused) else 422
        return _page(party, _meeting(party, n), error), status
    if request.form.get("act") == "hold":
        return redirect(url_for("meetings.hold", key=key, n=n), 303)
    flash(_("Kept."))
    return redirect(url_for("meetings.one", key=key, n=n, part=_part()), 303)


def _part() -> int:
    return max(0, request.values.get("part", 0, type=int))


def _page(party: Party, meeting: Meeting, error: DeskError | None = None) -> str:
    """Show the sheet; a refused form keeps what was typed, beside what is kept now."""
    session = db.session()
    setup = directory(session)
    sheet = queries.sheet(session, setup, meeting, _now())
    last = max(0, len(sheet.items) - 1) // AT_ONCE
    part = min(_part(), last)
    start = part * AT_ONCE
    return render_template(
        "partners/meeting.html",
        party=party,
        meeting=meeting,
        shown=sheet.items[start : start + AT_ONCE] if meeting.is_draft else sheet.items,
        part=part,
        parts=last + 1,
        error=error,
        stale=isinstance(error, Stale),
        typed=request.form if error else {},
        new=range(1, typed.NEW + 1),
        lengths=commands,
        may_keep=meeting.is_draft and may(current_user, Act.KEEP_MEETINGS),
        theirs=False,
        **_words(sheet),
    )


def _words(sheet: Any) -> dict[str, Any]:
    return {
        "sheet": sheet,
        "say": words,
        "score_say": scores,
        "report_say": reports,
        "figure_of": MEASURES,
        "languages_of_reports": LANGUAGES,
    }


@blueprint.route("/partners/<slug:key>/meetings/<int:n>/hold", methods=["GET", "POST"])
@requires(Act.KEEP_MEETINGS)
def hold(key: str, n: int) -> ResponseReturnValue:
    """Ask whether a meeting was held, and let its sheet stay as it is."""
    party = _party(key)
    there = url_for("meetings.one", key=key, n=n)
    return _asked("hold", party, n, commands.hold, _("Held: this sheet stays as it is now."), there)


@blueprint.route("/partners/<slug:key>/meetings/<int:n>/discard", methods=["GET", "POST"])
@requires(Act.KEEP_MEETINGS)
def discard(key: str, n: int) -> ResponseReturnValue:
    """Ask whether a draft is to be thrown away, and do so."""
    party = _party(key)
    there = url_for("meetings.index", key=key)
    return _asked("discard", party, n, commands.discard, _("The draft was discarded."), there)


def _asked(
    what: str, party: Party, n: int, command: Callable[..., None], done: str, there: str
) -> ResponseReturnValue:
    """Ask in a dialog before something is done to a draft; say why, where it is refused."""
    meeting, error, status = _meeting(party, n), "", 200
    if request.method == "POST":
        version = request.form.get("version", 0, type=int)
        try:
            command(party.id, n, actor=_actor(), now=_now(), version=version)
        except (Refused, Stale) as refused:
            error, status = str(refused), refused.status
            meeting = _meeting(party, n)
        else:
            flash(done)
            return redirect(there, 303)
    said = {"meeting": meeting, "party": party, "error": error, "report_say": reports}
    return render_template(f"partners/{what}.html", **said), status


@blueprint.get("/partners/<slug:key>/meetings/<int:n>/sheet.pdf")
@requires(Act.SEE_MEETINGS, Reach.ALL)
def paper(key: str, n: int) -> ResponseReturnValue:
    """Download a sheet as PDF: a draft, or as it was held."""
    party = _party(key)
    return _pdf(party, _meeting(party, n))


def _pdf(party: Party, meeting: Meeting) -> Response:
    language = request.args.get("language", "en")
    if language not in LANGUAGES:
        raise BadInput(_("This address is not a page."))
    session = db.session()
    sheet = queries.sheet(session, directory(session), meeting, _now())
    mark = "" if sheet.held else "-draft"
    name = f"meeting-{party.key}-{sheet.day.isoformat()}-{language}{mark}.pdf"
    response = Response(pdf.to_pdf(sheet, language), mimetype="application/pdf")
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response


# The company's own


@blueprint.get("/inbox/meetings")
@requires(Act.SEE_MEETINGS, Reach.HANDED)
def own() -> ResponseReturnValue:
    """List the held meetings of one's own company."""
    session, parties = db.session(), _own()
    found = queries.listed(session, [party.id for party in parties], held=True)
    return render_template(
        "partners/meetings.html",
        meetings=found,
        keys={party.id: party.key for party in parties},
        theirs=True,
        many=len(parties) > 1,
        report_say=reports,
    )


@blueprint.get("/inbox/meetings/<slug:key>/<int:n>")
@requires(Act.SEE_MEETINGS, Reach.HANDED)
def own_one(key: str, n: int) -> ResponseReturnValue:
    """H8: show a held meeting's sheet to the company's people."""
    party = _own_party(key)
    meeting = _meeting(party, n, held=True)
    sheet = queries.sheet(db.session(), directory(db.session()), meeting, _now())
    return render_template(
        "partners/meeting.html", party=party, meeting=meeting, shown=sheet.items, typed={},
        theirs=True, may_keep=False, **_words(sheet),
    )  # fmt: skip


@blueprint.get("/inbox/meetings/<slug:key>/<int:n>/sheet.pdf")
@requires(Act.SEE_MEETINGS, Reach.HANDED)
def own_paper(key: str, n: int) -> ResponseReturnValue:
    """H8: download a held meeting's sheet."""
    party = _own_party(key)
    return _pdf(party, _meeting(party, n, held=True))
