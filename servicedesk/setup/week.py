"""Working hours in one form, however they were written."""

from __future__ import annotations

from collections.abc import Iterable

from servicedesk.sla.hours import DAY_MINUTES, WEEKDAYS, Week, Window, parse_window


def plain_windows(texts: Iterable[str]) -> list[str]:
    """Write windows in order, each once: `22:00-30:00` as `22:00-06:00`."""
    return _texts(map(parse_window, texts))


def _texts(windows: Iterable[Window]) -> list[str]:
    return [f"{_clock(start)}-{_clock(_end(start, end))}" for start, end in sorted(set(windows))]


def _end(start: int, end: int) -> int:
    """Write an end on the next date as its time there, where that cannot be mistaken."""
    return end - DAY_MINUTES if end > DAY_MINUTES and end - DAY_MINUTES < start else end


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


def plain_hours(week: Week) -> dict[str, list[str]]:
    """Write a week by runs of equal days: `mon-fri`, or `sun-thu` past the week's end."""
    texts = [_texts(windows) for windows in week]
    first = next((day for day in range(7) if texts[day] != texts[day - 1]), 0)
    runs: list[list[int]] = []
    for day in ((first + step) % 7 for step in range(7)):
        if runs and texts[runs[-1][0]] == texts[day]:
            runs[-1].append(day)
        else:
            runs.append([day])
    return {_run(run): texts[run[0]] for run in sorted(runs) if texts[run[0]]}


def _run(days: list[int]) -> str:
    first, last = WEEKDAYS[days[0]], WEEKDAYS[days[-1]]
    return first if first == last else f"{first}-{last}"
