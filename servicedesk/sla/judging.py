"""Clock rows as they stand now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from servicedesk.sla.calendar import Calendar


class ClockLike(Protocol):
    """What a clock row says."""

    calendar: str | None
    state: str
    running: bool
    late_from: datetime | None
    breaches_at: datetime | None
    breached_at: datetime | None
    counted_seconds: int | None
    counted_at: datetime


@dataclass(frozen=True, slots=True)
class Judged:
    """What changes on a clock row by time alone."""

    state: str
    breached_at: datetime | None
    counted: int | None


def judged(row: ClockLike, calendars: Mapping[str, Calendar], now: datetime) -> Judged:
    """C10: bring a kept clock up to an instant: it counts on, and may have run over."""
    counted = row.counted_seconds
    if not row.running:
        return Judged(row.state, row.breached_at, counted)
    if counted is not None and row.calendar is not None:
        counted += calendars[row.calendar].counted(row.counted_at, now)
    if row.late_from and row.late_from <= now:
        return Judged("breached", row.breached_at or row.breaches_at, counted)
    return Judged(row.state, row.breached_at, counted)
