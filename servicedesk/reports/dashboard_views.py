"""The dashboard: the running month as it stands, by the figures of its report."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Blueprint, abort, g, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from servicedesk import times
from servicedesk.db import db
from servicedesk.people.access import requires
from servicedesk.people.models import Person
from servicedesk.people.permissions import Act, may
from servicedesk.reports import dashboard, listing
from servicedesk.reports.cases import Case
from servicedesk.reports.narrowed import Marks
from servicedesk.reports.scopes import NoScope
from servicedesk.reports.showing import asked_here, behind, links, page_of, setup_here, words_for

blueprint = Blueprint("dashboard", __name__)


def _actor() -> Person:
    person: Person = current_user._get_current_object()
    return person


def _page() -> listing.Page:
    """Read the running month of the part that is asked for; §9: there is no other."""
    setup = setup_here()
    try:
        scope = dashboard.scope(_actor(), setup, request.args.get("scope", "")[:220])
    except NoScope:
        abort(404)
    period = dashboard.running(_moment(), setup)
    return page_of(asked_here(period.name, scope=scope.name))


def _moment() -> datetime:
    """Give the instant at which the figures were shown, else that of this request."""
    now: datetime = g.now
    try:
        return min(times.parse(request.args.get("at", "")), now)
    except ValueError:
        return now


@blueprint.get("/dashboard")
@requires(Act.SEE_DASHBOARD)
def index() -> ResponseReturnValue:
    """Show the running month: figures, goals, changes, the course and the exceptions."""
    page, person, setup = _page(), _actor(), setup_here()
    doc, mine = page.doc, dashboard.scopes(person, setup)
    everything = mine is None
    listed = [] if dashboard.is_a_companys(person) else doc.breaches[: dashboard.FEW]
    cases = [
        *(case for _fact, case in listed),
        *(case for row in doc.late[: dashboard.FEW] for case in [_case(row.fact.number)]),
        *(case for _fact, case in doc.longest_open[: dashboard.FEW]),
    ]
    return render_template(
        "reports/dashboard.html",
        page=page,
        doc=doc,
        it=doc.contents,
        leading=dashboard.leading(person, doc),
        groups=dashboard.groups(person, doc),
        few=dashboard.FEW,
        breaches=listed,
        titles=listing.titles(db.session(), person, cases),
        link=links(person),
        scopes=listing.scopes(setup) if everything else _own(mine or []),
        everything=everything,
        companys=dashboard.is_a_companys(person),
        reports=may(person, Act.SEE_REPORTS),
        behind=lambda id, **said: url_for("dashboard.figure", id=id, **(_pins(page) | said)),
        marks=Marks(_pins(page), "dashboard.figure"),
        **words_for(person, setup),
    )


def _case(number: int) -> Case:
    return Case(number, 0)


def _own(names: list[str]) -> list[tuple[str, list[tuple[str, str]]]]:
    setup = setup_here()
    return [("", [(name, setup.by_key[name.partition(":")[2]].name) for name in names])]


def _pins(page: listing.Page) -> dict[str, Any]:
    """Give what an address carries to be about exactly the figures that were shown."""
    return {"scope": page.link["scope"]} | page.pins


@blueprint.get("/dashboard/figures/<id>")
@requires(Act.SEE_DASHBOARD)
def figure(id: str) -> ResponseReturnValue:
    """F7: list exactly the incidents behind a figure of the dashboard."""
    one = dashboard.figures(_actor()).get(id)
    if one is None:
        abort(404)
    page = _page()
    pins = _pins(page)

    def address(**said: str) -> str:
        return url_for("dashboard.figure", id=id, **(pins | said))

    back = (_("Dashboard"), url_for("dashboard.index", scope=pins["scope"]))
    return behind(page, one, _actor(), address, [back])
