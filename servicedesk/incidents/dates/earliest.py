"""The earliest date that calendars, targets and contracts of the way ahead allow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from servicedesk.incidents.clocks import Clockwork, Name
from servicedesk.incidents.story import DateEntry, Hold, Story
from servicedesk.setup.allowances import KINDS, Leg, allowance, legs
from servicedesk.sla.agreement import Target
from servicedesk.sla.calendar import NoWorkingTime
from servicedesk.sla.clock import Phase

SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Part:
    """One party's part of a way, with the target that says so."""

    leg: Leg
    target: Target | None  # as it was set; None: the party says nothing
    left: int | None = None  # of who has it now: working seconds left; below 0: over
    closed: bool = False  # it has a target, and never again working time for it


@dataclass(frozen=True, slots=True)
class Way:
    """The parties that it goes through, one after the other, and when that ends."""

    parts: tuple[Part, ...]

    @property
    def at(self) -> datetime | None:
        """Give the instant by which all of them are done; None where no target says so."""
        says = any(part.target for part in self.parts)
        return self.parts[-1].leg.end if says and not self.closed else None

    @property
    def closed(self) -> str | None:
        """Name the party that never works again by its calendar; with it the way ends."""
        return self.parts[-1].leg.party if self.parts[-1].closed else None

    @property
    def silent(self) -> tuple[str, ...]:
        """Name the parties without a target, who say nothing about it."""
        return tuple(part.leg.party for part in self.parts if part.target is None)

    def day(self, zone: str) -> date | None:
        """D1: give the local day on which it ends."""
        return self.at.astimezone(ZoneInfo(zone)).date() if self.at else None

    def keeps(self, entry: DateEntry | None) -> bool | None:
        """D1: say whether it ends in time for a wish; None where there is nothing to compare."""
        if self.at is None or entry is None or entry.due is None:
            return None
        return self.at < entry.due if entry.day else self.at <= entry.due


@dataclass(frozen=True, slots=True)
class Earliest:
    """What can be promised, as things stand."""

    here: Way  # if it is solved where it is
    whole: Way  # if it has to go to the end of the path: the safe one
    waits: Hold | None  # it can't begin before that has ended
    wish: DateEntry | None
    target: datetime | None  # C5: when the customer's resolution is due; None while it rests

    @property
    def in_target(self) -> bool | None:
        """C10: say whether the safe one meets the customer's target."""
        at = self.whole.at
        return at <= self.target if at and self.target else None


def earliest(work: Clockwork, now: datetime) -> Earliest | None:
    """Give the earliest dates that the targets of the way ahead allow; None once it has ended."""
    story = work.story
    if not story.is_open:
        return None
    now = max(now, story.changed_at)
    first = _present(work, now)
    states = (state for state in work.states(now) if state.kind == "resolution")
    return Earliest(
        Way((first,)),
        _whole(work, first),
        story.hold,
        story.current("requested"),
        next((state.due_at for state in states), None),
    )


def has_it(story: Story) -> str:
    """Give who has it, behind a hold for the requester too."""
    return story.kept_by or story.given_to


def ahead(story: Story, path: Sequence[str]) -> Sequence[str]:
    """H3: give the steps of a path after the present one.

    Where who has it is not on the path, after the last who was given it and is.
    """
    given = (has_it(story), *(handoff.sender for handoff in reversed(story.handoffs)))
    last = next((ref for ref in given if ref in path), None)
    return path[path.index(last) + 1 :] if last else path


def _whole(work: Clockwork, first: Part) -> Way:
    parts = [first]
    for ref in ahead(work.story, work.directory.services[work.story.service].path):
        if not parts[-1].closed:
            parts.append(_further(work, ref, parts[-1].leg.end))
    return Way(tuple(parts))


def _further(work: Clockwork, ref: str, start: datetime) -> Part:
    """Give a party that gets it later all that it is allowed."""
    setup, priority = work.directory, work.story.priority
    allowed = allowance(setup, setup.party(ref), priority, start)
    target = allowed.target if allowed else None
    try:
        (leg,) = legs(setup, [ref], priority, start)
    except NoWorkingTime:
        return Part(Leg(ref, None, 0, start, start), target, closed=True)
    return Part(leg, target)


def _present(work: Clockwork, now: datetime) -> Part:
    """Give what is left to who has it: of holding, else of the answer, else of acceptance."""
    ref, hold = has_it(work.story), work.story.hold
    begins = max(now, hold.until) if hold and hold.until else now
    found = (_left(work, kind, ref, now, begins) for kind in KINDS)
    nothing = Part(Leg(ref, None, 0, now, begins), None)
    return next((part for part in found if part), nothing)


def _left(work: Clockwork, kind: str, ref: str, now: datetime, begins: datetime) -> Part | None:
    entry = work.entries.get(_name(work.story, kind, ref))
    if entry is None or (kind != "holding" and entry.clock.phase in (Phase.STOP, Phase.CANCEL)):
        return None
    clock, priority = entry.clock, work.story.priority
    calendar = work.directory.calendars[entry.terms.calendar]
    target, whole = entry.terms.target(kind, priority), clock.target
    if target and entry.priority != priority:  # C9: once it runs again
        whole = target.seconds_if_any(calendar, clock.started_at, now)
    if target is None:
        return None
    left = (whole or 0) - clock.counted_by(now)
    try:
        # with nothing left: as soon as it works again
        end = calendar.reach(now, left) if left > 0 else calendar.reach(now, 1) - SECOND
    except NoWorkingTime:
        whole = None
    if whole is None:
        return Part(Leg(ref, kind, 0, now, begins), target, closed=True)
    return Part(Leg(ref, kind, max(0, left), now, max(end, begins)), target, left)


def _name(story: Story, kind: str, ref: str) -> Name:
    """Name the clock of a party: holding is one of all its visits, the others of the hand-off."""
    if kind == "holding":
        return kind, ref, None
    return kind, ref, story.handoff.n if story.handoff else None
