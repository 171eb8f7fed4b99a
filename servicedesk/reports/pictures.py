"""The charts of a report, with their words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask_babel import gettext as _
from markupsafe import Markup

from servicedesk.reports import charts, rounding, words
from servicedesk.reports.cases import Result
from servicedesk.reports.figures import BY_ID, Figure
from servicedesk.reports.tables import PARTNERS, TIERS, Month

LANES: Mapping[int | None, str] = {
    1: "#4977ae",
    2: "#2c529a",
    3: "#21336b",
    PARTNERS: "#9553a0",
    None: "#686c73",
}


def volumes(course: Sequence[Month]) -> Markup:
    """Draw what was logged, resolved and left open over the months."""
    backlog = _line(_("Open at the end"), [month.backlog for month in course])
    intake = _line(_("Logged"), [month.intake for month in course])
    resolved = _line(_("Resolved"), [month.resolved for month in course], dashed=True)
    title = _("Logged, resolved and open at the end, by month")
    return _svg(charts.months(_labels(course), backlog, [intake, resolved], title))


def wishes(course: Sequence[Month], goal: float | None) -> Markup | str:
    """Draw how first wishes were kept over the months, if more than one had any."""
    months = [month for month in course if month.wishes.denominator]
    if len(months) < 2:
        return ""
    figure = BY_ID["requested_due.first"]
    said = [words.share(figure, month.wishes) for month in months]
    line = charts.Line(_(figure.name), [month.wishes.number for month in months], said)
    goal_text = _("goal %(goal)s", goal=words.goal(figure, goal))
    return _svg(
        charts.shares(_labels(months), line, goal, goal_text, _("First wishes kept, by month"))
    )


def bar(figure: Figure, result: Result, goal: float | None, width: float = 150) -> Markup:
    """Draw a share with its goal."""
    title = f"{_(figure.name)}: {words.share(figure, result)}"
    if goal is not None:
        title += ", " + _("goal %(goal)s", goal=words.goal(figure, goal))
    return _svg(charts.compliance(result.number, goal, title, width=width))


def part(name: str, value: int, whole: int, width: float = 210) -> Markup:
    """Draw a part of a whole as a bar."""
    said = words.portion(value, whole)
    share = value / whole if whole else None
    return _svg(charts.compliance(share, None, f"{name}: {said}", width=width))


def hands(seconds: Mapping[int | None, int]) -> tuple[Markup, list[tuple[Markup, charts.Part]]]:
    """Draw in whose hands time was spent; give the drawing and its parts with their keys."""
    whole = sum(seconds.values())
    parts = [
        charts.Part(
            words.tier(tier),
            seconds[tier],
            LANES[tier],
            words.percent(rounding.tenths(seconds[tier], whole)),
            hatched=tier is None or tier == PARTNERS,
        )
        for tier in (*TIERS, None)
        if seconds.get(tier)
    ]
    drawing = charts.stacked(parts, _("In whose hands the time was"), width=656)
    return _svg(drawing), [(_svg(charts.swatch(part)), part) for part in parts]


def _line(name: str, values: Sequence[int], *, dashed: bool = False) -> charts.Line:
    return charts.Line(name, list(values), [words.number(value) for value in values], dashed)


def _labels(course: Sequence[Month]) -> list[str]:
    return [words.short_month(month.name) for month in course]


def _svg(drawn: str) -> Markup:
    return Markup(drawn)  # noqa: S704 - charts escape what they are told
