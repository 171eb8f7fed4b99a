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
    net_state: str | None
    net_late_from: datetime | None
    net_breaches_at: datetime | None
    net_breached_at: datetime | None


@dataclass(frozen=True, slots=True)
class Judged:
    """What changes on a clock row by time alone."""

    state: str
    breached_at: datetime | None
    counted: int | None
    net_state: str
    net_breached_at: datetime | None


def judged(row: ClockLike, calendars: Mapping[str, Calendar], now: datetime) -> Judged:
    """C10: bring a kept clock up to an instant: it counts on, and may have run over."""
    counted = row.counted_seconds
    if row.running and counted is not None and row.calendar is not None:
        counted += calendars[row.calendar].counted(row.counted_at, now)
    state, breached_at = row.state, row.breached_at
    if row.running and row.late_from and row.late_from <= now:
        state, breached_at = "breached", row.breached_at or row.breaches_at
    return Judged(state, breached_at, counted, *_net(row, state, breached_at, now))


def _net(
    row: ClockLike, state: str, breached_at: datetime | None, now: datetime
) -> tuple[str, datetime | None]:
    """C11: judge it without what is excluded, if anything is."""
    if row.net_state is None:
        return state, breached_at
    if row.running and row.net_late_from and row.net_late_from <= now:
        return "breached", row.net_breached_at or row.net_breaches_at
    return row.net_state, row.net_breached_at
