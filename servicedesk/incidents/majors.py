"""What a major incident changes in the story of the incident that it is, or that belongs to it."""

from __future__ import annotations

from datetime import datetime

from servicedesk.event import Event
from servicedesk.incidents.episodes import Major
from servicedesk.incidents.handlers import Data, instant, on
from servicedesk.incidents.story import Story


def last_confirmed(story: Story) -> Major | None:
    """Give the last one that went on, or goes on: what was only proposed is none."""
    went_on = (one for one in reversed(story.majors) if one.state in ("confirmed", "over"))
    return next(went_on, None)


def end_proposal(story: Story, at: datetime) -> None:
    """Leave nothing to decide where the incident has ended meanwhile."""
    if (major := story.major) and not major.is_running:
        major.state, major.decided_at = "withdrawn", at


def end_major(story: Story, at: datetime) -> None:
    """End a major incident with the incident that it is."""
    end_proposal(story, at)
    if major := story.major:
        major.state, major.over_at = "over", at


@on("major.proposed")
def _proposed(story: Story, event: Event, data: Data) -> None:
    rule = (data["policy"], data["step"]) if data.get("policy") else None
    story.majors.append(Major(event.seq, event.at, event.actor, rule))


def _decide(story: Story, event: Event, state: str) -> Major | None:
    major = story.major
    if major:
        major.state, major.decided_at, major.decided_by = state, event.at, event.actor
    return major


@on("major.confirmed")
def _confirmed(story: Story, event: Event, data: Data) -> None:
    if major := _decide(story, event, "confirmed"):
        major.coordinator, major.every = data["coordinator"], data["every"]


@on("major.refused")
def _refused(story: Story, event: Event, data: Data) -> None:
    _decide(story, event, "refused")


@on("major.withdrawn")
def _withdrawn(story: Story, event: Event, data: Data) -> None:
    _decide(story, event, "withdrawn")


@on("major.coordinated")
def _coordinated(story: Story, event: Event, data: Data) -> None:
    if major := story.major:
        major.coordinator = data["coordinator"]


@on("major.updated")
def _updated(story: Story, event: Event, data: Data) -> None:
    if major := story.major:
        major.updates.append(event.at)
        major.every = data.get("every", major.every)


@on("major.update_missed")
def _update_missed(story: Story, event: Event, data: Data) -> None:
    if major := story.major:
        major.missed.append(instant(data.get("sent")) or event.at)


@on("major.stood_down")
def _stood_down(story: Story, event: Event, data: Data) -> None:
    if major := story.major:
        major.state, major.over_at = "over", event.at


@on("major.reviewed")
def _reviewed(story: Story, event: Event, data: Data) -> None:
    if major := last_confirmed(story):
        major.reviewed_at = event.at


@on("incident.linked")
def _linked(story: Story, event: Event, data: Data) -> None:
    story.part_of = data["major"]


@on("incident.unlinked")
def _unlinked(story: Story, event: Event, data: Data) -> None:
    story.part_of = None
