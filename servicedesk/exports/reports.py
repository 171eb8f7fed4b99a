"""Reports as files: the incidents behind a figure, and all of a report's data as a workbook."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import datetime
from functools import cache

from flask_babel import gettext as _
from flask_babel import pgettext

from servicedesk import times
from servicedesk.exports.lists import Asked
from servicedesk.exports.sheet import Cell, Column, Row, Sheet, when
from servicedesk.history.export import ACTIVE
from servicedesk.incidents.models import label
from servicedesk.incidents.visibility import visible
from servicedesk.people.permissions import Act, Reach, reaches
from servicedesk.reports import actions, listing, overview, queries, shelf, words
from servicedesk.reports.cases import Case
from servicedesk.reports.figures import FIGURES, SECONDS, Figure
from servicedesk.reports.listing import Page
from servicedesk.reports.scopes import Scope


def figure(asked: Asked, page: Page, one: Figure) -> Sheet:
    """F7: give exactly the cases behind a figure; of what may not be seen the number alone."""
    wanted = listing.Narrowed.read(asked.args, one)
    cases = listing.chosen(page, one, wanted)[wanted.show]
    numbers = {case.number for case in cases}
    unseen = listing.unseen(asked.session, asked.person, numbers)
    columns = [
        Column(_("Number"), 14), Column(_("Title"), 48), when(_("When")), Column(_("Who"), 20),
        Column(_("Value, seconds") if one.unit == SECONDS else _("Value"), 14),
    ]  # fmt: skip
    desk = Reach.ALL in reaches(asked.person, Act.SEE_INCIDENT)
    sees = visible(asked.person) if desk else listing.was_handed(asked.person)
    party = cache(lambda ref: words.party(ref, asked.setup))

    def rows() -> Iterator[Row]:
        for case, title in asked.titled(cases, sees):
            known = None if case.number in unseen else title
            said = _("confidential") if known is None else known
            who = party(case.party) if case.party else None
            yield label(case.number), said, case.day or case.at, who, _value(one, case)

    sheet = Sheet(_(one.name), columns, rows())
    sheet.withheld = sum(case.number in unseen for case in cases)
    return sheet


def _value(one: Figure, case: Case) -> Cell:
    if one.unit == SECONDS:
        return case.value
    return _("yes") if case.value else _("no")


def every(asked: Asked) -> Sheet:
    """Give the list of reports: the desk's months, the latest first, then what else was sealed."""
    of = Column(pgettext("column", "of"), 8)
    columns = [
        Column(_("Period"), 24), Column(_("Scope"), 24), Column(_("Revision"), 10),
        when(_("Sealed")), Column(pgettext("count", "First wishes kept"), 12), of,
        Column(pgettext("count", "Resolution in time"), 12), of, Column(_("Logged"), 10),
        Column(_("Resolved"), 10), Column(_("Open at the end"), 10),
    ]  # fmt: skip
    return Sheet(_("Reports"), columns, _every(asked))


def _every(asked: Asked) -> Iterator[Row]:
    session, setup = asked.session, asked.setup
    known = queries.latest_knowledge(session)
    now, last = shelf.moment(asked.now, known), None
    while True:
        found = overview.overview(session, setup, Scope(), now=now, known=known, last=last)
        for month in found.months:
            yield _listed(words.period(month.period), _("The whole desk"), month)
        if (last := found.earlier) is None:
            break
    before: int | None = 0
    while before is not None:
        others = overview.others(session, setup, before)
        for other in others.rows:
            said = words.scope_of(other.reports[0].scope, setup)
            yield _listed(words.period(other.period), said, other)
        before = others.before


def _listed(period: str, scope: str, row: overview.Month | overview.Other) -> Row:
    sealed, results = row.reports[0] if row.reports else None, row.results
    wishes, service = results["requested_due.first"], results["sla.resolution"]
    counts = (results[id].number for id in ("intake", "resolved", "backlog"))
    return (
        period, scope, sealed.revision if sealed else None, sealed.sealed_at if sealed else None,
        wishes.numerator, wishes.denominator, service.numerator, service.denominator, *counts,
    )  # fmt: skip


def todo(asked: Asked) -> Sheet:
    """Give the actions of reports: what is open, and what was settled last."""
    columns = [
        Column(_("What"), 48), Column(_("Period"), 20), Column(_("Scope"), 20),
        Column(pgettext("action", "Who"), 20), Column(pgettext("action", "Until"), 12),
        Column(_("State"), 12), Column(_("Note"), 40), Column(_("Settled"), 12),
    ]  # fmt: skip
    rows = (
        (
            row.what, words.months(row.period), words.scope_of(row.scope, asked.setup), row.who,
            row.until, words.action_state(row.state), row.note, row.settled_on,
        )
        for row in actions.every(asked.session)
    )  # fmt: skip
    return Sheet(_("Actions of reports"), columns, rows)


def whole(page: Page) -> list[Sheet]:
    """Give a report's figures, and the data that it carries: incidents and cases."""
    said = page.doc.contents
    return [
        _figures(page),
        *(_data(name, said.data[file]) for name, file in _files().items()),
    ]


def _files() -> dict[str, str]:
    return {_("Incidents"): "incidents.csv", _("Cases"): "cases.csv"}


def _figures(page: Page) -> Sheet:
    columns = [
        Column(_("Identity"), 28), Column(_("Figure"), 32), Column(_("Value"), 14),
        Column(_("Unit"), 12), Column(_("Numerator"), 12), Column(_("Denominator"), 12),
        Column(_("Goal"), 10), Column(_("Goal met?"), 12), Column(_("Population"), 60),
    ]  # fmt: skip
    doc = page.doc
    rows: list[Row] = []
    for one in FIGURES:
        row, result = doc.row(one.id), doc.contents.results[one.id]
        met = words.verdict(row.verdict) if row.verdict else None
        rows.append((
            one.id, _(one.name), result.number, words.unit(one), result.numerator,
            result.denominator, row.goal, met, _(one.population),
        ))  # fmt: skip
    return Sheet(_("Figures"), columns, rows)


def _data(name: str, text: str) -> Sheet:
    """Read a table that the report carries; its columns are called as scripts know them."""
    reader = csv.reader(io.StringIO(text))
    heads = next(reader)
    columns = [Column(head, 18, zoned=head == "at" or head.endswith("_at")) for head in heads]
    return Sheet(name, columns, ([_cell(value) for value in line] for line in reader))


def _cell(text: str) -> Cell:
    """Read a value back: a number, an instant, or the text without its apostrophe."""
    if text.isascii() and text.isdecimal() and len(text) < 15:
        return int(text)
    instant = _instant(text)
    return instant or (text[1:] if text[:1] == "'" and text[1:].startswith(ACTIVE) else text)


def _instant(text: str) -> datetime | None:
    if not (text.endswith("Z") and "T" in text):
        return None
    try:
        return times.parse(text)
    except ValueError:
        return None
