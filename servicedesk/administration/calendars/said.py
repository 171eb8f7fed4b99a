"""What a calendar says of each day: what is stored of a version, as values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import Any

from servicedesk.sla.hours import DAY_MINUTES, WEEKDAYS, Week, Window, parse_hours, parse_window

Windows = tuple[Window, ...]
# What is said of one day: None as usual, () closed, else open in these hours.
Mark = Windows | None

NO_WEEK: Week = ((),) * 7
_OFFICE: Windows = ((9 * 60, 17 * 60),)


class Kind(StrEnum):
    """What a day is."""

    WORKING = "working"
    REST = "rest"  # a day of the week without hours
    HOLIDAY = "holiday"
    DAY_OFF = "day-off"
    SPECIAL = "special"


@dataclass(frozen=True)
class Said:
    """One version of a calendar."""

    zone: str
    week: Week = NO_WEEK
    country: str = ""
    closed: frozenset[date] = frozenset()
    open: Mapping[date, Windows] = field(default_factory=dict)
    holidays: frozenset[date] = frozenset()

    def mark(self, day: date) -> Mark:
        """Give what is said of a day by itself."""
        if day in self.open:
            return self.open[day]
        return () if day in self.closed else None

    def kind(self, day: date) -> Kind:
        """Say what a day is."""
        mark = self.mark(day)
        if mark is not None:
            return Kind.SPECIAL if mark else Kind.DAY_OFF
        if day in self.holidays:
            return Kind.HOLIDAY
        return Kind.WORKING if self.week[day.weekday()] else Kind.REST

    def windows(self, day: date) -> Windows:
        """Give the hours of a day."""
        kind = self.kind(day)
        if kind == Kind.SPECIAL:
            return self.open[day]
        return self.week[day.weekday()] if kind == Kind.WORKING else ()

    def usual_windows(self, day: date) -> Windows:
        """Give the hours that a day without any would be opened with: those of most days."""
        worked = Counter(windows for windows in self.week if windows)
        most = worked.most_common(1)[0][0] if worked else _OFFICE
        return self.week[day.weekday()] or most

    def with_marks(self, marks: Mapping[date, Mark]) -> Said:
        """Give it with other things said of some days."""
        closed = {day for day in self.closed if day not in marks}
        closed |= {day for day, mark in marks.items() if mark == ()}
        opened = {day: windows for day, windows in self.open.items() if day not in marks}
        opened |= {day: mark for day, mark in marks.items() if mark}
        return replace(self, closed=frozenset(closed), open=opened)

    def with_holidays(self, days: Collection[date]) -> Said:
        """Give it with other dates of public holidays."""
        return replace(self, holidays=frozenset(days))

    def definition(self) -> dict[str, Any]:
        """Write it as it stands in DESK.yaml; what is empty is left out."""
        said = {
            "zone": self.zone,
            "hours": {
                name: list(map(window_text, windows))
                for name, windows in zip(WEEKDAYS, self.week, strict=True)
                if windows
            },
            "holidays": self.country,
            "closed": sorted(day.isoformat() for day in self.closed),
            "open": {
                day.isoformat(): list(map(window_text, windows))
                for day, windows in sorted(self.open.items())
            },
        }
        return {key: value for key, value in said.items() if value}


def read(definition: Mapping[str, Any], holidays: Iterable[str] = ()) -> Said:
    """Read a stored version with the holiday dates that it was published with (C7)."""
    opened = {
        date.fromisoformat(day): tuple(map(parse_window, texts))
        for day, texts in (definition.get("open") or {}).items()
    }
    return Said(
        zone=definition["zone"],
        week=parse_hours(definition.get("hours") or {}),
        country=definition.get("holidays") or "",
        closed=frozenset(map(date.fromisoformat, definition.get("closed") or ())),
        open=opened,
        holidays=frozenset(map(date.fromisoformat, holidays)),
    )


def window_text(window: Window) -> str:
    """Write a window as in DESK.yaml: `22:00-06:00` where it passes midnight."""
    start, end = window
    if end > DAY_MINUTES and end - DAY_MINUTES < start:
        end -= DAY_MINUTES
    return f"{_clock(start)}-{_clock(end)}"


def windows_text(windows: Windows) -> str:
    """Write the hours of a day as people type them: `09:00-12:00, 13:00-18:00`."""
    return ", ".join(map(window_text, windows))


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"
