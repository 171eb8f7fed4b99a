"""What the pages of reports share: what is known, which report is asked for, their words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from flask import abort, g, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from servicedesk.db import db
from servicedesk.errors import BadInput
from servicedesk.incidents.models import label
from servicedesk.incidents.visibility import visible
from servicedesk.people.models import Person
from servicedesk.people.permissions import Act, Reach, may, reaches
from servicedesk.reports import (
    commands,
    listing,
    making,
    pictures,
    queries,
    remarks,
    tables,
    words,
)
from servicedesk.reports.commands import LANGUAGES, Asked
from servicedesk.reports.figures import BY_ID, Figure
from servicedesk.reports.making import Making
from servicedesk.reports.queries import Knowledge
from servicedesk.setup.directory import Directory
from servicedesk.setup.snapshot import directory

WAIT = 3  # seconds that a page waits for who is writing
Address = Callable[..., str]


def setup_here() -> Directory:
    """Give the set-up."""
    return directory(db.session())


def progress(made: Making, asked: Asked, **addresses: str) -> ResponseReturnValue:
    """Say how far something large is, or what came of it; nothing of it may be kept."""
    state = made.state
    page = render_template(
        "reports/making.html", making=made, state=state, steps=making.STEPS, asked=asked,
        say=words, **addresses,
        back=url_for("reports.month", period=asked.period.name, scope=asked.scope.name),
    )  # fmt: skip
    return page, 202 if state == making.RUNNING else 200, {"Cache-Control": "no-store"}


def known_here() -> Knowledge:
    """Give what is known, or what was known when the figures were shown."""
    latest = queries.latest_knowledge(db.session(), WAIT)
    event = request.args.get("known", 0, type=int)
    return queries.knowledge(db.session(), event) if 0 < event < latest.event else latest


def asked_here(period: str, language: str = "en", scope: str | None = None) -> Asked:
    """Read period and scope of the address; there is no page for anything else."""
    said = scope or request.args.get("scope", "all")
    try:
        return commands.read(setup_here(), period, said, None, language)
    except BadInput:
        abort(404)


def sealed_here(period: str, language: str = "en") -> Asked:
    """The same for a sealed file, also of a part that has left the set-up since."""
    try:
        return commands.read_sealed(
            setup_here(), period, request.args.get("scope", "all"), language
        )
    except BadInput:
        abort(404)


def page_of(asked: Asked) -> listing.Page:
    """Read the report that is asked for, as it was when its page was shown."""
    at = request.args.get("at")
    return listing.page(db.session(), setup_here(), asked, now=g.now, known=known_here(), at=at)


def titled(page: listing.Page, person: Person) -> listing.Page:
    """§9: tell a page's lists the titles and headlines that a person may see: two queries."""
    session, doc = db.session(), page.doc
    numbers = [row.fact.number for row in doc.majors]
    titles = queries.visible_titles(session, [*doc.listed(), *numbers], visible(person))
    told = queries.majors_said(session, [number for number in numbers if number in titles])
    return replace(page, doc=replace(doc, titles=titles, majors_said=told))


def words_for(person: Person, setup: Directory) -> dict[str, Any]:
    """Give what every template of reports speaks with."""
    return {
        "setup": setup,
        "say": words,
        "draw": pictures,
        "figure_of": BY_ID,
        "goals": setup.more.get("goals") or {},
        "languages_of_reports": LANGUAGES,
        "label": label,
        "tables": tables,
        "may_make": may(person, Act.MAKE_REPORT),
        "may_draft": may(person, Act.DRAFT_REPORT),
        "longest_remark": remarks.LONGEST,
    }


def behind(
    page: listing.Page, figure: Figure, person: Person, address: Address,
    crumbs: list[tuple[str, str | None]],
) -> str:  # fmt: skip
    """F7: list exactly the incidents behind a figure, and say of how many there is the number."""
    session, asked = db.session(), listing.Narrowed.read(request.args, figure)
    try:
        every = listing.chosen(page, figure, asked)["all"]
    except ValueError:
        abort(404)
    unseen = listing.unseen(session, person, {case.number for case in every})
    rows = listing.cases(page, figure, asked, unseen)

    def here(**changes: str | None) -> str:
        return address(**asked.said(**changes))

    return render_template(
        "reports/figure.html",
        page=page,
        figure=figure,
        rows=rows,
        asked=asked,
        here=here,
        whole=address(show=asked.show, sort=asked.sort),
        file=lambda format: _file(page, figure, asked, format),
        crumbs_here=[*crumbs, (_(figure.name), None)],
        titles=listing.titles(session, person, rows.cases),
        link=links(person),
        **words_for(person, page.doc.contents.setup),
    )


def _file(page: listing.Page, figure: Figure, asked: listing.Narrowed, format: str) -> str:
    said = page.link | page.pins | asked.said()
    return url_for("exports.figure", id=figure.id, format=format, **said)


def links(person: Person) -> Callable[[int], str]:
    """Give where an incident's number leads: for a company's people to what they were handed."""
    if Reach.ALL in reaches(person, Act.SEE_INCIDENT):
        return lambda number: url_for("incidents.page", number=number)
    sheets = listing.sheets(db.session(), person)

    def link(number: int) -> str:
        n = sheets.get(number)
        return url_for("escalation.sheet", number=number, n=n) if n else ""

    return link
