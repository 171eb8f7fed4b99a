"""E1 to E4: what a set-up's rules would have fired, as a function of the journal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from servicedesk.event import Event
from servicedesk.incidents.clocks import Clockwork
from servicedesk.incidents.episodes import Acknowledgement, Firing
from servicedesk.incidents.episodes import Fired as Rule
from servicedesk.incidents.rules import StepDue, appeals, to_come
from servicedesk.setup.directory import Directory

FIRED = "step.fired"
DONE = (FIRED, "steps.passed")  # what the rules of that time did
SECOND = timedelta(seconds=1)
MOST = 100_000  # firings between two lines of a journal; more would be a circle

Fired = tuple[StepDue, Clockwork]


def simulate(
    events: Iterable[Event], setup: Directory, start: datetime, end: datetime
) -> Iterator[Fired]:
    """Give each step that would have fired from `start` to `end`, with the incident as it was then.

    As if every step were done at the instant at which it became due, and as if it did nothing but
    tell: what people, and the rules of that time, did to the incident stays as it was. The
    incident changes while it is told on, so look at it before the next one is taken.
    """
    work, before = Clockwork(setup), ""
    for event in events:
        if work.story.seq:
            yield from _before(work, event, start, end)
        if event.at >= end:
            return
        # the line stays, so that what is counted in lines is; but nothing was fired by it
        work.apply(replace(event, kind="rule.past") if event.kind in DONE else event)
        if _is_taken(event, before):
            _acknowledge(work, event)
        before = event.kind
    yield from _until(work, end, start, end)


def noticed(due: StepDue, work: Clockwork) -> datetime:
    """Give when a step is done: when it is due, or when the incident came to it later than that."""
    return max(due.at, work.story.changed_at)


def _before(work: Clockwork, event: Event, start: datetime, end: datetime) -> Iterator[Fired]:
    """Fire what comes before a line of the journal; in the midst of an act nothing does."""
    if event.kind == FIRED:  # the desk did what was due by then, this rule before its own deeds
        rule = event.data["policy"], event.data["step"], event.data["cycle"]
        yield from _until(work, event.at + SECOND, start, end, rule)
    elif event.at > work.story.changed_at:
        yield from _until(work, event.at, start, end)


def _until(
    work: Clockwork, at: datetime, start: datetime, end: datetime, last: Rule | None = None
) -> Iterator[Fired]:
    """Fire what is due before an instant, a rule as the last; before `start` only note it."""
    for _ in range(MOST):
        due = next(iter(to_come(work)), None)
        if due is None or (done_at := noticed(due, work)) >= min(at, end):
            return
        if done_at >= start:
            yield due, work
        work.story.fired[due.identity] = Firing(due.at, done_at)
        if due.identity == last:
            return
    raise RuntimeError("the rules go round in a circle")


def _is_taken(event: Event, before: str) -> bool:
    """Say whether somebody took the incident, which did not just come back from a hand-off."""
    if event.kind != "incident.assigned" or event.actor is None:
        return False
    if before.startswith("handoff.") and before != "handoff.accepted":
        return False
    return bool(event.data.get("assignee") == event.actor)


def _acknowledge(work: Clockwork, event: Event) -> None:
    """E1: who took it took responsibility for rules too that were not there then."""
    for appeal in appeals(work):
        work.story.acknowledged[appeal.identity] = Acknowledgement(event.at, event.actor)
