"""The calendar calculator behind `flask desk due`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from servicedesk import times
from servicedesk.sla import calendar
from servicedesk.sla.calendar import Calendar

Answer = dict[str, Any]
MOST_MINUTES = 60 * 24 * 366 * 50


def answer(question: Mapping[str, Any], calendars: Mapping[str, Calendar]) -> Answer:
    """Answer one question: a due instant, or working seconds; or say what is wrong with it."""
    said: Answer = {"id": question.get("id")}
    asks_due = "from" not in question
    try:
        found = calendars.get(str(question.get("calendar")))
        if found is None:
            raise ValueError(f"there is no calendar “{question.get('calendar')}”")
        if not asks_due:
            return said | {"seconds": _seconds(question, found)}
        return said | {"due": times.iso(_due(question, found))}
    except (ValueError, OverflowError) as error:
        return said | {"due" if asks_due else "seconds": None, "error": str(error)}


def _due(question: Mapping[str, Any], found: Calendar) -> datetime:
    minutes = question.get("target_minutes")
    if not isinstance(minutes, int) or isinstance(minutes, bool) or not 0 < minutes < MOST_MINUTES:
        raise ValueError("target_minutes must be a whole number above 0")
    return calendar.due(found, _instant(question, "start"), minutes * 60, _pauses(question))


def _seconds(question: Mapping[str, Any], found: Calendar) -> int:
    start, end = _instant(question, "from"), _instant(question, "to")
    return calendar.counted_outside(found, start, end, _pauses(question))


def _instant(question: Mapping[str, Any], name: str) -> datetime:
    return _read(name, question.get(name))


def _read(name: str, value: object) -> datetime:
    try:
        return times.parse(str(value))
    except (ValueError, OverflowError):
        raise ValueError(f"{name} is no instant such as 2026-06-05T17:30:00+09:00") from None


def _pauses(question: Mapping[str, Any]) -> list[tuple[datetime, datetime]]:
    said = question.get("pauses") or []
    if not isinstance(said, list) or any(not isinstance(p, list) or len(p) != 2 for p in said):
        raise ValueError("pauses must be a list of pairs of instants")
    return [(_read("pauses", start), _read("pauses", end)) for start, end in said]
