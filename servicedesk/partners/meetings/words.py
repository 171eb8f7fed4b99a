"""How a meeting's sheet is written, in the language of the moment."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import pgettext

from servicedesk.incidents.models import label
from servicedesk.partners.meetings.models import THEM, US
from servicedesk.partners.meetings.sheet import Item, Scored, Sheet
from servicedesk.partners.score.measures import MEASURES
from servicedesk.partners.score.spans import days
from servicedesk.reports import words as reports
from servicedesk.reports.periods import Period
from servicedesk.reports.scores import Row


def period(sheet: Sheet) -> Period:
    """Give the days that the score is about."""
    return days(min(sheet.since, sheet.day), sheet.day, sheet.zone)


def row(one: Scored) -> Row:
    """Give a figure of the score as other pages have it."""
    return Row(MEASURES[one.id], one.now, one.before, None, one.net)


def number(item: Item) -> str:
    """Name an item: the incident, and which of its hand-offs or requests."""
    return f"{label(item.number)}/{item.n}"


def title(item: Item) -> str:
    """H8: name what it is about; nothing of what is confidential."""
    if item.confidential:
        return _("confidential")
    return item.title or _("Without title")


def whose(who: str, sheet: Sheet) -> str:
    """Say whose turn it is."""
    return {US: sheet.desk, THEM: sheet.company}.get(who, "")


def state(sheet: Sheet) -> str:
    """Say whether it was held."""
    return pgettext("meeting", "Held") if sheet.held else _("Draft")


def due(item: Item, sheet: Sheet) -> str:
    """Write when the contract, or who sent it, wants something."""
    return reports.instant(item.due, sheet.zone, sheet.day.year)


def since(item: Item, sheet: Sheet) -> str:
    """Write since when the company has it."""
    return reports.instant(item.since, sheet.zone, sheet.day.year)
