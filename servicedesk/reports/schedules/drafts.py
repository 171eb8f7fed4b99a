"""What pages change of schedules in the set-up's document."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from itertools import count
from typing import Any

Data = dict[str, Any]
LONGEST = 60  # letters of a key


def with_schedule(data: Mapping[str, Any], key: str, said: Data) -> Data:
    """Give the document with another entry of a schedule, or with one more."""
    return _with(data, {**_schedules(data), key: said})


def without(data: Mapping[str, Any], key: str) -> Data:
    """Give the document without a schedule."""
    return _with(data, {name: it for name, it in _schedules(data).items() if name != key})


def new_key(every: str, scope: str, taken: Collection[str]) -> str:
    """Name a schedule by what it is: `month`, `month-network`, `month-2`."""
    kind, _colon, part = scope.partition(":")
    named = part.isascii() and kind in ("group", "partner", "service")
    stem = f"{every}-{part}"[:LONGEST] if named and part else every
    names = (stem if n == 1 else f"{stem}-{n}" for n in count(1))
    return next(name for name in names if name not in taken)


def _schedules(data: Mapping[str, Any]) -> Data:
    return (data.get("reports") or {}).get("schedules") or {}


def _with(data: Mapping[str, Any], schedules: Data) -> Data:
    return {**data, "reports": {**(data.get("reports") or {}), "schedules": schedules}}
