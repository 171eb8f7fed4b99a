"""What comes to an incident by itself besides rules, from its journal and the set-up alone (§4)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from servicedesk.event import Event
from tests.escalation.year_minutes import DAY
from tests.escalation.year_reference import Look

Duty = tuple[datetime, str]  # when, and the kind of its event
KINDS = ("incident.started", "requester.reminded", "incident.resolved", "incident.closed")
REMIND_AFTER, CLOSE_AFTER, REMINDERS = 3, 5, 2  # working days of the desk, and how often


@dataclass
class Timetable:
    """One incident after some of its events, as its hold and its end say."""

    look: Look

    def due(self) -> list[Duty]:
        """Give what has come by now and is not done; what people did before it was not before."""
        come = [(at, kind) for at, kind in self._coming() if at <= self.look.now]
        return sorted((max(at, self.look.so.at), kind) for at, kind in come)

    def _coming(self) -> Iterator[Duty]:
        ends = ("incident.resolved", "incident.reopened", "incident.closed", "incident.cancelled")
        last = next((e for e in reversed(self.look.events) if e.kind in ends), None)
        if last and last.kind == "incident.resolved":
            yield from self._after(last.at, CLOSE_AFTER, "incident.closed")
        if self.look.so.hold:
            yield from self._of_hold()

    def _of_hold(self) -> Iterator[Duty]:
        events = self.look.events
        n = max(n for n, event in enumerate(events) if event.kind == "incident.held")
        if until := events[n].data.get("until"):
            yield datetime.fromisoformat(until), "incident.started"
        if events[n].data["reason"] != "requester":
            return
        reminded = [e for e in events[n:] if e.kind == "requester.reminded"]
        what = "requester.reminded" if len(reminded) < REMINDERS else "incident.resolved"
        held, done = events[n].at, len(reminded)
        came = [datetime.fromisoformat(e.data.get("sent") or e.at.isoformat()) for e in reminded]
        planned = list(self._after(held, REMIND_AFTER * done, what, held)) if done else []
        if planned and came[-1] > planned[0][0]:  # it was late
            yield from self._after(came[-1], REMIND_AFTER, what, held)
        else:
            yield from self._after(held, REMIND_AFTER * (done + 1), what, held)

    def _after(
        self, start: datetime, days: int, what: str, by: datetime | None = None
    ) -> Iterator[Duty]:
        """Give the end of so many working days of the desk, by its hours as they were then."""
        if self.look.now < start + (days - 1) * DAY:
            return  # it can't be over yet
        book = self.look.book
        desk = book.world.parties[self.look.events[0].data["desk_group"]]
        calendar = book.world.first_in_force(desk, by or start).calendar
        if (seconds := book.working_days(calendar, start, days, self.look.now)) is not None:
            at = book.minutes(calendar).reach(start, seconds)
            yield from [(at, what)] if at else []


def is_duty(event: Event) -> bool:
    """Say whether something came by itself; a rule hands off, and tells, and is none."""
    return event.kind in KINDS and event.actor is None
