"""What a seal says besides the figures: actions with their state, what was recorded since."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

OPEN, DONE, DROPPED = STATES = ("open", "done", "dropped")


@dataclass(frozen=True, slots=True)
class Todo:
    """An action as a report prints it."""

    what: str
    who: str = ""
    until: date | None = None
    state: str = OPEN
    note: str = ""
    period: str = ""  # of the report that it comes from
    settled_on: date | None = None
    id: int = 0  # of its row

    def is_overdue(self, day: date | None) -> bool:
        """Say whether it should have been done before a day."""
        return bool(self.state == OPEN and self.until and day and self.until < day)


@dataclass(frozen=True, slots=True)
class Since:
    """An event that was recorded after the cut-off of the revision before."""

    event: int
    number: int
    kind: str
    happened_at: datetime


@dataclass(frozen=True, slots=True)
class Before:
    """The revision before, as far as the page of changes names it."""

    cutoff_event: int
    cutoff: datetime | None
    by: str = ""  # who sealed it
    refused: str = ""  # why its approver did not approve it
