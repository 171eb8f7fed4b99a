"""The charts of a partner's score, with their words."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import gettext as _
from markupsafe import Markup

from servicedesk.partners.score import words
from servicedesk.partners.score.measures import MEASURES
from servicedesk.partners.score.score import Month
from servicedesk.reports import charts
from servicedesk.reports import words as reports


def flow(course: Sequence[Month]) -> Markup:
    """Draw what came to the company and what it sent back, by month."""
    sent, back = MEASURES["partner.sent"], MEASURES["partner.sent_back"]
    columns = _counts(course, sent.id, _(sent.name))
    lines = [_counts(course, back.id, _(back.name), dashed=True)]
    title = _("Received and sent back, by month")
    return _svg(charts.months(_labels(course), columns, lines, title, height=150))


def share(id: str, course: Sequence[Month], goal: float | None) -> Markup | str:
    """Draw a share by month; nothing where fewer than two months have any."""
    figure = MEASURES[id]
    known = [month for month in course if month.results[id].denominator]
    if len(known) < 2:
        return ""
    values = [month.results[id].number for month in known]
    said = [reports.share(figure, month.results[id]) for month in known]
    line = charts.Line(words.name(figure), values, said)
    goal_text = _("goal %(goal)s", goal=reports.goal(figure, goal))
    title = _("%(figure)s, by month", figure=words.name(figure))
    return _svg(charts.shares(_labels(known), line, goal, goal_text, title))


def _counts(course: Sequence[Month], id: str, name: str, *, dashed: bool = False) -> charts.Line:
    values = [month.results[id].value for month in course]
    return charts.Line(name, list(values), [reports.number(v or 0) for v in values], dashed)


def _labels(course: Sequence[Month]) -> list[str]:
    return [reports.short_month(month.period.name) for month in course]


def _svg(drawn: str) -> Markup:
    return Markup(drawn)  # noqa: S704 - charts escape what they are told
