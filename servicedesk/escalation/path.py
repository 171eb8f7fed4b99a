"""Which way a hand-off goes, and what comes next on a service's path."""

from __future__ import annotations

from collections.abc import Callable, Sequence

DIRECTIONS = ("up", "down", "across", "partner", "from-partner")
PARTNER = 0  # the tier of a partner company


def direction(sender: int, receiver: int) -> str:
    """H2: derive the direction from the tiers of both ends."""
    if receiver == PARTNER:
        return "partner"
    if sender == PARTNER:
        return "from-partner"
    if sender == receiver:
        return "across"
    return "up" if receiver > sender else "down"


def upward(direction: str) -> bool:
    """F4: say whether a hand-off is an escalation."""
    return direction in ("up", "partner")


def next_step(
    path: Sequence[str], holder: str, takes: Callable[[str], bool] = lambda _ref: True
) -> str | None:
    """H3: give the party that follows the holder on the path; None at its end.

    Whoever takes nothing, such as a partner outside of its contract's days, is passed over.
    """
    following = path[path.index(holder) + 1 :] if holder in path else path
    return next((ref for ref in following if takes(ref)), None)
