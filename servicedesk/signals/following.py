"""E5: queues what webhooks tell of an act, in the transaction of the act."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from servicedesk import outbox
from servicedesk.event import Event
from servicedesk.incidents.acts import Act
from servicedesk.incidents.models import Incident
from servicedesk.incidents.record import followed_by
from servicedesk.setup.directory import Directory
from servicedesk.setup.signals import Hook, named
from servicedesk.setup.steps import Step
from servicedesk.signals.models import Receiver
from servicedesk.times import iso

KIND = "signal"  # of the message in the outbox
FIRED = "step.fired"


@followed_by
def announce(session: Session, incident: Incident, act: Act) -> None:
    """Step: queue a signal for each event and each webhook that it concerns.

    What is confidential is told to none, nor is a history. A webhook without an address keeps
    nothing for the day on which it gets one.
    """
    if not act.directory.hooks or outbox.is_quiet(session) or act.story.confidential:
        return
    concerned = [
        (event, hook) for event in act.events if _is_news(event) for hook in hooks_of(event, act)
    ]
    ready = _ready(session) if concerned else set()
    for event, hook in concerned:
        if hook.id in ready:
            said = _said(event, act)
            outbox.queue(session, KIND, now=act.now, hook=hook.id, incident=incident.id, **said)


def _is_news(event: Event) -> bool:
    """Leave out a history, and that nobody is assigned any more: what led to it says so."""
    left = event.kind == "incident.assigned" and event.data.get("assignee") is None
    return not (left or event.data.get("imported"))


def hooks_of(event: Event, act: Act) -> Iterator[Hook]:
    """Give the webhooks that an event concerns, each once: by its kind, or named by a step."""
    story, setup = act.story, act.directory
    step = step_of(event, setup)
    by_rule = named(setup.hooks, step.signals if step else ())
    yield from by_rule
    now = {
        "service": setup.services[story.service].key,
        "priority": story.priority,
        "type": story.type,
        "party": setup.parties[story.given_to].key,
    }
    for hook in setup.hooks.values():
        if hook not in by_rule and hook.wants(event.kind, **now):
            yield hook


def step_of(event: Event, setup: Directory) -> Step | None:
    """Give the step of a policy that an event says to have fired."""
    if event.kind != FIRED:
        return None
    steps = setup.policies.get(event.data["policy"], ())
    return next((step for step in steps if step.key == event.data["step"]), None)


def _ready(session: Session) -> set[int]:
    query = sa.select(Receiver.hook_id).where(Receiver.disabled_at.is_(None))
    return set(session.scalars(query))


def _said(event: Event, act: Act) -> dict[str, Any]:
    """Give what was so when it happened, as ids and values: each copy of a call is the same."""
    story = act.story
    step = step_of(event, act.directory)
    return {
        "event": event.kind,
        "seq": event.seq,
        "at": iso(event.at),
        "state": story.state,
        "priority": story.priority,
        "type": story.type,
        "service": story.service,
        "holder": story.holder,
        "policy": event.data.get("policy"),
        "step": event.data.get("step"),
        "due": event.data.get("due") if step else None,
        "clock": step.kind if step else None,
        "amount": step.amount if step else None,
    }
