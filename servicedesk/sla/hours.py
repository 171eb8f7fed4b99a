"""Working hours as people write them, turned into minutes of a day."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

# Minutes from local midnight; an end past 1440 lies on the next date.
Window = tuple[int, int]
# What is worked on each weekday, Monday first.
Week = tuple[tuple[Window, ...], ...]

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY_MINUTES = 1440
LAST_MINUTE = 2 * DAY_MINUTES

_WINDOW = re.compile(r"([0-9]{1,2}):([0-5][0-9])-([0-9]{1,2}):([0-5][0-9])")


def parse_window(text: str) -> Window:
    """Read "09:00-18:00"; "22:00-06:00" and "22:00-30:00" both run past midnight (C2).

    Equal ends give a window of no length. Raises ValueError.
    """
    found = _WINDOW.fullmatch(text)
    if found is None:
        raise ValueError(f'"{text}" is not a working window; write "09:00-18:00".')
    hour, minute, end_hour, end_minute = map(int, found.groups())
    start, end = hour * 60 + minute, end_hour * 60 + end_minute
    if end < start:
        end += DAY_MINUTES
    check_window((start, end))
    return start, end


def check_window(window: Window) -> None:
    """Refuse a window that does not start on its own date or ends after the next one (C2)."""
    start, end = window
    if not (0 <= start < DAY_MINUTES and end <= LAST_MINUTE):
        raise ValueError(
            f'A working window starts before 24:00 and ends by 48:00; "{_text(window)}" does not.'
        )


def parse_hours(hours: Mapping[str, Sequence[str]]) -> Week:
    """Read hours by day ("mon") or range of days ("mon-fri", "sun-thu"); raises ValueError."""
    week: dict[int, tuple[Window, ...]] = {}
    for key, texts in hours.items():
        windows = _windows(key, texts)
        for day in _days(key):
            if day in week:
                raise ValueError(
                    f'The hours of "{WEEKDAYS[day]}" are given twice, also by "{key}".'
                )
            week[day] = windows
    return tuple(week.get(day, ()) for day in range(7))


def _windows(key: str, texts: Sequence[str]) -> tuple[Window, ...]:
    if isinstance(texts, str):
        raise ValueError(f'The hours of "{key}" are a list: ["{texts}"].')
    return tuple(parse_window(text) for text in texts)


def _days(key: str) -> Iterator[int]:
    first, dash, last = key.partition("-")
    if first not in WEEKDAYS or (dash and last not in WEEKDAYS):
        raise ValueError(f'"{key}" is not a day or a range of days; write "mon" or "mon-fri".')
    start = WEEKDAYS.index(first)
    length = (WEEKDAYS.index(last or first) - start) % 7
    return ((start + step) % 7 for step in range(length + 1))


def _text(window: Window) -> str:
    return "-".join(f"{minutes // 60:02}:{minutes % 60:02}" for minutes in window)
