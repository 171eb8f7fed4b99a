"""Lists as files: as CSV, and as a workbook."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from typing import IO
from urllib.parse import urlencode

from flask import Blueprint, Response, abort, g, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from servicedesk import times
from servicedesk.db import db
from servicedesk.exports import decisions, handed, incidents, others, reports, scores, writing
from servicedesk.exports.lists import Asked, List
from servicedesk.exports.sheet import Sheet
from servicedesk.formats import reader_zone
from servicedesk.partners.score.measures import MEASURES
from servicedesk.people.access import requires
from servicedesk.people.models import Person
from servicedesk.people.permissions import Act, Reach, may
from servicedesk.reports import dashboard
from servicedesk.reports.listing import Page
from servicedesk.reports.scopes import NoScope
from servicedesk.reports.showing import asked_here, page_of
from servicedesk.setup.snapshot import directory

blueprint = Blueprint("exports", __name__, url_prefix="/exports")
IN_MEMORY = 2_000_000  # bytes; a larger file is on disk while it is made
TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
LISTS: Mapping[str, List] = {
    "incidents": List(Act.SEE_INCIDENT, incidents.workbench, (Reach.ALL,)),
    "my-incidents": List(Act.LOG_INCIDENT, incidents.own),
    "inbox": List(Act.ANSWER_HANDOFF, handed.inbox, (Reach.HANDED,)),
    "work-requests": List(Act.ANSWER_HANDOFF, handed.work_requests),
    "board-hand-offs": List(Act.SEE_BOARD, handed.board_handoffs),
    "board-stays": List(Act.SEE_BOARD, handed.board_stays),
    "board-work-requests": List(Act.SEE_BOARD, handed.board_requests),
    "board-wishes": List(Act.SEE_BOARD, handed.board_wishes),
    "firings": List(Act.SEE_RULES, others.firings),
    "people": List(Act.SET_UP, others.people),
    "messages": List(Act.KEEP_PROFILE, others.messages),
    "search": List(Act.SEE_INCIDENT, incidents.found, (Reach.ALL, Reach.OWN)),
    "search-hand-offs": List(Act.SEE_INCIDENT, handed.found_handoffs, (Reach.HANDED,)),
    "search-work-requests": List(Act.SEE_INCIDENT, handed.found_requests, (Reach.HANDED,)),
    "exclusions": List(Act.DECIDE_EXCLUSION, decisions.exclusions),
    "approvals": List(Act.DECIDE_APPROVAL, decisions.waiting),
    "set-aside-mail": List(Act.DECIDE_MAIL, decisions.mail),
    "major-incidents": List(Act.SEE_MAJORS, decisions.major_incidents),
    "partners": List(Act.SEE_SCORE, scores.every, (Reach.ALL,)),
    "reports": List(Act.SEE_REPORTS, reports.every),
    "report-actions": List(Act.SEE_REPORTS, reports.todo),
}
NAMES = ", ".join(f"'{name}'" for name in LISTS)
FORMATS = "<any(csv, xlsx):format>"
NOT_ASKED = ("after", "before", "handed", "asked")  # a file has all pages


@blueprint.app_template_global()
def export_url(name: str, format: str) -> str:
    """Give the address of the list that is shown, as a file."""
    said = {key: text for key, text in request.args.items() if key not in NOT_ASKED}
    address = url_for("exports.one", name=name, format=format)
    return f"{address}?{urlencode(said)}" if said else address


def _asked() -> Asked:
    person: Person = current_user._get_current_object()
    session = db.session()
    return Asked(session, person, directory(session), g.now, request.args)


def _answer(sheets: Sequence[Sheet], name: str, format: str) -> Response:
    """Make the file, a row at a time, and hand it over."""
    with ExitStack() as unless_sent:
        out = unless_sent.enter_context(tempfile.SpooledTemporaryFile(IN_MEMORY))
        if format == "csv":
            text = io.TextIOWrapper(out, encoding="utf-8", newline="", write_through=True)
            writing.to_csv(sheets[0], reader_zone(), text)
            text.detach()
        else:
            writing.to_xlsx(sheets, reader_zone(), g.now, out)
        size = out.seek(0, io.SEEK_END)
        out.seek(0)
        if size <= IN_MEMORY:
            return _sent(io.BytesIO(out.read()), name, format)
        unless_sent.pop_all()  # the server closes it
        return _sent(out, name, format)


def _sent(file: IO[bytes], name: str, format: str) -> Response:
    day = times.local_day(g.now, reader_zone())
    return send_file(
        file, TYPES[format], as_attachment=True, download_name=f"{name}-{day}.{format}", max_age=0
    )


@blueprint.get(f"/<any({NAMES}):name>.{FORMATS}")
@requires(Act.KEEP_PROFILE)
def one(name: str, format: str) -> ResponseReturnValue:
    """Give a list as it is narrowed and sorted: all pages of it, for who has its page."""
    wanted, asked = LISTS[name], _asked()
    if not wanted.is_for(asked.person):
        abort(404)
    return _answer([wanted.make(asked)], name, format)


@blueprint.get(f"/partners/<slug:key>/hand-offs.{FORMATS}")
@requires(Act.SEE_SCORE, Reach.ALL)
def company(key: str, format: str) -> ResponseReturnValue:
    """Give a partner company's hand-offs, as the list is narrowed."""
    asked = _asked()
    party = asked.setup.by_key.get(key)
    if party is None or not party.is_partner:
        abort(404)
    return _answer([handed.company(asked, party)], f"hand-offs-{key}", format)


@blueprint.get(f"/partners/<slug:key>/figures/<id>.{FORMATS}")
@requires(Act.SEE_SCORE, Reach.ALL)
def score(key: str, id: str, format: str) -> ResponseReturnValue:
    """F7: give what is behind a figure of a partner company's score."""
    asked = _asked()
    party = asked.setup.by_key.get(key)
    if party is None or not party.is_partner or id not in MEASURES:
        abort(404)
    sheet = scores.figure(asked, party, id, theirs=False)
    return _answer([sheet], f"{key}-{id}", format)


@blueprint.get(f"/score/<slug:key>/<id>.{FORMATS}")
@requires(Act.SEE_SCORE, Reach.HANDED)
def own_score(key: str, id: str, format: str) -> ResponseReturnValue:
    """F7, H8: give what is behind a figure of one's own company's score."""
    asked = _asked()
    own = {row.key: f"partner:{row.id}" for row in asked.person.partners if row.active}
    if key not in own or id not in MEASURES:
        abort(404)
    sheet = scores.figure(asked, asked.setup.party(own[key]), id, theirs=True)
    return _answer([sheet], f"{key}-{id}", format)


@blueprint.get(f"/webhooks/<slug:key>.{FORMATS}")
@requires(Act.SET_UP)
def calls(key: str, format: str) -> ResponseReturnValue:
    """Give the calls of a webhook."""
    asked = _asked()
    hook = asked.setup.hooks.get(key)
    if hook is None:
        abort(404)
    return _answer([others.calls(asked, hook)], f"calls-{key}", format)


@blueprint.get(f"/figures/<period>/<id>.{FORMATS}")
@requires(Act.SEE_DASHBOARD)
def figure(period: str, id: str, format: str) -> ResponseReturnValue:
    """F7: give exactly the cases behind a figure."""
    asked = _asked()
    page, one = _report(asked, period), dashboard.figures(asked.person).get(id)
    if one is None:
        abort(404)
    return _answer([reports.figure(asked, page, one)], f"{period}-{id}", format)


def _report(asked: Asked, period: str) -> Page:
    """Read a report; §9: who sees no reports has the running month of their own part alone."""
    try:
        scope = dashboard.scope(asked.person, asked.setup, asked.said("scope"))
    except NoScope:
        abort(404)
    said = asked_here(period, scope=scope.name)
    runs = said.period == dashboard.running(asked.now, asked.setup)
    if not (runs or may(asked.person, Act.SEE_REPORTS)):
        abort(404)
    return page_of(said)


@blueprint.get("/reports/<period>.xlsx")
@requires(Act.SEE_REPORTS)
def report(period: str) -> ResponseReturnValue:
    """Give a report's data as a workbook: figures, incidents, cases."""
    page = _report(_asked(), period)
    return _answer(reports.whole(page), f"report-{period}", "xlsx")
