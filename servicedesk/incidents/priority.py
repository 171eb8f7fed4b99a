"""Priority from impact and urgency."""

from __future__ import annotations

from collections.abc import Mapping

LEVELS = (1, 2, 3)
PRIORITIES = ("P1", "P2", "P3", "P4", "P5")
USUAL = {
    "1,1": "P1", "1,2": "P2", "2,1": "P2", "2,2": "P3", "1,3": "P3",
    "3,1": "P3", "2,3": "P4", "3,2": "P4", "3,3": "P5",
}  # fmt: skip


def priority(matrix: Mapping[str, str], impact: int, urgency: int) -> str:
    """Look the priority of an impact and urgency (1 high … 3 low) up in the desk's matrix."""
    cell = f"{impact},{urgency}"
    return matrix.get(cell) or USUAL[cell]


def lowered(before: str, after: str) -> bool:
    """C9: say whether a change of priority lowers it."""
    return PRIORITIES.index(after) > PRIORITIES.index(before)


def raised(matrix: Mapping[str, str], impact: int, urgency: int) -> tuple[int, int] | None:
    """Give the impact and urgency next to these with a higher priority; urgency rises first."""
    now = PRIORITIES.index(priority(matrix, impact, urgency))
    steps = [(0, 1), (1, 0), (1, 1), (0, 2), (2, 0), (2, 1), (1, 2), (2, 2)]
    for less_impact, less_urgency in steps:
        cell = impact - less_impact, urgency - less_urgency
        if min(cell) >= 1 and PRIORITIES.index(priority(matrix, *cell)) < now:
            return cell
    return None
