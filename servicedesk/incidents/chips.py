"""The three dates of an incident as they are shown: text, what is left, and how it stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from flask_babel import gettext as _

from servicedesk import formats
from servicedesk.incidents.models import NO_DATE, Incident
from servicedesk.setup.directory import Directory
from servicedesk.sla.calendar import Calendar

SOON = 4 * 3600  # working seconds ahead from which on a date counts as due soon


@dataclass(frozen=True, slots=True)
class Chip:
    """A date chip: two lines and a tone."""

    kind: str  # requested, promised, target
    text: str
    left: str = ""
    tone: str = "quiet"  # quiet soon late paused met none
    at: datetime | None = None
    exact: str = ""
    target_name: str = ""
    note: str = ""  # a third line on the incident's page


def day_length(calendar: Calendar) -> int:
    """Give the usual length of a working day in seconds, for writing `2 d left`."""
    days = [sum(end - start for start, end in day) for day in calendar.versions[-1].weekly if day]
    return 60 * sum(days) // len(days) if sum(days) else 8 * 3600


def left_between(calendar: Calendar, now: datetime, due: datetime) -> int:
    """Give the working seconds from now to a due instant; below 0: over."""
    return calendar.counted(now, due) if due >= now else -calendar.counted(due, now)


def target_left(incident: Incident, calendar: Calendar, now: datetime) -> int:
    """Give the working seconds left of the next target, as its clock counts; below 0: over."""
    left = incident.target_left or 0
    if incident.target_due is None:  # paused
        return left
    return left - calendar.counted(incident.changed_at, now)


@dataclass(frozen=True)
class Chips:
    """Makes chips for one reader at one instant."""

    setup: Directory
    now: datetime

    def requested(self, incident: Incident) -> Chip:
        """D1: the date asked for."""
        if incident.requested_due is None:
            return Chip("requested", _("No date"), _("none asked"), "none")
        return self._date("requested", incident, incident.requested_day, incident.requested_due)

    def promised(self, incident: Incident) -> Chip:
        """The date promised."""
        if incident.promised_due is None:
            return Chip("promised", _("Not promised"), "", "none")
        return self._date("promised", incident, incident.promised_day, incident.promised_due)

    def _date(self, kind: str, incident: Incident, day: date | None, due: datetime) -> Chip:
        text = formats.day(day, self.setup.zone) if day else formats.moment(due)
        exact = day.isoformat() if day else formats.exact(due)
        late_from = due if day else due + timedelta(seconds=1)
        if done := incident.resolved_at or incident.cancelled_at:
            words, tone = (_("kept"), "met") if incident.resolved_at else ("", "none")
            if done >= late_from:
                words, tone = _("late"), "late"
            return Chip(kind, text, words, tone, due, exact)
        calendar = self.setup.calendar_of(incident.desk_group, incident.logged_at)
        seconds = left_between(calendar, self.now, due)
        left, tone = self._left(calendar, seconds, late_from)
        return Chip(kind, text, left, tone, due, exact)

    def _left(self, calendar: Calendar, seconds: int, late_from: datetime) -> tuple[str, str]:
        amount = formats.left(seconds, day_length(calendar))
        if late_from <= self.now:
            words = _("%(time)s over", time=amount) if seconds <= -60 else _("over")
            return str(words), "late"
        tone = "soon" if seconds <= SOON else "quiet"
        return _("%(time)s left", time=amount), tone

    def target(self, incident: Incident) -> Chip:
        """The next target of the clocks that run."""
        if incident.target_kind is None:
            return Chip("target", "–", "", "none")
        name = target_name(incident.target_kind, incident.target_party)
        calendar = self._target_calendar(incident)
        seconds = target_left(incident, calendar, self.now)
        late_from = self.now if seconds < 0 else NO_DATE  # C10: the target is exceeded
        words, tone = self._left(calendar, seconds, late_from)
        if incident.target_due is None:
            tone = "late" if tone == "late" else "paused"
            return Chip("target", _("Paused"), f"{name} · {words}", tone, None, "", name)
        due = incident.target_due
        exact = formats.exact(due)
        return Chip("target", formats.moment(due), f"{name} · {words}", tone, due, exact, name)

    def _target_calendar(self, incident: Incident) -> Calendar:
        if incident.target_party:
            return self.setup.calendar_of(incident.target_party, incident.logged_at)
        agreement = self.setup.services[incident.service_id].agreement
        return self.setup.calendars[agreement.at(incident.logged_at).calendar]

    def all(self, incident: Incident) -> tuple[Chip, Chip, Chip]:
        """The three dates side by side."""
        return self.requested(incident), self.promised(incident), self.target(incident)


def target_name(kind: str, party: str | None = None) -> str:
    """Name what a target is for, in one word."""
    if party and party.startswith("partner:") and kind == "answer":
        return str(_("Partner"))
    names: dict[str, str] = {
        "response": _("Answer"),
        "resolution": _("Resolve"),
        "acceptance": _("Accept"),
        "answer": _("Hand-off"),
        "holding": _("Holding"),
    }
    return names[kind]
