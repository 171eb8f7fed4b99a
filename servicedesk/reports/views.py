"""The manager's reports: months, a month's figures, the incidents behind each, the PDF."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    g,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from servicedesk.db import db
from servicedesk.people.access import requires
from servicedesk.people.models import Person
from servicedesk.people.permissions import Act
from servicedesk.reports import (
    choosing,
    commands,
    contents,
    drafting,
    making,
    overview,
    queries,
    sections,
    shelf,
    words,
)
from servicedesk.reports.commands import Asked
from servicedesk.reports.figures import BY_ID
from servicedesk.reports.making import DONE, Making
from servicedesk.reports.narrowed import Marks
from servicedesk.reports.scopes import read_scope
from servicedesk.reports.showing import (
    asked_here,
    behind,
    known_here,
    page_of,
    progress,
    sealed_here,
    setup_here,
    titled,
    words_for,
)
from servicedesk.setup.snapshot import directory

blueprint = Blueprint("reports", __name__, url_prefix="/reports")


def _actor() -> Person:
    person: Person = current_user._get_current_object()
    return person


@blueprint.get("")
@requires(Act.SEE_REPORTS)
def index() -> ResponseReturnValue:
    """List the periods: months, and whatever else was sealed."""
    setup, known = setup_here(), known_here()
    now = shelf.moment(g.now, known)
    last, before = request.args.get("last"), request.args.get("before", 0, type=int)
    scope, session = read_scope("all", setup), db.session()
    found = overview.overview(session, setup, scope, now=now, known=known, last=last)
    others = overview.others(session, setup, before)
    return render_template(
        "reports/index.html", overview=found, others=others,
        scopes=choosing.scopes(session, setup),
        offered=choosing.periods(setup, g.now, found.begun),
        **words_for(_actor(), setup),
    )  # fmt: skip


@blueprint.get("/<period>")
@requires(Act.SEE_REPORTS)
def month(period: str) -> ResponseReturnValue:
    """Show a period's figures, as they were sealed or as they are known."""
    asked, setup, session = asked_here(period), setup_here(), db.session()
    person = _actor()
    page = titled(page_of(asked), person)
    said = page.doc.contents
    return render_template(
        "reports/month.html", page=page, doc=page.doc, it=said, marks=Marks(page.exactly),
        scopes=choosing.scopes(session, setup, choosing.departments_of(said)),
        offered=choosing.periods(setup, g.now, queries.first_logged_at(session)),
        drafting=drafting.read(
            session, setup, asked.period, asked.scope.name, now=g.now, sealed=page.sealed,
            viewer=person.id,
        ),
        **sections.of(page.doc), **words_for(person, setup),
    )  # fmt: skip


@blueprint.get("/<period>/figures/<id>")
@requires(Act.SEE_REPORTS)
def figure(period: str, id: str) -> ResponseReturnValue:
    """F7: list exactly the incidents behind a figure."""
    if id not in BY_ID:
        abort(404)
    page = page_of(asked_here(period))
    crumbs = [
        (_("Reports"), url_for("reports.index")),
        (words.period(page.asked.period), url_for("reports.month", **page.link)),
    ]

    def address(**said: str) -> str:
        return url_for("reports.figure", id=id, **page.exactly | said)

    return behind(page, BY_ID[id], _actor(), address, [*crumbs])


@blueprint.get("/<period>/report.pdf")
@requires(Act.SEE_REPORTS)
def pdf(period: str) -> ResponseReturnValue:
    """Download the PDF: as it was sealed, else a draft."""
    language = request.args.get("language", "en")
    asked = sealed_here(period, language)
    sealed = _sealed(asked)
    if sealed or "revision" in request.args:
        row = next((row for row in sealed if row.language == language), None) or abort(404)
        as_sealed = request.args.get("as") == "sealed"  # without what was approved since
        file = commands.read_file(row) if as_sealed else commands.read_newest(row)
        return _file(file, asked, f"r{row.revision}")
    asked = asked_here(period, language)
    if making.is_large(db.session(), asked.period):
        return _in_background(asked)
    page = page_of(asked)
    return _file(commands.draft(asked, page.doc.contents, _actor()).pdf, asked, "draft")


def _in_background(asked: Asked) -> ResponseReturnValue:
    """Have a large draft made, say how far it is, and give it; `made`: do not begin anew."""
    person, now, known = _actor().id, g.now, known_here()

    def work(at_step: Callable[[int], None]) -> bytes:
        session = db.session()
        setup = directory(session)
        said = contents.work_out(session, setup, asked.period, asked.scope, now=now, known=known)
        at_step(2)
        return commands.draft(asked, said, session.get(Person, person)).pdf

    made = Making.of("draft", *commands.place(asked), asked.language, person)
    step = request.args.get("made", "")
    if not step:
        made.begin(current_app._get_current_object(), work)  # type: ignore[attr-defined]
    if step != "waiting" and made.state == DONE and (file := made.result):
        return _file(file, asked, "draft")
    again: dict[str, Any] = {
        "period": asked.period.name,
        "scope": asked.scope.name,
        "language": asked.language,
    }
    return progress(
        made, asked, again=url_for("reports.pdf", **again),
        here=url_for("reports.pdf", **again, made="waiting"),
        file=url_for("reports.pdf", **again, made="file"),
    )  # fmt: skip


def _sealed(asked: Asked) -> list[Any]:
    """Give a revision in all its languages: the latest, or the one asked for."""
    there = queries.sealed(db.session(), *commands.place(asked))
    wanted = request.args.get("revision", there[0].revision if there else 0, type=int)
    return [row for row in there if row.revision == wanted]


def _file(data: bytes, asked: Asked, mark: str) -> Response:
    scope = "" if asked.scope.name == "all" else f"-{asked.scope.name.replace(':', '-')}"
    name = f"report-{asked.period.name}{scope}-{asked.language}-{mark}.pdf"
    response = Response(data, mimetype="application/pdf")
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response


@blueprint.get("/<period>/report.json")
@requires(Act.SEE_REPORTS)
def figures(period: str) -> ResponseReturnValue:
    """Give the figures as JSON."""
    asked = asked_here(period)
    sealed = _sealed(asked)
    if sealed:
        said = sealed[0].figures
    else:
        said = page_of(asked).doc.contents.as_json(None)
    return Response(contents.dumps(said), mimetype="application/json")
