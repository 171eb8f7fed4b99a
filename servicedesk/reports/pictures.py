"""The charts of a report, with their words, their numbers as a table, and where marks lead to."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate

from flask_babel import gettext as _
from markupsafe import Markup

from servicedesk.reports import charts, rounding, words
from servicedesk.reports.cases import Result
from servicedesk.reports.charts import PAGE, PRINT, Bar, Line, Link, Part, Ranked, Sheet, Stack
from servicedesk.reports.figures import BY_ID, Figure
from servicedesk.reports.narrowed import Marks
from servicedesk.reports.tables import (
    BANDS,
    OTHERS,
    PARTNERS,
    TIERS,
    Cause,
    Month,
    Volume,
    tier_of,
)
from servicedesk.setup.directory import Directory

HOLDERS: tuple[int | None, ...] = (*TIERS, None)
TONES: Mapping[int | None, str] = {
    1: "tier-1", 2: "tier-2", 3: "tier-3", PARTNERS: "partner", None: "person",
}  # fmt: skip


@dataclass(frozen=True)
class Picture:
    """A chart with its name, and its numbers: a row's first cell names it."""

    name: str
    drawing: Markup
    heads: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = field(default_factory=list)


def _sheet(marks: Marks | None) -> Sheet:
    return PAGE if marks else PRINT


def _link(marks: Marks | None, id: str, what: str, value: str, **wanted: object) -> Link | None:
    if marks is None:
        return None
    said = _("Show what is behind %(what)s: %(value)s.", what=what, value=value)
    return marks(id, said, **wanted)


def _of(what: str, whose: str) -> str:
    return _("%(what)s, %(whose)s", what=what, whose=whose)


# Over the months


def volumes(course: Sequence[Month], marks: Marks | None = None) -> Markup:
    """Draw what was logged, resolved and left open over the months."""
    return volume_picture(course, marks).drawing


def volume_picture(course: Sequence[Month], marks: Marks | None = None) -> Picture:
    """Draw what was logged, resolved and left open over the months, with the numbers."""
    backlog = _counts("backlog", _("Open at the end"), course, marks)
    intake = _counts("intake", _("Logged"), course, marks)
    resolved = _counts("resolved", _("Resolved"), course, marks, dashed=True)
    title, sheet = _("Logged, resolved and open at the end, by month"), _sheet(marks)
    height = 190 if marks else 160
    drawn = charts.months(
        _labels(course), backlog, [intake, resolved], title, sheet=sheet, height=height
    )
    columns = (intake, resolved, backlog)
    rows = [
        (words.months(month.name), *(each.said[k] for each in columns))
        for k, month in enumerate(course)
    ]
    return Picture(title, _svg(drawn), (_("Month"), *(each.name for each in columns)), rows)


def _counts(
    id: str, name: str, course: Sequence[Month], marks: Marks | None, *, dashed: bool = False
) -> Line:
    values: list[int] = [getattr(month, id) for month in course]
    said = [words.number(value) for value in values]
    links = [
        _link(marks, id, _of(name, words.months(month.name)), text, month=month.name)
        for month, text in zip(course, said, strict=True)
    ]
    return Line(name, values, said, dashed, links)


def wishes(course: Sequence[Month], goal: float | None, marks: Marks | None = None) -> Markup | str:
    """Draw how first wishes were kept over the months, if more than one had any."""
    picture = wish_picture(course, goal, marks)
    return picture.drawing if picture else ""


def wish_picture(
    course: Sequence[Month], goal: float | None, marks: Marks | None = None
) -> Picture | None:
    """Draw how first wishes were kept over the months, with gaps where there were none."""
    if sum(1 for month in course if month.wishes.denominator) < 2:
        return None
    figure, title = BY_ID["requested_due.first"], _("First wishes kept, by month")
    said = [words.share(figure, month.wishes) for month in course]
    links = [
        _link(marks, figure.id, _of(_(figure.name), words.months(m.name)), text, month=m.name)
        for m, text in zip(course, said, strict=True)
    ]
    line = Line(_(figure.name), [month.wishes.number for month in course], said, links=links)
    drawn = charts.shares(
        _labels(course), line, goal, _goal(figure, goal), title, sheet=_sheet(marks)
    )
    heads = (_("Month"), _(figure.name), _("Count"))
    rows = [
        (words.months(month.name), text, words.parts(month.wishes))
        for month, text in zip(course, said, strict=True)
    ]
    return Picture(title, _svg(drawn), heads, rows)


def _goal(figure: Figure, goal: float | None) -> str:
    return _("goal %(goal)s", goal=words.goal(figure, goal))


def _labels(course: Sequence[Month]) -> list[str]:
    return [words.short_month(month.name) for month in course]


# Shares against their goal


def bar(
    figure: Figure, result: Result, goal: float | None, width: float = 150,
    marks: Marks | None = None, whose: str = "", **wanted: object,
) -> Markup:  # fmt: skip
    """Draw a share with its goal; `wanted` says what its mark stands for, and `whose` it is."""
    title = f"{_(figure.name)}: {words.share(figure, result)}"
    if goal is not None:
        title += ", " + _goal(figure, goal)
    what = _of(_(figure.name), whose) if whose else _(figure.name)
    link = _link(marks, figure.id, what, words.value(figure, result), **wanted)
    return _svg(charts.compliance(result.number, goal, title, width=width, link=link))


# Tiers and hands


def flow(counts: Mapping[tuple[int, int], int], marks: Marks | None = None) -> Picture:
    """Draw hand-offs between tiers: a bar for each that sent, in parts for those that received."""
    there = [tier for tier in TIERS if any(tier in pair for pair in counts)]
    stacks = [_sent(sender, there, counts, marks) for sender in there]
    title = _("Hand-offs, from each tier to the others")
    drawn = charts.stacks(stacks, title, sheet=_sheet(marks))
    heads = [_("From"), *(_to(tier) for tier in there), _("Together")]
    rows = [
        (stack.name, *(_said(counts.get((sender, to), 0)) for to in there), stack.said)
        for sender, stack in zip(there, stacks, strict=True)
    ]
    return Picture(title, _svg(drawn), heads, rows)


def _sent(
    sender: int, there: Sequence[int], counts: Mapping[tuple[int, int], int], marks: Marks | None
) -> Stack:
    parts = []
    for to in there:
        if count := counts.get((sender, to), 0):
            way = _("%(a)s to %(b)s", a=words.tier(sender), b=words.tier(to))
            link = _link(
                marks, "handoffs", _of(_("Hand-offs"), way), _said(count),
                sender=sender, receiver=to,
            )  # fmt: skip
            parts.append(Part(_to(to), count, TONES[to], _said(count), link))
    return Stack(words.tier(sender), parts, _said(sum(int(part.value) for part in parts)))


def _to(tier: int) -> str:
    return _("to %(name)s", name=words.tier(tier))


def _said(count: int) -> str:
    return words.number(count)


def ageing(counts: Mapping[tuple[int | None, int], int], marks: Marks | None = None) -> Picture:
    """Draw what is open by its age, in parts for those who hold it."""
    there = [tier for tier in HOLDERS if any(holder == tier for holder, _band in counts)]
    stacks = [_band(band, there, counts, marks) for band in range(len(BANDS) + 1)]
    title = _("Open at the end, by age and holder")
    drawn = charts.histogram(stacks, title, sheet=_sheet(marks))
    heads = [_("Age"), *(words.tier(tier) for tier in there), _("Together")]
    rows = [
        (stack.name, *(_said(counts.get((tier, band), 0)) for tier in there), stack.said)
        for band, stack in enumerate(stacks)
    ]
    return Picture(title, _svg(drawn), heads, rows)


def _band(
    band: int, there: Sequence[int | None], counts: Mapping[tuple[int | None, int], int],
    marks: Marks | None,
) -> Stack:  # fmt: skip
    parts = []
    for tier in there:
        if count := counts.get((tier, band), 0):
            what = _of(words.tier(tier), words.band(band))
            link = _link(
                marks, "backlog", _of(_("Open at the end"), what), _said(count),
                tier=tier, band=band,
            )  # fmt: skip
            parts.append(Part(words.tier(tier), count, TONES[tier], _said(count), link))
    return Stack(words.band(band), parts, _said(sum(int(part.value) for part in parts)))


def hands(
    seconds: Mapping[int | None, int], marks: Marks | None = None
) -> tuple[Markup, list[tuple[Markup, Part]]]:
    """Draw in whose hands time was spent; give the drawing and its parts with their keys."""
    whole = sum(seconds.values())
    parts = [_hand(tier, seconds[tier], whole, marks) for tier in HOLDERS if seconds.get(tier)]
    drawing = charts.stacked(parts, _("In whose hands the time was"), sheet=_sheet(marks))
    return _svg(drawing), [(_svg(charts.swatch(part)), part) for part in parts]


def _hand(tier: int | None, seconds: int, whole: int, marks: Marks | None) -> Part:
    name, said = words.tier(tier), words.percent(rounding.tenths(seconds, whole))
    what = _of(_("In whose hands the time was"), name)
    link = _link(marks, "resolved", what, said, hands=tier)
    return Part(name, seconds, TONES[tier], said, link)


def hands_picture(seconds: Mapping[int | None, int], marks: Marks | None = None) -> Picture:
    """Draw in whose hands time was spent, with the time to the second."""
    drawing, parts = hands(seconds, marks)
    rows = [(part.name, part.said, words.exactly(int(part.value))) for _key, part in parts]
    rows.append((_("Together"), "", words.exactly(sum(seconds.values()))))
    heads = (_("Held by"), _("Share"), _("Hours, minutes, seconds"))
    return Picture(_("In whose hands the time was"), drawing, heads, rows)


# What comes to most


def causes(
    id: str, rows: Sequence[Cause], setup: Directory, title: str, marks: Marks | None = None,
    time: str | None = None,
) -> Picture:  # fmt: skip
    """Draw in whose hands the time of breaches was: the most first, with the running sum."""
    names = [words.named(row.key, setup, row.rows) for row in rows]
    said = [words.exactly(row.seconds) for row in rows]
    links = [
        None if row.key == OTHERS else _link(marks, id, _of(title, name), text, spent=row.key)
        for row, name, text in zip(rows, names, said, strict=True)
    ]
    tones = ["rest" if row.key == OTHERS else TONES[tier_of(setup, row.key)] for row in rows]
    bars = [
        Bar(name, row.seconds, text, link, tone)
        for name, row, text, link, tone in zip(names, rows, said, links, tones, strict=True)
    ]
    return _ranked(bars, title, _("In the hands of"), time or _("Counted time"), marks)


def categories(
    name: str, rows: Sequence[Volume], called: Callable[[str, str, int], str],
    marks: Marks | None = None,
) -> Picture:  # fmt: skip
    """Draw what was logged by category, or whatever else it was broken down by."""
    ranked = sorted((row for row in rows if row.intake), key=_rank)
    title = _("Logged, %(by)s", by=words.dimension(name).lower())
    bars = []
    for row in ranked:
        text, said = called(name, row.key, row.rows), words.number(row.intake)
        rest = row.key == OTHERS
        link = _link(marks, "intake", _of(_("Logged"), text), said, **{name: row.key})
        tone = "rest" if rest else "accent"
        bars.append(Bar(text, row.intake, said, None if rest else link, tone))
    return _ranked(bars, title, "", _("Logged"), marks)


def _rank(row: Volume) -> tuple[bool, int, str]:
    return row.key == OTHERS, -row.intake, row.key


def _ranked(
    bars: Sequence[Bar], title: str, what: str, measure: str, marks: Marks | None
) -> Picture:
    whole = int(sum(bar.value or 0 for bar in bars))
    runs = accumulate(int(bar.value or 0) for bar in bars)
    sums = [words.portion(run, whole) for run in runs]
    shares = [words.portion(int(bar.value or 0), whole) for bar in bars]
    ranked = Ranked(sums, (measure, _("Running sum")))
    drawn = charts.pareto(bars, ranked, title, sheet=_sheet(marks))
    cells = [(bar.name, bar.said, *two) for bar, *two in zip(bars, shares, sums, strict=True)]
    return Picture(title, _svg(drawn), (what, measure, _("Share"), _("Running sum")), cells)


def _svg(drawn: str) -> Markup:
    return Markup(drawn)  # noqa: S704 - charts escape what they are told
