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
    types: frozenset[str] = frozenset()  # incident, request
    parties: frozenset[str] = frozenset()  # keys of the groups or partners that hold it
    tell: tuple[str, ...] = ()  # recipients, in every round
    chain: tuple[str, ...] = ()  # of them one more in each round, the last again and again
    outside: tuple[str, ...] = ()  # told instead of `tell` while the holder is closed
    every: int = 0  # working seconds from one round to the next
    most: int = 1  # rounds
    signals: tuple[str, ...] = ()  # keys of webhooks
    hand_off: str | None = None  # `next`, or the key of a group or partner
    deeds: Mapping[str, str] = field(default_factory=dict)  # {"priority": "up"}
    since: datetime | None = field(default=None, compare=False)  # when it came to stand there

    @property
    def is_share(self) -> bool:
        """Say whether it is due by a share of a clock."""
        return self.kind not in WAITS

    @property
    def repeats(self) -> bool:
        """Say whether it comes again until somebody takes responsibility."""
        return self.most > 1

    def rungs(self, n: int) -> tuple[str, ...]:
        """Give the rungs of its chain from the n-th round on, the first being 1; at least one."""
        return self.chain[min(n, len(self.chain)) - 1 :] if self.chain else ()


def read_steps(
    said: Iterable[Mapping[str, Any]], since: Mapping[str, str] | None = None
) -> tuple[Step, ...]:
    """Read the steps of a policy as they are stored (`policies.Step.plain`)."""
    return tuple(_read(step, (since or {}).get(identity(step))) for step in said)


def identity(said: Mapping[str, Any]) -> str:
    """Tell a step from others: with another *when*, or other repeats, it is another step."""
    repeat = sorted(said.get("repeat", {}).items()) or ""
    return f"{said['key']} {sorted(said['when'].items())}{repeat}"


def _read(said: Mapping[str, Any], since: str | None) -> Step:
    when, only, repeat = said["when"], said.get("for", {}), said.get("repeat", {})
    wait = next((word for word in WAITS if word in when), None)
    return Step(
        key=said["key"],
        kind=wait or when["clock"],
        amount=int(when[wait]) * 60 if wait else int(when["at"]),
        services=frozenset(only.get("service", ())),
        priorities=frozenset(only.get("priority", ())),
        types=frozenset(only.get("type", ())),
        parties=frozenset((*only.get("group", ()), *only.get("partner", ()))),
        tell=tuple(said.get("tell", ())),
        chain=tuple(said.get("chain", ())),
        outside=tuple(said.get("outside", ())),
        every=repeat.get("every", 0) * 60,
        most=repeat.get("most", 1),
        signals=tuple(said.get("signal", ())),
        hand_off=said.get("hand_off"),
        deeds=said.get("do", {}),
        since=datetime.fromisoformat(since) if since else None,
    )
