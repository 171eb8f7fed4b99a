"""C6: an incident's clocks as a function of its events and the set-up's versions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from servicedesk.event import Event
from servicedesk.incidents.happenings import happen
from servicedesk.incidents.story import DateEntry, HandOff, Story
from servicedesk.setup.directory import Directory
from servicedesk.sla.agreement import Terms
from servicedesk.sla.clock import Clock, DateClock, Outlook, Phase, Stretch, net

Name = tuple[str, str | None, int | None]  # kind, party, number of the hand-off
CUSTOMER = ("response", "resolution")


@dataclass(frozen=True, slots=True)
class Net:
    """C11: a clock without what is excluded, as of an instant."""

    excluded: int  # working seconds
    state: str
    due_at: datetime | None
    late_from: datetime | None
    breaches_at: datetime | None
    breached_at: datetime | None


@dataclass(frozen=True, slots=True)
class ClockState:
    """A clock as of an instant."""

    kind: str
    party: str | None
    handoff: int | None
    calendar: str | None
    priority: str
    target: int | None
    state: str
    running: bool  # counts on, breached or not
    started_at: datetime
    due_at: datetime | None
    late_from: datetime | None  # the first instant at which it is too late, if it runs on
    breaches_at: datetime | None  # the instant that a breach would carry, if it runs on
    counted: int | None
    stopped_at: datetime | None
    breached_at: datetime | None
    stretches: tuple[Stretch, ...] = ()
    net: Net | None = None  # C11: where an exclusion makes a difference

    @property
    def name(self) -> Name:
        """Identify the clock within its incident."""
        return self.kind, self.party, self.handoff

    @property
    def left(self) -> int | None:
        """Give the working seconds left; below 0: over."""
        if self.target is None or self.counted is None:
            return None
        return self.target - self.counted

    @property
    def net_state(self) -> str:
        """C11: say how it stands without what is excluded."""
        return self.net.state if self.net else self.state

    @property
    def net_breached_at(self) -> datetime | None:
        """C11: give the breach without what is excluded."""
        return self.net.breached_at if self.net else self.breached_at


@dataclass(slots=True)
class _Entry:
    """A clock at work, with what its target was taken from."""

    clock: Clock
    terms: Terms
    priority: str
    targeted: bool
    seen: Outlook | None = None  # kept until the next event
    rested: tuple[datetime, _Entry] | None = None  # when it went on, and how it was until then

    def outlook(self) -> Outlook:
        """Look ahead, once for each event."""
        if self.seen is None:
            self.seen = self.clock.outlook()
        return self.seen


class Clockwork:
    """Follows a story event by event and keeps all its clocks."""

    def __init__(self, directory: Directory) -> None:
        """Begin before the first event."""
        self.directory = directory
        self.story = Story()
        self.entries: dict[Name, _Entry] = {}

    def apply(self, event: Event) -> None:
        """Take the next event."""
        happen(self.story, event)
        self._start(event.at)
        for name, entry in list(self.entries.items()):
            self._follow(name, entry, event.at)
            if name[0] == "holding":
                self._forget_no_length(name, entry, event.at)

    def _start(self, at: datetime) -> None:
        """Start the clocks that an event calls for."""
        story = self.story
        for kind in CUSTOMER:
            if (kind, None, None) not in self.entries:
                self._add((kind, None, None), self._customer_terms(), at)
        if story.holder and story.holder in self.directory.parties:
            self._add(("holding", story.holder, None), self._party_terms(story.holder, at), at)
        if handoff := story.handoff:
            for kind in ("acceptance", "answer"):
                terms = self._party_terms(handoff.receiver, at)
                self._add((kind, handoff.receiver, handoff.n), terms, at)

    def _add(self, name: Name, terms: Terms, at: datetime) -> None:
        if name in self.entries:
            return
        clock = Clock(at, self.directory.calendars[terms.calendar])
        entry = self.entries[name] = _Entry(clock, terms, "", False)
        self._target(name, entry, terms, at)

    def _customer_terms(self) -> Terms:
        """C8: an incident keeps the version that was in force when it was logged.

        Unless a later one was applied to it.
        """
        agreement = self.directory.agreements[self.story.agreement]
        terms = agreement.at(self.story.logged_at)
        return agreement.later(terms, self.story.applied.get(agreement.id))

    def _party_terms(self, ref: str, at: datetime) -> Terms:
        return self.directory.party(ref).agreement.at(at)

    def _target(self, name: Name, entry: _Entry, terms: Terms, at: datetime) -> None:
        """C9: take the target of the priority and terms in force, from the original start."""
        target = terms.target(name[0], self.story.priority)
        calendar = self.directory.calendars[terms.calendar]
        clock = entry.clock
        seconds = target.seconds_if_any(calendar, clock.started_at, at) if target else None
        clock.retarget(seconds, at, calendar, self.story.seq)
        entry.terms, entry.priority = terms, self.story.priority
        entry.targeted = entry.targeted or seconds is not None

    def _follow(self, name: Name, entry: _Entry, at: datetime) -> None:
        entry.seen = None
        phase = self._phase(name, entry)
        if phase == Phase.RUN and entry.clock.phase in (Phase.STOP, Phase.CANCEL):
            entry.rested = at, replace(entry, clock=entry.clock.as_it_is(), rested=None)
        terms = self._terms(name[1], entry)
        stays = entry.priority == self.story.priority and entry.terms is terms
        if not stays and phase in (Phase.RUN, Phase.PAUSE):
            self._target(name, entry, terms, at)
        entry.clock.move(phase, at, self.story.seq)

    def _forget_no_length(self, name: Name, entry: _Entry, at: datetime) -> None:
        """H1: a holding of no length is none: its clock is as it was before."""
        if entry.clock.phase == Phase.RUN:
            return
        if not entry.clock.ran:
            del self.entries[name]
        elif entry.rested and entry.rested[0] == at:
            self.entries[name] = entry.rested[1]

    def _terms(self, party: str | None, entry: _Entry) -> Terms:
        """C8: give the terms that a clock goes on by."""
        if party is None:
            return self._customer_terms()
        agreement = self.directory.party(party).agreement
        return agreement.later(entry.terms, self.story.applied.get(agreement.id))

    def _phase(self, name: Name, entry: _Entry) -> Phase:
        kind, party, n = name
        if kind == "holding":
            return self._holding(party, entry)
        if n is not None:
            return self._of_handoff(kind, self.story.handoffs[n - 1], entry)
        if self.story.cancelled_at:
            stopped = entry.clock.phase == Phase.STOP
            return Phase.STOP if stopped else Phase.CANCEL
        if kind == "response":
            return Phase.STOP if self.story.first_response_at else Phase.RUN
        return self._resolution()

    def _resolution(self) -> Phase:
        """C4, C12: it runs while the incident is open, but for holds that its agreement names."""
        if not self.story.is_open:
            return Phase.STOP
        hold = self.story.hold
        return Phase.PAUSE if hold and hold.reason in self._customer_terms().pauses else Phase.RUN

    def _holding(self, party: str | None, entry: _Entry) -> Phase:
        """C4: it runs exactly while its party holds."""
        if self.story.holder == party:
            return Phase.RUN
        if self.story.cancelled_at and entry.clock.phase == Phase.RUN:
            return Phase.CANCEL
        return Phase.CANCEL if entry.clock.phase == Phase.CANCEL else Phase.STOP

    def _of_handoff(self, kind: str, handoff: HandOff, entry: _Entry) -> Phase:
        """C4: what is recalled needs no verdict any more; nor an answer that was sent back."""
        over = not handoff.is_open or (kind == "acceptance" and bool(handoff.accepted_at))
        if over and entry.clock.phase == Phase.STOP:
            return Phase.STOP
        if handoff.state == "recalled" or (kind == "answer" and handoff.state == "sent_back"):
            return Phase.CANCEL
        if over:
            return Phase.STOP
        rests = kind == "answer" and self.story.holder != handoff.receiver
        return Phase.PAUSE if rests or handoff.question else Phase.RUN

    def agreement_of(self, name: Name) -> int:
        """Give the id of the agreement that a clock goes by."""
        if name[1] is None:
            return self.story.agreement
        return self.directory.party(name[1]).agreement.id

    def share(self, name: Name, percent: int) -> datetime | None:
        """E1: give when that share of a clock's target is counted; None unless it runs."""
        entry = self.entries.get(name)
        return entry.clock.share(percent) if entry else None

    def states(self, now: datetime) -> list[ClockState]:
        """Give every clock as of an instant at or after the last event."""
        states = [
            self._state(name, entry, now) for name, entry in self.entries.items() if entry.targeted
        ]
        dates = ((kind, self.story.current(kind)) for kind in ("requested", "promised"))
        return [*states, *(self._date_state(kind, date, now) for kind, date in dates if date)]

    def _state(self, name: Name, entry: _Entry, now: datetime) -> ClockState:
        clock, seen = entry.clock, entry.outlook()
        return ClockState(
            *name,
            calendar=entry.terms.calendar,
            priority=entry.priority,
            target=clock.target,
            state=clock.state(now, seen),
            running=clock.phase == Phase.RUN,
            started_at=clock.started_at,
            due_at=seen.due,
            late_from=seen.late_from,
            breaches_at=seen.breaches_at,
            counted=clock.counted_by(now),
            stopped_at=clock.stopped_at,
            breached_at=clock.breach_by(now, seen),
            stretches=tuple(clock.stretches),
            net=self._net(name, clock, now),
        )

    def _net(self, name: Name, clock: Clock, now: datetime) -> Net | None:
        excluded = list(self.story.excluded(name[0], name[1]))
        if not excluded:
            return None
        twin = net(clock, excluded)
        seen = twin.outlook()
        return Net(
            excluded=clock.counted_by(now) - twin.counted_by(now),
            state=twin.state(now, seen),
            due_at=seen.due,
            late_from=seen.late_from,
            breaches_at=seen.breaches_at,
            breached_at=twin.breach_by(now, seen),
        )

    def _date_state(self, kind: str, date: DateEntry, now: datetime) -> ClockState:
        clock = date_clock(self.story, date)
        return ClockState(
            kind,
            None,
            None,
            calendar=None,
            priority=self.story.priority,
            target=None,
            state=clock.state(now),
            running=clock.stopped_at is None,
            started_at=self.story.logged_at,
            due_at=clock.due,
            late_from=clock.late_from,
            breaches_at=clock.due,
            counted=None,
            stopped_at=clock.stopped_at,
            breached_at=clock.breach_by(now),
        )


def date_clock(story: Story, date: DateEntry) -> DateClock:
    """D1: judge a wish or promise at the last resolution."""
    stopped = story.cancelled_at or story.resolved_at
    cancelled = story.cancelled_at is not None
    return DateClock(
        date.due or story.logged_at, date.day is not None, story.logged_at, stopped, cancelled
    )


def share_of_dates(story: Story, kind: str, percent: int) -> datetime | None:
    """E1: give when that share of the time from logging to a wish or promise has passed."""
    date = story.current(kind)
    if date is None or date.due is None:
        return None
    whole = int((date.due - story.logged_at).total_seconds())
    return max(story.logged_at + timedelta(seconds=whole * percent // 100), date.since)


def follow(events: Iterable[Event], directory: Directory) -> Clockwork:
    """Follow a whole history of events."""
    work = Clockwork(directory)
    for event in events:
        work.apply(event)
    return work
