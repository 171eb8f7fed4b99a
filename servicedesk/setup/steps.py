"""E1: the steps of an escalation policy as the rules use them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

Scope = Mapping[str, Any]  # what a step is for, as it is stored

SCOPES = ("service", "priority", "type", "group")  # the last one: groups and partners
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
    before: tuple[Step, ...] = field(default=(), compare=False)  # the same, when it was for less

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
    said: Iterable[Mapping[str, Any]], since: Mapping[str, Any] | None = None
) -> tuple[Step, ...]:
    """Read the steps of a policy as they are stored (`policies.Step.plain`)."""
    return tuple(_read(step, (since or {}).get(identity(step))) for step in said)


def identity(said: Mapping[str, Any]) -> str:
    """Tell a step from others: with another *when*, or so many times, it is another step.

    For something else, or after another time, it comes again as the same one.
    """
    most = said.get("repeat", {}).get("most", "")
    return f"{said['key']} {sorted(said['when'].items())}{most}"


def since_when(
    steps: Iterable[Mapping[str, Any]],
    before: Iterable[Mapping[str, Any]],
    since: Mapping[str, Any],
    now: str,
) -> dict[str, Any]:
    """E1: give since when each step stands there: an instant; widened, one for each scope it had.

    What a step has come to be for besides, it is for from now on.
    """
    scopes, found = {identity(step): step.get("for", {}) for step in before}, dict(since)
    for step in steps:
        name, scope = identity(step), step.get("for", {})
        if name not in scopes:
            found[name] = now
        elif scope != scopes[name]:
            found[name] = _since_each(found.get(name), scopes[name], scope, now)
    return found


def _since_each(since: Any, before: Scope, scope: Scope, now: str) -> list[list[Any]]:
    """Give the scopes it had and still has, the last one being all that it is for."""
    each = since if isinstance(since, list) else [[since, before]]
    kept = [[at, both] for at, one in each if (both := _common(one, scope)) is not None]
    whole = _common(scope, {})
    return kept if kept and kept[-1][1] == whole else [*kept, [now, whole]]


def _common(one: Scope, other: Scope) -> Scope | None:
    """Give what is in both scopes; None: nothing is."""
    found: dict[str, list[str]] = {}
    for mine, others, word in zip(_kinds(one), _kinds(other), SCOPES, strict=True):
        if mine and others and not mine & others:
            return None
        if keys := mine & others or mine | others:
            found[word] = sorted(keys)
    return found


def _kinds(scope: Scope) -> tuple[frozenset[str], ...]:
    """Give what a scope names, kind by kind; of a kind of which it names nothing it is for all."""
    parties = (*scope.get("group", ()), *scope.get("partner", ()))
    return *(frozenset(scope.get(word, ())) for word in SCOPES[:-1]), frozenset(parties)


def _read(said: Mapping[str, Any], since: Any) -> Step:
    when, only, repeat = said["when"], said.get("for", {}), said.get("repeat", {})
    wait = next((word for word in WAITS if word in when), None)
    *before, (since, _whole) = since if isinstance(since, list) else [[since, only]]
    services, priorities, types, parties = _kinds(only)
    return Step(
        key=said["key"],
        kind=wait or when["clock"],
        amount=int(when[wait]) * 60 if wait else int(when["at"]),
        services=services,
        priorities=priorities,
        types=types,
        parties=parties,
        tell=tuple(said.get("tell", ())),
        chain=tuple(said.get("chain", ())),
        outside=tuple(said.get("outside", ())),
        every=repeat.get("every", 0) * 60,
        most=repeat.get("most", 1),
        signals=tuple(said.get("signal", ())),
        hand_off=said.get("hand_off"),
        deeds=said.get("do", {}),
        since=datetime.fromisoformat(since) if since else None,
        before=tuple(_read({**said, "for": scope}, at) for at, scope in before),
    )
