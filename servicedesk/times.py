"""The wall clock and instants: UTC, aware, whole seconds."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


def now() -> datetime:
    """Read the wall clock: the only place that does."""
    return datetime.now(UTC).replace(microsecond=0)


def utc(instant: datetime) -> datetime:
    """Turn an aware instant into UTC with whole seconds; raises ValueError for a naive one."""
    if instant.tzinfo is None:
        raise ValueError("an instant needs an offset, such as +09:00 or Z")
    try:
        return instant.astimezone(UTC).replace(microsecond=0)
    except OverflowError:  # at the ends of the years that there are
        raise ValueError("an instant needs a year from 1 to 9999") from None


def parse(text: str) -> datetime:
    """Read an ISO 8601 instant with offset; raises ValueError."""
    return utc(datetime.fromisoformat(text))


def iso(instant: datetime | None) -> str | None:
    """Write an instant as `2026-06-08T03:30:00Z`."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if instant else None


def midnight(day: date, zone: str) -> datetime:
    """Give the instant at which a local day begins."""
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)


def end_of_day(day: date, zone: str) -> datetime:
    """D1: give the next local midnight after a day."""
    return midnight(day + timedelta(days=1), zone)


def local_day(instant: datetime, zone: str) -> date:
    """Give the local date of an instant."""
    return instant.astimezone(ZoneInfo(zone)).date()


def day(text: str) -> date:
    """Read a day as `2026-11-27`; raises ValueError."""
    found = date.fromisoformat(text)
    if not 1970 <= found.year <= 2199:
        raise ValueError(f"{text} is out of range")
    return found
