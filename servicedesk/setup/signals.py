"""Webhooks as DESK.yaml has them: what of an incident's life is told to another system."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

FORMATS = DESK, SLACK, TEAMS = ("desk", "slack", "teams")
KINDS = (  # events of the journal that say something to others, and hold no texts
    "incident.logged",
    "incident.assigned",
    "incident.held",
    "incident.prioritised",
    "incident.reclassified",
    "incident.resolved",
    "incident.reopened",
    "incident.closed",
    "incident.cancelled",
    "handoff.sent",
    "handoff.accepted",
    "handoff.answered",
    "handoff.sent_back",
    "handoff.recalled",
    "wish.set",
    "promise.set",
    "step.fired",
    "step.acknowledged",
    "major.proposed",
    "major.confirmed",
    "major.refused",
    "major.updated",
    "major.update_missed",
    "major.stood_down",
)


@dataclass(frozen=True, slots=True)
class Hook:
    """A webhook in use: its address and its secret are in no file."""

    id: int
    key: str
    name: str
    format: str = DESK
    kinds: frozenset[str] = frozenset()  # besides the steps of policies that name it
    services: frozenset[str] = frozenset()  # keys; empty: all
    priorities: frozenset[str] = frozenset()
    types: frozenset[str] = frozenset()
    parties: frozenset[str] = frozenset()  # keys of the groups or partners that have it
    titles: bool = False

    def wants(self, kind: str, *, service: str, priority: str, type: str, party: str) -> bool:
        """Say whether an event of an incident as it is then is told by it."""
        said = (
            (self.services, service),
            (self.priorities, priority),
            (self.types, type),
            (self.parties, party),
        )
        return kind in self.kinds and all(not only or value in only for only, value in said)


def read_hook(
    id: int, key: str, name: str, format: str, titles: bool, more: Mapping[str, Any]
) -> Hook:
    """Read a webhook as its row keeps it."""
    only = more.get("for", {})
    return Hook(
        id,
        key,
        name,
        format,
        frozenset(more.get("kinds", ())),
        frozenset(only.get("service", ())),
        frozenset(only.get("priority", ())),
        frozenset(only.get("type", ())),
        frozenset((*only.get("group", ()), *only.get("partner", ()))),
        titles,
    )


def named(hooks: Mapping[str, Hook], keys: Iterable[str]) -> Collection[Hook]:
    """Give the webhooks of some keys; one that is no longer in use is left out."""
    return [hooks[key] for key in dict.fromkeys(keys) if key in hooks]
