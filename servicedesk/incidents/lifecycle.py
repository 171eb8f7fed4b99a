"""The moves of an incident's life as data."""

from __future__ import annotations

from dataclasses import dataclass

NEW, IN_PROGRESS, ON_HOLD = "new", "in_progress", "on_hold"
RESOLVED, CLOSED, CANCELLED = "resolved", "closed", "cancelled"
STATES = (NEW, IN_PROGRESS, ON_HOLD, RESOLVED, CLOSED, CANCELLED)
OPEN = frozenset({NEW, IN_PROGRESS, ON_HOLD})

HOLD_REASONS = ("requester", "approval", "change", "delivery", "other")
HOLDS_WITH_END = frozenset({"change", "delivery", "other"})  # these need an `until`
RESOLUTION_CODES = (
    "solved", "workaround", "explained", "duplicate", "not_reproducible", "no_answer", "declined",
)  # fmt: skip
DONE_CODES = frozenset({"solved", "workaround"})  # not while it waits for approval


@dataclass(frozen=True, slots=True)
class Move:
    """A move: from which states it is possible, and to which it leads."""

    sources: frozenset[str]
    target: str | None = None  # None: the state stays


MOVES = {
    "start": Move(frozenset({NEW}), IN_PROGRESS),
    "hold": Move(OPEN, ON_HOLD),
    "resume": Move(frozenset({ON_HOLD}), IN_PROGRESS),
    "resolve": Move(OPEN, RESOLVED),
    "close": Move(frozenset({RESOLVED}), CLOSED),
    "reopen": Move(frozenset({RESOLVED}), IN_PROGRESS),
    "continue": Move(frozenset({CLOSED})),
    "cancel": Move(OPEN, CANCELLED),
    "assign": Move(OPEN),
    "hand_off": Move(OPEN),
    "prioritise": Move(OPEN),
    "reclassify": Move(OPEN),
    "wish": Move(OPEN),
    "promise": Move(OPEN),
    "comment": Move(OPEN | {RESOLVED}),
    "attach": Move(OPEN | {RESOLVED}),
}


class IllegalMove(Exception):
    """A move is not possible in the present state."""

    def __init__(self, move: str, state: str) -> None:
        super().__init__(f"{move} is not possible while {state}")
        self.move, self.state = move, state
        self.possible = possible(state)


def check(move: str, state: str) -> None:
    """Raise IllegalMove unless a move is possible in a state."""
    if state not in MOVES[move].sources:
        raise IllegalMove(move, state)


def possible(state: str) -> tuple[str, ...]:
    """List the moves that are possible in a state."""
    return tuple(name for name, move in MOVES.items() if state in move.sources)
