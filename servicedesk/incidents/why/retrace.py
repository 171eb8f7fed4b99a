"""Follows a story once more, noting each event that did something to one clock."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from servicedesk.event import Event
from servicedesk.incidents.clocks import CUSTOMER, Clockwork, Name
from servicedesk.incidents.story import Story
from servicedesk.incidents.why.parts import Basis, Step, What
from servicedesk.setup.directory import Directory
from servicedesk.sla.agreement import Terms
from servicedesk.sla.calendar import Calendar
from servicedesk.sla.clock import Clock, Mark, Phase

# §4, H2, H4: by which rule the clocks of a kind stop.
STOPS = {
    "response": ("C13", "C10"),
    "resolution": ("C10",),
    "acceptance": ("H2", "C10"),
    "answer": ("H2", "C10"),
    "holding": ("C4", "C10"),
}
STARTS = {
    "response": ("C8", "C1"),
    "resolution": ("C8", "C1"),
    "acceptance": ("H2", "C1"),
    "answer": ("H2", "C1"),
    "holding": ("C4", "C1"),
}


@dataclass(frozen=True, slots=True)
class Turn:
    """What a clock was made to do at an instant, and how it stood from then on."""

    at: datetime
    steps: tuple[Step, ...]
    phase: Phase
    target: int | None
    calendar: Calendar
    calendar_key: str
    seen: int  # marks of the clock until then


@dataclass
class Trace:
    """A clock with all that happened to it."""

    work: Clockwork
    name: Name
    clock: Clock | None = None
    turns: list[Turn] = field(default_factory=list)
    seen: int = 0  # marks
    holder: str | None = None

    def follow(self, events: Iterable[Event], *, aside: bool) -> None:
        """Follow events to the end."""
        for event in events:
            self.work.apply(event)
            self._note(event, aside)
            self.holder = self.work.story.holder

    def _note(self, event: Event, aside: bool) -> None:
        entry = self.work.entries.get(self.name)
        self._keep(entry.clock if entry else None)
        if entry is None:
            return
        marks = entry.clock.marks[self.seen :]
        self.seen = len(entry.clock.marks)
        steps = tuple(self._steps(event, marks, entry.terms, entry.priority))
        if not marks and aside:
            steps = tuple(self._ran_on(event, entry.clock))
        if steps:
            at = event.at.astimezone(UTC)
            clock, key = entry.clock, entry.terms.calendar
            turn = Turn(at, steps, clock.phase, clock.target, clock.calendar, key, self.seen)
            self.turns.append(turn)

    def _keep(self, clock: Clock | None) -> None:
        """H1: forget what was done in a holding of no length, with which its clock went."""
        if clock is not self.clock:
            self.clock, self.seen = clock, min(self.seen, len(clock.marks) if clock else 0)
            self.turns = [turn for turn in self.turns if turn.seen <= self.seen and clock]

    def _steps(
        self, event: Event, marks: list[Mark], terms: Terms, priority: str
    ) -> Iterator[Step]:
        """Say what the marks of one event mean."""
        if not marks:
            return
        last = self.turns[-1].phase if self.turns else None
        phase, at = marks[-1].phase, event.at.astimezone(UTC)
        basis = self._basis(terms, priority, marks[-1].target)
        party, hold = self.work.story.holder, self.work.story.hold
        if last is None:
            yield Step(at, What.STARTED, STARTS[self.name[0]], event, basis)
            last = Phase.RUN
        elif self._is_retargeted(marks, last):
            what = What.APPLIED if event.kind == "agreement.applied" else What.RETARGETED
            rule = "C8" if what == What.APPLIED else "C9"
            yield Step(at, what, (rule, "C1"), event, basis)
        if phase != last:
            what, rules = self._turned(last, phase, self.work.story)
            reason = hold.reason if hold else None
            yield Step(at, what, rules, event, hold=reason, party=party)

    def _is_retargeted(self, marks: list[Mark], last: Phase) -> bool:
        """Say whether one of the marks is that of a target, not of a change of phase."""
        return len(marks) > (marks[-1].phase != last)

    def _turned(self, last: Phase, phase: Phase, story: Story) -> tuple[What, tuple[str, ...]]:
        kind = self.name[0]
        match phase:
            case Phase.PAUSE:
                return What.PAUSED, ("C4", "C5")
            case Phase.STOP:
                return What.STOPPED, STOPS[kind]
            case Phase.CANCEL:
                return What.ENDED, ("C10",) if story.cancelled_at else ("H4",)
        if last == Phase.PAUSE:
            return What.RESUMED, ("C4", "C5")
        return (What.RETURNED, ("C4",)) if kind == "holding" else (What.REOPENED, ("C12",))

    def _ran_on(self, event: Event, clock: Clock) -> Iterator[Step]:
        """C4, C14: note what may be thought to have paused a customer's clock, and did not.

        C7: and by which calendar the due instant of any clock was moved.
        """
        story, at = self.work.story, event.at.astimezone(UTC)
        if event.kind == "clocks.moved" and (moved := self._moved(event)):
            yield Step(at, What.MOVED, ("C7",), event, number=moved["version"])
        if self.name[0] not in CUSTOMER or clock.phase != Phase.RUN:
            return
        if event.kind == "incident.held" and story.hold:
            yield Step(at, What.RAN_ON, ("C4",), event, hold=story.hold.reason)
        elif event.kind.startswith("handoff.") and story.holder != self.holder:
            yield Step(at, What.RAN_ON, ("C14",), event, party=story.holder)

    def _moved(self, event: Event) -> Mapping[str, Any] | None:
        """Give what an event says of how this clock's due instant was moved."""
        for said in event.data["clocks"]:
            if (said["kind"], said.get("party"), said.get("handoff")) == self.name:
                found: Mapping[str, Any] = said
                return found
        return None

    def _basis(self, terms: Terms, priority: str, seconds: int | None) -> Basis:
        directory, party = self.work.directory, self.name[1]
        if party:
            key = directory.party(party).agreement.key
        else:
            key = directory.agreements[self.work.story.agreement].key
        target = terms.target(self.name[0], priority)
        return Basis(key, terms.number, terms.calendar, priority, target, seconds)


def retrace(events: Iterable[Event], directory: Directory, name: Name, *, aside: bool) -> Trace:
    """Follow a whole history with an eye on one clock."""
    trace = Trace(Clockwork(directory), name)
    trace.follow(events, aside=aside)
    return trace
