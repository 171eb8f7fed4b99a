"""An employee's own incidents as cards: where each stands, its dates, and what to do next."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from flask import url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from servicedesk import formats
from servicedesk.incidents import standing
from servicedesk.incidents.dates.promises import waits
from servicedesk.incidents.models import DateChange, Incident
from servicedesk.setup.directory import Directory

ASKED = ("current", "proposed")  # how a date stands that its requester may be asked about


@dataclass(frozen=True)
class Card:
    """One of the requester's incidents, in plain words."""

    incident: Incident
    url: str
    text: str
    steps: list[dict[str, str]]
    facts: list[dict[str, Any]]
    act: str  # the one obvious next action: answer, confirm, date, look
    warning: str = ""  # about its dates
    is_later: bool = False  # promised for later than asked for
    answer_url: str = ""  # of the date that waits for an answer


def cards(
    session: Session, incidents: Sequence[Incident], setup: Directory, now: datetime
) -> list[Card]:
    """Say in plain words where each incident stands; one query for all of them."""
    ids = [incident.id for incident in incidents]
    query = sa.select(DateChange).where(
        DateChange.incident_id.in_(ids), DateChange.state.in_(ASKED)
    )
    dates: dict[int, list[DateChange]] = {id: [] for id in ids}
    for change in session.scalars(query.order_by(DateChange.n)):
        dates[change.incident_id].append(change)
    return [_card(one, dates[one.id], setup, now) for one in incidents]


def _card(incident: Incident, dates: Sequence[DateChange], setup: Directory, now: datetime) -> Card:
    asked = next((change for change in dates if waits(incident, change, now)), None)
    act = standing.next_act(incident)
    number = incident.number
    return Card(
        incident,
        url_for("incidents.page", number=number),
        standing.standing(incident),
        standing.steps(incident),
        standing.facts(incident, setup, now, dates),
        "date" if asked and act == "look" else act,
        _warning(incident, dates, asked, setup, now),
        standing.is_later(incident, dates, now),
        url_for("dates.answer", number=number, n=asked.n, kind=asked.kind) if asked else "",
    )


def _warning(
    incident: Incident,
    dates: Iterable[DateChange],
    asked: DateChange | None,
    setup: Directory,
    now: datetime,
) -> str:
    """Say that the desk promises a later date than was asked for, or ask about a date."""
    if not standing.is_later(incident, dates, now):
        return standing.question(asked, setup) if asked else ""
    wish = _written(incident.requested_day, incident.requested_due, setup)
    promise = _written(incident.promised_day, incident.promised_due, setup)
    said = {"wish": wish, "promise": promise}
    if asked:
        return str(
            _("You asked for %(wish)s; we can promise %(promise)s. Is that all right?", **said)
        )
    return str(_("Promised for %(promise)s: later than %(wish)s, which you asked for.", **said))


def _written(day: date | None, due: datetime | None, setup: Directory) -> str:
    return formats.day(day, setup.zone) if day else formats.moment(due)
