"""The review of a major incident on paper: A4, in English or Japanese, made of plain data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from flask import current_app
from flask_babel import force_locale
from flask_babel import gettext as _
from markupsafe import Markup

from servicedesk.incidents.detail import Detail
from servicedesk.incidents.episodes import Major
from servicedesk.incidents.models import label
from servicedesk.incidents.story import REQUESTER, Story
from servicedesk.major import drawing, words
from servicedesk.major.concerned import Extent
from servicedesk.major.drawing import Picture, Row
from servicedesk.major.queries import Room
from servicedesk.reports import pdf
from servicedesk.reports import words as reports

STYLE = Path(__file__).with_name("print.css")
LONG = 6  # times as long as it was major is drawn at most


@dataclass(frozen=True)
class Told:
    """What those concerned were told, when and by whom."""

    at: datetime
    by: str
    text: str


@dataclass(frozen=True)
class Figures:
    """What can be counted of it; times in seconds, round the clock."""

    to_confirm: int | None  # from the logging
    to_resolve: int | None  # from the logging
    lasted: int | None  # from the confirming to its end
    in_rhythm: int
    updates: int
    missed: int


@dataclass(frozen=True)
class Sheet:
    """Everything that stands in a review."""

    desk: str
    number: str
    headline: str
    title: str
    service: str
    priority: str
    zone: str
    at: datetime  # the last thing that happened to it
    steps: Sequence[tuple[str, datetime, str]]  # what, when, by whom
    coordinator: str
    figures: Figures
    extent: Extent
    updates: Sequence[Told]
    texts: Mapping[str, Any]
    picture: Picture


def sheet(found: Room, it: Detail) -> Sheet:
    """Gather the review of a major incident from what was read."""
    story, row = it.work.story, found.row
    major = next(one for one in story.majors if one.n == row.n)
    return Sheet(
        it.setup.name,
        label(it.incident.number),
        row.headline,
        it.incident.title,
        it.service,
        it.incident.priority,
        it.setup.zone,
        story.changed_at,
        _steps(found, it),
        found.name(row.coordinator_id),
        figures(story, major),
        found.extent,
        [Told(one.at, found.name(one.by_id), one.body) for one in reversed(found.updates)],
        row.review,
        _picture(it, major),
    )


def _steps(found: Room, it: Detail) -> list[tuple[str, datetime, str]]:
    row, story = found.row, it.work.story
    steps = [
        ("detected", story.logged_at, ""),
        ("proposed", row.proposed_at, found.name(row.proposed_by_id)),
        ("confirmed", row.decided_at, found.name(row.decided_by_id)),
        ("over", row.over_at, _by(it, "major.stood_down", row.over_at)),
        ("resolved", story.resolved_at, _by(it, "incident.resolved", story.resolved_at)),
    ]
    there = [(name, at, by) for name, at, by in steps if at]
    return sorted(there, key=lambda step: step[1])


def _by(it: Detail, kind: str, at: datetime | None) -> str:
    """Name who did something at an instant; what came by itself nobody did."""
    actors = (event.actor for event in it.events if (event.kind, event.at) == (kind, at))
    return it.names.get(next(actors, None) or 0, "")


def figures(story: Story, major: Major) -> Figures:
    """Count what a review says of a major incident."""
    ended = major.over_at or story.resolved_at
    heard = [major.decided_at or major.proposed_at, *major.updates]
    late = sum(
        any(before < missed <= at for missed in major.missed) for before, at in pairwise(heard)
    )
    return Figures(
        _between(story.logged_at, major.decided_at),
        _between(story.logged_at, story.resolved_at),
        _between(major.decided_at, ended),
        len(major.updates) - late,
        len(major.updates),
        len(major.missed),
    )


def _between(start: datetime | None, end: datetime | None) -> int | None:
    return int((end - start).total_seconds()) if start and end else None


def _picture(it: Detail, major: Major) -> Picture:
    """Lay out who had it, how long it was major, and when those concerned heard."""
    story = it.work.story
    end = max(story.resolved_at or story.changed_at, major.over_at or story.logged_at)
    begin = _begin(story, major, end)
    spans: dict[str, list[tuple[datetime, datetime]]] = {}
    for one in story.holdings:
        start, stop = max(one.start, begin), min(one.end or end, end)
        if start < stop:
            spans.setdefault(one.holder, []).append((start, stop))
    rows = [Row(_holder(it, ref), _kind(it, ref), said) for ref, said in spans.items()]
    rows.append(Row("major", "major", [(major.decided_at or end, major.over_at or end)]))
    rows.append(Row("updates", "major", (), major.updates, major.missed))
    return Picture("", begin, end, it.setup.zone, rows)


def _begin(story: Story, major: Major, end: datetime) -> datetime:
    """Give from when on it is drawn: what was long open before it was major only at its end."""
    lasted = (major.over_at or end) - (major.decided_at or end)
    if (end - story.logged_at) <= lasted * LONG:
        return story.logged_at
    return max(story.logged_at, end - max(lasted, timedelta(minutes=10)) * LONG)


def _holder(it: Detail, ref: str) -> str:
    return REQUESTER if ref == REQUESTER else it.setup.party(ref).name


def _kind(it: Detail, ref: str) -> str:
    if ref == REQUESTER:
        return REQUESTER
    return "partner" if it.setup.party(ref).is_partner else "holder"


# On paper


def drawn(sheet: Sheet) -> Markup:
    """Draw the life line in the language of the paper."""
    names: dict[str, str] = {
        REQUESTER: _("Requester"),
        "major": _("Major incident"),
        "updates": _("Updates"),
    }
    rows = [
        Row(names.get(row.name, row.name), row.kind, row.spans, row.points, row.holes)
        for row in sheet.picture.rows
    ]
    said = sheet.picture
    picture = Picture(_("Who had it, and who was told"), said.start, said.end, said.zone, rows)
    days = (said.end - said.start).days

    def tick(at: datetime) -> str:
        local = at.astimezone(ZoneInfo(said.zone))
        if days >= 2:
            return reports.day(local.date(), local.year)
        return f"{local:%H:%M}"

    return Markup(drawing.draw(picture, tick))  # noqa: S704 - every text in it is escaped


def step_name(name: str) -> str:
    """Name what happened."""
    names: dict[str, str] = {
        "detected": _("Detected"),
        "proposed": _("Proposed"),
        "confirmed": _("Confirmed"),
        "over": _("Over"),
        "resolved": _("Resolved"),
    }
    return names[name]


def to_html(sheet: Sheet, language: str) -> str:
    """Write a review as HTML for print."""
    template = current_app.jinja_env.get_template("major/print/review.html")
    with force_locale(language):
        return template.render(
            sheet=sheet,
            language=language,
            say=words,
            report_say=reports,
            step_name=step_name,
            lifeline=drawn(sheet),
        )


def to_pdf(sheet: Sheet, language: str) -> bytes:
    """Put a review on paper: the same bytes for the same content; raises NotRendered."""
    return pdf.make(to_html(sheet, language), [], sheet.at, STYLE)
