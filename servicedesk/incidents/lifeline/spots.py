"""Where the dates lie on the scale, and how far their heads, arrows and words reach."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from servicedesk.incidents.lifeline.extent import judged_at
from servicedesk.incidents.lifeline.parts import LifeLine, Mark
from servicedesk.incidents.lifeline.scale import Scale

PARKED_APART = 18
ARROW = 9
AIR = 3  # px between head, arrow and words

Side = Literal["right", "left", ""]
Reach = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Spot:
    """A mark's place before it has a label: in per cent, and `shift` px beside it if parked.

    `parked` is 1 at the right edge, -1 at the left one, 0 for a date in the range.
    """

    mark: Mark
    at: datetime
    x: float
    parked: int = 0
    shift: int = 0

    def head(self) -> Reach:
        """From where to where the head reaches, in px beside its middle: a flag hangs right."""
        return (-1, 11) if self.mark.kind == "requested" else (-7, 7)

    def arrow(self) -> Reach:
        """From where to where the arrow of a parked date reaches; it lies inwards of the head."""
        left, right = self.head()
        if self.parked > 0:
            return left - AIR - ARROW, left - AIR
        return right + AIR, right + AIR + ARROW

    def reach(self, *, arrow: bool) -> Reach:
        """From where to where the head reaches, together with its arrow if it has one."""
        if not (arrow and self.parked):
            return self.head()
        return min(self.head()[0], self.arrow()[0]), max(self.head()[1], self.arrow()[1])

    def words(self, side: Side) -> float:
        """Where the words begin beside the head's middle; on the left, where they end."""
        left, right = self.arrow() if self.parked else self.head()
        return right + AIR + 1 if side == "right" else left - AIR - 1


def spots(line: LifeLine, scale: Scale) -> list[Spot]:
    """Find each mark's place; those outside the range are parked side by side at its edges."""
    dated = [(judged_at(mark, line.zone), mark) for mark in line.marks]
    return [
        *_parked([each for each in dated if each[0] < scale.begin], -1),
        *(Spot(mark, at, scale.x(at)) for at, mark in dated if scale.shows(at)),
        *_parked([each for each in dated if each[0] > scale.end], 1),
    ]


def _parked(dated: Iterable[tuple[datetime, Mark]], way: int) -> Iterator[Spot]:
    """The farther a date, the nearer to the edge; dates of one instant share a place."""
    dated = list(dated)
    shifts = {
        at: -way * PARKED_APART * step
        for step, at in enumerate(sorted({at for at, _ in dated}, reverse=way > 0))
    }
    for at, mark in dated:
        yield Spot(mark, at, 100 if way > 0 else 0, way, shifts[at])
