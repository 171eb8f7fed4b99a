"""E1: the steps of an escalation policy as the rules use them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

WAITS = ("unaccepted", "unassigned", "untouched", "wish", "promise")


@dataclass(frozen=True, slots=True)
class Step:
    """One step: when it is due, for what, and what it does."""

    key: str
    kind: str  # a clock's kind, or one of WAITS
    amount: int  # per cent of the clock's target, or working seconds
    services: frozenset[str] = frozenset()  # keys; empty: all
    priorities: frozenset[str] = frozenset()
    parties: frozenset[str] = frozenset()  # keys of the groups or partners that hold it
    tell: tuple[str, ...] = ()
    hand_off: str | None = None  # `next`, or the key of a group or partner
    deeds: Mapping[str, str] = field(default_factory=dict)  # {"priority": "up"}
    since: datetime | None = field(default=None, compare=False)  # when it came to stand there

    @property
    def is_share(self) -> bool:
        """Say whether it is due by a share of a clock."""
        return self.kind not in WAITS


def read_steps(
    said: Iterable[Mapping[str, Any]], since: Mapping[str, str] | None = None
) -> tuple[Step, ...]:
    """Read the steps of a policy as they are stored (`policies.Step.plain`)."""
    return tuple(_read(step, (since or {}).get(identity(step))) for step in said)


def identity(said: Mapping[str, Any]) -> str:
    """Tell a step from others: with another *when* it is another step."""
    return f"{said['key']} {sorted(said['when'].items())}"


def _read(said: Mapping[str, Any], since: str | None) -> Step:
    when, only = said["when"], said.get("for", {})
    wait = next((word for word in WAITS if word in when), None)
    return Step(
        key=said["key"],
        kind=wait or when["clock"],
        amount=int(when[wait]) * 60 if wait else int(when["at"]),
        services=frozenset(only.get("service", ())),
        priorities=frozenset(only.get("priority", ())),
        parties=frozenset(only.get("group", ())),
        tell=tuple(said.get("tell", ())),
        hand_off=said.get("hand_off"),
        deeds=said.get("do", {}),
        since=datetime.fromisoformat(since) if since else None,
    )
