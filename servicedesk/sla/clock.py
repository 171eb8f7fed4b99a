"""Clocks: counted working time against a target, as a function of what happened."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from copy import copy
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from servicedesk.sla.calendar import Calendar, NoWorkingTime, Pause, union


class Phase(StrEnum):
    """What a clock is doing."""

    RUN = "run"
    PAUSE = "pause"
    STOP = "stop"
    CANCEL = "cancel"


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch in which a clock ran, with the working seconds counted before and in it."""

    start: datetime
    end: datetime
    before: int
    counted: int
    calendar: Calendar


@dataclass(frozen=True, slots=True)
class Mark:
    """C15: what a clock was made to do at an instant, and because of which event."""

    at: datetime
    cause: int  # sequence number of the event
    phase: Phase
    target: int | None
    calendar: Calendar


@dataclass(frozen=True, slots=True)
class Outlook:
    """What lies ahead of a clock if nothing more happens to it."""

    due: datetime | None
    late_from: datetime | None  # C10: the first instant that is too late
    breaches_at: datetime | None  # C10: the instant that a breach carries, or would carry


@dataclass(slots=True)
class Clock:
    """One clock; `move` and `retarget` must be called in the order of time."""

    started_at: datetime
    calendar: Calendar
    target: int | None = None  # working seconds; None: counts without a verdict (C9)
    phase: Phase = Phase.RUN
    counted: int = 0
    since: datetime = field(init=False)  # up to when time is counted
    targeted_at: datetime = field(init=False)
    stopped_at: datetime | None = None
    breached_at: datetime | None = None
    stretches: list[Stretch] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Start counting at the start."""
        self.since = self.targeted_at = self.started_at

    def move(self, phase: Phase, at: datetime, cause: int = 0) -> None:
        """Run, pause, stop or cancel from an instant on."""
        if phase == self.phase:
            return
        self.settle(at)
        self.phase = phase
        self.stopped_at = at if phase in (Phase.STOP, Phase.CANCEL) else None
        self._mark(at, cause)

    def retarget(
        self, target: int | None, at: datetime, calendar: Calendar | None = None, cause: int = 0
    ) -> None:
        """C9: change the target, with all time already counted kept."""
        self.settle(at)
        self.target, self.targeted_at = target, at
        self.calendar = calendar or self.calendar
        if self.breached_at is None and self.exceeded:
            self.breached_at = at
        self._mark(at, cause)

    def _mark(self, at: datetime, cause: int) -> None:
        self.marks.append(Mark(at, cause, self.phase, self.target, self.calendar))

    def as_it_is(self) -> Clock:
        """Give a copy that stays as this clock is now."""
        kept = copy(self)
        kept.stretches, kept.marks = [*self.stretches], [*self.marks]
        return kept

    def settle(self, at: datetime) -> None:
        """Count the time up to an instant, noticing a breach on the way (C10)."""
        if self.phase == Phase.RUN and at > self.since:
            gained = self.calendar.counted(self.since, at)
            stretch = Stretch(self.since, at, self.counted, gained, self.calendar)
            self.stretches.append(stretch)
            self.counted += gained
            if self.breached_at is None and self.exceeded:
                self.breached_at = self._reached(self.target or 0) or at
        self.since = max(self.since, at)

    @property
    def ran(self) -> bool:
        """Say whether it runs, or ever did for any length of time."""
        return self.phase == Phase.RUN or bool(self.stretches)

    @property
    def exceeded(self) -> bool:
        """C10: say whether the counted time is more than the target."""
        return self.target is not None and self.counted > self.target

    def due(self) -> datetime | None:
        """C3, C5: give the earliest instant that uses the target up; None while paused."""
        if self.target is None:
            return None
        if self.phase == Phase.PAUSE and not self.exceeded:
            return None
        if self.counted >= self.target:
            return self._reached(self.target)
        return self._ahead(self.target - self.counted)

    def share(self, percent: int) -> datetime | None:
        """E1: give when that share of the target is counted; None unless it runs.

        A share that had passed when the target was changed is due at that change.
        """
        if self.target is None or self.phase != Phase.RUN:
            return None
        seconds = self.target * percent // 100
        if self.counted < seconds:
            return self._ahead(seconds - self.counted)
        return max(self._reached(seconds) or self.started_at, self.targeted_at)

    def late_from(self) -> datetime | None:
        """C10: give the first instant at which the target is exceeded, if the clock runs on."""
        if self.target is None or self.breached_at is not None:
            return self.breached_at
        if self.phase != Phase.RUN:
            return None
        return self._ahead(self.target - self.counted + 1)

    def _ahead(self, seconds: int) -> datetime | None:
        ended = self.phase in (Phase.STOP, Phase.CANCEL)  # C7: nothing published later moves that
        calendar = self.calendar.known_at(self.since) if ended else self.calendar
        try:
            return calendar.reach(self.since, seconds)
        except NoWorkingTime:
            return None

    def _reached(self, seconds: int) -> datetime | None:
        """C3: find the earliest instant at which the counted time came to so much."""
        if seconds <= 0:
            return self.started_at
        for stretch in self.stretches:
            if stretch.before + stretch.counted >= seconds:
                return stretch.calendar.reach(stretch.start, seconds - stretch.before)
        return None

    def outlook(self) -> Outlook:
        """Say when it is due, too late from when on, and what instant a breach would carry."""
        due, late = self.due(), self.late_from()
        if self.breached_at is not None or late is None:
            return Outlook(due, late, self.breached_at)
        return Outlook(due, late, due or late)

    def breach_by(self, now: datetime, outlook: Outlook | None = None) -> datetime | None:
        """C10: give the instant of the breach as known at an instant, if there is one."""
        seen = outlook or self.outlook()
        return seen.breaches_at if seen.late_from and seen.late_from <= now else self.breached_at

    def counted_by(self, now: datetime) -> int:
        """Give the counted working seconds as of an instant."""
        running = self.phase == Phase.RUN and now > self.since
        return self.counted + (self.calendar.counted(self.since, now) if running else 0)

    def state(self, now: datetime, outlook: Outlook | None = None) -> str:
        """Say running, paused, met, breached or cancelled as of an instant."""
        if self.breach_by(now, outlook) is not None:
            return "breached"
        if self.phase == Phase.STOP:
            return "cancelled" if self.target is None else "met"
        return {Phase.RUN: "running", Phase.PAUSE: "paused"}.get(self.phase, "cancelled")


def net(clock: Clock, excluded: Sequence[Pause]) -> Clock:
    """C11: give the clock as it would be if nothing had counted within some intervals."""
    spans = union(excluded, clock.started_at)
    twin = Clock(clock.started_at, clock.marks[0].calendar if clock.marks else clock.calendar)
    phase = Phase.RUN
    for at, mark in _steps(clock, spans):
        if mark:
            phase = mark.phase
            if (mark.target, mark.calendar) != (twin.target, twin.calendar):
                twin.retarget(mark.target, at, mark.calendar, mark.cause)
        out = phase == Phase.RUN and any(begin <= at < end for begin, end in spans)
        twin.move(Phase.PAUSE if out else phase, at, mark.cause if mark else 0)
    return twin


def _steps(clock: Clock, spans: Sequence[Pause]) -> Iterator[tuple[datetime, Mark | None]]:
    """Give a clock's marks and the ends of the intervals in order of time."""
    edges: list[tuple[datetime, Mark | None]] = [(edge, None) for span in spans for edge in span]
    marks: list[tuple[datetime, Mark | None]] = [(mark.at, mark) for mark in clock.marks]
    return iter(sorted([*marks, *edges], key=lambda step: step[0]))


@dataclass(frozen=True, slots=True)
class DateClock:
    """A fixed instant to be kept: the wish or the promise (D1)."""

    due: datetime
    day: bool  # resolved before `due`; else at or before it
    started_at: datetime
    stopped_at: datetime | None = None
    cancelled: bool = False

    @property
    def late_from(self) -> datetime:
        """D1: give the first instant that is too late."""
        return self.due if self.day else self.due + timedelta(seconds=1)

    def breach_by(self, now: datetime) -> datetime | None:
        """C10: give the instant of the breach as known at an instant, if there is one."""
        until = self.stopped_at or now
        return self.due if until >= self.late_from else None

    def state(self, now: datetime) -> str:
        """Say running, met, breached or cancelled as of an instant."""
        if self.breach_by(now):
            return "breached"
        if self.cancelled:
            return "cancelled"
        return "met" if self.stopped_at else "running"
