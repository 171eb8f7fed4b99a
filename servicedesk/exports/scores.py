"""Partner companies' scores as files: all side by side, and what is behind a figure of one."""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa
from flask_babel import gettext as _
from flask_babel import pgettext

from servicedesk.exports.lists import Asked
from servicedesk.exports.sheet import Cell, Column, Row, Sheet, when
from servicedesk.incidents.models import label
from servicedesk.incidents.visibility import visible
from servicedesk.partners.score import behind, handed, queries, words
from servicedesk.partners.score.measures import MEASURES, OF_REQUESTS
from servicedesk.partners.score.score import Score
from servicedesk.reports.cases import Case
from servicedesk.reports.figures import SECONDS, SHARE
from servicedesk.setup.directory import Party

COMPARED = (
    "partner.sent", "partner.acceptance", "partner.answer", "partner.holding", "partner.sent_back",
    "partner.refused", "partner.nudges", "working_time_held",
)  # fmt: skip


def every(asked: Asked) -> Sheet:
    """Give all companies side by side in a period: of shares the numerator and the denominator."""
    now = asked.now.replace(second=0, microsecond=0)
    period = behind.read_period(asked.args, asked.setup, now)
    parties = [party for party in asked.setup.parties.values() if party.is_partner]
    refs = [party.ref for party in parties]
    facts = queries.facts(asked.session, asked.setup, refs, period, at=now)
    held = handed.held(asked.session, refs, asked.now)
    rows: list[Row] = []
    for party in sorted(parties, key=lambda party: (not party.active, party.name)):
        score, open_ = Score(party, asked.setup, period, now, facts), held[party.ref]
        if party.active or not score.is_empty or open_.open:
            rows.append((party.name, open_.open, open_.overdue, *_figures(score)))
    columns = [Column(_("Company"), 24), Column(_("Open now"), 10), Column(_("Overdue now"), 10)]
    for id in COMPARED:
        columns.append(Column(words.name(MEASURES[id]), 16))
        if MEASURES[id].unit == SHARE:
            columns.append(Column(pgettext("column", "of"), 8))
    return Sheet(_("Partner companies"), columns, rows)


def _figures(score: Score) -> Iterator[Cell]:
    for id in COMPARED:
        result = score.results[id]
        if MEASURES[id].unit == SHARE:
            yield from (result.numerator, result.denominator)
        else:
            yield result.number


def figure(asked: Asked, party: Party, id: str, *, theirs: bool) -> Sheet:
    """F7: give exactly the cases behind a figure of a company's score, as the list is narrowed."""
    one, now = MEASURES[id], asked.now.replace(second=0, microsecond=0)
    period = behind.read_period(asked.args, asked.setup, now)
    score = queries.score(asked.session, asked.setup, party, period, now, course=False)
    cases = behind.narrowed(score, id, asked.args).cases
    sees = behind.was_handed(party.ref) if theirs else visible(asked.person)
    requests = theirs and id in OF_REQUESTS
    titles = behind.requests(asked.session, party.ref) if requests else {}
    columns = [
        Column(_("Number"), 14), Column(_("Title"), 48), Column(pgettext("hand-off", "Which"), 16),
        when(_("When")), Column(_("Value, seconds") if one.unit == SECONDS else _("Value"), 14),
    ]  # fmt: skip

    def rows() -> Iterator[Row]:
        for case, known in asked.titled(cases, sa.func.coalesce(sees, sa.false())):
            title = titles.get((case.number, case.handoff or 0)) if requests else known
            sheet.withheld += title is None
            said = _("confidential") if title is None else title
            value = _value(case, one.unit)
            yield label(case.number), said, words.which(one, case) or None, case.at, value

    sheet = Sheet(words.name(one), columns, rows())
    return sheet


def _value(case: Case, unit: str) -> Cell:
    if unit == SECONDS:
        return case.value
    if unit == SHARE:
        return _("met") if case.value else _("missed")
    return 1
