"""E1, E2: when each step of its service's policy is due for an incident."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from servicedesk.incidents.clocks import Clockwork, Name, share_of_dates
from servicedesk.incidents.story import BEGINNING, Fired, Story
from servicedesk.setup.directory import Directory
from servicedesk.setup.steps import Step
from servicedesk.sla import calendar
from servicedesk.sla.calendar import Calendar, NoWorkingTime
from servicedesk.sla.days import planned_for

OF_PARTY = ("holding",)
OF_HANDOFF = ("acceptance", "answer")
OF_DATES = ("requested", "promised")
Found = tuple[str, datetime] | None  # cycle and instant


@dataclass(frozen=True, slots=True)
class StepDue:
    """A step that is, or will be, due."""

    policy: str
    step: Step
    cycle: str
    at: datetime
    round: int = 1  # of a step that comes again until somebody takes responsibility

    @property
    def identity(self) -> Fired:
        """E3: what it can be done once for."""
        return self.policy, self.step.key, _named(self.cycle, self.round)


@dataclass(frozen=True, slots=True)
class Appeal:
    """A repeated step that has come, and for which nobody has taken responsibility yet."""

    policy: str
    step: Step
    cycle: str
    rounds: int  # that have come

    @property
    def identity(self) -> Fired:
        """Give what is acknowledged: the first round stands for all."""
        return self.policy, self.step.key, self.cycle


def to_come(work: Clockwork) -> list[StepDue]:
    """Give what is due next, or was due and not done, of each step; the earliest first."""
    found = [due for due in all_due(work) if due.identity not in work.story.fired]
    return sorted(found, key=lambda due: (due.at, due.step.key))


def all_due(work: Clockwork) -> Iterator[StepDue]:
    """Give each step that has an instant as things stand, in its present cycle."""
    policy = work.directory.services[work.story.service].policy
    if policy is None or not work.story.is_open:
        return
    for step in work.directory.policies.get(policy, ()):
        if found := _found(work, step):
            due = StepDue(policy, step, *found)
            yield _again(work, due) if step.repeats else due


def appeals(work: Clockwork) -> list[Appeal]:
    """E1: give what somebody could take responsibility for now."""
    return [
        Appeal(due.policy, due.step, due.cycle, rounds)
        for due in all_due(work)
        if due.step.repeats
        and (rounds := _rounds(work.story, due))
        and (due.policy, due.step.key, due.cycle) not in work.story.acknowledged
    ]


def _found(work: Clockwork, step: Step) -> Found:
    if not _is_for(step, work.story, work.directory):
        return None
    return _share(work, step) if step.is_share else _WAITS[step.kind](work, step)


def _named(cycle: str, n: int) -> str:
    """E3: write a cycle with its round, which the first one doesn't show."""
    return cycle if n == 1 else f"{cycle}#{n}"


def _rounds(story: Story, due: StepDue) -> int:
    """Count the rounds of a step that have come in its cycle."""
    come = 0
    while (due.policy, due.step.key, _named(due.cycle, come + 1)) in story.fired:
        come += 1
    return come


def _again(work: Clockwork, first: StepDue) -> StepDue:
    """E1: give the next round of a step that has come, else the last one that came.

    It is counted from when the one before was done, so that a desk that stood still does not
    catch up on all rounds at once. A round that was noted as passed is the last.
    """
    story = work.story
    come = _rounds(story, first)
    last = replace(first, round=max(come, 1))
    since = story.fired[last.identity].at if come else None
    if since is None or come >= first.step.most or first.identity in story.acknowledged:
        return last
    if story.hold:
        return last
    try:
        at = _waited(work, since, first.step.every)
    except NoWorkingTime:
        return last
    return replace(first, round=come + 1, at=max(at, first.at))


def passed(dues: Iterable[StepDue], work: Clockwork) -> list[StepDue]:
    """Take those that were due already when their rule was made: it is for the future."""
    given = work.directory.services[work.story.service].policy_since or BEGINNING
    return [due for due in dues if due.at <= max(_made(due.step, work), given)]


def _made(step: Step, work: Clockwork) -> datetime:
    """Give since when a step stands there for an incident as it is now."""
    before = (it for it in step.before if _is_for(it, work.story, work.directory))
    return min(it.since or BEGINNING for it in (step, *before))


def _is_for(step: Step, story: Story, setup: Directory) -> bool:
    wanted = (
        (step.services, setup.services[story.service].key),
        (step.priorities, story.priority),
        (step.types, story.type),
        (step.parties, setup.parties[story.holding_party].key),
    )
    return all(not keys or key in keys for keys, key in wanted)


def _since(story: Story) -> datetime:
    """E3: give when the present cycle began: logged, or the last reopening."""
    return story.reopened_at[-1] if story.reopened_at else story.logged_at


def _share(work: Clockwork, step: Step) -> Found:
    """E1: the instant at which that share of a clock's target is counted."""
    story, reopened = work.story, str(work.story.reopened)
    if step.kind in OF_DATES:
        at = share_of_dates(story, step.kind, step.amount)
        return (reopened, max(at, _since(story))) if at else None
    name: Name = (step.kind, None, None)
    cycle, since = reopened, _since(story)
    if step.kind in OF_PARTY:
        name = (step.kind, story.holder, None)
        cycle = f"{story.holder}/{reopened}"
    elif step.kind in OF_HANDOFF:
        if (handoff := story.handoff) is None:
            return None
        name = (step.kind, handoff.receiver, handoff.n)
        cycle, since = str(handoff.n), handoff.sent_at
    at = work.share(name, step.amount)
    return (cycle, max(at, since)) if at else None


def _unaccepted(work: Clockwork, step: Step) -> Found:
    handoff = work.story.handoff
    if handoff is None or handoff.accepted_at:
        return None
    hours = work.directory.calendar_of(handoff.receiver, handoff.sent_at)
    return _at(str(handoff.n), lambda: hours.reach(handoff.sent_at, step.amount))


def _unassigned(work: Clockwork, step: Step) -> Found:
    story = work.story
    if story.assignee or story.hold or not (story.holder or "").startswith("group:"):
        return None
    since = max(story.holdings[-1].start, story.assigned_at)
    return _at(str(len(story.holdings)), lambda: _waited(work, since, step.amount))


def _untouched(work: Clockwork, step: Step) -> Found:
    story = work.story
    if story.hold:
        return None
    return _at(str(story.touched), lambda: _waited(work, story.touched_at, step.amount))


def _waited(work: Clockwork, since: datetime, seconds: int) -> datetime:
    """E1, E4: count the holder's working time; what is on hold waits for something else."""
    hours = work.directory.calendar_of(work.story.holding_party, work.story.changed_at)
    holds = [(h.start, h.end) for h in work.story.holds if h.end and h.end > h.start]
    return calendar.due(hours, since, seconds, holds)


def _wish(work: Clockwork, step: Step) -> Found:
    return _ahead_of("requested", work, step)


def _promise(work: Clockwork, step: Step) -> Found:
    return _ahead_of("promised", work, step)


def _ahead_of(kind: str, work: Clockwork, step: Step) -> Found:
    """D1: count back from the last working moment at or before a wish or a promise."""
    story = work.story
    date = story.current(kind)
    if date is None or date.due is None:
        return None
    hours = work.directory.calendar_of(story.desk_group, story.logged_at)
    planned = planned_for(hours, date.due, is_day=date.day is not None) or date.due
    since = max(date.since, _since(story))
    return _at(str(story.reopened), lambda: _before(hours, since, planned, step.amount))


def _before(hours: Calendar, since: datetime, end: datetime, seconds: int) -> datetime:
    """Give the earliest instant from `since` on with at most so much working time left."""
    left = hours.counted(since, end) if end > since else 0
    return hours.reach(since, left - seconds) if left > seconds else since


def _at(cycle: str, find: Callable[[], datetime]) -> Found:
    try:
        return cycle, find()
    except NoWorkingTime:
        return None


_WAITS: dict[str, Callable[[Clockwork, Step], Found]] = {
    "unaccepted": _unaccepted,
    "unassigned": _unassigned,
    "untouched": _untouched,
    "wish": _wish,
    "promise": _promise,
}
