"""The manager's reports: months, a month's figures, the incidents behind each, the PDF."""

from __future__ import annotations

from typing import Any

from flask import (
    Blueprint,
    Response,
    abort,
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
from servicedesk.errors import BadInput
from servicedesk.incidents.models import label
from servicedesk.incidents.visibility import visible
from servicedesk.people.access import requires
from servicedesk.people.models import Person
from servicedesk.people.permissions import Act, may
from servicedesk.reports import (
    commands,
    contents,
    listing,
    overview,
    pictures,
    queries,
    shelf,
    tables,
    words,
)
from servicedesk.reports.commands import LANGUAGES, Asked
from servicedesk.reports.document import MOST
from servicedesk.reports.figures import BY_ID
from servicedesk.reports.queries import Knowledge
from servicedesk.reports.scopes import read_scope
from servicedesk.setup.directory import Directory
from servicedesk.setup.snapshot import directory

blueprint = Blueprint("reports", __name__, url_prefix="/reports")
WAIT = 3  # seconds that a page waits for who is writing


def _setup() -> Directory:
    return directory(db.session())


def _known() -> Knowledge:
    """Give what is known, or what was known when the figures were shown."""
    latest = queries.latest_knowledge(db.session(), WAIT)
    event = request.args.get("known", 0, type=int)
    return queries.knowledge(db.session(), event) if 0 < event < latest.event else latest


def _asked(period: str, language: str = "en") -> Asked:
    """Read period and scope of the address; there is no page for anything else."""
    try:
        return commands.read(_setup(), period, request.args.get("scope", "all"), None, language)
    except BadInput:
        abort(404)


def _page(asked: Asked) -> listing.Page:
    at = request.args.get("at")
    return listing.page(db.session(), _setup(), asked, now=g.now, known=_known(), at=at)


@blueprint.get("")
@requires(Act.SEE_REPORTS)
def index() -> ResponseReturnValue:
    """List the months."""
    setup, known = _setup(), _known()
    scope = read_scope("all", setup)
    now = shelf.moment(g.now, known)
    last = request.args.get("last")
    found = overview.overview(db.session(), setup, scope, now=now, known=known, last=last)
    return render_template("reports/index.html", overview=found, **_words(setup))


def _words(setup: Directory) -> dict[str, Any]:
    return {
        "setup": setup,
        "say": words,
        "draw": pictures,
        "figure_of": BY_ID,
        "goals": setup.more.get("goals") or {},
        "languages_of_reports": LANGUAGES,
        "label": label,
        "tables": tables,
        "may_make": may(current_user, Act.MAKE_REPORT),
        "longest_remark": commands.LONGEST_REMARK,
    }


@blueprint.get("/<period>")
@requires(Act.SEE_REPORTS)
def month(period: str) -> ResponseReturnValue:
    """Show a period's figures, as they were sealed or as they are known."""
    asked = _asked(period)
    page = _page(asked)
    return render_template(
        "reports/month.html", page=page, doc=page.doc, it=page.doc.contents,
        scopes=listing.scopes(_setup()), most_exclusions=MOST["exclusions"], **_words(_setup()),
    )  # fmt: skip


@blueprint.get("/<period>/figures/<id>")
@requires(Act.SEE_REPORTS)
def figure(period: str, id: str) -> ResponseReturnValue:
    """F7: list exactly the incidents behind a figure."""
    if id not in BY_ID:
        abort(404)
    asked = _asked(period)
    page = _page(asked)
    person: Person = current_user._get_current_object()
    show, after = request.args.get("show", "all"), request.args.get("after", 0, type=int)
    said = request.args.get("sort", "number")
    sort = said if said in listing.SORTS else "number"
    rows = listing.cases(page, BY_ID[id], show, after, sort)
    numbers = [case.number for case in rows.cases]
    titles = queries.visible_titles(db.session(), numbers, visible(person))
    return render_template(
        "reports/figure.html", page=page, figure=BY_ID[id], rows=rows, titles=titles, show=show,
        sort=sort, **_words(_setup()),
    )  # fmt: skip


@blueprint.get("/<period>/report.pdf")
@requires(Act.SEE_REPORTS)
def pdf(period: str) -> ResponseReturnValue:
    """Download the PDF: as it was sealed, else a draft."""
    language = request.args.get("language", "en")
    asked = _asked(period, language)
    sealed = _sealed(asked)
    if sealed:
        row = next((row for row in sealed if row.language == language), None) or abort(404)
        return _file(commands.read_file(row), asked, f"r{row.revision}")
    person: Person = current_user._get_current_object()
    page = _page(asked)
    return _file(commands.draft(asked, page.doc.contents, person).pdf, asked, "draft")


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
    asked = _asked(period)
    sealed = _sealed(asked)
    if sealed:
        said = sealed[0].figures
    else:
        said = _page(asked).doc.contents.as_json(None)
    return Response(contents.dumps(said), mimetype="application/json")


@blueprint.post("/<period>/seal")
@requires(Act.MAKE_REPORT)
def seal(period: str) -> ResponseReturnValue:
    """F6: seal a period that has ended, in both languages."""
    person: Person = current_user._get_current_object()
    remarks = commands.Remarks(*map(_remark, ("comment", "wanted")))
    for language in LANGUAGES:
        asked = _asked(period, language)
        if not contents.ended(asked.period, _setup(), g.now):
            raise BadInput(_("The period has not ended: there is only a draft of it."))
        made = commands.make(asked, now=g.now, author=person, remarks=remarks)
    flash(_("Sealed as revision %(n)s.", n=made.revision))
    scope = None if asked.scope.name == "all" else asked.scope.name
    return redirect(url_for("reports.month", period=period, scope=scope))


def _remark(name: str) -> str:
    """Read a comment as it was typed, whatever its lines end with."""
    return "\n".join(request.form.get(name, "").strip().splitlines())
