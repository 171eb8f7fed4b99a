"""What is wrong with the public holidays that a calendar knows."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from servicedesk.administration.calendars.said import Said

MONTHS_AHEAD = 14


@dataclass(frozen=True)
class HolidayWarning:
    """C7: why a version's holiday dates are to be looked at."""

    known_until: date | None = None  # they end before the end of next year
    added: tuple[date, ...] = ()  # the library knows these besides
    removed: tuple[date, ...] = ()  # the library knows these no more


def warning(said: Said, library: Collection[date], today: date) -> HolidayWarning | None:
    """Compare the dates that were published with what the library knows now; None: all is well."""
    if not said.country:
        return None
    until = _ahead(today)
    ours = {day for day in said.holidays if today <= day < until}
    theirs = {day for day in library if today <= day < until}
    last = max(said.holidays, default=date.min)
    found = HolidayWarning(
        known_until=last if last.year <= today.year else None,
        added=tuple(sorted(theirs - ours)),
        removed=tuple(sorted(ours - theirs)),
    )
    return None if found == HolidayWarning() else found


def _ahead(today: date) -> date:
    years, month = divmod(today.month - 1 + MONTHS_AHEAD, 12)
    return date(today.year + years, month + 1, 1)
