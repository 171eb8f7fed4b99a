"""How pages and the review say what goes on with a major incident."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from flask_babel import gettext as _

from servicedesk import formats, times
from servicedesk.incidents.models import OPEN, MajorIncident
from servicedesk.people.models import Person
from servicedesk.people.permissions import Act, may


def state(row: MajorIncident) -> str:
    """Name how a major incident stands."""
    if row.state == "confirmed" and row.incident.state not in OPEN:
        return str(_("resolved, to be confirmed"))
    names: dict[str, str] = {
        "proposed": _("proposed"),
        "confirmed": _("goes on"),
        "refused": _("refused"),
        "withdrawn": _("no longer asked for"),
        "over": _("over"),
    }
    return names[row.state]


def next_due(row: MajorIncident) -> datetime:
    """Give when those concerned were, or are, to hear the next time."""
    heard = row.updated_at or row.decided_at or row.proposed_at
    return heard + timedelta(seconds=row.every_seconds)


def is_overdue(row: MajorIncident, now: datetime) -> bool:
    """Say whether an update is due and was not written."""
    return now > next_due(row)


def next_update(row: MajorIncident, now: datetime) -> str:
    """Say when the next update is due, or how long it has been."""
    due = next_due(row)
    time = formats.lasting(int(abs((due - now).total_seconds())))
    if now > due:
        return str(_("Update overdue for %(time)s", time=time))
    return str(_("Next update in %(time)s", time=time))


def rhythm(row: MajorIncident) -> str:
    """Say how often there is news."""
    return str(_("every %(time)s", time=formats.lasting(row.every_seconds)))


def review_state(row: MajorIncident) -> str:
    """Say whether a review was written."""
    if row.reviewed_at is None:
        return str(_("review to be written"))
    return str(_("reviewed %(at)s", at=formats.moment(row.reviewed_at)))


def department(name: str) -> str:
    """Name a department; some have none."""
    return name or str(_("Without department"))


def day_of(action: Mapping[str, str]) -> date | None:
    """Give until when an action of a review is to be done."""
    said = action.get("until")
    return times.day(said) if said else None


def possible(person: Person, row: MajorIncident) -> dict[str, bool]:
    """Say what somebody may do with a major incident now, by the names that templates use."""
    running = row.state == "confirmed" and row.incident.state in OPEN
    decides, updates = may(person, Act.DECIDE_MAJOR), may(person, Act.UPDATE_MAJOR)
    coordinates = row.coordinator_id == person.id
    return {
        "write": running and updates,
        "coordinate": running and (decides or (updates and coordinates)),
        "stand_down": running and decides,
        "link": running and updates,
        "unlink": updates,
        "review": not running and updates,
    }
