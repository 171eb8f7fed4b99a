"""What differs between two versions of an agreement."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from servicedesk.administration.agreements.said import KINDS, REASONS, Said
from servicedesk.setup.feasibility import PRIORITIES
from servicedesk.sla.agreement import Target


@dataclass(frozen=True)
class OtherCalendar:
    """Working time is counted by another calendar."""

    before: str
    after: str


@dataclass(frozen=True)
class OtherTarget:
    """A target is another one, for some priorities; None: there is no clock."""

    kind: str
    priorities: tuple[str, ...]
    before: Target | None
    after: Target | None


@dataclass(frozen=True)
class OtherPause:
    """A hold reason pauses the resolution clock, or does so no more."""

    reason: str
    pauses: bool


Difference = OtherCalendar | OtherTarget | OtherPause


def differences(before: Said, after: Said, kind: str) -> list[Difference]:
    """List what differs, the targets that change in the same way as one."""
    return [*_calendar(before, after), *_targets(before, after, kind), *_pauses(before, after)]


def _calendar(before: Said, after: Said) -> Iterator[Difference]:
    if before.calendar != after.calendar:
        yield OtherCalendar(before.calendar, after.calendar)


def _targets(before: Said, after: Said, kind: str) -> Iterator[Difference]:
    for each in KINDS[kind]:
        alike: dict[tuple[Target | None, Target | None], list[str]] = {}
        for priority in PRIORITIES:
            pair = before.targets.get((priority, each)), after.targets.get((priority, each))
            if pair[0] != pair[1]:
                alike.setdefault(pair, []).append(priority)
        for (old, new), priorities in alike.items():
            yield OtherTarget(each, tuple(priorities), old, new)


def _pauses(before: Said, after: Said) -> Iterator[Difference]:
    for reason in REASONS:
        if (reason in before.pauses) != (reason in after.pauses):
            yield OtherPause(reason, reason in after.pauses)
