"""What differs between two versions of a policy, step by step."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Said = Mapping[str, Any]  # a step as it is stored
ADDED, REMOVED, CHANGED, MOVED = "added", "removed", "changed", "moved"


@dataclass(frozen=True)
class Difference:
    """A step that came, went or says something else; `moved`: the order alone."""

    sort: str
    key: str = ""
    before: Said | None = None
    after: Said | None = None


def differences(before: Sequence[Said], after: Sequence[Said]) -> list[Difference]:
    """List what differs, in the order of the new version, what is gone at the end."""
    return [*_written(before, after), *_gone(before, after), *_order(before, after)]


def _written(before: Sequence[Said], after: Sequence[Said]) -> Iterator[Difference]:
    known = {step["key"]: step for step in before}
    for step in after:
        old = known.get(step["key"])
        if old is None:
            yield Difference(ADDED, step["key"], None, step)
        elif old != step:
            yield Difference(CHANGED, step["key"], old, step)


def _gone(before: Sequence[Said], after: Sequence[Said]) -> Iterator[Difference]:
    kept = {step["key"] for step in after}
    for step in before:
        if step["key"] not in kept:
            yield Difference(REMOVED, step["key"], step, None)


def _order(before: Sequence[Said], after: Sequence[Said]) -> Iterator[Difference]:
    keys = [step["key"] for step in before], [step["key"] for step in after]
    shared = set(keys[0]) & set(keys[1])
    one, two = ([key for key in some if key in shared] for some in keys)
    if one != two:
        yield Difference(MOVED)
