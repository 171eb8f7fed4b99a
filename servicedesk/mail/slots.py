"""When somebody's summary goes out: once a working day of the desk, at their hour."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from servicedesk.sla.calendar import Calendar

LOOKED_AHEAD = 60  # days; a desk that closes for longer sends on the day after all the same


def is_working_day(calendar: Calendar | None, day: date) -> bool:
    """Say whether a date has any working time; without a calendar each day is one."""
    if calendar is None:
        return True
    midnights = (_instant(each, 0, calendar.zone) for each in (day, day + timedelta(days=1)))
    return bool(calendar.windows(*midnights))


def slot(day: date, hour: int, zone: str) -> datetime:
    """Give the instant of a day's summary in the reader's zone."""
    return _instant(day, hour, zone)


def next_slot(after: datetime, hour: int, zone: str, calendar: Calendar | None) -> datetime:
    """Give when the first summary after an instant goes out."""
    today = after.astimezone(ZoneInfo(zone)).date()
    days = [today + timedelta(days=n) for n in range(LOOKED_AHEAD)]
    ahead = [day for day in days if slot(day, hour, zone) > after]
    day = next((day for day in ahead if is_working_day(calendar, day)), ahead[0])
    return slot(day, hour, zone)


def day_due(now: datetime, hour: int, zone: str, calendar: Calendar | None) -> date | None:
    """Give the day whose summary may go out at an instant, late in the day too; else None."""
    day = now.astimezone(ZoneInfo(zone)).date()
    return day if slot(day, hour, zone) <= now and is_working_day(calendar, day) else None


def _instant(day: date, hour: int, zone: str) -> datetime:
    return datetime.combine(day, time(hour), ZoneInfo(zone)).astimezone(UTC)
